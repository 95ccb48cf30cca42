"""
Is one optimizer better than the other?
=======================================

Both train from the same 20 seeds, so runs are compared in pairs: the initial weights and the
batches cancel, and the interval of the mean difference says how certain the answer is.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

train, test = rb.data.moons(400, noise=0.2, seed=0).split(test_size=0.5, seed=0)
model = rb.MLP(2, [16], 2)
losses = [
    rb.train_many(
        model, train, test=test, seeds=range(20), optimizer=optimizer, epochs=30, batch_size=10
    ).final("test_loss")
    for optimizer in (rb.SGD(0.1), rb.Adam(0.005))
]
interval = rb.analysis.statistics.mean_interval(losses[0] - losses[1])

figure, ax = plt.subplots(figsize=(5, 3.6), layout="constrained")
ax.plot([0, 1], losses, ".-", color="gray", linewidth=0.7)
ax.errorbar([0, 1], np.mean(losses, axis=1), fmt="ks", markersize=6)
ax.set_xticks([0, 1], ["SGD", "Adam"])
ax.set_xlim(-0.4, 1.4)
rb.plotting.dress(ax, xlabel="", ylabel="test loss")
print(f"SGD − Adam: {interval.low:.4f} to {interval.high:.4f} (95 %)")
