"""FAISS beside our kernels: one JSON request a line, one JSON reply with the milliseconds the call took."""
import json, os, sys, time

# The OpenBLAS inside faiss-cpu 1.15 takes newer Intel processors for one without AVX; told better it is 4 times faster.
if os.path.exists("/proc/cpuinfo") and "avx512f" in open("/proc/cpuinfo").read():
    os.environ.setdefault("OPENBLAS_CORETYPE", "SkylakeX")
import faiss, numpy as np

index = queries = rows = None


def read(path, columns):
    return np.fromfile(path, dtype=np.float32).reshape(-1, columns)


for line in sys.stdin:
    request = json.loads(line)
    op = request["op"]
    reply = {}
    start = time.perf_counter()
    if op == "load":
        faiss.omp_set_num_threads(request["threads"])
        rows = read(request["rows"], request["columns"])
        queries = read(request["queries"], request["columns"]) if "queries" in request else None
        index = faiss.IndexFlatIP(request["columns"])
        start = time.perf_counter()
        index.add(rows)
        reply = {"version": faiss.__version__, "numpy": np.__version__}
    elif op == "search":
        part = queries[request["from"] : request["from"] + request["count"]]
        start = time.perf_counter()
        scores, ids = index.search(part, request["topK"])
        reply = {"ids": ids.ravel().tolist() if request.get("ids") else []}
    elif op == "each":
        part = queries[request["from"] : request["from"] + request["count"]]
        start = time.perf_counter()
        for i in range(len(part)):
            index.search(part[i : i + 1], request["topK"])
    elif op == "graph":
        start = time.perf_counter()
        scores, ids = index.search(rows, request["k"] + 1)
        reply = {"ids": ids[:200].ravel().tolist()}
    elif op == "join":
        start = time.perf_counter()
        limits, scores, ids = index.range_search(rows, request["threshold"])
        reply = {"pairs": (len(ids) - len(rows)) // 2}
    reply["ms"] = (time.perf_counter() - start) * 1000
    print(json.dumps(reply), flush=True)
