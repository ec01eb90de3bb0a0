"""scikit-learn's detectors of outliers on vectors given as a file: average precision of each, one JSON reply a request."""
import json, sys, time, warnings
import numpy as np, sklearn
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score
from sklearn.neighbors import LocalOutlierFactor, NearestNeighbors
from sklearn.svm import OneClassSVM
from threadpoolctl import threadpool_limits

warnings.simplefilter("ignore")
threadpool_limits(1)


def distance_to_neighbours(rows, k=10):
    return NearestNeighbors(n_neighbors=k, metric="cosine").fit(rows).kneighbors()[0].mean(1)


def local_factor(rows):
    return -LocalOutlierFactor(n_neighbors=20, metric="cosine").fit(rows).negative_outlier_factor_


def forest(rows):
    return -IsolationForest(n_estimators=200, random_state=0).fit(rows).score_samples(rows)


def one_class(rows):
    return -OneClassSVM(gamma="scale", nu=0.1).fit(rows).score_samples(rows)


def far_from_every_label(rows, examples, labels):
    names, labels = np.unique(labels, return_inverse=True)
    means = np.stack([examples[labels == i].mean(0) for i in range(len(names))])
    return -(rows @ (means / np.linalg.norm(means, axis=1, keepdims=True)).T).max(1)


detectors = {"knn": distance_to_neighbours, "lof": local_factor, "forest": forest, "svm": one_class}
for line in sys.stdin:
    request = json.loads(line)
    start = time.perf_counter()
    read = lambda path: np.fromfile(path, dtype=np.float32).reshape(-1, request["columns"])
    rows = read(request["rows"])
    reply = {name: float(average_precision_score(request["truth"], score(rows))) for name, score in detectors.items()}
    if "examples" in request:
        told = far_from_every_label(rows, read(request["examples"]), request["labels"])
        reply["told"] = float(average_precision_score(request["truth"], told))
    reply["sklearn"] = sklearn.__version__
    reply["ms"] = (time.perf_counter() - start) * 1000
    print(json.dumps(reply), flush=True)
