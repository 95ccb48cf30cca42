"""Figures of the grokking of modular addition, and the numbers that its text names."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.plotting import dress, plot_accuracy, plot_loss
from rosenblatt.plotting.style import CLASS_COLORS, LINE_WIDTH, MUTED, SMALL_FONT_SIZE, legend
from rosenblatt.report.format import plural
from rosenblatt.report.parts import Panel, ReportFigure, Results, Values
from rosenblatt.report.rows import columns, runs
from rosenblatt.reproductions.grokking.experiment import MODULUS, NAME, UPDATES


def _curves(results: Results, column: str) -> tuple[Values, Values]:
    """Return the updates (E,), and a column over seeds and updates (S, E)."""
    found = runs(results[NAME].tables["curves"])
    return found[0]["epoch"], np.array([curve[column] for curve in found])


def _draw_accuracy(ax: Axes, results: Results) -> None:
    at, train = _curves(results, "train_accuracy")
    _, test = _curves(results, "test_accuracy")
    plot_accuracy(
        ax,
        at,
        train.mean(axis=0),
        test.mean(axis=0),
        others=[(at, one) for one in test],
        xlabel="update",
    )


def _draw_loss(ax: Axes, results: Results) -> None:
    at, train = _curves(results, "train_loss")
    _, test = _curves(results, "test_loss")
    plot_loss(
        ax,
        at,
        train.mean(axis=0),
        test.mean(axis=0),
        others=[(at, one) for one in test],
        xlabel="update",
        ylabel="mean squared error",
    )
    drawn = ax.get_legend()
    if drawn is not None:  # The panel beside it has the same.
        drawn.remove()
    ax.ticklabel_format(axis="y", scilimits=(-3, 3))


def _draw_spectrum(ax: Axes, results: Results) -> None:
    for column, label, color in (
        ("phases", "phases: cos(φ$_U$ + φ$_V$ − φ$_W$)", CLASS_COLORS[2]),
        ("ratio", "participation ratio", CLASS_COLORS[3]),
    ):
        at, values = _curves(results, column)
        ax.fill_between(at, values.min(axis=0), values.max(axis=0), color=color, alpha=0.25, lw=0)
        ax.plot(at, values.mean(axis=0), color=color, linewidth=LINE_WIDTH, label=label)
    at, test = _curves(results, "test_accuracy")
    ax.plot(at, test.mean(axis=0), color=MUTED, linewidth=LINE_WIDTH, ls=":", label="test accuracy")
    dress(ax, xlabel="update", ylabel="mean over hidden units")
    ax.set_ylim(-0.05, 1.05)
    legend(ax, loc="center right", bbox_to_anchor=(1.0, 0.36))


def _draw_weights(ax: Axes, results: Results, *, last: bool) -> None:
    found = columns(results[NAME].tables["weights"])
    epoch = found["epoch"].max() if last else found["epoch"].min()
    chosen = found["epoch"] == epoch
    rows = found["weight"][chosen].reshape(-1, 1 + found["input"].max())
    limit = np.abs(rows).max()
    ax.imshow(rows, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    dress(
        ax,
        xlabel="number i",
        ylabel="hidden unit, by frequency",
        title=f"after {plural(int(epoch), 'update')}" if last else "before training",
    )
    ax.grid(visible=False)
    ax.tick_params(labelsize=SMALL_FONT_SIZE)


def _caption_accuracy(results: Results) -> str:
    facts = facts_of(results)
    return (
        f"Accuracy and loss on the training pairs and on the others, mean of "
        f"{plural(facts['seeds'], 'seed')} with pairs and initial weights of their own; the bands "
        "hold 90 % and half of them."
    )


def _caption_spectrum(results: Results) -> str:
    return (
        "Two measures of the weights, mean and range over seeds. The inverse participation ratio "
        "of the spectrum of a unit's weights is 1 for a single frequency. The cosine is 1 where "
        "the phases of a unit are those of the solution in closed form. Dotted: accuracy on the "
        "other pairs."
    )


def _caption_weights(results: Results) -> str:
    shown = int(columns(results[NAME].tables["weights"])["unit"].max()) + 1
    return (
        f"Weights from the first of the two numbers to {shown} of the hidden units, of the first "
        "seed: each row is a unit, sorted by its strongest frequency. Red: positive; blue: "
        "negative."
    )


def _mean(values: Values) -> float:
    """Return the mean of the runs that reach a mark; NaN where none does."""
    reached = values[np.isfinite(values)]
    return float(reached.mean()) if len(reached) else float("nan")


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    marks = columns(results[NAME].tables["marks"])
    at, test_loss = _curves(results, "test_loss")
    at_others = _mean(marks["others"])
    _, ratio = _curves(results, "ratio")
    return {
        "seeds": len(marks["seed"]),
        "all": _mean(marks["all"]),
        "others_at_all": _mean(marks["others_at_all"]),
        "others": at_others,
        "ratio_then": float(ratio[:, np.abs(at - at_others).argmin()].mean()),
        "ratio_after": float(marks["ratio_after"].mean()),
        "last_loss": test_loss[:, -1],
    }


FIGURES = (
    ReportFigure(
        key="accuracy",
        title="Accuracy and loss against the update",
        panels=(
            Panel(
                _draw_accuracy,
                "The accuracy on the training pairs reaches 100 % long before that on the others "
                "leaves 0.",
            ),
            Panel(_draw_loss, "The test loss rises a little before it falls."),
        ),
        caption=_caption_accuracy,
        panel_size=(3.9, 3.0),
    ),
    ReportFigure(
        key="spectrum",
        title="Frequencies and phases of the weights against the update",
        panels=(
            Panel(
                _draw_spectrum,
                "Phases agree within 20 updates; frequencies separate later and more slowly.",
            ),
        ),
        caption=_caption_spectrum,
        panel_size=(4.8, 3.2),
    ),
    ReportFigure(
        key="weights",
        title=f"Weights of one network on the numbers modulo {MODULUS}",
        panels=(
            Panel(partial(_draw_weights, last=False), "Noise."),
            Panel(
                partial(_draw_weights, last=True),
                f"After {UPDATES} updates nearly every row is a cosine wave.",
            ),
        ),
        caption=_caption_weights,
        panel_size=(3.9, 3.2),
    ),
)
