"""Print the report's table 1, replayed: the test accuracy as the means come together.

The points are those of the report's own generator and seed; the perceptron is that of this folder.
"""

import sys
from pathlib import Path

from perceptron import Perceptron

from rosenblatt.experiments import replay
from rosenblatt.experiments.reference_numbers import TABLE_1

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_no_flags
from scripts import errors_in_one_line

COVARIANCE = "[[1, 0], [0, 1]]"


def replayed(m):
    """Return the test accuracy with means [m, m] and [0, 0]."""
    train, test = replay.gaussians(m)
    perceptron = Perceptron(train.n_features)
    perceptron.train(train.X, train.labels)
    return (perceptron.forward(test.X) == test.labels).mean()


def print_table(title):
    """Print a row for each pair of means: as the report prints it, and as replayed."""
    print(title)
    print("mean1       sigma1            mean2   sigma2            printed  replayed")
    for m, printed in TABLE_1.items():
        mean = f"[{m:g}, {m:g}]"
        print(
            f"{mean:<11} {COVARIANCE}  [0, 0]  {COVARIANCE}  {100 * printed:5.1f} %  "
            f"{100 * replayed(m):6.1f} %"
        )


def main():
    """Train once for each row and print."""
    print_table("Table 1: test accuracy, the means come together")


if __name__ == "__main__":
    with errors_in_one_line():
        parse_no_flags(sys.argv[1:], __doc__)
        main()
