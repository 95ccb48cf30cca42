"""
A fork: one change, the same random numbers
===========================================

A run is forked at epoch 100 and goes on with a smaller learning rate. Both branches see the same
batches in the same order, so all that differs comes from the change.
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

train, test = rb.data.moons(500, noise=0.2, seed=0).split(test_size=0.2, seed=0)
model = rb.MLP(2, [16], 2, init="he")
run = rb.train(model, train, test=test, optimizer=rb.SGD(0.5), epochs=200, batch_size=5)
branch = run.fork(epoch=100, optimizer=rb.SGD(0.05))
print(rb.contrast(run, branch).first_difference)

figure, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for name, one in {"η = 0.5": run, "η = 0.05 from epoch 100": branch}.items():
    ax.plot(one.history["epoch"], one.history["test_loss"], label=name)
rb.plotting.dress(ax, xlabel="epoch", ylabel="test loss")
rb.plotting.legend(ax)
