"""Draw your data: visualization_train.png and visualization_test.png."""

import matplotlib.pyplot as plt
from train_mlp_numpy import HERE, load


def main():
    """Draw both sets on the same axes' limits."""
    for name in ("train", "test"):
        x, targets = load(name)
        figure, panel = plt.subplots(figsize=(6, 4), layout="constrained")
        for label, marker in ((0, "o"), (1, "^")):
            chosen = targets[:, label] == 1
            panel.scatter(*x[chosen].T, marker=marker, s=14, label=f"class {label}")
        panel.set(title=f"{name}: {len(x)} points", xlabel="x1", ylabel="x2")
        panel.set(xlim=(-1.9, 2.9), ylim=(-1.3, 1.8), aspect="equal")
        panel.legend()
        figure.savefig(HERE / f"visualization_{name}.png", dpi=150)


if __name__ == "__main__":
    main()
