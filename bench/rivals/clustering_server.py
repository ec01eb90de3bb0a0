"""FAISS, scikit-learn and hdbscan beside our clustering and axes: one JSON request a line, one JSON reply with the time it took."""
import importlib.metadata, json, sys, time, warnings
import faiss, numpy as np, sklearn
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA, TruncatedSVD
from threadpoolctl import threadpool_limits

warnings.simplefilter("ignore")
rows = None
threads = 1


def inertia(centroids):
    squares = (rows**2).sum(1)[:, None] - 2 * rows @ centroids.T + (centroids**2).sum(1)[None]
    return float(squares.min(1).sum(dtype=np.float64))


for line in sys.stdin:
    request = json.loads(line)
    op = request["op"]
    reply = {}
    start = time.perf_counter()
    if op == "load":
        threads = request["threads"]
        faiss.omp_set_num_threads(threads)
        rows = np.fromfile(request["rows"], dtype=np.float32).reshape(-1, request["columns"])
        reply = {"faiss": faiss.__version__, "sklearn": sklearn.__version__, "numpy": np.__version__}
    elif op == "faiss-k-means":
        # Trained on at most 256 rows a cluster, FAISS's default; labels for all rows are a search more.
        model = faiss.Kmeans(rows.shape[1], request["k"], niter=request["iterations"], seed=request["seed"] + 1)
        model.train(rows)
        if request["labels"]:
            model.index.search(rows, 1)
        reply = {"ms": (time.perf_counter() - start) * 1000, "inertia": inertia(model.centroids)}
    elif op == "sklearn-k-means":
        with threadpool_limits(threads):
            model = KMeans(
                request["k"], init=request["init"], n_init=1, max_iter=request["iterations"], tol=0,
                random_state=request["seed"],
            ).fit(rows)
        reply = {"ms": (time.perf_counter() - start) * 1000, "inertia": float(model.inertia_)}
    elif op == "hdbscan":
        import hdbscan

        start = time.perf_counter()
        order = np.random.default_rng(0).permutation(len(rows)) if request["shuffled"] else np.arange(len(rows))
        model = hdbscan.HDBSCAN(min_cluster_size=request["size"], core_dist_n_jobs=threads).fit(rows[order])
        labels = np.empty(len(rows), int)
        labels[order] = model.labels_
        reply = {"ms": (time.perf_counter() - start) * 1000, "labels": labels.tolist()}
        reply["version"] = importlib.metadata.version("hdbscan")
    elif op in ("pca", "svd"):
        with threadpool_limits(threads):
            if op == "pca":
                model = PCA(request["components"], svd_solver=request["solver"], random_state=0).fit(rows)
            else:
                model = TruncatedSVD(request["components"], algorithm=request["solver"], random_state=0).fit(rows)
        reply = {"ms": (time.perf_counter() - start) * 1000, "singularValues": model.singular_values_.tolist()}
        model.components_.astype(np.float32).tofile(request["axes"])
    reply.setdefault("ms", (time.perf_counter() - start) * 1000)
    print(json.dumps(reply), flush=True)
