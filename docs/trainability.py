"""The border of trainability in sweeps.md: ``python -m docs.trainability``; some minutes.

The experiment of Sohl-Dickstein, *The boundary of neural network trainability is fractal*,
arXiv:2402.06184, 2024, with the settings of its code: a network of width 8 on random numbers, 100
updates with the full batch, for each pair of learning rates of its two layers.
"""

import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

import rosenblatt as rb
from rosenblatt.analysis.trainability import BoxCounts, boundary, box_counts
from rosenblatt.layers import Linear, Normal, Tanh
from rosenblatt.plotting import new_figure, plot_trainability, save_figure

WIDTH, UPDATES, SEED = 8, 100, 2
OVERVIEW = (1e-1, 1e5), (1e0, 1e3)
DETAIL = (10**0.2, 10**1.4), (10**1.4, 10**1.85)

Numbers = npt.NDArray[np.float64]
Range = tuple[float, float]


def train_map(n: int, first: Range, second: Range) -> tuple[Numbers, Numbers, Numbers]:
    """Train n × n networks, and return the rates of both layers and the measure of convergence.

    In the paper y = V tanh(√2 W x / √8) / 8 with entries of W and V from N(0, 1). The same network
    with W' = W √2 / √8 and V' = V / 8 has learning rates that are multiplied by 2 / 8 and 1 / 64.
    """
    scales = np.sqrt(2 / WIDTH), 1 / WIDTH
    model = rb.Sequential(
        [
            Linear(WIDTH, WIDTH, Normal(scales[0]), bias=False),
            Tanh(),
            Linear(WIDTH, 1, Normal(scales[1]), bias=False),
        ]
    )
    rng = np.random.default_rng(SEED)
    n_rows = WIDTH * WIDTH + WIDTH  # one for each parameter
    data = rb.data.Dataset(rng.standard_normal((n_rows, WIDTH)), rng.standard_normal(n_rows))
    rates = np.geomspace(*first, n), np.geomspace(*second, n)
    sweep = rb.sweep(
        model,
        data,
        seeds=[SEED],
        loss="mean_squared_error",
        optimizer=rb.SGD(1.0),
        epochs=UPDATES,
        over={
            "layer_rates.0": rates[0] * scales[0] ** 2,
            "layer_rates.1": rates[1] * scales[1] ** 2,
        },
        measure=["convergence"],
    )
    return *rates, sweep.column("convergence").reshape(n, n)


def dimension_of(values: Numbers) -> BoxCounts:
    """Return the boxes that meet the border of a map, with their dimension."""
    return box_counts(boundary(values))


def main(folder: Path, n: int) -> None:
    """Train an overview and a part of it, print the dimension of their borders, and draw both."""
    figure, panels = new_figure(2, panel_size=(4.2, 3.7))
    for ax, window in zip(panels, (OVERVIEW, DETAIL), strict=True):
        first, second, values = train_map(n, *window)
        counts = dimension_of(values)
        print(f"dimension {counts.dimension:.2f}; from size to size: {counts.slopes.round(2)}")
        is_last = ax is panels[-1]
        plot_trainability(
            ax,
            second,
            first,
            values,
            xlabel="learning rate of the second layer",
            ylabel="" if is_last else "learning rate of the first layer",
            has_bar=is_last,
        )
    (low, high), (left, right) = DETAIL
    corners = [left, right, right, left, left], [low, low, high, high, low]
    panels[0].plot(*corners, color="#20242a", linewidth=0.8)
    save_figure(figure, folder / "trainability.png")
    # Every cell of the maps has a shade of its own, which makes the file twice as large.
    with Image.open(folder / "trainability.png") as picture:
        few = picture.convert("RGB").quantize(256)
    few.save(folder / "trainability.png", optimize=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--quick"]:
        main(Path(sys.argv[2]), 32)
    else:
        main(Path(__file__).parent, 512)
