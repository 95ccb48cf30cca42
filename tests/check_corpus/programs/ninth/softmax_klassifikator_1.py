# Laboratornaya rabota 3. Softmax-regressiya, mini-batch SGD
# (piksely 0..255 kak est', bez normirovki)
import numpy as np


class SoftmaxKlassifikator:
    def __init__(self, skorost=1e-4, epohi=15, razmer_paketa=32):
        self.skorost = skorost
        self.epohi = epohi
        self.razmer_paketa = razmer_paketa

    @staticmethod
    def softmax(z):
        z = z - z.max(axis=1, keepdims=True)
        e = np.exp(z)
        return e / e.sum(axis=0, keepdims=True)

    def poteri(self, X, y):
        P = self.softmax(X @ self.W + self.b)
        return -np.mean(np.log(np.maximum(P[np.arange(len(y)), y], 1e-12)))

    def fit(self, X, y):
        n, d = X.shape
        k = y.max() + 1
        gen = np.random.default_rng(0)
        self.W = np.zeros((d, k))
        self.b = np.zeros(k)
        for epoha in range(self.epohi):
            idx = gen.permutation(n)
            X, y = X[idx], y[idx]
            for nachalo in range(0, n, self.razmer_paketa):
                xb = X[nachalo:nachalo + self.razmer_paketa]
                yb = y[nachalo:nachalo + self.razmer_paketa]
                P = self.softmax(xb @ self.W + self.b)
                P[np.arange(len(yb)), yb] -= 1
                P /= len(yb)
                self.W -= self.skorost * (xb.T @ P)
                self.b -= self.skorost * P.sum(axis=0)
            if epoha % 5 == 0:
                print("epoha", epoha, "poteri", self.poteri(X, y))
        return self

    def predict(self, X):
        return np.argmax(X @ self.W + self.b, axis=1)


def sdelat_kartinki(n, seed):
    gen = np.random.default_rng(seed)
    y = gen.integers(0, 3, size=n)
    X = gen.integers(0, 150, size=(n, 36)).astype(float)
    for i in range(n):
        kvadrat = X[i].reshape(6, 6)
        r = 2 * y[i]
        kvadrat[r:r + 2, :] += gen.integers(40, 105, size=(2, 6))
    return X, y


if __name__ == "__main__":
    X, y = sdelat_kartinki(500, 1)
    Xt, yt = sdelat_kartinki(200, 2)
    model = SoftmaxKlassifikator(skorost=0.01).fit(X, y)
    print("tochnost' na obuchenii:", np.mean(model.predict(X) == y))
    print("tochnost' na teste:", np.mean(model.predict(Xt) == yt))
