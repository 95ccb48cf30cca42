"""
This module implements various modules of the network.
You should fill in code into indicated sections.
"""
import numpy as np


class LinearModule(object):

    def __init__(self, in_features, out_features):
        self.params = {'weight': None, 'bias': None}
        self.grads = {'weight': None, 'bias': None}
        ########################
        # YOUR CODE HERE
        self.params['weight'] = np.random.normal(0, np.sqrt(2 / in_features), size=(out_features, in_features))
        self.params['bias'] = np.zeros((1, out_features))
        self.grads['weight'] = np.zeros((out_features, in_features))
        self.grads['bias'] = np.zeros((1, out_features))
        ########################

    def forward(self, x):
        self.x = x
        out = x @ self.params['weight'].T + self.params['bias']
        return out

    def backward(self, dout):
        self.grads['weight'] = dout.T @ self.x
        self.grads['bias'] = np.ones((1, dout.shape[0])) @ dout
        dx = dout @ self.params['weight']
        return dx


class ELUModule(object):

    def __init__(self, alpha=1.0):
        self.alpha = alpha

    def forward(self, x):
        self.x = x
        return np.where(x > 0, x, self.alpha * np.expm1(np.minimum(x, 0)))

    def backward(self, dout):
        d = np.where(self.x > 0, 1.0, self.alpha * np.exp(np.minimum(self.x, 0)))
        return dout * d


class LeakyReLUModule(object):

    def __init__(self, neg_slope=0.01):
        self.neg_slope = neg_slope

    def forward(self, x):
        self.x = x
        return np.maximum(0, x) + self.neg_slope * np.minimum(0, x)

    def backward(self, dout):
        return np.where(self.x > 0, dout, self.neg_slope * dout)


class SoftMaxModule(object):

    def forward(self, x):
        # max trick
        b = x.max(axis=1, keepdims=True)
        y = np.exp(x - b)
        self.out = y / y.sum(axis=1, keepdims=True)
        return self.out

    def backward(self, dout):
        s = self.out
        dx = dout * s * (1 - s)
        return dx


class CrossEntropyModule(object):
    """ x: probabilities (N, K), y: one-hot labels (N, K) """

    eps = 1e-12

    def forward(self, x, y):
        out = -np.sum(y * np.log(np.maximum(x, self.eps))) / x.shape[0]
        return out

    def backward(self, x, y):
        dx = -(y / np.maximum(x, self.eps)) / x.shape[0]
        return dx


class MLP(object):

    def __init__(self, n_inputs, n_hidden, n_classes):
        self.layers = []
        prev = n_inputs
        for h in n_hidden:
            self.layers.append(LinearModule(prev, h))
            self.layers.append(ELUModule())
            prev = h
        self.layers.append(LinearModule(prev, n_classes))
        self.layers.append(SoftMaxModule())

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dout):
        for layer in self.layers[::-1]:
            dout = layer.backward(dout)

    def sgd_step(self, lr):
        for layer in self.layers:
            if hasattr(layer, 'params'):
                for k in layer.params:
                    layer.params[k] = layer.params[k] - lr * layer.grads[k]
