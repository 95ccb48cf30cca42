"""
A loss of your own
==================

A loss returns the terms of each sample and their derivative. The smooth absolute error √(1 + e²) −
1 grows in proportion to the error, so that outliers pull less than with the squared error.
"""

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb
from rosenblatt.losses import RegressionLoss


@dataclass(frozen=True)
class SmoothAbsolute(RegressionLoss):
    """l = Σ √(1 + e²) − 1 with e = 10 (z − y)."""

    def value_and_gradient(self, z, y):
        error = 10 * (z - y)
        root = np.sqrt(1 + error**2)
        return root - 1, 10 * error / root


rng = np.random.default_rng(0)
x = np.linspace(-1, 1, 60)[:, None]
y = x**2 + 0.03 * rng.standard_normal(x.shape)
y[::8] += 1.5
figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.plot(x, y, ".", color="gray")
for loss in (SmoothAbsolute(), "mse"):
    run = rb.train(rb.MLP(1, [20], 1), x, y, loss=loss, optimizer=rb.Adam(0.01), epochs=800)
    ax.plot(x, run.predict(x), label=loss if isinstance(loss, str) else "smooth absolute error")
rb.plotting.dress(ax, xlabel="x", ylabel="y")
rb.plotting.legend(ax)
