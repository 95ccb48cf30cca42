"""assignment 2: modular layers.  affine - relu - affine - softmax, trained with a small Solver"""
import numpy as np


def affine_forward(x, w, b):
    out = x.dot(w) + b
    return out, (x, w)


def affine_backward(dout, cache):
    x, w = cache
    return dout.dot(w.T), x.T.dot(dout), dout.sum(axis=0)


def relu_forward(x):
    return np.maximum(0, x), x


def relu_backward(dout, cache):
    x = cache
    return dout * (x > 0)


def softmax_loss(scores, y):
    N = scores.shape[0]
    shifted = scores - scores.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logp[np.arange(N), y].sum() / N
    dscores = np.exp(logp)
    dscores[np.arange(N), y] -= 1
    return loss, dscores / N


class TwoLayerNet:
    def __init__(self, D, H, C, weight_scale=0.1, reg=1e-3):
        self.params = {"W1": weight_scale * np.random.randn(D, H), "b1": np.zeros(H),
                       "W2": weight_scale * np.random.randn(H, C), "b2": np.zeros(C)}
        self.reg = reg

    def loss(self, X, y=None):
        p = self.params
        a1, c1 = affine_forward(X, p["W1"], p["b1"])
        h1, r1 = relu_forward(a1)
        scores, c2 = affine_forward(h1, p["W2"], p["b2"])
        if y is None:
            return scores
        loss, dscores = softmax_loss(scores, y)
        loss += 0.5 * self.reg * (np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2))
        grads = {}
        dh1, grads["W2"], grads["b2"] = affine_backward(dscores, c2)
        da1 = relu_backward(dh1, r1)
        _, grads["W1"], grads["b1"] = affine_backward(da1, c1)
        grads["W1"] += self.reg * p["W1"]
        grads["W2"] += self.reg * p["W2"]
        return loss, grads


class Solver:
    def __init__(self, model, X, y, lr=0.5, batch_size=64, num_epochs=40):
        self.model, self.X, self.y = model, X, y
        self.lr, self.batch_size, self.num_epochs = lr, batch_size, num_epochs

    def train(self):
        N = self.X.shape[0]
        num_batches = (N + self.batch_size - 1) // self.batch_size
        for epoch in range(self.num_epochs):
            for b in range(num_batches):
                sl = slice(b * self.batch_size, (b + 1) * self.batch_size)
                loss, grads = self.model.loss(self.X[sl], self.y[sl])
                for name in self.model.params:
                    self.model.params[name] -= self.lr * grads[name]
            if epoch % 10 == 0:
                acc = np.mean(self.model.loss(self.X).argmax(1) == self.y)
                print("(Epoch %d) loss: %.4f  train acc: %.3f" % (epoch, loss, acc))


def spiral(n_per_class=110, C=3):
    X = np.zeros((n_per_class * C, 2))
    y = np.zeros(n_per_class * C, dtype=int)
    for c in range(C):
        ix = range(n_per_class * c, n_per_class * (c + 1))
        r = np.linspace(0.05, 1, n_per_class)
        t = np.linspace(c * 4, (c + 1) * 4, n_per_class) + 0.15 * np.random.randn(n_per_class)
        X[ix] = np.c_[r * np.sin(t), r * np.cos(t)]
        y[ix] = c
    perm = np.random.permutation(len(y))
    return X[perm], y[perm]


if __name__ == "__main__":
    np.random.seed(231)
    X, y = spiral()
    net = TwoLayerNet(2, 60, 3)
    Solver(net, X, y, num_epochs=120).train()
    print("final accuracy", np.mean(net.loss(X).argmax(axis=1) == y))
