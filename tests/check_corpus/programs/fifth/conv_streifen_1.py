# Kleines CNN: waagerechte, senkrechte und schräge Streifen unterscheiden (8x8)
# conv 3x3 -> relu -> global average pooling -> linear -> softmax
import numpy as np

rng = np.random.RandomState(21)


class Conv:
    def __init__(self, n_filter, k):
        self.k = k
        self.w = rng.randn(n_filter, k, k) * 0.5
        self.b = np.zeros(n_filter)

    def forward(self, x):                       # x: (N, 8, 8)
        self.x = x
        n, h, w = x.shape
        k = self.k
        out = np.zeros((n, len(self.b), h - k + 1, w - k + 1))
        for i in range(h - k + 1):
            for j in range(w - k + 1):
                fenster = x[:, i:i + k, j:j + k]
                out[:, :, i, j] = np.tensordot(fenster, self.w, axes=([1, 2], [1, 2])) + self.b
        return out

    def backward(self, d):
        k = self.k
        self.dw = np.zeros_like(self.w)
        self.db = np.zeros_like(self.b)
        for i in range(d.shape[2]):
            for j in range(d.shape[3]):
                fenster = self.x[:, i:i + k, j:j + k]
                self.dw += np.tensordot(d[:, :, i, j], fenster, axes=([0], [0]))
        # erste Schicht: dx wird nicht gebraucht


class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(0, x)

    def backward(self, d):
        return d * (self.x > 0)


class GlobalAvgPool:
    def forward(self, x):
        self.form = x.shape
        return x.mean(axis=(2, 3))

    def backward(self, d):
        n, f, h, w = self.form
        return np.ones(self.form) * d[:, :, None, None] / (h * w)


class Linear:
    def __init__(self, ein, aus):
        self.w = rng.randn(ein, aus) * np.sqrt(1 / ein)
        self.b = np.zeros(aus)

    def forward(self, x):
        self.x = x
        return x.dot(self.w) + self.b

    def backward(self, d):
        self.dw = self.x.T.dot(d)
        self.db = d.sum(axis=0)
        return d.dot(self.w.T)


def streifen(n):
    X = np.zeros((n, 8, 8))
    y = rng.randint(0, 3, n)
    zeile, spalte = np.mgrid[0:8, 0:8]
    for t in range(n):
        phase = rng.randint(0, 4)
        koord = [zeile, spalte, zeile + spalte][y[t]]
        X[t] = ((koord + phase) % 4 < 2)
    return X - 0.5 + 0.2 * rng.randn(n, 8, 8), y


X, y = streifen(200)
schichten = [Conv(6, 3), ReLU(), GlobalAvgPool(), Linear(6, 3)]

for epoche in range(40):
    idx = rng.permutation(len(X))
    verlust = 0
    for s in range(0, len(X), 20):
        b = idx[s:s + 20]
        a = X[b]
        for sch in schichten:
            a = sch.forward(a)
        p = np.exp(a - a.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        verlust -= np.log(p[range(len(b)), y[b]] + 1e-12).sum()
        d = p.copy()
        d[range(len(b)), y[b]] -= 1
        d /= len(b)
        for sch in reversed(schichten):
            d = sch.backward(d)
        for sch in (schichten[0], schichten[3]):
            sch.w -= 0.5 * sch.dw
            sch.b -= 0.5 * sch.db
    if epoche % 5 == 4:
        print("Epoche %d: mittlerer Verlust %.4f" % (epoche + 1, verlust / len(X)))

Xt, yt = streifen(150)
a = Xt
for sch in schichten:
    a = sch.forward(a)
print("Test:", (a.argmax(axis=1) == yt).mean())
