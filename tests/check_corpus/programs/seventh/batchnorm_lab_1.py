# EE5180 lab 6 : Batch Normalization (forward + backward by hand)
import numpy as np


def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param['mode']
    eps = bn_param.get('eps', 1e-5)
    momentum = bn_param.get('momentum', 0.9)
    D = x.shape[1]
    running_mean = bn_param.get('running_mean', np.zeros(D))
    running_var = bn_param.get('running_var', np.ones(D))
    cache = None
    if mode == 'train':
        mu = x.mean(axis=0)
        var = x.var(axis=0)
        istd = 1.0 / np.sqrt(var + eps)
        xhat = (x - mu) * istd
        out = gamma * xhat + beta
        running_mean = momentum * running_mean + (1 - momentum) * mu
        running_var = momentum * running_var + (1 - momentum) * var
        cache = (xhat, gamma, istd)
    else:
        out = gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta
    bn_param['running_mean'] = running_mean
    bn_param['running_var'] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    xhat, gamma, istd = cache
    dgamma = np.sum(dout * xhat, axis=0)
    dbeta = np.sum(dout, axis=0)
    dxhat = dout * gamma
    dx = istd * (dxhat - dxhat.mean(axis=0) - xhat * (dxhat * xhat).mean(axis=0))
    return dx, dbeta, dgamma


class BNNet:
    def __init__(self, d, h, c):
        self.p = dict(
            W1=np.random.randn(d, h) * np.sqrt(2.0 / d),
            gamma=np.ones(h), beta=np.zeros(h),
            W2=np.random.randn(h, c) * np.sqrt(2.0 / h), b2=np.zeros(c))
        self.bn = {'mode': 'train'}

    def scores(self, X):
        p = self.p
        self.X = X
        a = X @ p['W1']              # no bias here, beta does the job
        self.n, self.bncache = batchnorm_forward(a, p['gamma'], p['beta'], self.bn)
        self.h = np.maximum(0, self.n)
        return self.h @ p['W2'] + p['b2']

    def loss_and_grads(self, X, y):
        self.bn['mode'] = 'train'
        s = self.scores(X)
        s = s - s.max(axis=1, keepdims=True)
        logp = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
        N = len(y)
        loss = -logp[range(N), y].mean()
        ds = np.exp(logp)
        ds[range(N), y] -= 1
        ds /= N
        g = {}
        g['W2'] = self.h.T @ ds
        g['b2'] = ds.sum(axis=0)
        dh = ds @ self.p['W2'].T
        dn = dh * (self.n > 0)
        da, g['gamma'], g['beta'] = batchnorm_backward(dn, self.bncache)
        g['W1'] = self.X.T @ da
        return loss, g

    def accuracy(self, X, y):
        self.bn['mode'] = 'test'
        return np.mean(np.argmax(self.scores(X), axis=1) == y)


def make_data(n):
    y = np.random.randint(0, 3, n)
    X = np.random.randn(n, 6) * np.array([1, 5, 20, 0.1, 3, 1]) + np.array([0, 3, 50, 0, 0, 1])
    X[:, 1] += 14 * (y == 1)
    X[:, 2] += 60 * (y == 2)
    X[:, 3] += 0.3 * (y == 0)
    return X, y


if __name__ == '__main__':
    np.random.seed(6)
    X, y = make_data(640)
    Xv, yv = make_data(300)
    net = BNNet(6, 24, 3)
    lr, bs = 0.2, 64
    for epoch in range(40):
        idx = np.random.permutation(len(X))
        tot = 0
        for i in range(0, len(X), bs):
            j = idx[i:i + bs]
            loss, g = net.loss_and_grads(X[j], y[j])
            tot += loss
            for k in net.p:
                net.p[k] -= lr * g[k]
        if epoch % 10 == 9:
            print('epoch', epoch + 1, 'loss %.4f' % (tot / (len(X) // bs)),
                  'train %.3f val %.3f' % (net.accuracy(X, y), net.accuracy(Xv, yv)))
