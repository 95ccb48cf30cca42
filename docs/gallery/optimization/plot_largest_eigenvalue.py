"""
The edge of stability
=====================

On a quadratic, gradient descent is stable up to η = 2/λ, where λ is the largest eigenvalue of the
Hessian. A network is no quadratic: trained on all samples at once, it makes λ grow until it reaches
2/η, and λ stays there while the loss still falls (Cohen et al., ICLR 2021).
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

x = np.linspace(-1, 1, 20)[:, None]
data = rb.data.Dataset(x, 4 * x**3 - 3 * x)
model = rb.MLP(1, [20], 1, activation="tanh", init="glorot")

figure, panels = plt.subplots(1, 2, figsize=(8, 3.2), layout="constrained")
for ax, rate in zip(panels, (0.1, 0.3), strict=True):
    run = rb.train(model, data, loss="mse", optimizer=rb.SGD(rate), epochs=4000)
    along = rb.analysis.eigenvalues_along(run, n=12)
    rb.plotting.plot_eigenvalues(
        ax, along.updates, along.largest, two_over_eta=along.two_over_eta, title=f"η = {rate}"
    )
