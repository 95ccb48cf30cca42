"""
ADALINE (Widrow & Hoff), also known as the delta rule or LMS.

The neuron learns from its *linear* output, the threshold is only used for the
predictions. We update after every sample.
"""
import numpy as np


class Adaline:
    def __init__(self, eta=0.01, n_iter=15, random_state=1):
        self.eta = eta
        self.n_iter = n_iter
        self.random_state = random_state

    def fit(self, X, y):
        rgen = np.random.RandomState(self.random_state)
        self.w_ = rgen.normal(scale=0.01, size=X.shape[1])
        self.b_ = 0.0
        self.cost_ = []
        for _ in range(self.n_iter):
            order = rgen.permutation(len(y))
            X_s, y_s = X[order], y[order]
            costs = []
            for xi, target in zip(X_s, y_s):
                costs.append(self._update(xi, target))
            self.cost_.append(np.mean(costs))
        return self

    def _update(self, xi, target):
        output = self.net_input(xi)
        error = target - np.where(output >= 0.0, 1, -1)
        self.w_ += self.eta * error * xi
        self.b_ += self.eta * error
        return 0.5 * error ** 2

    def net_input(self, X):
        return np.dot(X, self.w_) + self.b_

    def predict(self, X):
        return np.where(self.net_input(X) >= 0.0, 1, -1)


def load_flowers():
    # made-up petal / sepal lengths, two kinds of flowers
    rgen = np.random.RandomState(8)
    kind_a = rgen.normal([5.0, 1.4], [0.35, 0.2], size=(50, 2))
    kind_b = rgen.normal([5.9, 4.2], [0.5, 0.45], size=(50, 2))
    X = np.vstack([kind_a, kind_b])
    y = np.where(np.arange(100) < 50, -1, 1)
    return X, y


X, y = load_flowers()
# standardize the features, otherwise it diverges
X_std = (X - X.mean(axis=0)) / X.std(axis=0)

ada = Adaline(eta=0.01, n_iter=15)
ada.fit(X_std, y)
for i, c in enumerate(ada.cost_):
    print("epoch %2d: cost %.6f" % (i + 1, c))
print("weights:", ada.w_, "bias:", ada.b_)
print("misclassified:", (ada.predict(X_std) != y).sum())
