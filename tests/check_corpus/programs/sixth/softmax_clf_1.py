"""Softmax (multinomial logistic) regression with a scikit-learn like interface."""
import numpy as np


class SoftmaxRegression:
    """Linear classifier for any number of classes, full-batch gradient descent.

    Works with any integer or string labels, features of any scale.
    """

    def __init__(self, lr=0.5, n_iter=150, alpha=1e-4, random_state=None):
        self.lr = lr
        self.n_iter = n_iter
        self.alpha = alpha            # L2 strength, weights only
        self.random_state = random_state

    @staticmethod
    def _softmax(Z):
        E = np.exp(Z)
        return E / E.sum(axis=1, keepdims=True)

    def fit(self, X, y):
        rng = np.random.RandomState(self.random_state)
        self.classes_, idx = np.unique(y, return_inverse=True)
        n, d = X.shape
        k = len(self.classes_)
        T = np.eye(k)[idx]

        self.coef_ = rng.normal(scale=1e-3, size=(d, k))
        self.intercept_ = np.zeros(k)
        self.loss_curve_ = []
        for _ in range(self.n_iter):
            P = self.predict_proba(X)
            self.loss_curve_.append(self._loss(P, T))
            D = (P - T) / n
            grad_W = X.T @ D + self.alpha * self.coef_
            grad_b = D.sum(axis=0)
            self.coef_ -= self.lr * grad_W
            self.intercept_ -= self.lr * grad_b
        return self

    def _loss(self, P, T):
        ce = -np.mean(np.sum(T * np.log(P + 1e-12), axis=1))
        return ce + 0.5 * self.alpha * np.sum(self.coef_ ** 2)

    def predict_proba(self, X):
        return self._softmax(X @ self.coef_ + self.intercept_)

    def predict(self, X):
        return self.classes_[np.argmax(self.predict_proba(X), axis=1)]

    def score(self, X, y):
        return float(np.mean(self.predict(X) == y))


def fake_digits(n, rng):
    """8x8 'images' with grey values 0..255, three noisy prototypes."""
    protos = rng.integers(0, 256, size=(3, 64)).astype(float)
    labels = rng.integers(0, 3, size=n)
    X = protos[labels] + rng.normal(scale=200.0, size=(n, 64))
    return np.clip(np.round(X), 0, 255), np.array(["one", "two", "three"])[labels]


def main():
    rng = np.random.default_rng(3)
    X, y = fake_digits(600, rng)
    X_tr, y_tr, X_te, y_te = X[:450], y[:450], X[450:], y[450:]
    clf = SoftmaxRegression(lr=0.003, n_iter=120, random_state=0).fit(X_tr, y_tr)
    for i in range(0, clf.n_iter, 20):
        print(f"iter {i:4d}  loss {clf.loss_curve_[i]:.4f}")
    print("final loss", round(clf.loss_curve_[-1], 4))
    print("train acc", clf.score(X_tr, y_tr), " test acc", clf.score(X_te, y_te))


if __name__ == "__main__":
    main()
