"""Figures of the edge of stability, and the numbers that its text names."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.plotting import dress
from rosenblatt.plotting.style import CLASS_COLORS, FAINT_ALPHA, FAINT_WIDTH, LINE_WIDTH, legend
from rosenblatt.report.format import plural
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import columns
from rosenblatt.reproductions.edge_of_stability.experiment import DEGREES, N_POINTS, NAME, WINDOW


def _draw(ax: Axes, results: Results, *, degree: int, what: str) -> None:
    table = results[NAME].tables["curves"]
    rates = np.unique(columns(table, degree=degree)["rate"])[::-1]
    for rate, color in zip(rates, CLASS_COLORS, strict=False):
        found = columns(table, degree=degree, rate=rate)
        for seed in np.unique(found["seed"])[::-1]:
            chosen = found["seed"] == seed
            is_first = seed == 0
            ax.plot(
                found["time"][chosen],
                found[what][chosen],
                color=color,
                linewidth=LINE_WIDTH if is_first else FAINT_WIDTH,
                alpha=1.0 if is_first else FAINT_ALPHA,
                label=f"η = {rate:g}" if is_first else None,
            )
        if what == "largest":
            ax.axhline(2 / rate, color=color, linewidth=FAINT_WIDTH * 1.3, linestyle=(0, (4, 2)))
            ax.annotate(
                f"2/η, η = {rate:g}",
                (found["time"].max(), 2 / rate),
                xytext=(0, 2),
                textcoords="offset points",
                ha="right",
                fontsize="x-small",
                color=color,
            )
    is_eigenvalue = what == "largest"
    dress(
        ax,
        xlabel="learning rate × updates",
        ylabel="largest eigenvalue" if is_eigenvalue else "training loss",
        title=f"degree {degree}",
    )
    if not is_eigenvalue:
        ax.set_yscale("log")
        if degree == DEGREES[0]:
            legend(ax, loc="upper right")


def _caption_eigenvalues(results: Results) -> str:
    facts = facts_of(results)
    return (
        "The largest eigenvalue of the Hessian of the training loss while a network learns a "
        f"Chebyshev polynomial of {N_POINTS} points, by gradient descent on all of them. Dashed: "
        f"2/η. {plural(facts['seeds'], 'seed')}, of which "
        "one is drawn thick; the same initial weights for all learning rates."
    )


def _caption_losses(results: Results) -> str:
    facts = facts_of(results)
    return (
        "The training loss of the same runs, on a logarithmic axis. Of the last "
        f"{facts['window']} updates of runs that are at the line, {100 * facts['rises']:.0f} % "
        "raise the loss."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    runs = columns(results[NAME].tables["runs"])
    late = runs["late"].astype(float)
    at_line = np.isfinite(late)
    return {
        "seeds": len(np.unique(runs["seed"])),
        "runs": len(late),
        "reached": int((runs["most"] >= 0.95).sum()),
        "late": float(late[at_line].mean()),
        "rises": float(runs["rises"][at_line].mean()),
        "window": WINDOW,
    }


FIGURES = (
    ReportFigure(
        key="eigenvalues",
        title="The largest eigenvalue while training",
        panels=tuple(
            Panel(
                partial(_draw, degree=degree, what="largest"),
                f"Degree {degree}: the eigenvalues rise to their lines and stay there.",
            )
            for degree in DEGREES
        ),
        caption=_caption_eigenvalues,
        panel_size=(2.4, 2.4),
    ),
    ReportFigure(
        key="losses",
        title="The training loss of the same runs",
        panels=tuple(
            Panel(
                partial(_draw, degree=degree, what="loss"),
                f"Degree {degree}: the loss goes up and down, and falls over longer times.",
            )
            for degree in DEGREES
        ),
        caption=_caption_losses,
        panel_size=(2.4, 2.4),
    ),
)
