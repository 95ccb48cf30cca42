"""
Activations and their slopes
============================

A hidden unit applies one function to a weighted sum. Its slope is the factor with which the
backward pass multiplies: where it is near 0, a unit learns nothing.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb
from rosenblatt.layers import LeakyReLU, ReLU, Sigmoid, Tanh

z = np.linspace(-4, 4, 401)[:, None]
figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
for layer in (ReLU(), LeakyReLU(0.1), Tanh(), Sigmoid()):
    y, cache = layer.forward({}, z)
    slope, _ = layer.backward({}, cache, np.ones_like(z))
    left.plot(z, y, label=type(layer).__name__)
    right.plot(z, slope)
left.set_ylim(-1.5, 2.5)
rb.plotting.dress(left, xlabel="z", ylabel="activation")
rb.plotting.dress(right, xlabel="z", ylabel="slope")
rb.plotting.legend(left, loc="upper left")
