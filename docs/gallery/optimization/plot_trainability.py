"""
The border of trainability
==========================

Two learning rates, one for each layer: 64 × 64 networks that differ in nothing else. Some converge,
the others diverge, and the border between them has structure at every scale (Sohl-Dickstein, 2024).
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb
from rosenblatt.layers import Linear, Normal, Tanh

rng = np.random.default_rng(2)
data = rb.data.Dataset(rng.standard_normal((24, 4)), rng.standard_normal(24))
parts = [Linear(4, 4, Normal(0.7), bias=False), Tanh(), Linear(4, 1, Normal(0.25), bias=False)]
first, second = np.geomspace(0.03, 3000, 64), np.geomspace(0.01, 10, 64)
sweep = rb.sweep(
    rb.Sequential(parts),
    data,
    seeds=[2],
    loss="mse",
    optimizer=rb.SGD(1.0),
    epochs=60,
    over={"layer_rates.0": first, "layer_rates.1": second},
    measure=["convergence"],
)

figure, ax = plt.subplots(figsize=(5.5, 4.4), layout="constrained")
values = sweep.column("convergence").reshape(64, 64)
rb.plotting.plot_trainability(ax, second, first, values)
ax.set(xlabel="learning rate of the second layer", ylabel="learning rate of the first layer")
