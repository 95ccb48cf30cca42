"""
Automatic differentiation in twenty lines
=========================================

A value remembers from what it was computed and how to pass a gradient on; going back through all
values in reverse gives every derivative. The layers of this package give the same gradient.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb


class Value:
    def __init__(self, data, parents=()):
        self.data, self.parents, self.gradient = data, parents, 0.0

    def __matmul__(self, other):
        pull = (lambda g: g @ other.data.T, lambda g: self.data.T @ g)
        return Value(self.data @ other.data, ((self, pull[0]), (other, pull[1])))

    def tanh(self):
        y = np.tanh(self.data)
        return Value(y, ((self, lambda g: g * (1 - y**2)),))

    def backward(self, gradient):
        self.gradient = self.gradient + gradient
        for parent, pull in self.parents:
            parent.backward(pull(gradient))


rng = np.random.default_rng(0)
x, y = rng.standard_normal((20, 3)), rng.standard_normal((20, 1))
first, second = Value(rng.standard_normal((3, 8))), Value(rng.standard_normal((8, 1)))
output = (Value(x) @ first).tanh() @ second
output.backward(2 * (output.data - y) / len(y))

model = rb.Sequential(
    [
        rb.layers.Linear(3, 8, bias=False),
        rb.layers.Tanh(),
        rb.layers.Linear(8, 1, bias=False),
    ]
)
params = {"0.weight": first.data, "2.weight": second.data}
loss, grads = rb.loss_and_grads(model, params, x, y, loss="mse")

figure, ax = plt.subplots(figsize=(4.2, 3.8), layout="constrained")
ax.plot(first.gradient.ravel(), grads["0.weight"].ravel(), "o", markersize=4)
ax.axline((0, 0), slope=1, color="gray", linewidth=0.6)
rb.plotting.dress(ax, xlabel="gradient of the values", ylabel="gradient of the layers")
