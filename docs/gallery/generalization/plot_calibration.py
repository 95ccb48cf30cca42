"""
Is 90 % sure right in 90 % of cases?
====================================

The reliability curve compares how sure a network is with how often it is right. Trained for too
long on few samples, it is surer than it should be.
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

train, test = rb.data.moons(3000, noise=0.4, seed=0).split(test_size=0.95, seed=0)
model = rb.MLP(2, [64], 2)

figure, panels = plt.subplots(1, 2, figsize=(8, 3.8), layout="constrained")
for ax, epochs in zip(panels, (20, 1000), strict=True):
    run = rb.train(model, train, test=test, optimizer=rb.Adam(0.01), epochs=epochs, batch_size=10)
    rb.analysis.calibration(run).plot(ax)
    ax.set_title(f"{epochs} epochs", loc="left", fontsize=9)
