"""
Momentum in a narrow valley
===========================

An optimizer is a pure function of parameters, gradients and what it keeps, so it runs on any
function. In a narrow valley, gradient descent crosses from side to side, momentum adds up the steps
that agree, and Adam scales each direction by itself.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

curvature = np.array([1.0, 30.0])
optimizers = {
    "SGD": rb.SGD(0.06),
    "momentum 0.9": rb.SGD(0.01, momentum=0.9),
    "Adam": rb.Adam(0.2),
}

figure, ax = plt.subplots(figsize=(7, 3.2), layout="constrained")
a, b = np.meshgrid(np.linspace(-4.5, 1.5, 200), np.linspace(-1.2, 1.2, 200))
ax.contour(a, b, (a**2 + 30 * b**2) / 2, levels=np.geomspace(0.05, 30, 12), colors="lightgray")
for name, optimizer in optimizers.items():
    params = {"theta": np.array([-4.0, 1.0])}
    slots, path = optimizer.init(params), [params["theta"]]
    for step in range(50):
        grads = {"theta": curvature * params["theta"]}
        params, slots = optimizer.update(params, grads, slots, step)
        path.append(params["theta"])
    ax.plot(*np.transpose(path), ".-", linewidth=1, label=name)
rb.plotting.dress(ax, xlabel="θ₁", ylabel="θ₂")
rb.plotting.legend(ax)
