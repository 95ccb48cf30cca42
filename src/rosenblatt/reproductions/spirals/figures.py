"""Figures of the two spirals, and the numbers that their text names."""

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes

from rosenblatt.plotting import dress
from rosenblatt.plotting.curves import percent_axis
from rosenblatt.plotting.style import (
    ACCENT,
    CLASS_COLORS,
    CLASS_MARKERS,
    CONTRAST,
    FAINT_ALPHA,
    FAINT_WIDTH,
    INK,
    LINE_WIDTH,
    MUTED,
    TRAIN_DASHES,
    legend,
)
from rosenblatt.report.format import count, plural
from rosenblatt.report.parts import (
    Column,
    Panel,
    ReportFigure,
    ReportTable,
    Results,
    Values,
)
from rosenblatt.report.rows import columns
from rosenblatt.reproductions.spirals.claims import (
    PUBLISHED,
    ends_of,
    epochs_cell,
    epochs_of,
    quartiles_of,
    share_learned,
)
from rosenblatt.reproductions.spirals.experiment import (
    EPOCHS,
    GRID,
    HIGHER_RATE,
    LOSSES,
    NAME,
    NETWORKS,
    RATE,
    spirals,
)

POSTED = {
    2000: 75,
    4000: 74,
    6000: 64,
    8000: 14,
    10000: 8,
    12000: 4,
    14000: 2,
    16000: 2,
    18000: 0,
}
"""Errors by epoch of the run that Lang reported to the list Connectionists on 5 August 1988."""

COLORS = dict(zip(NETWORKS, (ACCENT, CONTRAST), strict=True))


def _draw_errors(ax: Axes, results: Results, *, loss: str) -> None:
    for network, color in COLORS.items():
        table = results[NAME].tables["errors"]
        found = columns(table, loss=loss, network=network, rate=RATE)
        epochs = np.unique(found["epoch"])
        counts = []
        for seed in np.unique(found["seed"]):
            chosen = found["seed"] == seed
            own = found["errors"][chosen]
            if seed < 10:
                ax.plot(
                    found["epoch"][chosen],
                    own,
                    color=color,
                    linewidth=FAINT_WIDTH / 2,
                    alpha=FAINT_ALPHA,
                )
            # A run that has ended keeps its last count.
            counts.append(np.pad(own, (0, len(epochs) - len(own)), mode="edge"))
        ax.plot(
            epochs,
            np.median(counts, axis=0),
            color=color,
            linewidth=LINE_WIDTH,
            label=f"{network}, median",
        )
    if loss == "squared error":
        ax.plot(
            list(POSTED),
            list(POSTED.values()),
            linestyle="none",
            marker="s",
            markersize=4,
            color=INK,
            label="Lang, August 1988",
        )
    dress(ax, xlabel="epoch", ylabel="points on the wrong side", title=loss)
    ax.set(xlim=(0, EPOCHS), ylim=(0, 110))
    _thousands(ax)
    legend(ax, loc="center right")


def _thousands(ax: Axes) -> None:
    ax.xaxis.set_major_formatter(lambda value, _: count(int(value)))


def _draw_learned(ax: Axes, results: Results) -> None:
    for loss, color in zip(LOSSES, CLASS_COLORS, strict=False):
        for network in NETWORKS:
            needed = epochs_of(results, loss, network)
            learned = np.sort(needed[share_learned(results, loss, network) > 0])
            is_plain = network == "no short-cuts"
            ax.step(
                [0, *learned, EPOCHS],
                np.array([*range(len(learned) + 1), len(learned)]) / len(needed),
                where="post",
                color=color,
                linewidth=LINE_WIDTH,
                linestyle=TRAIN_DASHES if is_plain else "-",
                label=None if is_plain else loss,
            )
        ax.plot([PUBLISHED[loss]], [0.5], linestyle="none", marker="D", markersize=5, color=color)
    ax.plot([], [], color=INK, linestyle=TRAIN_DASHES, label="no short-cuts, both")
    ax.axhline(0.5, color=MUTED, linewidth=FAINT_WIDTH, linestyle=":")
    dress(ax, xlabel="epoch", ylabel="runs that have learned (%)")
    percent_axis(ax)
    ax.set(xlim=(0, EPOCHS), ylim=(-0.02, 1.02))
    _thousands(ax)
    legend(ax, loc="lower right", bbox_to_anchor=(1, 0.05))


def _draw_unit(ax: Axes, results: Results, *, column: str, title: str) -> None:
    table = results[NAME].tables["units"]
    dress(ax, xlabel="", ylabel="", title=title)
    ax.set(xlim=(-6.5, 6.5), ylim=(-6.5, 6.5), xticks=[], yticks=[], aspect="equal")
    ax.grid(visible=False)
    if len(table):
        found = columns(table, loss="squared error")
        x, y, value = (found[name].reshape(GRID, GRID) for name in ("x", "y", column))
        for level in (0.1, 0.3, 0.5, 0.7, 0.9):
            ax.contourf(
                x, y, value, levels=[level, np.inf], colors=[CLASS_COLORS[0]], alpha=0.1, zorder=0.5
            )
        ax.contour(x, y, value, levels=[0.5], colors=[INK], linewidths=0.9, zorder=1)
    points, is_first = spirals()
    for chosen, color, marker in zip(
        (is_first, ~is_first), CLASS_COLORS, CLASS_MARKERS, strict=False
    ):
        ax.plot(*points[chosen].T, linestyle="none", marker=marker, markersize=2, color=color)


def _caption_errors(results: Results) -> str:
    facts = facts_of(results)
    return (
        "Points whose output is on the wrong side of 0.5. Thick: median of "
        f"{plural(facts['seeds'], 'run')}; thin: the first ten; squares: the run that Lang posted "
        "in August 1988. A run that has ended keeps its last count."
    )


def _caption_learned(results: Results) -> str:
    return (
        "Share of the runs that have classified all 194 points correctly by an epoch, of "
        f"{plural(facts_of(results)['seeds'], 'run')} each. Diamonds: the published numbers of "
        "epochs, drawn at one half."
    )


def _caption_units(_: Results) -> str:
    return (
        "The first unit of each hidden layer, and the output, over the plane: darker from each of "
        "0.1, 0.3, 0.5, 0.7 and 0.9 on, with a line at 0.5. The network with short-cuts, the first "
        "seed that learns with the squared error, at its end. Markers: the 194 points."
    )


def _table_rows(results: Results) -> pa.Table:
    ends = results[NAME].tables["ends"].to_pylist()
    settings = sorted(
        {(row["loss"], row["network"], row["rate"]) for row in ends},
        key=lambda setting: (list(LOSSES).index(setting[0]), setting[2], setting[1] != NETWORKS[0]),
    )
    found = []
    for loss, network, rate in settings:
        own = ends_of(results, loss, network, rate)
        needed = epochs_of(results, loss, network, rate)
        later = own["separated_at"].astype(float) - own["learned_at"].astype(float)
        weights = own["mean_weight"].astype(float)
        never = int((~np.isfinite(own["learned_at"].astype(float))).sum())
        low, middle, high = quartiles_of(results, loss, network, rate)
        found.append(
            {
                "loss": loss,
                "network": network,
                "rate": rate,
                "runs": len(needed),
                "never": never,
                "low": low,
                "median": middle,
                "high": high,
                "separation": _mean(later),
                "weight": _mean(weights),
            }
        )
    return pa.Table.from_pylist(found)


def _mean(values: Values) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def _whole(value: float | None) -> str:
    return "–" if value is None else count(round(value))


TABLES = (
    ReportTable(
        key="table_epochs",
        title="Epochs until all points are right",
        rows=_table_rows,
        columns=(
            Column("loss", lambda row: row["loss"], is_text=True),
            Column("network", lambda row: f"{row['network']}, η = {row['rate']:g}", is_text=True),
            Column("runs", lambda row: str(row["runs"])),
            Column("never", lambda row: str(row["never"])),
            Column("25 %", lambda row: epochs_cell(row["low"])),
            Column("median", lambda row: epochs_cell(row["median"])),
            Column("75 %", lambda row: epochs_cell(row["high"])),
            Column("to 0.4, 0.6", lambda row: _whole(row["separation"])),
            Column("weight", lambda row: "–" if row["weight"] is None else f"{row['weight']:.2f}"),
        ),
        caption=lambda _: (
            "Epochs until all 194 points are right: quartiles over all runs, of which those that "
            f"have not learned after {count(EPOCHS)} epochs take longer than any. Then, as means "
            "over the runs that learned: further epochs until the outputs are below 0.4 and above "
            "0.6, and the mean absolute weight when all points are right for the first time."
        ),
        grouped=True,
    ),
)


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""

    def median(loss: str, rate: float = RATE) -> int:
        _, middle, _ = quartiles_of(results, loss, rate=rate)
        return EPOCHS if middle is None else round(middle)

    return {
        "seeds": len(share_learned(results, "squared error")),
        "squared": median("squared error"),
        "cross": median("cross-entropy"),
        "rate": RATE,
        "higher_rate": HIGHER_RATE,
        "higher": median("squared error", HIGHER_RATE),
        "plain": int(sum(share_learned(results, loss, "no short-cuts").sum() for loss in LOSSES)),
        "plain_runs": sum(len(share_learned(results, loss, "no short-cuts")) for loss in LOSSES),
    }


FIGURES = (
    ReportFigure(
        key="errors",
        title="Errors while training",
        panels=tuple(
            Panel(
                partial(_draw_errors, loss=loss),
                f"With the {loss}, errors fall to 0 with short-cuts.",
            )
            for loss in LOSSES
        ),
        caption=_caption_errors,
    ),
    ReportFigure(
        key="learned",
        title="Epochs that the runs need",
        panels=(Panel(_draw_learned, "Share of runs that have learned, by epoch."),),
        caption=_caption_learned,
        panel_size=(4.8, 3.2),
    ),
    ReportFigure(
        key="units",
        title="What the units see",
        panels=tuple(
            Panel(
                partial(_draw_unit, column=column, title=title),
                f"The {title} over the plane, with the points of both spirals.",
            )
            for column, title in (
                ("layer_1", "unit of layer 1"),
                ("layer_2", "unit of layer 2"),
                ("layer_3", "unit of layer 3"),
                ("output", "output"),
            )
        ),
        caption=_caption_units,
        panel_size=(2.8, 3.0),
    ),
)
