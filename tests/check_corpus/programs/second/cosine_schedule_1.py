"""Warm-up plus cosine decay, heavy-ball momentum and decoupled weight decay, configured with dataclasses."""
from dataclasses import dataclass, field
import math

import numpy as np


@dataclass
class Config:
    hidden: int = 20
    epochs: int = 60
    batch_size: int = 32
    peak_lr: float = 0.1
    warmup_steps: int = 50
    momentum: float = 0.9
    weight_decay: float = 1e-4
    seed: int = 13


@dataclass
class Param:
    value: np.ndarray
    decay: bool = True
    grad: np.ndarray = None
    velocity: np.ndarray = field(init=False)

    def __post_init__(self):
        self.velocity = np.zeros_like(self.value)


@dataclass
class Model:
    W1: Param
    b1: Param
    W2: Param
    b2: Param

    @classmethod
    def create(cls, n_in, cfg, rng):
        h = cfg.hidden
        return cls(
            W1=Param(rng.normal(0, 1, (n_in, h))),
            b1=Param(rng.uniform(-1, 1, h), decay=False),
            W2=Param(rng.normal(0, 1 / math.sqrt(h), (h, 1))),
            b2=Param(np.zeros(1), decay=False),
        )

    def params(self):
        return [self.W1, self.b1, self.W2, self.b2]

    def predict(self, x):
        self.x = x
        self.z = x @ self.W1.value + self.b1.value
        self.a = np.logaddexp(0, self.z)          # softplus
        return self.a @ self.W2.value + self.b2.value

    def backprop(self, d_out):
        self.W2.grad = self.a.T @ d_out
        self.b2.grad = d_out.sum(axis=0)
        d_a = d_out @ self.W2.value.T
        d_z = d_a / (1 + np.exp(-self.z))         # softplus' is the logistic function
        self.W1.grad = self.x.T @ d_z
        self.b1.grad = d_z.sum(axis=0)


def learning_rate(step, total, cfg):
    if step < cfg.warmup_steps:
        return cfg.peak_lr * (step + 1) / cfg.warmup_steps
    progress = (step - cfg.warmup_steps) / max(1, total - cfg.warmup_steps)
    return 0.5 * cfg.peak_lr * (1 + math.cos(math.pi * progress))


def sgd_step(params, lr, cfg):
    for p in params:
        p.velocity = cfg.momentum * p.velocity - p.grad
        p.value = p.value - lr * p.velocity
        if p.decay:
            p.value = p.value - lr * cfg.weight_decay * p.value


def huber(pred, target, delta=0.5):
    diff = pred - target
    small = np.abs(diff) <= delta
    loss = np.where(small, 0.5 * diff ** 2, delta * (np.abs(diff) - 0.5 * delta))
    grad = np.where(small, diff, delta * np.sign(diff))
    return loss.mean(), grad / len(diff)


def batches(n, size, rng):
    order = rng.permutation(n)
    for start in range(0, n, size):
        yield order[start:start + size]


def run(cfg):
    rng = np.random.default_rng(cfg.seed)
    x = rng.uniform(-3, 3, (250, 1))
    y = np.sin(1.5 * x) + 0.1 * rng.normal(size=x.shape)
    y[::25] += 4.0                                # a few outliers
    model = Model.create(1, cfg, rng)
    total = cfg.epochs * math.ceil(len(x) / cfg.batch_size)
    step = 0
    for epoch in range(cfg.epochs):
        running = 0.0
        for rows in batches(len(x), cfg.batch_size, rng):
            loss, d_out = huber(model.predict(x[rows]), y[rows])
            model.backprop(d_out)
            sgd_step(model.params(), learning_rate(step, total, cfg), cfg)
            running += loss * len(rows)
            step += 1
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1:3d}  lr {learning_rate(step - 1, total, cfg):.5f}  loss {running / len(x):.5f}")
    grid = np.linspace(-3, 3, 61)[:, None]
    print("mean deviation from the clean curve:", round(float(np.abs(model.predict(grid) - np.sin(1.5 * grid)).mean()), 4))


if __name__ == "__main__":
    run(Config())
