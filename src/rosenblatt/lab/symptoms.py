"""The symptoms of a program, described in sentences and drawn; all are computed."""

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.check.process import run_in_process
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.files import atomic_write
from rosenblatt.lab.bugs import right_source
from rosenblatt.lab.measuring import EPOCHS, measure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_MOST_BYTES = 100_000
"""The largest program, in bytes, that is measured."""
_COLOURS = ("#0b62a4", "#d1495b", "#e09f3e", "#2a9d6f")
_TOLERANCE = 1e-5
"""Relative difference of a gradient from central differences above which it is wrong."""


def measure_file(path: Path) -> dict[str, Any]:
    """Return the measurements of a program, which runs in a process of its own.

    Raises:
        FileError: the file cannot be read, or is too large.
    """
    try:
        with path.open("rb") as file:
            source = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise FileError(f"cannot read {path}: {error.strerror}") from error
    if len(source) > _MOST_BYTES:
        raise FileError(f"{path} is larger than {_MOST_BYTES} bytes; a program of the lab is not")
    return run_in_process(path.resolve(), source, "rosenblatt.lab.child")


def measure_text(
    source: str, *, guarded: bool = False, watch: Callable[[float], None] = lambda seconds: None
) -> dict[str, Any]:
    """Return the measurements of a program that is in no file, in a process of its own.

    Args:
        source: the program.
        guarded: see :func:`rosenblatt.check.process.run_in_process`.
        watch: called with the seconds so far; an error that it raises ends the process.

    Raises:
        ConfigurationError: the text is too long, or the system has not the rules that ``guarded``
            asks for.
    """
    # A half of a pair of UTF-16, which JSON can hold, is an error of syntax in the program.
    text = source.encode("utf-8", "surrogatepass")
    if len(text) > _MOST_BYTES:
        raise ConfigurationError(
            f"the program has {len(text)} bytes; at most {_MOST_BYTES} are measured"
        )
    return run_in_process(
        Path("program.py"), text, "rosenblatt.lab.child", guarded=guarded, watch=watch
    )


@lru_cache
def measure_right(program: str) -> dict[str, Any]:
    """Return the measurements of a right program, computed in this process."""
    return measure(right_source(program).encode(), Path("right.py"))


def describe_symptoms(measured: dict[str, Any], program: str) -> list[str]:
    """Return what is conspicuous in the measurements, one sentence each."""
    if "reason" in measured:
        return [f"The program fails: {measured['reason']}."]
    right = measure_right(program)
    said = [*_of_curves(measured, right), *_of_gradients(measured)]
    if not _close(measured["again"], measured["analytic"]):
        said.append("A second call of the backward pass gives other gradients than the first.")
    first = np.asarray(next(iter(measured["start"].values())))
    if first.ndim == 2 and np.ptp(first, axis=1).max() == 0:
        said.append("All hidden units start with equal weights.")
    if not np.isfinite(measured["large"]):
        said.append("For weights 10 000 times as large, the loss is not a finite number.")
    return said


def _of_curves(measured: dict[str, Any], right: dict[str, Any]) -> list[str]:
    ours = np.array([curve["loss"] for curve in measured["curves"]])
    theirs = np.array([curve["loss"] for curve in right["curves"]])
    if not np.isfinite(ours).all():
        epoch = int(np.argmin(np.isfinite(ours).all(axis=0)))
        return [f"The loss is no longer finite after {epoch} epochs."]
    said = []
    if not np.allclose(ours, theirs, rtol=1e-6, atol=0):
        low, high = theirs[:, -1].min(), theirs[:, -1].max()
        said.append(
            f"The loss after {EPOCHS} epochs is {ours[:, -1].min():.3g} to "
            f"{ours[:, -1].max():.3g}; the right program's is {low:.3g} to {high:.3g}."
        )
        if (ours[:, -1] > ours[:, 0]).all():
            said.append("The loss rises.")
    else:
        said.append("The loss of each epoch is that of the right program.")
    silent = max(curve["silent"] for curve in measured["curves"])
    if silent > max(curve["silent"] for curve in right["curves"]):
        said.append(f"Up to {silent:.0%} of the hidden units are 0 for every sample.")
    return said


def _of_gradients(measured: dict[str, Any]) -> list[str]:
    said = []
    for name in measured["numeric"]:
        ours, theirs = (np.ravel(measured[key][name]) for key in ("analytic", "numeric"))
        if ours.shape != theirs.shape:
            said.append(f"The gradient of {name} has {ours.size} entries, not {theirs.size}.")
        elif not np.allclose(ours, theirs, rtol=0, atol=_TOLERANCE * np.abs(theirs).max()):
            factor = np.linalg.norm(ours) / np.linalg.norm(theirs)
            angle = ours @ theirs / max(np.linalg.norm(ours) * np.linalg.norm(theirs), 1e-300)
            said.append(
                f"The gradient of {name} is {factor:.3g} times as long as differences of the loss "
                f"say; the cosine of the angle between them is {angle:.3f}."
            )
    return said or ["All gradients agree with differences of the loss."]


def _close(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    return all(np.array_equal(ours[name], theirs[name], equal_nan=True) for name in theirs)


def draw_symptoms(measured: dict[str, Any], program: str, path: Path) -> None:
    """Draw the symptoms into a PNG file: curves with the right program's bands, gradients."""
    with atomic_write(path) as file:
        file.write(picture_of(measured, program))


def picture_of(measured: dict[str, Any], program: str, *, portrait: bool = False) -> bytes:
    """Return the picture of the symptoms as PNG; ``portrait``: for half the width of a screen."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 10.5) if portrait else (14, 9), layout="constrained")
    if "reason" in measured:
        figure.text(0.5, 0.5, f"The program fails:\n{measured['reason']}", ha="center", wrap=True)
    else:
        n_panels = 3 if measured["curves"][0]["accuracy"][0] is None else 4
        grid = figure.add_gridspec(2, 1, height_ratios=[1, 1.1 if portrait else 1.35])
        upper = figure.add_subfigure(grid[0])
        lower = figure.add_subfigure(grid[1])
        # Of three panels in two rows, the last is as wide as the picture.
        places: list[Any] = [[0, 1], [2, n_panels - 1]] if portrait else [list(range(n_panels))]
        panels = list(upper.subplot_mosaic(places).values())
        _draw_curves(panels, measured, measure_right(program))
        _draw_gradients(lower, measured, "\n" if portrait else " ")
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=150 if portrait else 120, metadata={"Software": None})
    return picture.getvalue()


def _draw_curves(axes: "list[Axes]", measured: dict[str, Any], right: dict[str, Any]) -> None:
    loss, *accuracy, hidden, gradients = axes
    _draw_band(loss, measured, right, "loss")
    loss.set(title="Loss on all samples", yscale="log")
    for ax in accuracy:
        _draw_band(ax, measured, right, "accuracy")
        ax.set(title="Accuracy", ylim=(0, 1.02))
    _draw_band(hidden, measured, right, "hidden")
    hidden.set(title="Hidden activations (root mean square)", ylim=(0, None))
    names = [name for name in measured["numeric"] if name in right["numeric"]]
    for colour, name in zip(_COLOURS, names, strict=False):
        ours, theirs = (
            np.array([[row[name] for row in curve["gradients"]] for curve in one["curves"]])
            for one in (measured, right)
        )
        epochs = np.arange(ours.shape[1])
        gradients.fill_between(epochs, theirs.min(0), theirs.max(0), color=colour, alpha=0.18, lw=0)
        gradients.plot(epochs, np.median(ours, axis=0), color=colour, lw=1.8, label=name)
    gradients.set(title="Length of each gradient (median)", yscale="log")
    gradients.legend(frameon=False, fontsize=8)
    for ax in axes:
        ax.set_xlabel("epoch")
        ax.spines[["top", "right"]].set_visible(False)


def _draw_band(ax: "Axes", measured: dict[str, Any], right: dict[str, Any], key: str) -> None:
    ours, theirs = (np.array([curve[key] for curve in one["curves"]]) for one in (measured, right))
    epochs = np.arange(theirs.shape[1])
    ax.fill_between(
        epochs, theirs.min(0), theirs.max(0), color="0.8", label="right program, 3 seeds"
    )
    for i, row in enumerate(ours):
        label = "this program, 3 seeds" if i == 0 else None
        ax.plot(epochs[: len(row)], row, color=_COLOURS[0], lw=1.5, label=label)
    ax.legend(frameon=False, fontsize=8)


def _draw_gradients(figure: Any, measured: dict[str, Any], space: str) -> None:
    """Draw each gradient as images: analytic, numeric, difference; hidden units go across.

    ``space`` is put between the two parts of a title.
    """
    names = list(measured["numeric"])
    arrays = {name: _images(measured, name) for name in names}
    heights = [max(1.3, arrays[name][1].shape[0]) for name in names]
    axes = figure.subplots(len(names), 3, height_ratios=heights, squeeze=False)
    titles = (
        f"backward pass{space}(analytic)",
        f"differences of the loss{space}(numeric)",
        "difference",
    )
    for row, name in zip(axes, names, strict=True):
        finite = np.concatenate([a[np.isfinite(a)].ravel() for a in arrays[name][:2]])
        limit = max(np.abs(finite).max(initial=0), 1e-12)
        for ax, array in zip(row, arrays[name], strict=True):
            image = ax.imshow(array, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
            ax.set(xticks=[], yticks=[])
        row[0].set_ylabel(name, rotation=0, ha="right", va="center")
        bar = figure.colorbar(image, ax=list(row), fraction=0.03, pad=0.01)
        bar.set_ticks([-limit, 0, limit], labels=[f"{-limit:.2g}", "0", f"{limit:.2g}"])
        for ax, array in zip(row, arrays[name], strict=True):
            ax.set_xlabel(f"largest {np.abs(array).max():.2g}", fontsize=8)
    for ax, title in zip(axes[0], titles, strict=True):
        ax.set_title(title, fontsize=10)


def _images(measured: dict[str, Any], name: str) -> list[Any]:
    ours, theirs = (np.asarray(measured[key][name]) for key in ("analytic", "numeric"))
    if ours.shape != theirs.shape:
        ours = np.full(theirs.shape, np.nan)
    images = [np.atleast_2d(array) for array in (ours, theirs)]
    if images[0].shape[0] > images[0].shape[1]:
        images = [image.T for image in images]
    return [*images, images[0] - images[1]]
