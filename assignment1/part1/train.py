"""Train the perceptron on the two Gaussians, print its test accuracy and draw loss.png.

The report calls the error rate its loss; the right panel shows it, and the left one the perceptron
criterion, which is what the rule descends (0 at epoch 0, where w = 0).
"""

import sys
from pathlib import Path

from perceptron import Perceptron

from rosenblatt.plotting import new_figure, plot_loss, save_figure
from rosenblatt.plotting.curves import logarithmic_epoch_axis

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_no_flags
from scripts import errors_in_one_line, load_datasets

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Load, train, measure and draw."""
    train, test = load_datasets(HERE)
    perceptron = Perceptron(train.n_features)
    history = perceptron.train(train.X, train.labels, test.X, test.labels)

    correct = perceptron.forward(test.X) == test.labels
    print(f"test accuracy {100 * correct.mean():.2f} % after {perceptron.max_epochs} epochs")

    figure, (left, right) = new_figure(panels=2)
    losses = history["train_loss"], history["test_loss"]
    errors = 1 - history["train_accuracy"], 1 - history["test_accuracy"]
    plot_loss(left, history["epoch"], *losses, ylabel="perceptron criterion (mean)")
    plot_loss(right, history["epoch"], *errors, ylabel="error rate")
    for ax in (left, right):
        # Nearly all of it happens in the first 30 epochs.
        logarithmic_epoch_axis(ax, perceptron.max_epochs)
    save_figure(figure, HERE / "loss.png")
    print("loss.png")


if __name__ == "__main__":
    with errors_in_one_line():
        parse_no_flags(sys.argv[1:], __doc__)
        main()
