"""Task 4: train the MLP on your data by full-batch gradient descent.

Writes loss.png and accuracy.png, and prints the numbers for answers.json.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from mlp_numpy import MLP
from modules import CrossEntropy

HERE = Path(__file__).resolve().parent


def accuracy(predictions, targets):
    """Return the share of rows in which the most probable class is the right one.

    Args:
        predictions: probabilities (N, C).
        targets: one-hot labels (N, C).
    """
    raise NotImplementedError("task 4.1")


def train_epoch(mlp, x, targets, learning_rate):
    """Make one update on all samples, and return the loss before it.

    Args:
        mlp: an MLP.
        x: samples (N, D).
        targets: one-hot labels (N, C).
        learning_rate: η.
    """
    raise NotImplementedError("task 4.2")


def load(name):
    """Return x (N, 2) and one-hot labels (N, 2) of "train" or "test"."""
    rows = np.loadtxt(HERE / "datasets" / f"{name}.csv", delimiter=",", skiprows=1)
    return rows[:, :-1], np.eye(2)[rows[:, -1].astype(int)]


def student_seed():
    """Return the seed of your initial weights."""
    return json.loads((HERE / "datasets" / "student.json").read_text(encoding="utf-8"))["seed"]


def main():
    """Train, print the first and the last numbers, draw the curves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dnn_hidden_units", default="20", help="such as 20, or 20,10")
    parser.add_argument("--learning_rate", type=float, default=0.01)
    parser.add_argument("--max_steps", type=int, default=1500, help="epochs")
    parser.add_argument("--eval_freq", type=int, default=10, help="epochs between evaluations")
    flags = parser.parse_args()
    sets = {"train": load("train"), "test": load("test")}
    mlp = MLP(2, [int(width) for width in flags.dnn_hidden_units.split(",")], 2, student_seed())
    rows = []
    for epoch in range(flags.max_steps + 1):
        if epoch % flags.eval_freq == 0 or epoch == flags.max_steps:
            row = {"epoch": epoch}
            for name, (x, targets) in sets.items():
                predictions = mlp.forward(x)
                row[f"{name}_loss"] = float(CrossEntropy().forward(predictions, targets))
                row[f"{name}_accuracy"] = float(accuracy(predictions, targets))
            rows.append(row)
        if epoch < flags.max_steps:
            train_epoch(mlp, *sets["train"], flags.learning_rate)
    print("first_test_accuracy", rows[0]["test_accuracy"])
    for name in ("test_accuracy", "train_loss", "test_loss"):
        print(f"last_{name}", repr(rows[-1][name]))
    draw(rows)


def draw(rows):
    """Write loss.png and accuracy.png."""
    import matplotlib.pyplot as plt

    epochs = [row["epoch"] for row in rows]
    for quantity in ("loss", "accuracy"):
        figure, panel = plt.subplots(figsize=(6, 4), layout="constrained")
        for name, style in (("train", "-"), ("test", "--")):
            panel.plot(epochs, [row[f"{name}_{quantity}"] for row in rows], style, label=name)
        panel.set(xlabel="epoch", ylabel=quantity)
        panel.legend()
        figure.savefig(HERE / f"{quantity}.png", dpi=150)


if __name__ == "__main__":
    main()
