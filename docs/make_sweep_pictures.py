"""The pictures of README and sweeps.md: ``python -m docs.make_sweep_pictures``; some minutes.

With ``--quick``, fewer networks for fewer epochs, into the folder that follows.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image

import rosenblatt as rb
from rosenblatt.plotting import save_figure


def make_pictures(folder: Path, *, quick: bool = False) -> None:
    """Train the sweeps of the documentation, and draw their figures."""
    train, test = rb.data.moons(1000, noise=0.2, seed=42).split(test_size=0.2, seed=42)
    n, seeds, epochs = (8, 2, 10) if quick else (32, 20, 200)
    grid = rb.sweep(
        rb.MLP(2, [20], 2, init="normal"),
        train,
        test=test,
        seeds=range(seeds),
        epochs=epochs,
        batch_size=10,
        over={
            "learning_rate": np.geomspace(0.001, 10, n),
            "init_scale": np.geomspace(0.01, 10, n),
        },
        measure=["first_epoch(test_accuracy>=0.95)"],
        eval_every=5,
    )
    accuracy = grid.plot_map("learning_rate", "init_scale", value="test_accuracy")
    save_figure(accuracy.figure, folder / "sweep_map.png")
    first = grid.plot_map("learning_rate", "init_scale", value="first_epoch(test_accuracy>=0.95)")
    save_figure(first.figure, folder / "sweep_first_epoch.png")

    curves = rb.sweep(
        rb.MLP(2, [20], 2),
        train,
        test=test,
        seeds=range(2 if quick else 10),
        epochs=5 if quick else 50,
        over={"learning_rate": np.geomspace(0.001, 10, 13), "batch_size": [1, 10, 100, 800]},
    )
    drawn = curves.plot_curves("learning_rate", value="test_accuracy", by="batch_size")
    save_figure(drawn.figure, folder / "sweep_curves.png")

    diabetes = rb.data.bundled("diabetes")
    diabetes = rb.data.Standardizer.fit(diabetes).apply(diabetes)
    diabetes = diabetes.replace(y=(diabetes.y - diabetes.y.mean()) / diabetes.y.std())
    rows, validation = diabetes.split(seed=0)
    points = rb.sweep(
        rb.MLP(10, [16], 1),
        rows,
        validation=validation,
        seeds=range(3),
        epochs=10 if quick else 100,
        optimizer=rb.SGD(0.01, momentum=0.5),
        over={
            "learning_rate": rb.log_uniform(0.001, 3, n=256, method="sobol"),
            "momentum": rb.uniform(0.05, 0.98, n=256, method="sobol"),
        },
    )
    scattered = points.plot_map("learning_rate", "momentum", value="validation_loss")
    save_figure(scattered.figure, folder / "sweep_drawn.png")

    spirals = rb.data.spirals(400, noise=0.1, seed=1)
    rows, validation = spirals.split(test_size=0.25, seed=1)
    parallel = rb.sweep(
        rb.MLP(2, [16], spirals.n_classes),
        rows,
        validation=validation,
        seeds=range(3),
        epochs=10 if quick else 200,
        over={
            "optimizer": ["sgd", "adam"],
            "learning_rate": np.geomspace(0.001, 1, 7),
            "batch_size": [10, 30, 100],
            "hidden": [[16], [16, 16]],
            "activation": ["relu", "tanh"],
        },
    )
    axes = parallel.plot_parallel(value="validation_accuracy")
    save_figure(axes.figure, folder / "sweep_parallel.png")
    # Its many lines have thousands of shades, which make the file four times as large.
    with Image.open(folder / "sweep_parallel.png") as picture:
        few = picture.convert("RGB").quantize(128)
    few.save(folder / "sweep_parallel.png", optimize=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--quick"]:
        make_pictures(Path(sys.argv[2]), quick=True)
    else:
        make_pictures(Path(__file__).parent)
