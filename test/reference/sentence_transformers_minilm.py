"""What sentence-transformers gives for ../shared/models/all-MiniLM-L6-v2 in float32: sentence-transformers.json.

    .cache/sentence-transformers/bin/python -P test/reference/sentence_transformers_minilm.py

Needs PyPI sentence-transformers 6.2, onnx, and ../shared/models. `minilm_folder` is also how the benches load it.
"""

import json
import pathlib
import shutil
import sys
import tempfile

sys.path.append(str(pathlib.Path(__file__).parent))

import sentence_transformers
import torch
from minilm_weights import folder, weights
from safetensors.numpy import save_file
from sentence_transformers import SentenceTransformer

sentences = [
    "I love programming in Python",
    "Python is my favorite language",
    "I enjoy eating pizza",
    "A cat sat.",
    "Where can I return a parcel that came damaged?",
    "naïve café, 東京 and 🙂 in one line",
    "   spaces\tand\nbreaks   ",
    "the bank by the river " * 40,
]


def load():
    """The shared folder with its weights as safetensors, which is what sentence-transformers reads."""
    with tempfile.TemporaryDirectory() as place:
        copy = pathlib.Path(place) / "all-MiniLM-L6-v2"
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("onnx"))
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        save_file(weights(), copy / "model.safetensors", metadata={"format": "pt"})
        return SentenceTransformer(str(copy), device="cpu", local_files_only=True)


if __name__ == "__main__":
    model = load()
    vectors = model.encode(sentences, normalize_embeddings=True, convert_to_numpy=True)
    result = {
        "made by": f"sentence-transformers {sentence_transformers.__version__}, torch {torch.__version__}, float32",
        "max tokens": model.max_seq_length,
        "texts": sentences,
        "vectors": [[float(f"{value:.7g}") for value in row] for row in vectors.tolist()],
    }
    path = pathlib.Path(__file__).with_name("sentence-transformers.json")
    path.write_text(json.dumps(result, ensure_ascii=False, indent=None) + "\n", encoding="utf8")
    print(f"{len(sentences)} texts, window {model.max_seq_length}")
