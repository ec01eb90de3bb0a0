"""umap-learn and openTSNE beside our kernels: one JSON request a line, one JSON reply with the milliseconds the call took."""
import json, sys, time, warnings
import numpy as np

warnings.filterwarnings("ignore")
rows = None
for line in sys.stdin:
    request = json.loads(line)
    op = request["op"]
    reply = {}
    start = time.perf_counter()
    if op == "load":
        rows = np.fromfile(request["rows"], dtype=np.float32).reshape(-1, request["columns"])
    elif op == "umap":
        import umap

        start = time.perf_counter()
        # Without random_state it runs on all threads; with one it would run on one.
        layout = umap.UMAP(n_jobs=request["threads"]).fit_transform(rows)
        reply = {"version": umap.__version__}
    elif op == "tsne":
        import openTSNE

        start = time.perf_counter()
        fitted = openTSNE.TSNE(n_jobs=request["threads"], random_state=request["seed"]).fit(rows)
        layout = np.asarray(fitted)
        reply = {"version": openTSNE.__version__, "kl": float(fitted.kl_divergence)}
    reply["ms"] = (time.perf_counter() - start) * 1000
    if op != "load":
        layout.astype(np.float32).tofile(request["layout"])
    print(json.dumps(reply), flush=True)
