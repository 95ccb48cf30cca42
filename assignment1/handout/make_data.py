"""Make the data sets of a student: python make_data.py --student NAME.

They appear in part1/datasets, part2/datasets and part3/datasets. NAME is the name or the number
that your course has for you. Another name gives other data, and other numbers to report.
"""

import argparse
import sys
from pathlib import Path

from rosenblatt.errors import RosenblattError
from rosenblatt.grading import write_student_data

HERE = Path(__file__).resolve().parent


def main():
    """Read the name and write the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--student", required=True, help="your name or number in the course")
    try:
        for path in write_student_data(HERE, parser.parse_args().student):
            print(path.relative_to(HERE).as_posix())
    except RosenblattError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
