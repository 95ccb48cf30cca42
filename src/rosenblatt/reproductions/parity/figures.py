"""Figures of the learning of a parity, and the numbers that its text names."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.plotting import dress
from rosenblatt.plotting.curves import percent_axis
from rosenblatt.plotting.style import (
    ACCENT,
    CONTRAST,
    FAINT_ALPHA,
    FAINT_WIDTH,
    LINE_WIDTH,
    MUTED,
    legend,
)
from rosenblatt.report.format import plural
from rosenblatt.report.parts import Panel, ReportFigure, Results, Values
from rosenblatt.report.rows import columns
from rosenblatt.reproductions.parity.claims import ends, moved_more
from rosenblatt.reproductions.parity.experiment import (
    BATCHES,
    FRESH,
    HIDDEN,
    LEARNING_RATE,
    N_BITS,
    N_TEST,
    NAME,
    PERMUTED,
    SINGLE,
    WEIGHT_DECAY,
    Setting,
)

MOST_LINES = 12
"""Networks whose own curves are drawn."""
SHOWN_EPOCHS = 20
SETTLED = 5
"""Epochs after which the accuracy with single samples no longer rises."""
LABELS = {PERMUTED.name: "permuted labels"}


def _curves(
    ax: Axes, results: Results, setting: Setting, column: str, *, x: str = "updates", color: str
) -> None:
    """Draw the curves of some networks of a setting, and the median of all."""
    found = columns(results[NAME].tables["curves"], setting=setting.name)
    seeds = np.unique(found["seed"])
    by_seed = [found["seed"] == seed for seed in seeds]
    for mine in by_seed[:MOST_LINES]:
        ax.plot(
            found[x][mine],
            found[column][mine],
            color=color,
            linewidth=FAINT_WIDTH,
            alpha=FAINT_ALPHA,
        )
    ax.plot(
        found[x][by_seed[0]],
        np.median([found[column][mine] for mine in by_seed], axis=0),
        color=color,
        linewidth=LINE_WIDTH,
        linestyle="--" if setting.permuted else "-",
        label=LABELS.get(setting.name, "the parity"),
    )


def _accuracy(*settings: Setting, x: str = "updates") -> Callable[[Axes, Results], None]:
    def draw(ax: Axes, results: Results) -> None:
        for setting, color in zip(settings, (ACCENT, CONTRAST), strict=False):
            _curves(ax, results, setting, "test_accuracy", x=x, color=color)
        ax.axhline(0.5, color=MUTED, linewidth=FAINT_WIDTH, linestyle=":")
        dress(ax, xlabel="epochs" if x == "epoch" else "updates", ylabel="test accuracy (%)")
        percent_axis(ax)
        if x == "epoch":
            ax.set_xlim(0, SHOWN_EPOCHS)
        if len(settings) > 1:
            legend(ax, loc="center right")

    return draw


def _measure(column: str, ylabel: str, *settings: Setting) -> Callable[[Axes, Results], None]:
    def draw(ax: Axes, results: Results) -> None:
        for setting, color in zip(settings, (ACCENT, CONTRAST), strict=False):
            _curves(ax, results, setting, column, color=color)
        dress(ax, xlabel="updates", ylabel=ylabel)
        if len(settings) > 1:
            legend(ax, loc="best")

    return draw


def _panels(*settings: Setting) -> tuple[Panel, ...]:
    size = "weights of the bits / others"
    return (
        Panel(_accuracy(*settings), "Accuracy stays at one half, then rises abruptly."),
        Panel(_measure("test_loss", "test loss", *settings), "The loss falls when accuracy rises."),
        Panel(_measure("distance", "‖w − w₀‖₁", *settings), "The distance grows from the start."),
        Panel(
            _measure("relative_size", size, *settings),
            "The weights of the three bits grow beside the others when accuracy rises.",
        ),
    )


def _lines(results: Results) -> str:
    n = facts_of(results)["seeds"]
    return f"Faint: {plural(min(n, MOST_LINES), 'network')}; bold: the median of {n}."


def _caption_single(results: Results) -> str:
    return (
        "Accuracy on "
        f"{N_TEST} test samples with an update for each of {SINGLE.n_train} training samples, over "
        f"the first {SHOWN_EPOCHS} epochs. {_lines(results)} After the rise, accuracy fluctuates "
        "below 100 %: the learning rate is constant, and so is the noise of single samples."
    )


def _caption_batches(results: Results) -> str:
    return (
        "Batches of 32, with the labels of the parity and, of the same networks and samples, with "
        "permuted labels: test accuracy, test loss, distance from the initial weights, and the "
        f"mean size of the first layer's weights of the three bits over that of the others. "
        f"{_lines(results)}"
    )


def _caption_fresh(results: Results) -> str:
    return (
        "The same with samples of which each is seen once, in batches of 32: there is nothing to "
        f"learn by heart. {_lines(results)}"
    )


def decay_alone(updates: Values) -> Values:
    """Return the expected ‖w − w₀‖₁ where only weight decay changes the initial weights.

    W ~ N(0, 2/inputs) has a mean size of 2/√(π inputs), and decay takes each weight to
    (1 − η λ)ᵘ times its size in u updates.
    """
    inputs, weights = np.array([N_BITS, HIDDEN]), np.array([N_BITS * HIDDEN, HIDDEN])
    start = float((weights * 2 / np.sqrt(np.pi * inputs)).sum())
    return np.asarray(start * (1 - (1 - LEARNING_RATE * WEIGHT_DECAY) ** updates))


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    single, batches, fresh = (ends(results, setting) for setting in (SINGLE, BATCHES, FRESH))
    curves = columns(results[NAME].tables["curves"], setting=SINGLE.name)
    late = {name: values[curves["epoch"] >= SETTLED] for name, values in curves.items()}
    return {
        "seeds": len(batches["seed"]),
        "epochs_single": float(np.nanmean(single["epochs"])),
        "rise_single": float(np.nanmean(single["rises"])) / SINGLE.updates_per_epoch,
        "after_single": float(late["test_accuracy"].mean()),
        "epochs_batches": float(np.nanmean(batches["epochs"])),
        "updates_fresh": float(np.nanmean(fresh["right"])),
        "leaves_batches": float(np.nanmean(batches["leaves"])) / BATCHES.updates_per_epoch,
        "share_moved": float(np.nanmean(batches["distance_before"] / batches["distance_right"])),
        "decay_alone": float(
            np.nanmean(decay_alone(batches["leaves"] - BATCHES.every) / batches["distance_before"])
        ),
        "moved_more": float(np.nanmean(moved_more(results))),
        "size_more": float(np.nanmean(batches["size_before"] / batches["size_start"] - 1)),
    }


FIGURES = (
    ReportFigure(
        key="single",
        title="Test accuracy with single samples",
        panels=(Panel(_accuracy(SINGLE, x="epoch"), "Accuracy rises within some three epochs."),),
        caption=_caption_single,
        panel_size=(4.8, 2.8),
    ),
    ReportFigure(
        key="batches",
        title="Accuracy, loss and weights with batches of 32",
        panels=_panels(BATCHES, PERMUTED),
        caption=_caption_batches,
        panel_size=(3.4, 2.6),
    ),
    ReportFigure(
        key="fresh",
        title="The same with fresh samples",
        panels=_panels(FRESH),
        caption=_caption_fresh,
        panel_size=(3.4, 2.6),
    ),
)
