"""
A curve through noise
=====================

The same network answers with a number when the targets are numbers. Each unit of a ReLU layer adds
one bend; with tanh the curve is smooth.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

rng = np.random.default_rng(0)
x = np.sort(rng.uniform(-3, 3, 120))[:, None]
data = rb.data.Dataset(x, np.sin(2 * x) + 0.2 * rng.standard_normal(x.shape))
grid = np.linspace(-3.3, 3.3, 400)[:, None]

figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
ax.plot(data.X, data.y, ".", color="gray", markersize=4)
for activation in ("relu", "tanh"):
    model = rb.MLP(1, [24, 24], 1, activation=activation, init="he")
    run = rb.train(model, data, loss="mse", optimizer=rb.Adam(0.01), epochs=300, batch_size=20)
    ax.plot(grid, run.predict(grid), label=activation)
ax.plot(grid, np.sin(2 * grid), color="black", linestyle=":", label="without noise")
rb.plotting.dress(ax, xlabel="x", ylabel="y")
rb.plotting.legend(ax)
