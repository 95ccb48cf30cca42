"""
Deep Learning practical 1 -- NumPy MLP
modules + training script in one file (student: J. de Vries)
"""
import numpy as np


class LinearModule(object):
    """Linear module. Applies a linear transformation to the input data: Y = X W^T + B"""

    def __init__(self, in_features, out_features, rng):
        std = 1.0 / np.sqrt(in_features)
        self.params = {'weight': rng.normal(0.0, std, size=(out_features, in_features)),
                       'bias': np.zeros((1, out_features))}
        self.grads = {'weight': np.zeros((out_features, in_features)),
                      'bias': np.zeros((1, out_features))}

    def forward(self, x):
        self.x = x
        out = x @ self.params['weight'].T + self.params['bias']
        return out

    def backward(self, dout):
        self.grads['weight'] = dout.T @ self.x
        self.grads['bias'] = np.sum(dout, axis=0, keepdims=True)
        dx = dout @ self.params['weight']
        return dx


class ELUModule(object):
    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        self.out = np.where(x > 0, x, self.alpha * (np.exp(np.minimum(x, 0)) - 1))
        return self.out

    def backward(self, dout):
        x = self.x
        dx = dout * np.where(x > 0, 1.0, self.alpha * np.exp(np.minimum(x, 0)))
        return dx


class CrossEntropyWithLogits(object):
    def forward(self, x, y):
        b = x.max(axis=1, keepdims=True)
        e = np.exp(x - b)
        self.probs = e / e.sum(axis=1, keepdims=True)
        logZ = (b + np.log(e.sum(axis=1, keepdims=True)))[:, 0]
        return np.mean(logZ - x[np.arange(len(y)), y])

    def backward(self, y):
        onehot = np.eye(self.probs.shape[1])[y]
        return (self.probs - onehot) / len(y)


class MLP(object):
    def __init__(self, n_inputs, n_hidden, n_classes, rng):
        self.modules = []
        prev = n_inputs
        for h in n_hidden:
            self.modules += [LinearModule(prev, h, rng), ELUModule()]
            prev = h
        self.modules.append(LinearModule(prev, n_classes, rng))

    def forward(self, x):
        for m in self.modules:
            x = m.forward(x)
        return x

    def backward(self, dout):
        for m in reversed(self.modules):
            dout = m.backward(dout)

    def sgd_step(self, lr):
        for m in self.modules:
            if hasattr(m, 'params'):
                for key in m.params:
                    m.params[key] -= lr * m.grads[key]


def fake_cifar(n, protos, rng):
    """noisy copies of a few 6x6 prototypes, so we do not have to download anything"""
    y = rng.integers(0, len(protos), n)
    return protos[y] * rng.choice([-1, 1], (n, 1)) + rng.normal(0, 0.5, (n, protos.shape[1])), y


def accuracy(logits, targets):
    return np.mean(np.argmax(logits, axis=1) == targets)


def train(n_hidden=(24,), lr=0.2, batch_size=50, epochs=20, seed=42):
    rng = np.random.default_rng(seed)
    protos = rng.normal(size=(5, 36))
    X, y = fake_cifar(1000, protos, rng)
    Xval, yval = fake_cifar(300, protos, rng)
    model = MLP(36, n_hidden, 5, rng)
    criterion = CrossEntropyWithLogits()
    for epoch in range(epochs):
        order = rng.permutation(len(X))
        losses = []
        for i in range(0, len(X), batch_size):
            sel = order[i:i + batch_size]
            loss = criterion.forward(model.forward(X[sel]), y[sel])
            model.backward(criterion.backward(y[sel]))
            model.sgd_step(lr)
            losses.append(loss)
        print('epoch %2d  train loss %.4f  val acc %.3f' % (epoch, np.mean(losses), accuracy(model.forward(Xval), yval)))
    return model


if __name__ == '__main__':
    train()
