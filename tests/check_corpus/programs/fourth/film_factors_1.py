# Matrix factorization for film ratings, SGD over the known entries.
# prediction = mu + bu[u] + bi[i] + P[u] . Q[i]
import random
import numpy as np


def make_ratings(n_users, n_films, k, share, seed):
    rng = np.random.default_rng(seed)
    A, B = rng.normal(size=(n_users, k)), rng.normal(size=(n_films, k))
    full = 3 + 0.8 * A @ B.T + 0.3 * rng.normal(size=(n_users, 1)) + 0.2 * rng.normal(size=(n_users, n_films))
    full = np.clip(full, 1, 5)
    known = rng.random(full.shape) < share
    train = [(u, i, full[u, i]) for u, i in zip(*np.where(known))]
    test = [(u, i, full[u, i]) for u, i in zip(*np.where(~known))]
    return train, test


class MF:
    def __init__(self, n_users, n_films, k, lr=0.03, reg=0.05, seed=0):
        rng = np.random.default_rng(seed)
        self.P = rng.normal(0, 0.1, (n_users, k))
        self.Q = rng.normal(0, 0.1, (n_films, k))
        self.bu = np.zeros(n_users)
        self.bi = np.zeros(n_films)
        self.mu = 0.0
        self.lr, self.reg = lr, reg

    def predict(self, u, i):
        return self.mu + self.bu[u] + self.bi[i] + self.P[u] @ self.Q[i]

    def sgd_step(self, u, i, r):
        e = r - self.predict(u, i)
        self.bu[u] += self.lr * (e - self.reg * self.bu[u])
        self.bi[i] += self.lr * (e - self.reg * self.bi[i])
        self.P[u] += self.lr * (e * self.Q[i] - self.reg * self.P[u])
        self.Q[i] += self.lr * (e * self.P[u] - self.reg * self.Q[i])

    def fit(self, ratings, epochs, verbose=True):
        ratings = list(ratings)
        self.mu = float(np.mean([r for _, _, r in ratings]))
        for epoch in range(epochs):
            random.shuffle(ratings)
            for u, i, r in ratings:
                self.sgd_step(u, i, r)
            if verbose and (epoch + 1) % 10 == 0:
                print("epoch", epoch + 1, "train rmse %.4f" % self.rmse(ratings))

    def rmse(self, ratings):
        return np.sqrt(np.mean([(r - self.predict(u, i)) ** 2 for u, i, r in ratings]))


if __name__ == "__main__":
    random.seed(1)
    train, test = make_ratings(30, 25, 2, 0.5, seed=8)
    model = MF(30, 25, k=2)
    model.fit(train, 50)
    print("test rmse %.4f" % model.rmse(test))
