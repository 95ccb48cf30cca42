"""
Batch size
==========

The same network, the same learning rate, the same epochs: a smaller batch makes more updates in an
epoch. Against the number of updates, the curves almost coincide.

.. studio:: data=moons&hidden=20&learning_rate=0.05&batch_size=10
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

train, test = rb.data.moons(1000, noise=0.2, seed=42).split(test_size=0.2, seed=42)
model = rb.MLP(2, [20], 2, init="he")

figure, panels = plt.subplots(1, 2, figsize=(8, 3.4), sharey=True, layout="constrained")
for size in (1, 10, 100, 800):
    run = rb.train(model, train, test=test, optimizer=rb.SGD(0.05), epochs=100, batch_size=size)
    epochs, loss = run.history["epoch"], run.history["test_loss"]
    color = rb.plotting.batch_color(size)
    panels[0].plot(epochs, loss, color=color, label=f"B = {size}")
    panels[1].plot(epochs[1:] * (800 / size), loss[1:], color=color)
rb.plotting.dress(panels[0], xlabel="epoch", ylabel="test loss")
rb.plotting.dress(panels[1], xlabel="update", ylabel="test loss")
panels[1].set_xscale("log")
rb.plotting.legend(panels[0])
