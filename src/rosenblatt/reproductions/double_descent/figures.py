"""Figures of double descent, and the numbers that its text names."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from rosenblatt.plotting import dress
from rosenblatt.plotting.curves import percent_axis
from rosenblatt.plotting.style import (
    CLASS_COLORS,
    FAINT_WIDTH,
    LINE_WIDTH,
    MUTED,
    TRAIN_DASHES,
    legend,
)
from rosenblatt.report.format import plural
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import columns
from rosenblatt.reproductions.double_descent.claims import (
    LARGE,
    NOISY,
    PEAK,
    PUBLISHED,
    PUBLISHED_CLEAN,
    SMALL,
    errors_of,
)
from rosenblatt.reproductions.double_descent.experiment import NAME, NOISES

TICKS = (2, 4, 8, 16, 32, 64, 128, 256)


def _draw_errors(ax: Axes, results: Results, *, noise: float) -> None:
    published = PUBLISHED if noise else PUBLISHED_CLEAN
    _draw_curves(ax, results, noise, "error")
    ax.plot(
        list(published),
        list(published.values()),
        linestyle="none",
        marker="o",
        markersize=5,
        markerfacecolor="none",
        color=CLASS_COLORS[1],
        label="test, published",
    )
    _dress(ax, "error (%)", f"{noise:.0%} of labels drawn anew" if noise else "labels as they are")
    percent_axis(ax)
    ax.set_ylim(-0.02, 0.75)
    if not noise:
        legend(ax, loc="lower left")


def _draw_losses(ax: Axes, results: Results, *, noise: float) -> None:
    _draw_curves(ax, results, noise, "loss")
    _dress(ax, "loss", f"{noise:.0%} of labels drawn anew" if noise else "labels as they are")
    ax.set_yscale("log")
    if not noise:
        legend(ax, loc="lower left")


def _draw_curves(ax: Axes, results: Results, noise: float, what: str) -> None:
    found = columns(results[NAME].tables["errors"], noise=noise)
    widths = np.unique(found["width"])
    for split, style in (
        ("train", {"color": MUTED, "linestyle": TRAIN_DASHES}),
        ("test", {"color": CLASS_COLORS[0]}),
    ):
        column = f"{split}_{what}"
        seeds = [found[column][found["width"] == width] for width in widths]
        ax.fill_between(
            widths,
            [one.min() for one in seeds],
            [one.max() for one in seeds],
            color=style["color"],
            alpha=0.25,
            linewidth=0,
        )
        ax.plot(widths, [one.mean() for one in seeds], label=split, linewidth=LINE_WIDTH, **style)
    ax.axvline(PEAK, color=MUTED, linewidth=FAINT_WIDTH, linestyle=":")


def _dress(ax: Axes, ylabel: str, title: str) -> None:
    dress(ax, xlabel="units of each hidden layer", ylabel=ylabel, title=title)
    ax.set_xscale("log")
    ax.set_xticks(TICKS, labels=[str(tick) for tick in TICKS])
    ax.xaxis.set_minor_locator(NullLocator())


def _caption_errors(results: Results) -> str:
    return (
        f"Error on both sets after training, against the width; mean and range of "
        f"{plural(facts_of(results)['seeds'], 'seed')}. Circles: test errors of the published run "
        f"at {SMALL}, {PEAK} and {LARGE} units. Dotted: {PEAK} units."
    )


def _caption_losses(results: Results) -> str:
    return (
        "The same of the loss. The test loss has its maximum where the training loss falls to 0, "
        "with noise and without: wrong answers are given with large outputs there."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    widths = {"small": SMALL, "peak": PEAK, "large": LARGE}
    noisy = {key: float(errors_of(results, NOISY, width).mean()) for key, width in widths.items()}
    clean = {
        f"clean_{key}": float(errors_of(results, NOISES[0], width).mean())
        for key, width in widths.items()
    }
    return {"seeds": len(errors_of(results, NOISY, PEAK)), **noisy, **clean}


FIGURES = (
    ReportFigure(
        key="errors",
        title="Error against the width",
        panels=tuple(
            Panel(partial(_draw_errors, noise=noise), description)
            for noise, description in zip(
                NOISES,
                (
                    "Without noise the test error falls with the width; a shelf is near 47 units.",
                    "With noise it falls, rises to a peak near 47 units, and falls again.",
                ),
                strict=True,
            )
        ),
        caption=_caption_errors,
        panel_size=(3.9, 3.1),
    ),
    ReportFigure(
        key="losses",
        title="Loss against the width",
        panels=tuple(
            Panel(partial(_draw_losses, noise=noise), "The test loss has a peak near 47 units.")
            for noise in NOISES
        ),
        caption=_caption_losses,
        panel_size=(3.9, 3.1),
    ),
)
