"""Logistic regression with an L2 penalty, sklearn-like interface."""
import numpy as np


class LogisticRegressionL2:
    def __init__(self, alpha=0.1, learning_rate=0.5, max_iter=500, tol=1e-7):
        self.alpha = alpha
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.tol = tol

    @staticmethod
    def _sigmoid(z):
        return np.where(z >= 0, 1 / (1 + np.exp(-np.abs(z))), np.exp(-np.abs(z)) / (1 + np.exp(-np.abs(z))))

    def _loss(self, X, y):
        """mean cross entropy + alpha/2 * |w|^2, the intercept is not penalized"""
        p = np.clip(self._sigmoid(X @ self.coef_ + self.intercept_), 1e-12, 1 - 1e-12)
        data = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
        return data + 0.5 * self.alpha * np.sum(self.coef_ ** 2)

    def _gradient(self, X, y):
        n = X.shape[0]
        residual = self._sigmoid(X @ self.coef_ + self.intercept_) - y
        grad_w = X.T @ residual / n + self.alpha
        grad_b = residual.sum() / n
        return grad_w, grad_b

    def fit(self, X, y):
        X = np.asarray(X, dtype=float)
        y = np.asarray(y, dtype=float)
        self.coef_ = np.zeros(X.shape[1])
        self.intercept_ = 0.0
        self.losses_ = [self._loss(X, y)]
        for _ in range(self.max_iter):
            grad_w, grad_b = self._gradient(X, y)
            self.coef_ -= self.learning_rate * grad_w
            self.intercept_ -= self.learning_rate * grad_b
            self.losses_.append(self._loss(X, y))
            if abs(self.losses_[-2] - self.losses_[-1]) < self.tol:
                break
        self.n_iter_ = len(self.losses_) - 1
        return self

    def predict_proba(self, X):
        return self._sigmoid(np.asarray(X) @ self.coef_ + self.intercept_)

    def predict(self, X):
        return (self.predict_proba(X) >= 0.5).astype(int)

    def score(self, X, y):
        return np.mean(self.predict(X) == y)


if __name__ == "__main__":
    rng = np.random.RandomState(10)
    X = rng.randn(80, 5)
    logits = X @ np.array([2.0, -1.0, 0.0, 0.5, 0.0]) + 0.7
    y = (rng.rand(80) < 1 / (1 + np.exp(-logits))).astype(int)
    for alpha in (0.0, 0.1, 1.0):
        model = LogisticRegressionL2(alpha=alpha).fit(X, y)
        print("alpha", alpha, "iterations", model.n_iter_, "loss", round(model.losses_[-1], 6))
        print("   coef", np.round(model.coef_, 4), "intercept", round(float(model.intercept_), 4))
        print("   accuracy", model.score(X, y))
