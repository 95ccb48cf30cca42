"""Draw your data: visualization_train_test.png."""

from pathlib import Path

import matplotlib.pyplot as plt
from train import load


def main():
    """Draw the training set and the test set next to each other."""
    _, panels = plt.subplots(1, 2, figsize=(9, 4), sharex=True, sharey=True, layout="constrained")
    for name, panel in zip(("train", "test"), panels, strict=True):
        x, y = load(name)
        for label, marker in ((-1, "o"), (1, "^")):
            panel.scatter(*x[y == label].T, marker=marker, s=20, label=f"y = {label:+d}")
        panel.set(title=f"{name}: {len(x)} points", xlabel="x1", ylabel="x2")
        panel.legend()
    plt.savefig(Path(__file__).resolve().parent / "visualization_train_test.png", dpi=150)


if __name__ == "__main__":
    main()
