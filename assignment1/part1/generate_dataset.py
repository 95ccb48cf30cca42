"""Draw two Gaussian classes in the plane, 100 points each, and save 80 % to train and 20 % to test.

The files appear in ``datasets/`` next to this script. To repeat the report's tables, change MEANS
or COVARIANCE and run the scripts again.
"""

import sys
from pathlib import Path

import rosenblatt as rb

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_no_flags
from scripts import errors_in_one_line, save_datasets

LABELS = (-1, 1)
MEANS = ((0, 0), (10, 10))
COVARIANCE = 1.0
POINTS_PER_CLASS = 100
SEED = 42


def main() -> None:
    """Draw, split and save."""
    data = rb.data.gaussians(POINTS_PER_CLASS, MEANS, COVARIANCE, seed=SEED, classes=LABELS)
    # Stratified: 80 and 20 of each class, as the report describes its data.
    train, test = data.split(test_size=0.2, seed=SEED, stratify=True)
    save_datasets(Path(__file__).resolve().parent, train, test)


if __name__ == "__main__":
    with errors_in_one_line():
        parse_no_flags(sys.argv[1:], __doc__)
        main()
