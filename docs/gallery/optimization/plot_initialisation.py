"""
Initial weights decide what arrives
===================================

The spread of the activations in each of eight tanh layers, before the first update. With small
weights nothing arrives at the output, with large ones every unit is at ±1; Glorot's rule keeps the
spread.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb
from rosenblatt.layers import Glorot, Normal

x = np.random.default_rng(0).standard_normal((500, 64))
inits = {"N(0, 0.01²)": Normal(0.01), "N(0, 1)": Normal(1.0), "Glorot": Glorot()}

figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
for name, init in inits.items():
    model = rb.MLP(64, [64] * 8, 2, activation="tanh", init=init)
    params, y, spread = model.init(seed=0), x, [x.std()]
    for number, layer in enumerate(model.layers[:-1]):
        own = {key: params[f"{number}.{key}"] for key in layer.shapes}
        y, _ = layer.forward(own, y)
        if not layer.shapes:
            spread.append(y.std())
    ax.semilogy(spread, "o-", label=name)
rb.plotting.dress(ax, xlabel="layer", ylabel="standard deviation of its outputs")
rb.plotting.legend(ax)
