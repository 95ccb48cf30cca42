"""
Weight decay makes a boundary smooth
====================================

Forty noisy samples and fifty hidden units: without a penalty the boundary runs around single
samples. Weight decay pulls the weights towards 0 at each update.

.. studio:: data=moons&n=60&noise=0.35&hidden=50&optimizer=sgd&learning_rate=0.1&weight_decay=0.02
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

train = rb.data.moons(40, noise=0.35, seed=3)
test = rb.data.moons(2000, noise=0.35, seed=4)
model = rb.MLP(2, [50], 2, init="he")

figure, panels = plt.subplots(1, 3, figsize=(10, 3.2), layout="constrained")
for ax, decay in zip(panels, (0, 0.003, 0.03), strict=True):
    optimizer = rb.SGD(0.3, momentum=0.9, weight_decay=decay)
    run = rb.train(model, train, test=test, optimizer=optimizer, epochs=400)
    run.plot_boundary(train, ax=ax)
    accuracy = 100 * run.history[-1]["test_accuracy"]
    ax.set_title(f"weight decay {decay}: test {accuracy:.1f} %", loc="left", fontsize=9)
