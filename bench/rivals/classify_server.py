"""scikit-learn's logistic regression and KMeans on vectors given as files: one JSON request a line, one JSON reply."""
import json, sys, time, warnings
import numpy as np, sklearn
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import v_measure_score
from threadpoolctl import threadpool_limits

warnings.simplefilter("ignore")
threadpool_limits(1)


def read(path, columns):
    return np.fromfile(path, dtype=np.float32).reshape(-1, columns)


for line in sys.stdin:
    request = json.loads(line)
    start = time.perf_counter()
    reply = {"sklearn": sklearn.__version__}
    if request["op"] == "logistic":
        train, test = read(request["train"], request["columns"]), read(request["test"], request["columns"])
        model = LogisticRegression(max_iter=1000).fit(train, request["labels"])
        reply["accuracy"] = float((model.predict(test) == np.array(request["truth"])).mean())
    elif request["op"] == "k-means":
        rows = read(request["rows"], request["columns"])
        models = [KMeans(request["k"], n_init=1, random_state=seed).fit(rows) for seed in range(request["starts"])]
        reply["v"] = [float(v_measure_score(request["truth"], model.labels_)) for model in models]
        reply["inertia"] = [float(model.inertia_) for model in models]
    reply["ms"] = (time.perf_counter() - start) * 1000
    print(json.dumps(reply), flush=True)
