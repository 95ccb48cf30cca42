"""Draw the moons of part 2 and save them in ``datasets/`` next to this script."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_no_flags
from part2.generate_dataset import main
from scripts import errors_in_one_line

if __name__ == "__main__":
    with errors_in_one_line():
        parse_no_flags(sys.argv[1:], __doc__)
        main(Path(__file__).resolve().parent)
