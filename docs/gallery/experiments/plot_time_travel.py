"""
Any update of a run
===================

The weights at any update are recomputed, to the last bit, from a run that kept only a few of them.
Here: the boundary after 10, 100, 1000 and 10 000 updates.

.. studio:: data=moons&hidden=20&activation=relu&init=he&learning_rate=0.1&batch_size=10
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

data = rb.data.moons(500, noise=0.15, seed=0)
model = rb.MLP(2, [20], 2, init="he")
run = rb.train(model, data, optimizer=rb.SGD(0.1), epochs=200, batch_size=10)

figure, panels = plt.subplots(1, 4, figsize=(11, 3), layout="constrained", sharey=True)
for ax, update in zip(panels, (10, 100, 1000, 10_000), strict=True):
    moment = run.at(update=update)
    rb.plotting.plot_decision_regions(ax, moment.predict_proba, data.X, data.y)
    ax.set_title(f"update {update}", loc="left", fontsize=9)
