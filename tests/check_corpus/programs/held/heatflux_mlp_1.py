"""
Surrogate for the heat-flux correlation: 3 inputs (Re, Pr, roughness, all scaled)
-> Nusselt number (scaled).  Two sigmoid hidden layers, RMSProp, weight decay.
Loss per batch: 1/(2n) * sum (pred - y)^2 + LAM/2 * sum W^2
"""
import numpy as np


def make_data(n, rng):
    X = rng.uniform(-1, 1, (n, 3))
    y = 0.6 * np.tanh(2 * X[:, 0]) + 0.3 * X[:, 1] * X[:, 0] - 0.2 * X[:, 2] ** 2
    return X, y.reshape(-1, 1) + 0.01 * rng.standard_normal((n, 1))


def sigm(z):
    return 1.0 / (1.0 + np.exp(-z))


class RMSProp:
    def __init__(self, params, lr=0.003, rho=0.9):
        self.params, self.lr, self.rho = params, lr, rho
        self.sq = [np.zeros_like(q) for q in params]

    def step(self, grads):
        for q, s, g in zip(self.params, self.sq, grads):
            s *= self.rho
            s += g * g
            q -= self.lr * g / (np.sqrt(s) + 1e-8)


class Net:
    def __init__(self, rng, h1=12, h2=12):
        self.W1 = rng.standard_normal((3, h1))
        self.b1 = np.zeros(h1)
        self.W2 = rng.standard_normal((h1, h2)) * np.sqrt(2.0 / h1)
        self.b2 = np.zeros(h2)
        self.W3 = rng.standard_normal((h2, 1)) * np.sqrt(1.0 / h2)
        self.b3 = np.zeros(1)

    def params(self):
        return [self.W1, self.b1, self.W2, self.b2, self.W3, self.b3]

    def forward(self, X):
        self.x = X
        self.h1 = sigm(X @ self.W1 + self.b1)
        self.h2 = sigm(self.h1 @ self.W2 + self.b2)
        return self.h2 @ self.W3 + self.b3

    def backward(self, pred, y, lam):
        d3 = (pred - y) / len(y)
        dW3 = self.h2.T @ d3 + lam * self.W3
        db3 = d3.sum(0)
        d2 = d3 @ self.W3.T * self.h2 * (1 - self.h2)
        dW2 = self.h1.T @ d2 + lam * self.W2
        db2 = d2.sum(0)
        d1 = d2 @ self.W2.T * self.h1 * (1 - self.h1)
        dW1 = self.x.T @ d1 + lam * self.W1
        db1 = d1.sum(0)
        return [dW1, db1, dW2, db2, dW3, db3]


def main():
    rng = np.random.default_rng(77)
    X, y = make_data(330, rng)
    Xv, yv = make_data(100, rng)
    net = Net(rng)
    opt = RMSProp(net.params())
    LAM, BS = 1e-5, 32
    for ep in range(200):
        perm = rng.permutation(len(X))
        for k in range(0, len(X), BS):
            sel = perm[k:k + BS]
            pred = net.forward(X[sel])
            opt.step(net.backward(pred, y[sel], LAM))
        if ep % 50 == 0 or ep == 199:
            rms = np.sqrt(np.mean((net.forward(Xv) - yv) ** 2))
            print("epoch %3d   validation RMS %.4f" % (ep, rms))


if __name__ == "__main__":
    main()
