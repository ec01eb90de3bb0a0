"""Numbers of scikit-learn and hdbscan that the kernels' tests compare with.

Run with the packages of test/reference/requirements.txt:
    python -m venv .cache/venv-reference
    .cache/venv-reference/bin/pip install -r test/reference/requirements.txt
    .cache/venv-reference/bin/python test/reference/make.py
"""

import json
import pathlib
import platform

import hdbscan
import numpy
import sklearn
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, load_iris, load_wine, make_blobs, make_moons
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

folder = pathlib.Path(__file__).parent
versions = {
    "python": platform.python_version(),
    "numpy": numpy.__version__,
    "scikit-learn": sklearn.__version__,
    "hdbscan": "0.8.44",
}


def rows(values, digits):
    return numpy.asarray(values, dtype=float).round(digits).tolist()


def write(name, **content):
    text = json.dumps({"madeBy": "test/reference/make.py", "versions": versions, **content}, separators=(",", ":"))
    (folder / f"{name}.json").write_text(text + "\n")


def float32(values, digits=3):
    """Rounded, so that the JSON holds exactly what the peer was given."""
    return numpy.asarray(values).round(digits).astype(numpy.float32).astype(float).round(digits)


def make_pca():
    random = numpy.random.default_rng(0)
    cases = []
    for shape in [(40, 6), (6, 10)]:
        data = float32(random.normal(size=shape) * numpy.linspace(3, 0.5, shape[1]) + numpy.arange(shape[1]))
        for whiten in [False, True]:
            model = PCA(n_components=min(shape) - 1, whiten=whiten, svd_solver="full").fit(data)
            cases.append({
                "rows": rows(data, 3),
                "whiten": whiten,
                "components": rows(model.components_, 9),
                "mean": rows(model.mean_, 9),
                "explainedVariance": rows(model.explained_variance_, 9),
                "explainedVarianceRatio": rows(model.explained_variance_ratio_, 9),
                "singularValues": rows(model.singular_values_, 9),
                "transformed": rows(model.transform(data), 8),
            })
    data = float32(random.normal(size=(30, 8)) * numpy.linspace(3, 0.5, 8) + 1)
    svd = TruncatedSVD(n_components=4, algorithm="arpack", random_state=0).fit(data)
    write("pca", cases=cases, truncated={
        "rows": rows(data, 3),
        "components": rows(svd.components_, 9),
        "singularValues": rows(svd.singular_values_, 9),
        "transformed": rows(svd.transform(data), 8),
    })


def make_k_means():
    cases = []
    for name, (data, _) in {
        "blobs": make_blobs(n_samples=200, n_features=5, centers=6, cluster_std=3.0, random_state=1),
        "iris": load_iris(return_X_y=True),
    }.items():
        # Float32 as in Vecino: iris is full of ties, which double precision breaks in other ways.
        data = float32(data).astype(numpy.float32)
        for k in [3, 8]:
            start = data[:: len(data) // k][:k]
            model = KMeans(n_clusters=k, init=start, n_init=1, algorithm="lloyd").fit(data)
            cases.append({
                "name": name,
                "k": k,
                "rows": rows(data, 3) if k == 3 else None,
                "labels": model.labels_.tolist(),
                "inertia": float(model.inertia_),
                "iterations": model.n_iter_,
                "centroids": rows(model.cluster_centers_, 6),
            })
    write("k-means", cases=cases)


def make_hdbscan():
    random = numpy.random.default_rng(7)
    moons, _ = make_moons(n_samples=220, noise=0.07, random_state=7)
    blobs, _ = make_blobs(n_samples=[60, 90, 40, 30], n_features=6, cluster_std=[0.6, 1.2, 0.4, 2.0], random_state=3)
    sets = {
        "moons": numpy.vstack([moons, random.uniform(-1.5, 2.5, size=(30, 2))]),
        "blobs": numpy.vstack([blobs, random.uniform(-12, 12, size=(25, 6))]),
        "iris": load_iris(return_X_y=True)[0],
    }
    cases = []
    for name, data in sets.items():
        data = float32(data)
        for options in [
            {"min_cluster_size": 5},
            {"min_cluster_size": 15, "min_samples": 5},
            {"min_cluster_size": 12, "min_samples": 2, "cluster_selection_method": "leaf"},
            {"min_cluster_size": 5, "cluster_selection_epsilon": 0.5},
            {"min_cluster_size": 40, "min_samples": 3, "allow_single_cluster": True},
        ]:
            model = hdbscan.HDBSCAN(algorithm="generic", **options).fit(data)
            cases.append({
                "name": name,
                "options": options,
                "rows": rows(data, 3) if len(options) == 1 else None,
                "labels": model.labels_.tolist(),
                "probabilities": rows(model.probabilities_, 6),
                "persistence": rows(model.cluster_persistence_, 6),
                "outlierScores": rows(model.outlier_scores_, 6),
            })
    write("hdbscan", cases=cases)


def make_logistic_regression():
    cases = []
    for name, load, stride in [("iris", load_iris, 1), ("wine", load_wine, 1), ("digits", load_digits, 4)]:
        data, labels = load(return_X_y=True)
        data, labels = data[::stride], labels[::stride]
        # Grey values are written as they are, whole numbers to 16, and learnt from as parts of 1.
        divisor = 16 if name == "digits" else 1
        if name != "digits":
            data = StandardScaler().fit_transform(data)
        data = float32(data)
        held = numpy.arange(len(data)) % 3 == 0
        for c, classes in [(0.1, labels), (1.0, labels), (1.0, (labels == 1).astype(int))]:
            model = LogisticRegression(C=c, max_iter=10000, tol=1e-8).fit(data[~held] / divisor, classes[~held])
            cases.append({
                "name": name,
                "c": c,
                "divisor": divisor,
                "rows": (rows(data, 3) if divisor == 1 else data.astype(int).tolist()) if c == 0.1 else None,
                "labels": classes.tolist(),
                "coefficients": rows(model.coef_, 6) if name != "digits" else None,
                "accuracy": model.score(data[held] / divisor, classes[held]),
                "probabilities": rows(model.predict_proba(data[held] / divisor)[:3], 6),
            })
    write("logistic-regression", heldOut="rows whose index is a multiple of 3", cases=cases)


if __name__ == "__main__":
    make_pca()
    make_k_means()
    make_hdbscan()
    make_logistic_regression()
