"""Draw two moons, 1000 points at noise 0.2, and save 80 % to train and 20 % to test.

The files appear in ``datasets/`` next to this script.
"""

import sys
from pathlib import Path

import rosenblatt as rb

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_no_flags
from scripts import errors_in_one_line, save_datasets

POINTS = 1000
NOISE = 0.2
SEED = 42


def main(folder: Path) -> None:
    """Draw, split, and save in ``folder``."""
    data = rb.data.moons(POINTS, noise=NOISE, seed=SEED)
    train, test = data.split(test_size=0.2, seed=SEED)
    save_datasets(folder, train, test)


if __name__ == "__main__":
    with errors_in_one_line():
        parse_no_flags(sys.argv[1:], __doc__)
        main(Path(__file__).resolve().parent)
