"""
A layer of your own
===================

A layer is a frozen dataclass with a forward and a backward pass. The gradient check compares the
two; both engines train it, and the compiled one makes machine code of it.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb
from rosenblatt.layers import Activation


@dataclass(frozen=True)
class Sine(Activation):
    """y = sin x;  dx = dy cos x."""

    def forward(self, params, x):
        return np.sin(x), x

    def backward(self, params, cache, dy):
        return dy * np.cos(cache), {}


data = rb.data.spirals(400, noise=0.05, seed=0)
model = rb.MLP(2, [16], 2, activation=Sine(), init="normal")
check = rb.analysis.gradcheck.gradcheck(model, data.X, data.y)
print(f"largest difference between gradient and difference quotient: {check.worst:.1e}")
run = rb.train(model, data, optimizer=rb.Adam(0.02), epochs=200, batch_size=20)

figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
rb.plotting.plot_decision_regions(ax, run.predict_proba, data.X, data.y)
