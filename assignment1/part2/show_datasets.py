"""Draw the moons: visualization_train.png and visualization_test.png."""

import sys
from pathlib import Path

import numpy as np

from rosenblatt.plotting import new_figure, plot_dataset, save_figure

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_no_flags
from scripts import errors_in_one_line, load_datasets


def main(folder: Path) -> None:
    """Load from ``folder``, draw, and save there."""
    train, test = load_datasets(folder)
    points = np.concatenate([train.X, test.X])
    (left, bottom), (right, top) = points.min(axis=0) - 0.25, points.max(axis=0) + 0.25
    for name, data in (("train", train), ("test", test)):
        figure, (ax,) = new_figure()
        plot_dataset(
            ax, data.X, data.y, ["class 0", "class 1"], title=f"{name}: {len(data)} points"
        )
        ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
        save_figure(figure, folder / f"visualization_{name}.png")
        print(f"visualization_{name}.png")


if __name__ == "__main__":
    with errors_in_one_line():
        parse_no_flags(sys.argv[1:], __doc__)
        main(Path(__file__).resolve().parent)
