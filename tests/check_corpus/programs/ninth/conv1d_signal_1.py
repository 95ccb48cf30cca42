# Conv1D from scratch - signal mein spike dhoondhna (do class)
# conv (F filters, length K, valid) -> ReLU -> average over time -> linear -> logistic loss
import numpy as np


def sig(z):
    return 1.0 / (1.0 + np.exp(-z))


class ConvNet1D:
    def __init__(self, F=6, K=5, lr=1.5, seed=21):
        self.rng = np.random.default_rng(seed)
        self.F, self.K, self.lr = F, K, lr
        self.filt = self.rng.normal(0, 0.5, (F, K))
        self.fb = np.zeros(F)
        self.v = self.rng.normal(0, 0.5, F)
        self.c = 0.0

    def forward(self, X):
        N, T = X.shape
        L = T - self.K + 1
        # khidkiyan: (N, L, K)
        self.win = np.stack([X[:, i:i + self.K] for i in range(L)], axis=1)
        self.pre = self.win @ self.filt.T + self.fb      # (N, L, F)
        self.act = np.maximum(self.pre, 0.0)
        self.feat = self.act.mean(axis=1)                # (N, F)
        self.logit = self.feat @ self.v + self.c         # (N,)
        return sig(self.logit)

    def loss(self, y):
        return np.mean(np.logaddexp(0.0, self.logit) - y * self.logit)

    def backward(self, p, y):
        N, L, _ = self.win.shape
        dlogit = (p - y) / N
        self.dv = self.feat.T @ dlogit
        self.dc = dlogit.sum()
        dfeat = np.outer(dlogit, self.v)
        dact = np.repeat(dfeat[:, None, :], L, axis=1) / L
        dpre = dact * (self.pre > 0)
        self.dfilt = np.einsum("nlf,nlk->fk", dpre, self.win)
        self.dfb = dpre.sum(axis=(0, 1))

    def update(self):
        self.filt -= self.lr * self.dfilt
        self.v -= self.lr * self.dv
        self.c -= self.lr * self.dc

    def fit(self, X, y, epochs=90, bs=25):
        n = len(y)
        for ep in range(epochs):
            kram = self.rng.permutation(n)
            for i in range(0, n, bs):
                b = kram[i:i + bs]
                p = self.forward(X[b])
                self.backward(p, y[b])
                self.update()
            if ep % 15 == 0:
                self.forward(X)
                print("epoch", ep, "nuksaan", round(float(self.loss(y)), 4))

    def predict(self, X):
        return (self.forward(X) > 0.5).astype(int)


def signal_banao(n, T, rng):
    y = rng.integers(0, 2, n)
    X = 0.4 * rng.standard_normal((n, T))
    spike = np.array([-1.0, 2.0, -1.0])
    for i in range(n):
        for _ in range(3):
            j = rng.integers(0, T - 3)
            X[i, j:j + 3] += spike if y[i] == 1 else -spike
    return X, y


if __name__ == "__main__":
    rng = np.random.default_rng(8)
    X, y = signal_banao(200, 30, rng)
    Xt, yt = signal_banao(100, 30, rng)
    net = ConvNet1D()
    net.fit(X, y)
    print("train:", np.mean(net.predict(X) == y), " test:", np.mean(net.predict(Xt) == yt))
