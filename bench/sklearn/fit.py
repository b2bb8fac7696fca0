"""Times scikit-learn on features that the driver (bench/sklearn/compare.ts) wrote; a JSON line of seconds for every line read.

Reads {"x", "y", "n", "dim", "classes", "test", "what": "path" | "path warm" | "knn"}: x is a file of float32 rows, n of training and then
test ones; y of int32 labels, of the training rows. What is measured is `fit` and `predict` alone, in the precision that the driver names.
"""

import json
import sys
import time
import warnings

import numpy as np
import sklearn
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

warnings.filterwarnings("ignore")
print(json.dumps({"sklearn": sklearn.__version__, "numpy": np.__version__}), flush=True)

PENALTIES = np.float32(np.logspace(-6, 5, 45))


def path(x, y, warm):
    """All 45 penalties from weak to strong, as the paper's authors try them."""
    iterations = 0
    model = None
    for penalty in PENALTIES[::-1] if warm else PENALTIES:
        c = float(1 / penalty)
        if model is None or not warm:
            model = LogisticRegression(C=c, max_iter=1000, tol=1e-4, warm_start=warm)
        model.C = c
        model.fit(x, y)
        iterations += int(np.sum(model.n_iter_))
    return {"iterations": iterations}


def knn(x, y, test, k):
    """Cosine neighbours whose votes weigh exp(cosine / 0.07)."""
    model = KNeighborsClassifier(
        n_neighbors=k, metric="cosine", algorithm="brute", weights=lambda d: np.exp((1 - d) / 0.07)
    )
    model.fit(x, y)
    return {"predictions": model.predict(test).tolist()}


for line in sys.stdin:
    task = json.loads(line)
    rows = np.fromfile(task["x"], np.float32).reshape(-1, task["dim"])
    labels = np.fromfile(task["y"], np.int32)
    train, test = rows[: task["n"]], rows[task["n"] :]
    if task["what"].startswith("path"):
        train = train.astype(np.float64)
        train = (train - train.mean(0)) / train.std(0)
    train = np.ascontiguousarray(train)
    began = time.perf_counter()
    out = path(train, labels, "warm" in task["what"]) if task["what"].startswith("path") else knn(train, labels, test, 20)
    print(json.dumps({"seconds": time.perf_counter() - began, **out}), flush=True)
