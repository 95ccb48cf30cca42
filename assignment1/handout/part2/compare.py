"""Train with your modules.py, and compare the loss of every update with the reference's.

Prints a verdict, and draws comparison.png.
"""

import argparse
import sys

from mlp_numpy import MLP
from train_mlp_numpy import HERE, load, student_seed, train_epoch

from rosenblatt.errors import RosenblattError
from rosenblatt.grading.curve_comparison import compare_with_reference


def main():
    """Train both from the same weights."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--learning_rate", type=float, default=0.01)
    parser.add_argument("--max_steps", type=int, default=300, help="updates")
    flags = parser.parse_args()
    mlp = MLP(2, [20], 2, student_seed())
    settings = {"learning_rate": flags.learning_rate, "updates": flags.max_steps}
    try:
        comparison = compare_with_reference(mlp, train_epoch, *load("train"), **settings)
        comparison.draw(HERE / "comparison.png")
    except RosenblattError as error:
        sys.exit(f"error: {error}")
    print(comparison.verdict)


if __name__ == "__main__":
    main()
