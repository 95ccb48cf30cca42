from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np


class AdamMemory(NamedTuple):
    count: int
    first: list
    second: list


def start_adam(weights):
    return AdamMemory(0, [0 * w for w in weights], [0 * w for w in weights])


def adam_step(weights, slopes_grad, memory, eta=0.001, b1=0.9, b2=0.999, eps=1e-8):
    count = memory.count + 1
    first = [b1 * m + (1 - b1) * g for m, g in zip(memory.first, slopes_grad)]
    second = [b2 * v + (1 - b2) * g**2 for v, g in zip(memory.second, slopes_grad)]
    rate = eta * np.sqrt(1 - b2**count) / (1 - b1**count)
    moved = [w - rate * m / (np.sqrt(v) + eps) for w, m, v in zip(weights, first, second)]
    return moved, AdamMemory(count, first, second)


def make_heavy_ball(rate=0.1, mu=0.9):
    memory = {}

    def move(name, w, g):
        memory[name] = mu * memory.get(name, 0.0) + (1 - mu) * g
        return w - rate * memory[name]

    return move


@dataclass
class AdaGrad:
    lr: float = 0.1
    tiny: float = 1e-8
    sums: dict = field(default_factory=dict)

    def apply(self, model, grads):
        for key, g in grads.items():
            self.sums[key] = self.sums.get(key, 0.0) + g * g
            model[key] = model[key] - self.lr * g / (np.sqrt(self.sums[key]) + self.tiny)


class TorchStyleSGD:
    def __init__(self, params, lr, momentum=0.0, weight_decay=0.0, nesterov=False):
        self.params = list(params)
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay
        self.nesterov = nesterov
        self.buffers = [np.zeros_like(p.data) for p in self.params]

    def step(self):
        for p, buf in zip(self.params, self.buffers):
            g = p.grad + self.weight_decay * p.data
            buf *= self.momentum
            buf += g
            p.data = p.data - self.lr * (g + self.momentum * buf if self.nesterov else buf)


class Decoupled:
    def __init__(self, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.steps, self.memory = 0, {}

    def update_params(self, layers):
        self.steps += 1
        b1, b2 = self.betas
        for i, layer in enumerate(layers):
            for name, d in (("W", "dW"), ("b", "db")):
                w, g = getattr(layer, name), getattr(layer, d)
                m, v = self.memory.get((i, name), (0.0, 0.0))
                m, v = b1 * m + (1 - b1) * g, b2 * v + (1 - b2) * g * g
                self.memory[i, name] = m, v
                m_hat, v_hat = m / (1 - b1**self.steps), v / (1 - b2**self.steps)
                w *= 1 - self.lr * self.weight_decay
                w -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)
