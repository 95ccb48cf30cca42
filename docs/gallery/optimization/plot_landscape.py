"""
The loss around a path
======================

The loss of the training set over the plane in which most of a run's path lies, with the path on it.
Each point of the plane is a network, whose loss is computed exactly.
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

data = rb.data.moons(200, noise=0.2, seed=0)
model = rb.MLP(2, [8], 2, activation="tanh", init="glorot")
run = rb.train(model, data, optimizer=rb.SGD(0.3, momentum=0.8), epochs=60, batch_size=50)

figure, ax = plt.subplots(figsize=(6, 4.4), layout="constrained")
rb.analysis.landscape(run, directions="trajectory", size=31).plot(ax)
