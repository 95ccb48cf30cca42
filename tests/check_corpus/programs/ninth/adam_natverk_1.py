# DD-kurs, miniprojekt: ADAM från grunden
# Nätverk: 2 -> 16 (tanh) -> 1 (sigmoid), korsentropi. Adam-formlerna efter Kingma & Ba.
import numpy as np


class Adam:
    def __init__(self, params, alfa=0.01, beta1=0.9, beta2=0.999, eps=1e-8):
        self.params = params
        self.alfa, self.beta1, self.beta2, self.eps = alfa, beta1, beta2, eps
        self.m = [np.zeros_like(p) for p in params]
        self.v = [np.zeros_like(p) for p in params]
        self.t = 0

    def steg(self, grads):
        for k, (p, g) in enumerate(zip(self.params, grads)):
            self.t += 1
            self.m[k] = self.beta1 * self.m[k] + (1 - self.beta1) * g
            self.v[k] = self.beta2 * self.v[k] + (1 - self.beta2) * g ** 2
            m_hatt = self.m[k] / (1 - self.beta1 ** self.t)
            v_hatt = self.v[k] / (1 - self.beta2 ** self.t)
            p -= self.alfa * m_hatt / (np.sqrt(v_hatt) + self.eps)


class Natverk:
    def __init__(self, n_in, n_dold, rng):
        self.W1 = rng.normal(0, 1 / np.sqrt(n_in), (n_in, n_dold))
        self.b1 = np.zeros(n_dold)
        self.W2 = rng.normal(0, 1 / np.sqrt(n_dold), (n_dold, 1))
        self.b2 = np.zeros(1)

    def params(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def framat(self, X):
        self.X = X
        self.h = np.tanh(X @ self.W1 + self.b1)
        self.z = self.h @ self.W2 + self.b2
        return 1 / (1 + np.exp(-self.z))

    def forlust(self, y):
        # log(1 + e^z) - y z, stabilt
        return np.mean(np.logaddexp(0, self.z) - y * self.z)

    def bakat(self, p, y):
        dz = (p - y) / len(y)
        gW2 = self.h.T @ dz
        gb2 = dz.sum(0)
        dh = dz @ self.W2.T * (1 - self.h ** 2)
        gW1 = self.X.T @ dh
        gb1 = dh.sum(0)
        return [gW1, gb1, gW2, gb2]


def tva_manar(n, rng):
    t = rng.uniform(0, np.pi, n)
    klass = rng.integers(0, 2, n)
    x1 = np.where(klass == 0, np.cos(t), 1 - np.cos(t))
    x2 = np.where(klass == 0, np.sin(t), 0.5 - np.sin(t))
    X = np.stack([x1, x2], axis=1) + 0.1 * rng.standard_normal((n, 2))
    return X, klass.reshape(-1, 1).astype(float)


if __name__ == "__main__":
    rng = np.random.default_rng(2024)
    X, y = tva_manar(250, rng)
    nat = Natverk(2, 16, rng)
    opt = Adam(nat.params(), alfa=0.02)
    batch = 50
    for epok in range(100):
        ordning = rng.permutation(len(X))
        for s in range(0, len(X), batch):
            idx = ordning[s:s + batch]
            p = nat.framat(X[idx])
            opt.steg(nat.bakat(p, y[idx]))
        if epok % 20 == 0:
            p = nat.framat(X)
            print(f"epok {epok:3d}  förlust {nat.forlust(y):.4f}  rätt {np.mean((p > 0.5) == y):.3f}")
    print("slut:", np.mean((nat.framat(X) > 0.5) == y))
