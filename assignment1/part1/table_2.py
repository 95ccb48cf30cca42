"""Print the report's table 2, replayed: in the report it has the rows of table 1 once more.

The text around it speaks of a growing spread. ``rosenblatt report --only E3`` measures that.
"""

import sys
from pathlib import Path

from table_1 import print_table

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_no_flags
from scripts import errors_in_one_line


def main():
    """Train once for each row and print."""
    print_table("Table 2: test accuracy, the rows of table 1 again, as the report prints them")


if __name__ == "__main__":
    with errors_in_one_line():
        parse_no_flags(sys.argv[1:], __doc__)
        main()
