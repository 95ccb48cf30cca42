"""A toy imitation of the torch API: Module, Parameter, loss.backward(), optimizer.step()"""
import numpy as np


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = np.zeros_like(data)


class Module:
    def parameters(self):
        out = []
        for v in self.__dict__.values():
            if isinstance(v, Parameter):
                out.append(v)
            elif isinstance(v, Module):
                out += v.parameters()
            elif isinstance(v, list):
                for m in v:
                    out += m.parameters()
        return out

    def __call__(self, x):
        return self.forward(x)


class Linear(Module):
    def __init__(self, n_in, n_out):
        k = 1 / np.sqrt(n_in)
        self.weight = Parameter(np.random.uniform(-k, k, (n_out, n_in)))
        self.bias = Parameter(np.random.uniform(-k, k, n_out))

    def forward(self, x):
        self.inp = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, grad):
        self.weight.grad += grad.T @ self.inp
        self.bias.grad += grad.sum(0)
        return grad @ self.weight.data


class Tanh(Module):
    def forward(self, x):
        self.out = np.tanh(x)
        return self.out

    def backward(self, grad):
        return grad * (1 - self.out ** 2)


class Sequential(Module):
    def __init__(self, *mods):
        self.mods = list(mods)

    def forward(self, x):
        for m in self.mods:
            x = m(x)
        return x

    def backward(self, grad):
        for m in reversed(self.mods):
            grad = m.backward(grad)
        return grad


class MSELoss:
    def __call__(self, pred, target):
        self.diff = pred - target
        return (self.diff ** 2).mean()

    def backward(self):
        return 2 * self.diff / self.diff.size


class SGD:
    def __init__(self, params, lr, momentum=0.0, weight_decay=0.0):
        self.params = params
        self.lr, self.mu, self.wd = lr, momentum, weight_decay
        self.buf = [np.zeros_like(p.data) for p in params]

    def zero_grad(self):
        for p in self.params:
            p.grad = np.zeros_like(p.data)

    def step(self):
        for i, p in enumerate(self.params):
            g = p.grad + self.wd * p.data
            self.buf[i] = self.mu * self.buf[i] + g
            p.data = p.data - self.lr * self.buf[i]


np.random.seed(33)
x = np.random.uniform(-2, 2, (120, 2))
y = np.stack([np.sin(x[:, 0] + x[:, 1]), x[:, 0] * x[:, 1] / 2], axis=1)

model = Sequential(Linear(2, 16), Tanh(), Linear(16, 16), Tanh(), Linear(16, 2))
criterion = MSELoss()
optimizer = SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)

for epoch in range(400):
    optimizer.zero_grad()
    loss = criterion(model(x), y)
    model.backward(criterion.backward())
    optimizer.step()
    if epoch % 80 == 0:
        print(f"epoch {epoch}: loss = {loss:.5f}")

print(f"final: {criterion(model(x), y):.5f}")
