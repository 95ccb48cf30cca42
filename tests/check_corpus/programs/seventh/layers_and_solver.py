# assignment 2 -- modular layers + a mini solver. group 14
import numpy as np


def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w, b)


def affine_backward(dout, cache):
    x, w, b = cache
    dx = (dout @ w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db


def relu_forward(x):
    return np.maximum(x, 0), x


def relu_backward(dout, cache):
    x = cache
    return dout * (x > 0)


def softmax_loss(x, y):
    N = x.shape[0]
    z = x - x.max(axis=1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    loss = -logp[np.arange(N), y].sum() / N
    dx = np.exp(logp)
    dx[np.arange(N), y] -= 1
    dx /= N
    return loss, dx


def sgd_momentum(w, dw, config):
    config.setdefault('lr', 1e-2)
    config.setdefault('momentum', 0.9)
    v = config.get('velocity', np.zeros_like(w))
    v = config['momentum'] * v - config['lr'] * dw
    next_w = w + v
    config['velocity'] = v
    return next_w, config


class FCNet:
    def __init__(self, dims, reg=0.0, seed=None):
        rng = np.random.default_rng(seed)
        self.reg = reg
        self.L = len(dims) - 1
        self.params = {}
        for i in range(self.L):
            self.params[f'W{i+1}'] = rng.normal(0, np.sqrt(2 / dims[i]), (dims[i], dims[i+1]))
            self.params[f'b{i+1}'] = np.zeros(dims[i+1])

    def loss(self, X, y=None):
        caches = []
        h = X
        for i in range(1, self.L + 1):
            h, fc = affine_forward(h, self.params[f'W{i}'], self.params[f'b{i}'])
            rc = None
            if i < self.L:
                h, rc = relu_forward(h)
            caches.append((fc, rc))
        if y is None:
            return h
        loss, d = softmax_loss(h, y)
        grads = {}
        for i in range(self.L, 0, -1):
            fc, rc = caches[i-1]
            if rc is not None:
                d = relu_backward(d, rc)
            d, grads[f'W{i}'], grads[f'b{i}'] = affine_backward(d, fc)
            W = self.params[f'W{i}']
            loss += 0.5 * self.reg * np.sum(W ** 2)
            grads[f'W{i}'] += self.reg * W
        return loss, grads


class Solver:
    def __init__(self, model, data, lr, batch_size, epochs):
        self.model, self.data = model, data
        self.bs, self.epochs = batch_size, epochs
        self.cfg = {p: {'lr': lr} for p in model.params}

    def _step(self, Xb, yb):
        loss, grads = self.model.loss(Xb, yb)
        for p, w in self.model.params.items():
            next_w, cfg = sgd_momentum(w, grads[p], self.cfg[p])
            self.model.params[p] = next_w
            self.cfg[p] = cfg
        return loss

    def train(self):
        X, y = self.data
        n = len(X)
        for ep in range(self.epochs):
            order = np.random.permutation(n)
            tot = 0.0
            for s in range(0, n, self.bs):
                take = order[s:s + self.bs]
                tot += self._step(X[take], y[take]) * len(take)
            if ep % 10 == 0:
                print('(Epoch %d / %d) loss %.4f' % (ep, self.epochs, tot / n))


np.random.seed(231)
centers = np.random.randn(4, 2, 2) * 2.0
X = np.random.randn(500, 2, 2) * 0.9      # "images" of 2x2
y = np.random.randint(0, 4, 500)
X += centers[y]

net = FCNet([4, 20, 12, 4], reg=1e-3, seed=7)
Solver(net, (X, y), lr=1e-2, batch_size=64, epochs=40).train()
print('acc', (net.loss(X).argmax(axis=1) == y).mean())
