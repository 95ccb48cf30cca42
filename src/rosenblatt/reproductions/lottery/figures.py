"""Figures of lottery tickets, and the numbers that their text names."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from rosenblatt.plotting import dress
from rosenblatt.plotting.curves import percent_axis
from rosenblatt.plotting.style import CLASS_COLORS, INK, LINE_WIDTH, legend
from rosenblatt.report.format import plural
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import columns
from rosenblatt.reproductions.lottery.claims import BEST, DENSE, FEW, RANDOM, TOO_FEW, values_of
from rosenblatt.reproductions.lottery.experiment import NAME, TICKET

TICKS = (1.0, 0.5, 0.25, 0.12, 0.08, 0.04)
_KINDS = (
    ("ticket", "ticket: pruned by size", "o"),
    ("random", "random zeros", "s"),
    ("other", "ticket, other initial weights", "^"),
)


def _draw_accuracy(ax: Axes, results: Results) -> None:
    for (kind, label, marker), color in zip(_KINDS, CLASS_COLORS, strict=False):
        found = columns(results[NAME].tables["accuracies"], kind=kind)
        shares = np.unique(found["kept"])
        seeds = [found["test_accuracy"][found["kept"] == share] for share in shares]
        means = np.array([one.mean() for one in seeds])
        low, high = np.array([one.min() for one in seeds]), np.array([one.max() for one in seeds])
        ax.errorbar(
            shares,
            means,
            yerr=[means - low, high - means],
            color=color,
            marker=marker if len(shares) < 20 else None,
            markersize=4.5,
            linewidth=LINE_WIDTH,
            elinewidth=1.0,
            capsize=2,
            label=label,
        )
    ax.plot(
        [1.0, TICKET, TICKET, TOO_FEW],
        [DENSE, BEST, RANDOM, FEW],
        linestyle="none",
        marker="o",
        markersize=8,
        markerfacecolor="none",
        color=INK,
        label="published",
    )
    dress(ax, xlabel="weights kept (%)", ylabel="test accuracy (%)")
    ax.set_xscale("log")
    ax.invert_xaxis()
    ax.set_xticks(TICKS, labels=[f"{100 * tick:g}" for tick in TICKS])
    ax.xaxis.set_minor_locator(NullLocator())
    percent_axis(ax)
    legend(ax, loc="lower left")


def _draw_connections(ax: Axes, results: Results) -> None:
    found = columns(results[NAME].tables["connections"])
    picture = np.zeros((1 + found["unit"].max(), 40))
    picture[found["unit"], found["input"]] = 1
    ax.imshow(picture, cmap="Greys", vmin=0, vmax=1.2, aspect="auto", interpolation="nearest")
    dress(ax, xlabel="input", ylabel="hidden unit")
    ax.grid(visible=False)


def _caption_accuracy(results: Results) -> str:
    return (
        f"Test accuracy after training against the share of weights other than 0: mean and "
        f"range of {plural(facts_of(results)['seeds'], 'seed')}. Rings: two published trials, "
        "their means, which prune in 99 steps."
    )


def _caption_connections(results: Results) -> str:
    return (
        f"Which inputs the ticket with {100 * TICKET:g} % of its weights has kept (dark), for the "
        "units of its first layer that keep most; first seed. Runs of neighbouring inputs stay "
        "together."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    ticket = values_of(results, "ticket", TICKET)
    return {
        "seeds": len(ticket),
        "dense": float(values_of(results, "ticket", 1.0).mean()),
        "ticket": float(ticket.mean()),
        "random": float(values_of(results, "random", TICKET).mean()),
        "bare": float(values_of(results, "no biases", TICKET).mean()),
        "other": float(values_of(results, "other", TICKET).mean()),
    }


FIGURES = (
    ReportFigure(
        key="accuracy",
        title="Test accuracy against the weights kept",
        panels=(
            Panel(
                _draw_accuracy,
                "The accuracy of tickets rises until about a tenth of the weights is kept, then "
                "falls; that of random networks falls.",
            ),
        ),
        caption=_caption_accuracy,
        panel_size=(5.2, 3.4),
    ),
    ReportFigure(
        key="connections",
        title="Connections of a ticket's first layer",
        panels=(Panel(_draw_connections, "Dark cells form short horizontal runs."),),
        caption=_caption_connections,
        panel_size=(5.2, 3.2),
    ),
)
