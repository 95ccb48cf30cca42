"""
A seed is one draw of many
==========================

Sixty-four runs that differ in nothing but their seed. The median says what to expect, the bands
hold half and nine tenths of the runs; any single curve could have been yours.

.. studio:: data=spirals&hidden=12&learning_rate=0.5&batch_size=20&seeds=64
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

train, test = rb.data.spirals(600, noise=0.1, seed=0).split(test_size=0.25, seed=0)
model = rb.MLP(2, [12], 2, activation="tanh", init="glorot")
runs = rb.train_many(
    model, train, test=test, seeds=range(64), optimizer=rb.SGD(0.5), epochs=80, batch_size=20
)

figure, panels = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
runs.plot("accuracy", ax=panels[0])
final = [100 * run.history[-1]["test_accuracy"] for run in runs]
panels[1].hist(final, bins=16, color=rb.plotting.batch_color(800))
rb.plotting.dress(panels[1], xlabel="test accuracy after 80 epochs (%)", ylabel="runs")
