"""
An optimizer of your own
========================

An optimizer is a pure function of parameters, gradients and what it keeps. This one steps by the
sign of the momentum (Lion, without weight decay; Chen et al., 2023), and both engines train with
it.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb
from rosenblatt.optimizers import Optimizer


@dataclass(frozen=True)
class Lion(Optimizer):
    """θ ← θ − η sign(0.9 m + 0.1 g);  m ← 0.99 m + 0.01 g."""

    learning_rate: float = 0.001

    def init(self, params):
        return {"m": {name: np.zeros_like(value) for name, value in params.items()}}

    def update(self, params, grads, slots, step):
        eta, m = self.rates(step, params), slots["m"]
        new = {k: p - eta[k] * np.sign(0.9 * m[k] + 0.1 * grads[k]) for k, p in params.items()}
        return new, {"m": {k: 0.99 * m[k] + 0.01 * g for k, g in grads.items()}}


data = rb.data.spirals(400, noise=0.05, seed=0)
model = rb.MLP(2, [24, 24], 2, activation="tanh", init="glorot")
figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for optimizer in (rb.SGD(0.1), rb.Adam(0.003), Lion(0.001)):
    run = rb.train(model, data, optimizer=optimizer, epochs=100, batch_size=20)
    ax.semilogy(run.history["train_loss"], label=type(optimizer).__name__)
rb.plotting.dress(ax, xlabel="epoch", ylabel="training loss")
rb.plotting.legend(ax)
