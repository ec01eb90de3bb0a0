"""Write maps.json beside this file: what umap-learn, openTSNE, scikit-learn and gensim say on small fixed data.

    pip install umap-learn==0.5.12 openTSNE==1.0.4 scikit-learn==1.9.1 gensim==4.4.0 && python make.py
"""
import json, pathlib, warnings

import gensim, numpy as np, openTSNE, sklearn, umap
from gensim.models import KeyedVectors
from openTSNE import affinity
from scipy.spatial.distance import cdist
from sklearn.manifold import trustworthiness
from umap.umap_ import find_ab_params, fuzzy_simplicial_set

warnings.filterwarnings("ignore")

rows, columns = 40, 5
data = np.sin(np.arange(rows * columns, dtype=np.float64) ** 2 / 7).astype(np.float32).reshape(rows, columns)
distances = cdist(data.astype(np.float64), data.astype(np.float64))
layout = data[:, :2]

k = 10
order = np.argsort(distances, axis=1, kind="stable")[:, :k]
near = np.take_along_axis(distances, order, axis=1).astype(np.float32)
graph, _, _ = fuzzy_simplicial_set(
    data, k, np.random.RandomState(1), "euclidean", knn_indices=order.astype(np.int32), knn_dists=near
)
joint = affinity.PerplexityBasedNN(data.astype(np.float64), perplexity=8, method="exact").P

words = ["king", "queen", "man", "woman", "apple", "pear"]
vectors = data[:6]
keyed = KeyedVectors(columns)
keyed.add_vectors(words, vectors)

json.dump(
    {
        "versions": {
            "umap-learn": umap.__version__,
            "openTSNE": openTSNE.__version__,
            "scikit-learn": sklearn.__version__,
            "gensim": gensim.__version__,
        },
        "rows": data.tolist(),
        "curves": [[spread, dist, *map(float, find_ab_params(spread, dist))] for spread, dist in [(1, 0.1), (1, 0.5), (2, 0.01)]],
        "umapGraph": np.asarray(graph.todense(), dtype=np.float64).round(6).tolist(),
        "tsneAffinities": np.asarray(joint.todense(), dtype=np.float64).round(9).tolist(),
        "trustworthiness": {str(n): trustworthiness(data, layout, n_neighbors=n) for n in (3, 5, 12)},
        "mostSimilar": keyed.most_similar(positive=["king", "woman"], negative=["man"], topn=3),
    },
    open(pathlib.Path(__file__).parent / "maps.json", "w"),
)
