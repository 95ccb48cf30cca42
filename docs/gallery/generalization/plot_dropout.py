"""
Dropout between training and test
=================================

With dropout, each update trains a random part of the units. The training loss falls less, and the
gap to the test loss is smaller.
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

train, test = rb.data.moons(300, noise=0.35, seed=0).split(test_size=0.5, seed=0)

figure, panels = plt.subplots(1, 2, figsize=(8, 3.2), sharey=True, layout="constrained")
for ax, rate in zip(panels, (0.0, 0.3), strict=True):
    model = rb.MLP(2, [64, 64], 2, dropout=rate)
    runs = rb.train_many(
        model, train, test=test, seeds=range(6), optimizer=rb.Adam(0.005), epochs=80, batch_size=10
    )
    runs.plot("loss", ax=ax)
    ax.set_title(f"dropout {rate}", loc="left", fontsize=9)
    ax.set_ylim(0, 0.8)
