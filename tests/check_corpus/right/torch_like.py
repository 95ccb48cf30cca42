"""Layers after the example of PyTorch: weight (out, in), gradients add up until zero_grad."""
import numpy as np

rng = np.random.default_rng(42)


class Module:
    def parameters(self):
        return []

    def zero_grad(self):
        for p in self.parameters():
            p.grad[...] = 0


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = np.zeros_like(data)


class Dense(Module):
    def __init__(self, n_in, n_out):
        self.weight = Parameter(rng.normal(0, np.sqrt(2 / n_in), (n_out, n_in)))
        self.bias = Parameter(np.zeros(n_out))

    def parameters(self):
        return [self.weight, self.bias]

    def __call__(self, x):
        self.inp = x
        return x.dot(self.weight.data.T) + self.bias.data

    def backward(self, grad):
        self.weight.grad += grad.T.dot(self.inp)
        self.bias.grad += grad.sum(0)
        return grad.dot(self.weight.data)


class Tanh(Module):
    def __call__(self, x):
        self.t = np.tanh(x)
        return self.t

    def backward(self, grad):
        return grad * (1.0 - self.t ** 2)


class LeakyReLU(Module):
    def __init__(self, slope=0.1):
        self.slope = slope

    def __call__(self, x):
        self.x = x
        return np.where(x > 0, x, self.slope * x)

    def backward(self, grad):
        return np.where(self.x > 0, grad, self.slope * grad)


class SoftmaxCrossEntropyLoss:
    def __call__(self, logits, target):
        z = logits - logits.max(axis=1, keepdims=True)
        logp = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
        self.p = np.exp(logp)
        self.target = target
        return -logp[np.arange(len(target)), target].mean()

    def backward(self):
        g = self.p.copy()
        g[np.arange(len(self.target)), self.target] -= 1
        return g / len(self.target)


class MSELoss:
    def __call__(self, pred, target):
        self.diff = pred - target
        return np.mean(self.diff ** 2)

    def backward(self):
        return 2 * self.diff / self.diff.size
