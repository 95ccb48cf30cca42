"""
Jaringan saraf 1 hidden layer untuk klasifikasi (tugas kuliah AI semester 4)
ReLU + dropout + L2 + momentum, API ala scikit-learn
"""
import numpy as np


class JaringanSaraf:
    def __init__(self, n_hidden=40, lr=0.05, momentum=0.9, lam=0.0005, p_drop=0.2, epoch=50, batch=25, seed=0):
        self.n_hidden, self.lr, self.momentum = n_hidden, lr, momentum
        self.lam, self.p_drop = lam, p_drop
        self.epoch, self.batch = epoch, batch
        self.rng = np.random.default_rng(seed)

    @staticmethod
    def softmax(z):
        e = np.exp(z - np.max(z, axis=1, keepdims=True))
        return e / np.sum(e, axis=1, keepdims=True)

    def fit(self, X, y):
        n, d = X.shape
        kelas = len(np.unique(y))
        self.W1 = self.rng.normal(0, np.sqrt(2 / d), (d, self.n_hidden))
        self.b1 = np.zeros(self.n_hidden)
        self.W2 = self.rng.normal(0, np.sqrt(1 / self.n_hidden), (self.n_hidden, kelas))
        self.b2 = np.zeros(kelas)
        vW1, vb1 = np.zeros_like(self.W1), np.zeros_like(self.b1)
        vW2, vb2 = np.zeros_like(self.W2), np.zeros_like(self.b2)

        for ep in range(self.epoch):
            acak = self.rng.permutation(n)
            for awal in range(0, n, self.batch):
                idx = acak[awal:awal + self.batch]
                xb, yb = X[idx], y[idx]
                m = len(idx)

                # maju
                z1 = xb @ self.W1 + self.b1
                a1 = np.maximum(z1, 0)
                topeng = (self.rng.random(a1.shape) > self.p_drop) / (1 - self.p_drop)
                d1 = a1 * topeng
                prob = self.softmax(d1 @ self.W2 + self.b2)

                # mundur
                dz2 = prob.copy()
                dz2[np.arange(m), yb] -= 1
                dz2 /= m
                dW2 = d1.T @ dz2 + self.lam * self.W2
                db2 = dz2.sum(axis=0)
                da1 = (dz2 @ self.W2.T) * topeng
                dz1 = da1 * (z1 > 0)
                dW1 = xb.T @ dz1 + self.lam * self.W1
                db1 = dz1.sum(axis=0)

                # momentum
                vW1 = self.momentum * vW1 - self.lr * dW1
                vb1 = self.momentum * vb1 - self.lr * db1
                vW2 = self.momentum * vW2 - self.lr * dW2
                vb2 = self.momentum * vb2 - self.lr * db2
                self.W1 += vW1
                self.b1 += vb1
                self.W2 += vW2
                self.b2 += vb2
            if (ep + 1) % 10 == 0:
                print(f"epoch {ep + 1}/{self.epoch}  loss {self.loss(X, y):.4f}  akurasi {self.akurasi(X, y):.3f}")
        return self

    def peluang(self, X):
        return self.softmax(np.maximum(X @ self.W1 + self.b1, 0) @ self.W2 + self.b2)

    def loss(self, X, y):
        p = self.peluang(X)[np.arange(len(y)), y]
        reg = 0.5 * self.lam * (np.sum(self.W1 ** 2) + np.sum(self.W2 ** 2))
        return -np.mean(np.log(p + 1e-12)) + reg

    def predict(self, X):
        return self.peluang(X).argmax(axis=1)

    def akurasi(self, X, y):
        return np.mean(self.predict(X) == y)


if __name__ == "__main__":
    rng = np.random.default_rng(5)
    X = rng.uniform(-1, 1, size=(500, 3))
    y = (X[:, 0] * X[:, 1] > 0).astype(int) + (X[:, 2] > 0.2)
    model = JaringanSaraf().fit(X[:400], y[:400])
    print("akurasi uji:", model.akurasi(X[400:], y[400:]))
