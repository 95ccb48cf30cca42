"""
Early stopping
==============

A validation set says when to stop: here 20 epochs without a new minimum. The run ends with the
weights of the best epoch, and the test set has decided nothing.
"""

import matplotlib.pyplot as plt

import rosenblatt as rb

train, rest = rb.data.moons(400, noise=0.35, seed=1).split(test_size=0.75, seed=0)
validation, test = rest.split(test_size=0.5, seed=0)
model = rb.MLP(2, [64, 64], 2)
settings = {"optimizer": rb.Adam(0.01), "batch_size": 10, "validation": validation, "test": test}
full = rb.train(model, train, epochs=120, **settings)
stopped = rb.train(
    model,
    train,
    epochs=120,
    callbacks=[rb.EarlyStopping("validation_loss", patience=20)],
    **settings,
)

figure, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
full.plot("loss", ax=ax)
ax.set_ylim(0, 1.2)
ax.axvline(stopped.history[-1]["epoch"], color="black", linewidth=1)
print(f"stopped: {stopped.stopped}")
with_stop, without = stopped.metrics["test_loss"], full.metrics["test_loss"]
print(f"test loss {with_stop:.3f}, without stopping {without:.3f}")
