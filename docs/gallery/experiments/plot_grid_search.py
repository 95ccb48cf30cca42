"""
A grid search in a pipeline
===========================

The estimators take part in scikit-learn's pipelines, and its searches: here 5 × 5 candidates on
three folds, which the search of this package trains together.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import make_moons
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from rosenblatt.estimators import GridSearchCV, MLPClassifier

X, y = make_moons(300, noise=0.25, random_state=0)
rates, alphas = np.geomspace(0.001, 0.1, 5), np.geomspace(1e-4, 1, 5)
network = MLPClassifier((20,), max_iter=2000, n_iter_no_change=5, random_state=0)
search = GridSearchCV(network, {"learning_rate_init": rates, "alpha": alphas}, cv=3)
model = make_pipeline(StandardScaler(), search).fit(X, y)
scores = search.cv_results_["mean_test_score"].reshape(5, 5)

figure, ax = plt.subplots(figsize=(5, 4), layout="constrained")
image = ax.imshow(100 * scores, cmap="Blues", origin="lower")
figure.colorbar(image, label="accuracy on the held-out fold (%)")
ax.set(xlabel="learning_rate_init", ylabel="alpha")
ax.set_xticks(range(5), [f"{rate:.3g}" for rate in rates])
ax.set_yticks(range(5), [f"{alpha:.3g}" for alpha in alphas])
best = {name: float(value) for name, value in search.best_params_.items()}
print(f"{best}: {100 * search.best_score_:.1f} %")
