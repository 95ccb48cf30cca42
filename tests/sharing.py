"""What a worker of joblib does, in a module that its process can import."""

from sklearn.datasets import load_digits
from threadpoolctl import threadpool_info

from rosenblatt import cores
from rosenblatt.engines.compiled import engine as engines
from rosenblatt.estimators import MLPClassifier

X, Y = load_digits(return_X_y=True)
HOW = {"hidden_layer_sizes": (100,), "max_iter": 3, "random_state": 0, "engine": "compiled"}


def blas_threads():
    return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]


def fit_and_look():
    """Fit in a worker; return how many threads helped, those of BLAS, the cores and the weights."""
    helped, helpers = [], engines.helpers

    def count(n, *rest):
        helped.append(n)
        return helpers(n, *rest)

    engines.helpers = count
    try:
        fitted = MLPClassifier(**HOW).fit(X, Y)
    finally:
        engines.helpers = helpers
    weights = [*fitted.coefs_, *fitted.intercepts_]
    return max(helped, default=0), blas_threads(), cores.available(), weights
