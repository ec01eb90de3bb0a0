"""Digests of the reference tokenizer's ids of every text in the shared sets: what test/slow/tokenizer-lines.ts compares.

    .cache/rivals/bin/python -P test/reference/tokenizer_lines.py

Needs PyPI tokenizers 0.23 and ../shared; -P, since tokenizers.py stands in this folder. WordPiece of MiniLM and of the starter read every line; the small tokenizers of
tokenizers.json, of the other kinds, every 40th.
"""

import gzip
import hashlib
import json
import pathlib
import struct

import tokenizers
from tokenizers import Tokenizer

root = pathlib.Path(__file__).parents[2]
data = root.parent / "shared" / "data"
chunk = 10_000
stride = 40


def texts_of(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as lines:
        for line in lines:
            line = line.removesuffix("\n")
            if path.name.endswith(".txt.gz"):
                yield line
            else:
                yield from (value for value in json.loads(line).values() if isinstance(value, str))


def chunks_of(texts):
    part = []
    for text in texts:
        part.append(text)
        if len(part) == chunk:
            yield part
            part = []
    if part:
        yield part


def digests(tokenizer, texts):
    """One a chunk of 10,000 texts, over the count and the ids of each as 32-bit little-endian integers."""
    found = []
    for part in chunks_of(texts):
        digest = hashlib.sha256()
        for encoding in tokenizer.encode_batch(part, add_special_tokens=False):
            digest.update(struct.pack(f"<{len(encoding.ids) + 1}i", len(encoding.ids), *encoding.ids))
        found.append(digest.hexdigest()[:16])
    return found


def bare(tokenizer):
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


folders = {
    "MiniLM": root.parent / "shared" / "models" / "all-MiniLM-L6-v2" / "tokenizer.json",
    "starter": root / "models" / "starter" / "tokenizer.json",
}
files = [path for folder in ["text", "crosslingual", "code"] for path in sorted((data / folder).glob("*.gz"))]
cases = json.loads((root / "test/reference/tokenizers.json").read_text())["cases"]
result = {
    "madeBy": f"test/reference/tokenizer_lines.py, PyPI tokenizers {tokenizers.__version__}",
    "chunk": chunk,
    "stride": stride,
    "tokenizers": {},
    "small": {},
}
for name, path in folders.items():
    tokenizer = bare(Tokenizer.from_file(str(path)))
    result["tokenizers"][name] = {
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "files": {str(file.relative_to(data)): digests(tokenizer, texts_of(file)) for file in files},
    }
sample = [text for file in files for i, text in enumerate(texts_of(file)) if i % stride == 0]
for case in cases:
    result["small"][case["name"]] = digests(bare(Tokenizer.from_str(json.dumps(case["json"]))), sample)
(root / "test/reference/tokenizer-lines.json").write_text(json.dumps(result, separators=(",", ":")) + "\n")
