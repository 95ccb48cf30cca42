"""
A map of two settings
=====================

Learning rate and initial scale, 24 values of each with four seeds: 2304 networks in one call, which
trains networks of equal shape together.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb

train, test = rb.data.moons(250, noise=0.2, seed=42).split(test_size=0.2, seed=42)
sweep = rb.sweep(
    rb.MLP(2, [12], 2, init="normal"),
    train,
    test=test,
    seeds=range(4),
    epochs=30,
    batch_size=10,
    over={"learning_rate": np.geomspace(0.001, 10, 24), "init_scale": np.geomspace(0.01, 10, 24)},
)

figure, ax = plt.subplots(figsize=(6, 4.2), layout="constrained")
sweep.plot_map("learning_rate", "init_scale", value="test_accuracy", ax=ax)
