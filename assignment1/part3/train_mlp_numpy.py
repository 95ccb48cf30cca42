"""Train the MLP on the moons, with --sgd in batches; draw its curves in fig/ by batch size.

One epoch of --sgd visits every sample once, in a new order, in batches of --batch_size; the last
batch is smaller where the sizes do not divide. Without --sgd there is one update per epoch, as in
part 2, and the batch size is the number of samples.
"""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_flags
from part2.train_mlp_numpy import describe, draw, train, train_and_draw
from part2.train_mlp_numpy import train_epoch as update
from scripts import errors_in_one_line, make_folder

__all__ = ["describe", "draw", "main", "parse_flags", "train", "train_epoch"]


def train_epoch(mlp, x, targets, learning_rate, order, batch_size):
    """Visit samples x (N, D) once, in ``order`` (N,), with one update of ``mlp`` for each batch."""
    for start in range(0, len(x), batch_size):
        batch = order[start : start + batch_size]
        update(mlp, x[batch], targets[batch], learning_rate)


def main(flags, folder):
    """Train, print the first and the last evaluation, draw in fig/."""
    pictures = make_folder(folder / "fig")
    train_and_draw(flags, folder, pictures, by_batch_size=True)


if __name__ == "__main__":
    with errors_in_one_line():
        main(parse_flags(sys.argv[1:], __doc__, with_sgd=True), Path(__file__).resolve().parent)
