"""
The perceptron stops anywhere
=============================

The perceptron's rule changes nothing as soon as no sample is on the wrong side. Where the line is
then depends on the order of the samples: 30 seeds give 30 lines without a mistake. A support vector
machine asks for more, the line farthest from both classes.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.svm import LinearSVC

import rosenblatt as rb

data = rb.data.gaussians(40, means=[[2, 2], [-1, -1]], seed=1)
runs = rb.train_many(rb.Perceptron(2), data, seeds=range(30), epochs=100)
machine = LinearSVC(C=100, random_state=0).fit(data.X, data.y)

figure, ax = plt.subplots(figsize=(5.5, 4), layout="constrained")
rb.plotting.plot_dataset(ax, data.X, data.y)
x = np.array(ax.set_xlim())
ax.set_ylim(ax.get_ylim())
for run in runs:
    (w1, w2), b = run.params["0.weight"].ravel(), run.params["0.bias"][0]
    ax.plot(x, -(w1 * x + b) / w2, color="gray", linewidth=0.6)
(w1, w2), b = machine.coef_[0], machine.intercept_[0]
ax.plot(x, -(w1 * x + b) / w2, color="black", linewidth=2, label="support vector machine")
rb.plotting.legend(ax, loc="lower right")
