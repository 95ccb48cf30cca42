# Projet de L3 : regression non lineaire, deux couches cachees "leaky ReLU", optimiseur RMSProp
import numpy as np

hyper = {"tailles": [2, 24, 16, 1], "pas": 0.003, "rho": 0.9, "alpha": 0.05,
         "epoques": 120, "lot": 30, "graine": 17}


def fuite(z, alpha):
    return np.where(z > 0, z, alpha * z)


def d_fuite(z, alpha):
    return np.where(z > 0, 1.0, alpha)


class Modele:
    def __init__(self, h):
        self.h = h
        self.alea = np.random.default_rng(h["graine"])
        t = h["tailles"]
        self.W = [self.alea.standard_normal((a, b)) * np.sqrt(2 / a) for a, b in zip(t[:-1], t[1:])]
        self.b = [np.zeros((1, b)) for b in t[1:]]
        self.sW = [np.zeros_like(w) for w in self.W]
        self.sb = [np.zeros_like(b) for b in self.b]

    def forward(self, X):
        self.a, self.z = [X], []
        for i in range(len(self.W)):
            z = self.a[-1] @ self.W[i] + self.b[i]
            self.z.append(z)
            derniere = i == len(self.W) - 1
            self.a.append(z if derniere else fuite(z, self.h["alpha"]))
        return self.a[-1]

    def backward(self, y):
        n = y.shape[0]
        gW, gb = [None] * len(self.W), [None] * len(self.b)
        delta = (self.a[-1] - y) / n           # perte 1/(2n) * somme des carres
        for i in range(len(self.W) - 1, -1, -1):
            gW[i] = self.a[i].T @ delta
            gb[i] = delta.sum(axis=0, keepdims=True)
            if i > 0:
                delta = (delta @ self.W[i].T) * d_fuite(self.z[i - 1], self.h["alpha"])
        return gW, gb

    def update(self, gW, gb):
        rho, pas = self.h["rho"], self.h["pas"]
        for i in range(len(self.W)):
            self.sW[i] = rho * self.sW[i] + gW[i] ** 2
            self.sb[i] = rho * self.sb[i] + (1 - rho) * gb[i] ** 2
            self.W[i] -= pas * gW[i] / (np.sqrt(self.sW[i]) + 1e-8)
            self.b[i] -= pas * gb[i] / (np.sqrt(self.sb[i]) + 1e-8)

    def entrainer(self, X, y):
        for ep in range(self.h["epoques"]):
            p = self.alea.permutation(len(X))
            Xm, ym = X[p], y[p]
            for d in range(0, len(X), self.h["lot"]):
                self.forward(Xm[d:d + self.h["lot"]])
                gW, gb = self.backward(ym[d:d + self.h["lot"]])
                self.update(gW, gb)
            if ep % 30 == 0:
                print("ep", ep, "perte", 0.5 * np.mean((self.forward(X) - y) ** 2))


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    X = rng.uniform(-2, 2, (320, 2))
    y = (np.sin(2 * X[:, 0]) + X[:, 1] ** 2 / 2)[:, None]
    m = Modele(hyper)
    m.entrainer(X, y)
    print("perte finale", 0.5 * np.mean((m.forward(X) - y) ** 2))
