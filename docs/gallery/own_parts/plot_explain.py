"""
One update, number by number
============================

``explain`` writes down a whole update with its formulas, and gives the arrays to draw: here the
gradient of the first layer's weights for one sample, next to the differences of the loss.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

data = rb.data.moons(100, noise=0.2, seed=0)
run = rb.train(rb.MLP(2, [6], 2, activation="tanh"), data, optimizer=rb.SGD(0.5), epochs=30)
explanation = run.explain(7)
gradient = explanation.gradients["0.weight"]
print(gradient.worked((1, 3)).text)
numeric = gradient.differences.numeric.ravel()

figure, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.bar(np.arange(12), gradient.values.ravel(), label="backward pass")
ax.plot(np.arange(12), numeric, "k_", markersize=14, label="difference of the loss")
rb.plotting.dress(ax, xlabel="weight of the first layer", ylabel="gradient")
rb.plotting.legend(ax)
print(f"gradients agree with differences: {explanation.agrees}")
