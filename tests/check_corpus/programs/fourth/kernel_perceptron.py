# Kernel perceptron: counts how often every training point was misclassified
import numpy as np


def rbf_kernel(A, B, gamma):
    sq = np.sum(A ** 2, axis=1)[:, None] + np.sum(B ** 2, axis=1)[None, :] - 2 * A @ B.T
    return np.exp(-gamma * sq)


class KernelPerceptron:
    def __init__(self, gamma=1.0, epochs=10, seed=0):
        self.gamma = gamma
        self.epochs = epochs
        self.rng = np.random.default_rng(seed)

    def fit(self, X, y):
        n = len(X)
        self.X, self.y = X, y
        self.alpha = np.zeros(n, dtype=int)     # number of mistakes
        K = rbf_kernel(X, X, self.gamma)
        for epoch in range(self.epochs):
            mistakes = 0
            for i in self.rng.permutation(n):
                score = np.sum(self.alpha * y * K[:, i])
                if y[i] * score <= 0:
                    self.alpha[i] += 1
                    mistakes += 1
            print("epoch", epoch, "mistakes", mistakes)
            if mistakes == 0:
                break
        return self

    def decision(self, Z):
        K = rbf_kernel(self.X, Z, self.gamma)
        return (self.alpha * self.y) @ K

    def predict(self, Z):
        return np.where(self.decision(Z) > 0, 1, -1)


def checker(n, rng):
    Z = rng.uniform(0, 3, (n, 2))
    cell = np.floor(Z).sum(axis=1).astype(int)
    return Z, np.where(cell % 2 == 0, 1, -1)


if __name__ == "__main__":
    rng = np.random.default_rng(40)
    X, y = checker(200, rng)
    Xt, yt = checker(300, rng)
    model = KernelPerceptron(gamma=4.0, epochs=12).fit(X, y)
    print("support vectors:", np.count_nonzero(model.alpha))
    print("train acc", np.mean(model.predict(X) == y))
    print("test acc ", np.mean(model.predict(Xt) == yt))
