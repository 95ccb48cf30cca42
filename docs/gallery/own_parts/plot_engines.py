"""
Two engines, one run
====================

The reference engine is NumPy to be read, the compiled engine machine code made of the same layers.
Their weights differ by rounding, which grows slowly from update to update.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

data = rb.data.moons(200, noise=0.2, seed=0)
model = rb.MLP(2, [20], 2, init="he")
runs = [
    rb.train(model, data, optimizer=rb.SGD(0.1), epochs=40, batch_size=10, engine=engine)
    for engine in ("reference", "compiled")
]
distances = [
    max(np.abs(a[name] - b[name]).max() for name in a)
    for a, b in zip(runs[0].steps(), runs[1].steps(), strict=True)
]

figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.semilogy(np.arange(1, 41), distances[1:], "o-", markersize=4)
ax.axhline(np.finfo(float).eps, color="gray", linestyle=":", label="rounding of 1 in float64")
rb.plotting.dress(ax, xlabel="epoch", ylabel="largest difference of a weight")
rb.plotting.legend(ax)
