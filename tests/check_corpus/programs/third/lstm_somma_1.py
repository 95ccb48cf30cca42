# LSTM in puro NumPy: riconoscere se la somma di una sequenza è positiva
# gate in un'unica matrice: [i, f, o, g]
import numpy as np


def sigma(z):
    return 1 / (1 + np.exp(-z))


class LSTM:
    def __init__(self, n_in, n_h, rng):
        self.H = n_h
        self.W = rng.normal(0, 0.3, (n_in + n_h, 4 * n_h))
        self.b = np.zeros(4 * n_h)
        self.b[n_h:2 * n_h] = 1.0          # bias del forget gate
        self.V = rng.normal(0, 0.3, (n_h, 1))
        self.c = np.zeros(1)

    def forward(self, X):
        """X: (N, T, n_in); restituisce la probabilità alla fine della sequenza"""
        N, T, _ = X.shape
        H = self.H
        h = np.zeros((N, H))
        s = np.zeros((N, H))
        self.memoria = []
        for t in range(T):
            xh = np.concatenate([X[:, t], h], axis=1)
            z = xh @ self.W + self.b
            i, f, o = sigma(z[:, :H]), sigma(z[:, H:2 * H]), sigma(z[:, 2 * H:3 * H])
            g = np.tanh(z[:, 3 * H:])
            s_prec = s
            s = f * s_prec + i * g
            h = o * np.tanh(s)
            self.memoria.append((xh, i, f, o, g, s_prec, s))
        self.h_fin = h
        self.p = sigma(h @ self.V + self.c)
        return self.p

    def perdita(self, X, y):
        p = self.forward(X)
        return -np.mean(y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))

    def backward(self, y):
        N = len(y)
        H = self.H
        dlogit = (self.p - y) / N
        grad = {"V": self.h_fin.T @ dlogit, "c": dlogit.sum(axis=0),
                "W": np.zeros_like(self.W), "b": np.zeros_like(self.b)}
        dh = dlogit @ self.V.T
        ds = np.zeros((N, H))
        for xh, i, f, o, g, s_prec, s in reversed(self.memoria):
            th = np.tanh(s)
            do = dh * th
            ds = dh * o * (1 - th ** 2)
            di = ds * g
            df = ds * s_prec
            dg = ds * i
            dz = np.concatenate([di * i * (1 - i), df * f * (1 - f),
                                 do * o * (1 - o), dg * (1 - g ** 2)], axis=1)
            grad["W"] += xh.T @ dz
            grad["b"] += dz.sum(axis=0)
            dxh = dz @ self.W.T
            dh = dxh[:, -H:]
            ds = ds * f
        return grad


def addestra(rete, X, y, passi=120, lr=0.02, b1=0.9, b2=0.999):
    nomi = ["W", "b", "V", "c"]
    m = {k: np.zeros_like(getattr(rete, k)) for k in nomi}
    v = {k: np.zeros_like(getattr(rete, k)) for k in nomi}
    for t in range(1, passi + 1):
        perdita = rete.perdita(X, y)
        grad = rete.backward(y)
        for k in nomi:
            m[k] = b1 * m[k] + (1 - b1) * grad[k]
            v[k] = b2 * v[k] + (1 - b2) * grad[k] ** 2
            mc = m[k] / (1 - b1 ** t)
            vc = v[k] / (1 - b2 ** t)
            setattr(rete, k, getattr(rete, k) - lr * mc / (np.sqrt(vc) + 1e-8))
        if t % 20 == 0:
            print(f"passo {t:4d}  perdita {perdita:.4f}")


if __name__ == "__main__":
    rng = np.random.default_rng(6)
    X = rng.normal(size=(120, 8, 1))
    y = (X.sum(axis=1) > 0).astype(float)
    rete = LSTM(1, 10, rng)
    addestra(rete, X, y)
    print("accuratezza:", np.mean((rete.forward(X) > 0.5) == y))
