"""
XOR needs hidden units
======================

No line separates these clusters, so a perceptron stays near chance. Three hidden units each draw a
line, and the output layer combines them.

.. studio:: data=xor&hidden=3&activation=tanh&learning_rate=0.5&batch_size=20
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

data = rb.data.xor(300, noise=0.3, seed=0)
perceptron = rb.train(rb.Perceptron(2, weights="averaged"), data, epochs=100)
network = rb.train(
    rb.MLP(2, [3], 2, activation="tanh"), data, optimizer=rb.SGD(0.5), epochs=100, batch_size=20
)

figure, panels = plt.subplots(1, 2, figsize=(8, 3.6), layout="constrained")
for ax, run, name in zip(panels, (perceptron, network), ("perceptron", "2-3-2"), strict=True):
    run.plot_boundary(data, ax=ax)
    accuracy = 100 * (run.predict(data.X) == data.y).mean()
    ax.set_title(f"{name}: {accuracy:.0f} % right", loc="left", fontsize=9)
