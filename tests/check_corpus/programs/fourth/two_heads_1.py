# Multi-task network: shared hidden layer, a classification head and a regression head.
import numpy as np

np.random.seed(14)
ALPHA = 0.4     # weight of the regression loss


def get_data(n):
    X = np.random.randn(n, 4)
    cls = np.argmax(np.stack([X[:, 0] + X[:, 1], X[:, 2], -X[:, 0]], axis=1), axis=1)
    reg = np.sin(X[:, 0]) + 0.5 * X[:, 3] * X[:, 1]
    return X, cls, reg.reshape(-1, 1)


class TwoHeadNet:
    def __init__(self, n_in, n_hid, n_cls):
        self.p = {
            "W": np.random.randn(n_in, n_hid) * np.sqrt(2 / n_in), "b": np.zeros(n_hid),
            "Wc": np.random.randn(n_hid, n_cls) * 0.1, "bc": np.zeros(n_cls),
            "Wr": np.random.randn(n_hid, 1) * 0.1, "br": np.zeros(1),
        }

    def forward(self, X):
        p = self.p
        self.X = X
        self.Z = X @ p["W"] + p["b"]
        self.H = np.maximum(0, self.Z)
        s = self.H @ p["Wc"] + p["bc"]
        s = s - s.max(1, keepdims=True)
        self.prob = np.exp(s) / np.exp(s).sum(1, keepdims=True)
        self.pred = self.H @ p["Wr"] + p["br"]
        return self.prob, self.pred

    def loss(self, cls, reg):
        ce = -np.mean(np.log(self.prob[np.arange(len(cls)), cls] + 1e-12))
        mse = np.mean((self.pred - reg) ** 2)
        return ce + ALPHA * mse, ce, mse

    def backward(self, cls, reg):
        p, n = self.p, len(cls)
        d_c = self.prob.copy()
        d_c[np.arange(n), cls] -= 1
        d_c /= n
        d_r = ALPHA * 2 * (self.pred - reg) / n

        g = {"Wc": self.H.T @ d_c, "bc": d_c.sum(0),
             "Wr": self.H.T @ d_r, "br": d_r.sum(0)}
        # shared layer
        d_h = d_c @ p["Wc"].T
        d_z = d_h * (self.Z > 0)
        g["W"] = self.X.T @ d_z
        g["b"] = d_z.sum(0)
        return g


X, cls, reg = get_data(300)
net = TwoHeadNet(4, 24, 3)
lr = 0.1
for epoch in range(60):
    perm = np.random.permutation(len(X))
    for k in range(0, len(X), 25):
        i = perm[k:k + 25]
        net.forward(X[i])
        grads = net.backward(cls[i], reg[i])
        for name in net.p:
            net.p[name] -= lr * grads[name]
    if epoch % 10 == 0:
        net.forward(X)
        print("epoch %2d  total %.4f  ce %.4f  mse %.4f" % ((epoch,) + net.loss(cls, reg)))

Xt, ct, rt = get_data(200)
prob, pred = net.forward(Xt)
print("test acc %.3f  test mse %.4f" % (np.mean(prob.argmax(1) == ct), np.mean((pred - rt) ** 2)))
