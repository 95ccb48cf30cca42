"""
The weights of scikit-learn
===========================

The estimators draw initial weights and batches as scikit-learn does. After 50 epochs of Adam from
the same ``random_state``, every weight is the same up to rounding.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine
from sklearn.neural_network import MLPClassifier as Theirs
from sklearn.preprocessing import scale

from rosenblatt.estimators import MLPClassifier

X, y = load_wine(return_X_y=True)
X = scale(X)
settings = {"hidden_layer_sizes": (16,), "tol": 0.003, "random_state": 0}
theirs, ours = Theirs(**settings).fit(X, y), MLPClassifier(**settings).fit(X, y)
a, b = (np.concatenate([w.ravel() for w in one.coefs_]) for one in (theirs, ours))
print(f"largest difference of {a.size} weights: {np.abs(a - b).max():.1e}")

figure, ax = plt.subplots(figsize=(4.2, 4), layout="constrained")
ax.plot(a, b, ".", markersize=4)
ax.axline((0, 0), slope=1, color="gray", linewidth=0.6)
ax.set(xlabel="weights of scikit-learn", ylabel="weights of rosenblatt", aspect="equal")
