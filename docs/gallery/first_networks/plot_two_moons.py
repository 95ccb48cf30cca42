"""
The boundary of two moons
=========================

Twenty hidden units bend a line until it separates two moons. The tint is the class that the network
predicts, filled markers are trained on, and hollow ones are the test set.

.. studio:: data=moons&noise=0.2&hidden=20&activation=relu&learning_rate=0.2&batch_size=10
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

train, test = rb.data.moons(600, noise=0.2, seed=0).split(test_size=0.25, seed=0)
model = rb.MLP(2, [20], 2, activation="relu", init="he")
run = rb.train(model, train, test=test, optimizer=rb.SGD(0.2), epochs=150, batch_size=10)

figure, ax = plt.subplots(figsize=(6, 4), layout="constrained")
rb.plotting.plot_decision_regions(
    ax, run.predict_proba, train.X, train.y, X_test=test.X, y_test=test.y
)
print(f"test accuracy: {100 * run.history[-1]['test_accuracy']:.1f} %")
