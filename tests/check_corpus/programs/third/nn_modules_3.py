"""
Building blocks for a multi-layer perceptron (assignment 1).
Every module has forward(x) and backward(dout); parameters and their
gradients are kept in the dictionaries self.params and self.grads.
"""
import numpy as np


class LinearModule(object):
    def __init__(self, in_features, out_features, input_layer=False):
        scale = 1.0 if input_layer else 2.0
        self.params = {
            'weight': np.random.randn(out_features, in_features) * np.sqrt(scale / in_features),
            'bias': np.zeros((1, out_features)),
        }
        self.grads = {'weight': np.zeros((out_features, in_features)),
                      'bias': np.zeros((1, out_features))}
        self.x = None

    def forward(self, x):
        self.x = x
        out = x @ self.params['weight'].T + self.params['bias']
        return out

    def backward(self, dout):
        self.grads['weight'] = dout.T @ self.x
        self.grads['bias'] = dout.sum(axis=0, keepdims=True)
        dx = dout @ self.params['weight']
        return dx

    def clear_cache(self):
        self.x = None


class ReLUModule(object):
    def forward(self, x):
        self.mask = x > 0
        return np.where(self.mask, x, 0.0)

    def backward(self, dout):
        dx = dout * self.mask
        return dx

    def clear_cache(self):
        self.mask = None


class ELUModule(object):
    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        out = np.where(x > 0, x, self.alpha * (np.exp(np.minimum(x, 0)) - 1))
        return out

    def backward(self, dout):
        dh_dx = np.where(self.x > 0, 1.0, self.alpha)
        return dout * dh_dx

    def clear_cache(self):
        self.x = None


class SoftMaxModule(object):
    def forward(self, x):
        b = np.max(x, axis=1, keepdims=True)   # max trick
        y = np.exp(x - b)
        self.out = y / y.sum(axis=1, keepdims=True)
        return self.out

    def backward(self, dout):
        # dx_i = s_i * (dout_i - sum_j dout_j s_j)
        s = self.out
        dx = s * (dout - np.sum(dout * s, axis=1, keepdims=True))
        return dx

    def clear_cache(self):
        self.out = None


class CrossEntropyModule(object):
    """x are probabilities (output of the softmax), y are integer labels"""

    def forward(self, x, y):
        n = x.shape[0]
        return -np.sum(np.log(x[np.arange(n), y] + 1e-12)) / n

    def backward(self, x, y):
        n = x.shape[0]
        dx = np.zeros_like(x)
        dx[np.arange(n), y] = -1.0 / (x[np.arange(n), y] + 1e-12)
        return dx / n
