"""model2vec over standard input: {"op": "load", "folder"} once, then {"op": "embed", "texts"} as often as wanted."""

import json
import sys
import time

import model2vec

model = None
for line in sys.stdin:
    request = json.loads(line)
    answer = {}
    started = time.perf_counter()
    if request["op"] == "load":
        model = model2vec.StaticModel.from_pretrained(request["folder"])
        answer = {"version": model2vec.__version__}
    else:
        model.encode(request["texts"], use_multiprocessing=False)
    print(json.dumps({**answer, "ms": (time.perf_counter() - started) * 1000}), flush=True)
