"""
Which learning rate?
====================

Sixty-four learning rates from the same start, trained together. Too small a rate gets nowhere in
this time; too large a rate ends where the loss is higher than at the start.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

data = rb.data.moons(300, noise=0.2, seed=0)
model = rb.MLP(2, [16], 2, init="he")
rates = np.geomspace(1e-4, 30, 64)
sweep = rb.sweep(model, data, over={"learning_rate": rates}, epochs=30, batch_size=10, seeds=[0])
losses = sweep.table["train_loss"].to_numpy()

figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
best = rates[np.nanargmin(losses)]
rb.plotting.plot_learning_rates(ax, rates, losses, best=best)
ax.set_ylim(0, 1.5)
