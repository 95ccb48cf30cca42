"""Figures and the table of the border of trainability, and the numbers that its text names."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from matplotlib.axes import Axes

from rosenblatt.plotting import dress, plot_trainability
from rosenblatt.plotting.style import (
    FAINT_WIDTH,
    LINE_WIDTH,
    MUTED,
    class_style,
    legend,
)
from rosenblatt.report.format import number, plural, sequence
from rosenblatt.report.parts import Column, Panel, ReportFigure, ReportTable, Results
from rosenblatt.report.rows import columns
from rosenblatt.reproductions.fractal.claims import dimensions
from rosenblatt.reproductions.fractal.experiment import (
    CONDITIONS,
    IMAGES,
    NAME,
    PLACES,
    RANDOM,
    ROUGHEST,
    ZOOM,
    Condition,
)

TITLES = {ROUGHEST: "to the roughest part", RANDOM: "to a random point"}


def _draw_map(condition: Condition) -> Callable[[Axes, Results], None]:
    def draw(ax: Axes, results: Results) -> None:
        found = columns(results[NAME].tables["pixels"], condition=condition.name)
        x, y = np.unique(found["x"]), np.unique(found["y"])
        values = found["value"][np.lexsort((found["x"], found["y"]))].reshape(len(y), len(x))
        # The axis of offsets is linear: powers of ten of it are evenly spaced on the drawn axis.
        plot_trainability(
            ax,
            10**x,
            10**y,
            values,
            xlabel="offset of the first weights" if condition.has_offset else "rate, first layer",
            ylabel="rate, both layers" if condition.has_offset else "rate, second layer",
            title=condition.name,
            has_bar=False,
        )
        if condition.has_offset:
            ticks = np.linspace(x[0], x[-1], 5)
            ax.set_xticks(10**ticks, [number(tick, 2) for tick in ticks])
            ax.set_xticks([], minor=True)

    return draw


def _panels(*conditions: Condition) -> tuple[Panel, ...]:
    return tuple(Panel(_draw_map(one), f"The border is rough: {one.name}.") for one in conditions)


def _draw_zoom(place: str) -> Callable[[Axes, Results], None]:
    def draw(ax: Axes, results: Results) -> None:
        slopes = columns(results[NAME].tables["slopes"], place=place)
        for i, condition in enumerate(CONDITIONS):
            color, marker = class_style(i)
            mine = slopes["condition"] == condition.name
            images = np.unique(slopes["image"][mine])
            means = [slopes["slope"][mine & (slopes["image"] == image)].mean() for image in images]
            ax.plot(
                float(ZOOM) ** images,
                means,
                color=color,
                marker=marker,
                markersize=4,
                linewidth=LINE_WIDTH,
                label=condition.name,
            )
        ax.axhline(1, color=MUTED, linewidth=FAINT_WIDTH, linestyle=":")
        ax.set_xscale("log")
        ax.set_ylim(0.85, 2.5)
        ax.set_yticks(np.linspace(1, 2, 6))
        dress(ax, xlabel="magnification", ylabel="dimension of the map", title=TITLES[place])
        if place == ROUGHEST:
            legend(ax, loc="upper left", ncols=2)

    return draw


def _caption_maps(results: Results) -> str:
    return (
        "The second map of the first zoom sequence of each condition to the roughest part, an "
        "eighth as wide as the first, with a network at each point. Blue and green: training "
        "converges; yellow and red: it diverges; the darker, the faster, by rank. All axes are "
        "learning rates on a logarithmic scale."
    )


def _caption_other_maps(results: Results) -> str:
    return (
        f"As in [[maps]], for {sequence([one.name for one in CONDITIONS[3:]])}. The offset is on a "
        "linear scale, in standard deviations of the initial weights; there the vertical axis is "
        "the learning rate of both layers."
    )


def _caption_zoom(results: Results) -> str:
    return (
        "Dimension of the border in each map of a zoom sequence against its magnification, the "
        f"mean over sizes of boxes and {plural(facts_of(results)['seeds'], 'network')}. Dotted: "
        "the dimension of a straight line."
    )


def _rows(results: Results) -> pa.Table:
    rows = []
    for condition in CONDITIONS:
        row = {"condition": condition.name, "published": condition.published}
        for place in PLACES:
            found = dimensions(results, condition.name, place)
            row |= {
                place: float(found.mean()) if len(found) else None,
                f"{place}_least": float(found.min()) if len(found) else None,
                f"{place}_most": float(found.max()) if len(found) else None,
            }
        rows.append(row)
    return pa.Table.from_pylist(rows)


def _range(place: str) -> Callable[[dict[str, Any]], str]:
    least, most = f"{place}_least", f"{place}_most"
    return lambda row: "–" if row[least] is None else f"{row[least]:.2f} to {row[most]:.2f}"


def _cell(name: str) -> Callable[[dict[str, Any]], str]:
    return lambda row: "–" if row[name] is None else number(row[name], 2)


def _caption_dimensions(results: Results) -> str:
    return (
        "Dimension of the border: the median of the slopes between sizes of boxes, over all maps "
        "of a zoom sequence, to the roughest part or to random points; mean and range of "
        f"{plural(facts_of(results)['seeds'], 'sequence')}, each of another network and other "
        "samples."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    means = {
        place: {
            one.name: float(values.mean())
            for one in CONDITIONS
            if len(values := dimensions(results, one.name, place))
        }
        for place in PLACES
    }
    boxes = columns(results[NAME].tables["boxes"])
    roughest = means[ROUGHEST]
    return {
        "seeds": len(np.unique(boxes["seed"])),
        "lowest": min(roughest.values()),
        "highest": max(roughest.values()),
        "lowest_of": min(roughest, key=lambda name: roughest[name]),
        "highest_of": max(roughest, key=lambda name: roughest[name]),
        "random_lowest": min(means[RANDOM].values()),
        "random_highest": max(means[RANDOM].values()),
        "decades": float(np.log10(ZOOM ** int(boxes["image"].max()))),
        "images": IMAGES,
    }


FIGURES = (
    ReportFigure(
        key="maps",
        title="Where training converges and where it diverges, by activation",
        panels=_panels(*CONDITIONS[:3]),
        caption=_caption_maps,
        panel_size=(3.0, 2.7),
    ),
    ReportFigure(
        key="other_maps",
        title="The same for minibatches, one sample, and an offset of the first weights",
        panels=_panels(*CONDITIONS[3:]),
        caption=_caption_other_maps,
        panel_size=(3.0, 2.7),
    ),
    ReportFigure(
        key="zoom",
        title="Dimension of the border against magnification",
        panels=tuple(
            Panel(_draw_zoom(place), "The dimension of most does not fall to 1 in small windows.")
            for place in PLACES
        ),
        caption=_caption_zoom,
        panel_size=(3.6, 3.4),
    ),
)

TABLES = (
    ReportTable(
        key="table_dimensions",
        title="Dimension of the border",
        rows=_rows,
        columns=(
            Column("condition", lambda row: row["condition"], is_text=True),
            Column("published", _cell("published")),
            Column("roughest part", _cell(ROUGHEST)),
            Column("range", _range(ROUGHEST)),
            Column("random point", _cell(RANDOM)),
            Column("range", _range(RANDOM)),
        ),
        caption=_caption_dimensions,
    ),
)
