"""
Halving: stop early what does badly
===================================

Eighty-one learning rates begin; a third of them trains on after each rung. The best is found with a
fraction of the epochs, and what trained to the end has the bits of a sweep without halving.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

train, validation = rb.data.moons(300, noise=0.25, seed=0).split(test_size=0.3, seed=0)
rates = np.geomspace(1e-4, 10, 81)
sweep = rb.sweep(
    rb.MLP(2, [12], 2, init="he"),
    train,
    validation=validation,
    over={"learning_rate": rates},
    seeds=range(3),
    epochs=81,
    batch_size=10,
    halving=rb.sweeps.Halving(factor=3, min_epochs=3),
)
epochs = sweep.column("epochs_trained").reshape(81, 3)[:, 0]

figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.vlines(rates, 0, epochs, color="gray", linewidth=1.5)
ax.semilogx(rates, epochs, "o", markersize=4)
rb.plotting.dress(ax, xlabel="learning rate", ylabel="epochs trained")
print(f"{epochs.sum():.0f} epochs for each seed in place of {81 * 81}")
