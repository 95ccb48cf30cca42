"""
The check finds a bug
=====================

A linear layer whose bias gradient is a mean where it must be a sum. ``rb.check`` says which line is
wrong and why, from values and differences alone; the picture shows what it measured.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb


class Linear:
    def __init__(self, n_inputs, n_outputs):
        self.weight = np.random.default_rng(0).standard_normal((n_inputs, n_outputs))
        self.bias = np.zeros(n_outputs)

    def forward(self, x):
        self.x = x
        return x @ self.weight + self.bias

    def backward(self, dy):
        self.dweight = self.x.T @ dy
        self.dbias = dy.mean(axis=0)
        return dy @ self.weight.T


print(rb.check(Linear).findings[0].text)

dy = np.random.default_rng(1).standard_normal((8, 5))
layer = Linear(3, 5)
layer.forward(np.ones((8, 3)))
layer.backward(dy)
figure, ax = plt.subplots(figsize=(5, 3.2), layout="constrained")
ax.bar(np.arange(5) - 0.2, layer.dbias, 0.4, label="dbias of the layer")
ax.bar(np.arange(5) + 0.2, dy.sum(axis=0), 0.4, label="derivative of the loss")
rb.plotting.dress(ax, xlabel="output", ylabel="gradient")
rb.plotting.legend(ax)
