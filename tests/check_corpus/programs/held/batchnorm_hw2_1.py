# Batch norm, assignment 2 warm-up. My own mini version outside the framework because
# I wanted to see it train end to end: affine -> BN -> relu -> affine -> softmax
import numpy as np

np.random.seed(231)


def batchnorm_forward(x, gamma, beta, bn_param):
    eps, momentum = 1e-5, 0.9
    if bn_param['mode'] == 'test':
        xhat = (x - bn_param['running_mean']) / np.sqrt(bn_param['running_var'] + eps)
        return gamma * xhat + beta, None
    mu = x.mean(axis=0)
    xmu = x - mu
    var = np.mean(xmu ** 2, axis=0)
    ivar = 1.0 / np.sqrt(var + eps)
    xhat = xmu * ivar
    out = gamma * xhat + beta
    bn_param['running_mean'] = momentum * bn_param['running_mean'] + (1 - momentum) * mu
    bn_param['running_var'] = momentum * bn_param['running_var'] + (1 - momentum) * var
    cache = (x, xmu, ivar, xhat, gamma)
    return out, cache


def batchnorm_backward(dout, cache):
    x, xmu, ivar, xhat, gamma = cache
    N = x.shape[0]
    dbeta = np.sum(dout, axis=0)
    dgamma = np.sum(dout * xhat, axis=0)
    dxhat = dout * gamma
    dvar = np.sum(dxhat * xmu, axis=0) * -ivar ** 3
    dmu = -np.sum(dxhat, axis=0) * ivar
    dx = dxhat * ivar + dvar * 2 * xmu / N + dmu / N
    return dx, dgamma, dbeta


def softmax_loss(scores, y):
    N = scores.shape[0]
    shifted = scores - scores.max(axis=1, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -logp[np.arange(N), y].mean()
    dscores = np.exp(logp)
    dscores[np.arange(N), y] -= 1
    return loss, dscores / N


def forward(X, P, bn_param):
    z = X.dot(P['W1'])
    bn, bn_cache = batchnorm_forward(z, P['gamma'], P['beta'], bn_param)
    h = np.maximum(0, bn)
    scores = h.dot(P['W2']) + P['b2']
    return scores, (X, bn, bn_cache, h)


def backward(dscores, P, cache):
    X, bn, bn_cache, h = cache
    G = {}
    G['W2'] = h.T.dot(dscores)
    G['b2'] = dscores.sum(axis=0)
    dh = dscores.dot(P['W2'].T)
    dh[bn <= 0] = 0
    dz, G['gamma'], G['beta'] = batchnorm_backward(dh, bn_cache)
    G['W1'] = X.T.dot(dz)
    return G


# toy data: 4 rings-ish classes in 6-D, badly scaled on purpose
N, D, H, C = 500, 6, 32, 4
y = np.random.randint(0, C, N)
ang = np.random.rand(N) * 2 * np.pi
rad = y + 1 + 0.2 * np.random.randn(N)
X = np.random.randn(N, D) * 0.3
X[:, 0] += rad * np.cos(ang)
X[:, 1] += rad * np.sin(ang)
X = X * np.array([10, 10, 1, 1, 5, 0.5]) + 3
Xtr, ytr, Xva, yva = X[:400], y[:400], X[400:], y[400:]

P = {'W1': 0.05 * np.random.randn(D, H), 'gamma': np.ones(H), 'beta': np.zeros(H),
     'W2': 0.1 * np.random.randn(H, C), 'b2': np.zeros(C)}
bn_param = {'mode': 'train', 'running_mean': np.zeros(H), 'running_var': np.ones(H)}

lr, batch = 0.3, 50
for epoch in range(81):
    order = np.random.permutation(len(Xtr))
    losses = []
    for s in range(0, len(Xtr), batch):
        ids = order[s:s + batch]
        bn_param['mode'] = 'train'
        scores, cache = forward(Xtr[ids], P, bn_param)
        loss, dscores = softmax_loss(scores, ytr[ids])
        grads = backward(dscores, P, cache)
        for name in P:
            P[name] -= lr * grads[name]
        losses.append(loss)
    if epoch % 10 == 0:
        bn_param['mode'] = 'test'
        sv, _ = forward(Xva, P, bn_param)
        print('epoch %2d  train loss %.4f  val acc %.3f'
              % (epoch, np.mean(losses), np.mean(sv.argmax(axis=1) == yva)))
