"""Task 5: train the MLP on your data by stochastic gradient descent.

Draws fig/loss_batch_size_B.png and fig/accuracy_batch_size_B.png, and prints the numbers for
answers.json.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from mlp_numpy import MLP
from modules import CrossEntropy

HERE = Path(__file__).resolve().parent


def train_epoch(mlp, x, targets, learning_rate, order, batch_size):
    """Visit every sample once, in the given order, with one update for each batch.

    Args:
        mlp: an MLP.
        x: samples (N, D).
        targets: one-hot labels (N, C).
        learning_rate: η.
        order: the numbers 0 to N - 1 in the order of the visits (N,).
        batch_size: samples per update. What is left over at the end is a smaller batch.
    """
    raise NotImplementedError("task 5.1")


def epoch_order(seed, epoch, samples):
    """Return the order of an epoch. This is given: leave it as it is."""
    return np.random.RandomState(seed + epoch).permutation(samples)


def load(name):
    """Return x (N, 2) and one-hot labels (N, 2) of "train" or "test"."""
    rows = np.loadtxt(HERE / "datasets" / f"{name}.csv", delimiter=",", skiprows=1)
    return rows[:, :-1], np.eye(2)[rows[:, -1].astype(int)]


def main():
    """Train, print the last numbers, draw the curves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learning_rate", type=float, default=0.01)
    parser.add_argument("--max_steps", type=int, default=50, help="epochs")
    parser.add_argument("--batch_size", type=int, default=100)
    flags = parser.parse_args()
    seed = json.loads((HERE / "datasets" / "student.json").read_text(encoding="utf-8"))["seed"]
    sets = {"train": load("train"), "test": load("test")}
    mlp = MLP(2, [20], 2, seed)
    rows = []
    for epoch in range(flags.max_steps + 1):
        row = {}
        for name, (x, targets) in sets.items():
            predictions = mlp.forward(x)
            right = predictions.argmax(axis=1) == targets.argmax(axis=1)
            row[f"{name}_loss"] = float(CrossEntropy().forward(predictions, targets))
            row[f"{name}_accuracy"] = float(right.mean())
        rows.append(row)
        if epoch < flags.max_steps:
            order = epoch_order(seed, epoch, len(sets["train"][0]))
            train_epoch(mlp, *sets["train"], flags.learning_rate, order, flags.batch_size)
    for name in ("train_loss", "test_loss", "test_accuracy"):
        print(f"last_{name}", repr(rows[-1][name]))
    draw(rows, flags.batch_size)


def draw(rows, batch_size):
    """Draw the curves in fig/."""
    import matplotlib.pyplot as plt

    (HERE / "fig").mkdir(exist_ok=True)
    for quantity in ("loss", "accuracy"):
        figure, panel = plt.subplots(figsize=(6, 4), layout="constrained")
        for name, style in (("train", "-"), ("test", "--")):
            panel.plot([row[f"{name}_{quantity}"] for row in rows], style, label=name)
        panel.set(title=f"B = {batch_size}", xlabel="epoch", ylabel=quantity)
        panel.legend()
        figure.savefig(HERE / "fig" / f"{quantity}_batch_size_{batch_size}.png", dpi=150)


if __name__ == "__main__":
    main()
