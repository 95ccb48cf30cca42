"""Draw the two Gaussian classes, training and test points: visualization_train_test.png."""

import sys
from pathlib import Path

from rosenblatt.plotting import new_figure, plot_dataset, save_figure

sys.path.append(str(Path(__file__).resolve().parents[1]))

from flags import parse_no_flags
from scripts import errors_in_one_line, load_datasets

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Load, draw and save."""
    train, test = load_datasets(HERE)
    figure, (ax,) = new_figure()
    plot_dataset(ax, train.X, train.y, ["−1", "+1"], X_test=test.X, y_test=test.y)
    ax.set_aspect("equal")
    save_figure(figure, HERE / "visualization_train_test.png")
    print("visualization_train_test.png")


if __name__ == "__main__":
    with errors_in_one_line():
        parse_no_flags(sys.argv[1:], __doc__)
        main()
