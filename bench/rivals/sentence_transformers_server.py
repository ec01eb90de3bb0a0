"""sentence-transformers on the shared MiniLM in float32, all cores, its own batches: one JSON request a line, one reply."""
import json, pathlib, sys, time

sys.path.append(str(pathlib.Path(__file__).parents[2] / "test" / "reference"))
import sentence_transformers, torch
from sentence_transformers_minilm import load

model = load()
for line in sys.stdin:
    request = json.loads(line)
    start = time.perf_counter()
    if request["op"] == "embed":
        model.encode(request["texts"], normalize_embeddings=True, show_progress_bar=False)
        reply = {}
    else:
        reply = {"versions": {"sentence-transformers": sentence_transformers.__version__, "torch": torch.__version__}}
    reply["ms"] = (time.perf_counter() - start) * 1000
    print(json.dumps(reply), flush=True)
