"""Folders saved by Python model2vec with the vectors it gives, and its vectors of the starter: model2vec.json.

    .cache/rivals/bin/python -P test/reference/model2vec.py

Needs PyPI model2vec 0.10.
"""

import base64
import hashlib
import json
import pathlib
import tempfile

import model2vec
import numpy as np
from model2vec import StaticModel
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

root = pathlib.Path(__file__).parents[2]
words = "[PAD] [UNK] the a dog cat sleep ##s ##ing run ##ner quick ##ly over lazy river bank , . ! 2 0 6".split()
texts = [
    "The quick dog sleeps over the river bank.",
    "a CAT, running quickly!",
    "unknown zebra dogs",
    "2 0 6",
    "dog",
    "the the the cat sleeping " * 40,
    "Dög näive – cat",
]
sentences = texts + [
    "How do I send something back?",
    "Items can be returned within 30 days of delivery.",
    "king queen man woman",
    "tokenization of unbelievably supercalifragilistic words",
]


def tokenizer():
    made = Tokenizer(models.WordPiece({word: i for i, word in enumerate(words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


def rows(values):
    return np.asarray(values, dtype=np.float64).round(7).tolist()


rng = np.random.default_rng(1)
table = rng.normal(size=(len(words), 16)).astype(np.float32)
scaled = np.clip(np.round(table * 30), -127, 127).astype(np.int8)
mapping = (np.arange(len(words)) % 8).astype(np.int64)
weights = rng.uniform(0.1, 2, len(words)).astype(np.float32)
made = {
    "float32": StaticModel(table, tokenizer(), normalize=True),
    "float32 without normalisation": StaticModel(table, tokenizer(), normalize=False),
    "float16": StaticModel(table.astype(np.float16), tokenizer(), normalize=True),
    "int8": StaticModel(scaled, tokenizer(), normalize=True),
    "weights and fewer rows than tokens": StaticModel(
        table[:8], tokenizer(), normalize=True, weights=weights, token_mapping=mapping
    ),
}
cases = []
for name, model in made.items():
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(folder)
        # NumPy would sum float16 rows in float16, three digits; the same rows in float32 show the model.
        loaded = StaticModel.from_pretrained(folder, quantize_to="float32" if name == "float16" else None)
        files = {
            file: base64.b64encode((pathlib.Path(folder) / file).read_bytes()).decode()
            for file in ["config.json", "model.safetensors", "modules.json", "tokenizer.json"]
        }
        cases.append({"name": name, "files": files, "vectors": rows(loaded.encode(texts, max_length=None))})

starter = root / "models" / "starter"
loaded = StaticModel.from_pretrained(str(starter))
result = {
    "madeBy": f"test/reference/model2vec.py, PyPI model2vec {model2vec.__version__}, NumPy {np.__version__}",
    "texts": texts,
    "cases": cases,
    "starter": {
        "sha256": hashlib.sha256((starter / "model.safetensors").read_bytes()).hexdigest(),
        "texts": sentences,
        "vectors": rows(loaded.encode(sentences, max_length=None)),
    },
}
(root / "test/reference/model2vec.json").write_text(json.dumps(result, ensure_ascii=False, separators=(",", ":")) + "\n")
