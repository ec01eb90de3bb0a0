"""Reference numbers for src/evaluate: `python test/reference/evaluation.py > test/reference/evaluation.json`."""

import json

import numpy as np
import scipy
import scipy.stats
import sklearn
from sklearn.metrics import (
    accuracy_score,
    average_precision_score,
    precision_recall_fscore_support,
)

rng = np.random.default_rng(7)
n, columns = 60, 6
a = rng.normal(size=(n, columns)).astype(np.float32)
b = (0.6 * a + rng.normal(size=(n, columns))).astype(np.float32)
gold = np.round(rng.uniform(0, 5, n) * 2) / 2
positive = (rng.uniform(size=n) < 0.4).astype(int)
a64, b64 = a.astype(np.float64), b.astype(np.float64)
cosine = (a64 * b64).sum(1) / np.linalg.norm(a64, axis=1) / np.linalg.norm(b64, axis=1)
euclidean = -np.linalg.norm(a64 - b64, axis=1)
manhattan = -np.abs(a64 - b64).sum(1)
dot = (a64 * b64).sum(1)
labels = ["x", "y", "z"]
truth = [labels[i] for i in rng.integers(0, 3, n)]
predicted = [label if rng.uniform() < 0.6 else "w" if rng.uniform() < 0.1 else labels[rng.integers(0, 3)] for label in truth]


def averages(kind):
    precision, recall, f1, _ = precision_recall_fscore_support(truth, predicted, average=kind, zero_division=0)
    return [float(precision), float(recall), float(f1)]


print(
    json.dumps(
        {
            "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-learn": sklearn.__version__},
            "columns": columns,
            "a": a.ravel().astype(float).round(7).tolist(),
            "b": b.ravel().astype(float).round(7).tolist(),
            "gold": gold.tolist(),
            "positive": positive.tolist(),
            "sts": {
                f"{name}_{kind}": float(getattr(scipy.stats, f"{kind}r")(scores, gold)[0])
                for name, scores in [("cosine", cosine), ("euclidean", euclidean), ("manhattan", manhattan)]
                for kind in ["pearson", "spearman"]
            },
            "ap": {
                f"{name}_ap": float(average_precision_score(positive, scores))
                for name, scores in [("cosine", cosine), ("dot", dot), ("euclidean", euclidean), ("manhattan", manhattan)]
            },
            "truth": truth,
            "predicted": predicted,
            "accuracy": accuracy_score(truth, predicted),
            "macro": averages("macro"),
            "weighted": averages("weighted"),
        }
    )
)
