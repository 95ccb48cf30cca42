"""
Schedules of the learning rate
==============================

A schedule is a function of the update, so it can be called, drawn, and handed to any optimizer in
place of a number.
"""

import matplotlib.pyplot as plt
import numpy as np

import rosenblatt as rb
from rosenblatt.optimizers import Constant, Cosine, Exponential, InverseScaling, LinearWarmup, Step

schedules = {
    "Step": Step(0.5, every=250, factor=0.4),
    "Exponential": Exponential(0.5, factor=0.997),
    "InverseScaling": InverseScaling(0.5, power=0.25),
    "Cosine": Cosine(0.5, updates=1000),
    "LinearWarmup": LinearWarmup(100, then=Constant(0.5)),
}
data = rb.data.moons(500, noise=0.2, seed=0)
updates = np.arange(1000)

figure, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), layout="constrained")
for name, schedule in schedules.items():
    left.plot(updates, [schedule(t) for t in updates], label=name)
    run = rb.train(rb.MLP(2, [16], 2), data, optimizer=rb.SGD(schedule), epochs=20, batch_size=10)
    right.plot(run.history["epoch"] * 50, run.history["train_loss"])
right.set_yscale("log")
rb.plotting.dress(left, xlabel="update", ylabel="learning rate")
rb.plotting.dress(right, xlabel="update", ylabel="training loss")
rb.plotting.legend(left)
