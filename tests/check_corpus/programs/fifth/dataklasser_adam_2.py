from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

slump = np.random.default_rng(42)


@dataclass
class AdamMinne:
    m: np.ndarray
    v: np.ndarray


@dataclass
class Adam:
    lr: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    t: int = 0
    minnen: dict[str, AdamMinne] = field(default_factory=dict)

    def steg(self, parametrar: dict, gradienter: dict):
        self.t += 1
        for namn, p in parametrar.items():
            g = gradienter[namn]
            if namn not in self.minnen:
                self.minnen[namn] = AdamMinne(np.zeros_like(p), np.zeros_like(p))
            mem = self.minnen[namn]
            mem.m = self.beta1 * mem.m + (1 - self.beta1) * g
            mem.v = self.beta2 * mem.v + (1 - self.beta2) * g ** 2
            m_hatt = mem.m / (1 - self.beta1 ** self.t)
            v_hatt = mem.v / (1 - self.beta2 ** self.t)
            p -= self.lr * m_hatt / (np.sqrt(v_hatt) + self.eps)


@dataclass
class Modell:
    n_in: int
    n_dolt: int
    n_klasser: int
    p: dict = field(init=False)

    def __post_init__(self):
        self.p = {
            "W1": slump.normal(size=(self.n_in, self.n_dolt)) / np.sqrt(self.n_in),
            "b1": np.zeros(self.n_dolt),
            "W2": slump.normal(size=(self.n_dolt, self.n_klasser)) / np.sqrt(self.n_dolt),
            "b2": np.zeros(self.n_klasser),
        }

    def framat(self, X):
        h = np.tanh(X @ self.p["W1"] + self.p["b1"])
        z = h @ self.p["W2"] + self.p["b2"]
        z = z - z.max(axis=1, keepdims=True)
        e = np.exp(z)
        return h, e / e.sum(axis=0)

    def bakat(self, X, Y):
        h, q = self.framat(X)
        n = len(X)
        forlust = -np.sum(Y * np.log(q + 1e-12)) / n
        dz = (q - Y) / n
        dh = (dz @ self.p["W2"].T) * (1 - h ** 2)
        return forlust, {"W2": h.T @ dz, "b2": dz.sum(axis=0), "W1": X.T @ dh, "b1": dh.sum(axis=0)}


def spiraler(per_klass=70, klasser=3):
    """tre armar som snurrar runt origo"""
    X, y = [], []
    for k in range(klasser):
        r = np.linspace(0.1, 1, per_klass)
        v = np.linspace(k * 2.1, k * 2.1 + 3, per_klass) + 0.15 * slump.normal(size=per_klass)
        X.append(np.c_[r * np.cos(v), r * np.sin(v)])
        y += [k] * per_klass
    return np.vstack(X), np.array(y)


X, y = spiraler()
Y = np.eye(3)[y]
modell, opt = Modell(2, 32, 3), Adam(lr=0.02)
for varv in range(400):
    forlust, grad = modell.bakat(X, Y)
    opt.steg(modell.p, grad)
    if varv % 80 == 0:
        print(f"{varv:4d}: förlust {forlust:.4f}")
traff = (modell.framat(X)[1].argmax(axis=1) == y).mean()
print("träffsäkerhet", round(float(traff), 3))
