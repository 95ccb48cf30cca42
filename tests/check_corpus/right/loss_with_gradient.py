import numpy as np


def ridge(theta, X, y, lam):
    r = X @ theta - y
    return 0.5 * np.mean(r**2) + 0.5 * lam * theta @ theta, X.T @ r / len(y) + lam * theta


class Parts:
    def __init__(self, first, second, shift):
        self.first, self.second, self.shift = first, second, shift


def two_layers(parts, X, T):
    hidden = np.tanh(X @ parts.first + parts.shift)
    out = hidden @ parts.second
    gap = out - T
    energy = np.sum(gap**2) / len(X)
    top = 2 * gap / len(X)
    below = (top @ parts.second.T) * (1 - hidden**2)
    return energy, {"first": X.T @ below, "second": hidden.T @ top, "shift": below.sum(axis=0)}


class Hinge:
    def __init__(self, size):
        self.w, self.b = np.zeros(size), 0.0

    def objective(self, X, t):
        return np.mean(np.maximum(0, 1 - t * (X @ self.w + self.b)))

    def slope(self, X, t):
        inside = t * (X @ self.w + self.b) < 1
        return -(inside * t) @ X / len(t), -np.mean(inside * t)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    X = rng.normal(size=(7, 3))
    T = rng.normal(size=(7, 2))
    parts = Parts(rng.normal(size=(3, 4)), rng.normal(size=(4, 2)), np.zeros(4))
    _, slopes = two_layers(parts, X, T)
    parts = Parts(*(p - 0.1 * slopes[k] for k, p in vars(parts).items()))
    machine, t = Hinge(3), np.where(X[:, 0] > 0, 1.0, -1.0)
    machine.objective(X, t)
    dw, db = machine.slope(X, t)
