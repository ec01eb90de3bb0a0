"""sentence-transformers' quantize_embeddings on seeded rows -> quantize.json.

pip install numpy==2.4.6; pip download --no-deps sentence-transformers==6.2.0, unpacked beside this file's argument:
python quantize.py <unpacked wheel>. The function is taken from the source by itself, as its module imports torch.
"""
import json, re, sys
from pathlib import Path
import numpy as np

source = (Path(sys.argv[1]) / "sentence_transformers/util/quantization.py").read_text()
names = {"np": np, "Tensor": (), "logger": __import__("logging").getLogger()}
for function in ("_get_quantization_ranges", "quantize_embeddings"):
    body = re.search(rf"^def {function}\(.*?(?=^\S(?!\s*->))", source[source.index(f"def {function}("):] + "\n#", re.S | re.M)
    exec("from __future__ import annotations\n" + body.group(0), names)
quantize = names["quantize_embeddings"]

random = np.random.default_rng(5)
calibration = random.standard_normal((50, 19)).astype(np.float32)
rows = (random.standard_normal((6, 19)) * 1.3).astype(np.float32)
calibration[:, 7] = 0.25
result = {
    "made with": f"sentence-transformers 6.2.0, numpy {np.__version__}",
    "calibration": calibration.ravel().tolist(),
    "rows": rows.ravel().tolist(),
}
for precision in ("int8", "uint8"):
    result[precision] = quantize(rows, precision, calibration_embeddings=calibration).ravel().tolist()
for precision in ("binary", "ubinary"):
    result[precision] = quantize(rows, precision).ravel().tolist()
Path(__file__).with_suffix(".json").write_text(json.dumps(result))
