"""
Which digits are confused?
==========================

The handwritten digits that come with scikit-learn, and a network with 32 hidden units. Rows are
what was written, columns what the network read; right answers are left out, so that the mistakes
can be seen.

.. studio:: data=digits&standardize=true&hidden=32&optimizer=adam&learning_rate=0.01&batch_size=50
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.metrics import confusion_matrix

import rosenblatt as rb

train, test = rb.data.bundled("digits").split(test_size=0.5, seed=0)
scale = rb.data.Standardizer.fit(train)
run = rb.train(
    rb.MLP(64, [32], 10), scale.apply(train), optimizer=rb.Adam(0.01), epochs=10, batch_size=50
)
predicted = run.predict(scale.apply(test).X)
matrix = confusion_matrix(test.y, predicted)
np.fill_diagonal(matrix, 0)

figure, ax = plt.subplots(figsize=(4.6, 4.2), layout="constrained")
image = ax.imshow(matrix, cmap="Blues")
for (row, column), count in np.ndenumerate(matrix):
    if count:
        shade = "white" if count > matrix.max() / 2 else "black"
        ax.text(column, row, count, ha="center", va="center", color=shade)
ax.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="written")
print(f"{100 * (predicted == test.y).mean():.1f} % of {len(test)} digits are right")
