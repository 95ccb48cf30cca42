"""
What a loss asks for
====================

Losses of one sample of the class +1 against the score that a model gives it. The perceptron's
criterion is content with any positive score, the cross-entropy never, and the squared error
punishes scores that are too good.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb
from rosenblatt.losses import HalfSquaredError, PerceptronCriterion, SigmoidCrossEntropy

z = np.linspace(-3, 3, 241)[:, None]
one = np.ones_like(z)
curves = {
    "perceptron criterion": PerceptronCriterion().value_and_gradient(z, one)[0],
    "sigmoid cross-entropy": SigmoidCrossEntropy().value_and_gradient(z, one)[0],
    "half squared error": HalfSquaredError().value_and_gradient(z, one)[0],
}

figure, ax = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
ax.plot(z, z < 0, color="gray", linestyle=":", label="mistakes")
for name, values in curves.items():
    ax.plot(z, values, label=name)
ax.set_ylim(-0.1, 4)
rb.plotting.dress(ax, xlabel="score z", ylabel="loss")
rb.plotting.legend(ax)
