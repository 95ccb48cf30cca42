"""Figures of the spectral bias, and the numbers that its text names."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from rosenblatt.plotting import dress
from rosenblatt.plotting.style import (
    ACCENT,
    FAINT_WIDTH,
    INK,
    LINE_WIDTH,
    MUTED,
    RAMP,
    SMALL_FONT_SIZE,
    legend,
)
from rosenblatt.report.format import count, plural
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import columns
from rosenblatt.reproductions.spectral_bias.claims import order_of, spectra, upper_when_lowest
from rosenblatt.reproductions.spectral_bias.experiment import EQUAL, FREQUENCIES, GROWING, NAME

STEP = FREQUENCIES[1] - FREQUENCIES[0]
DRAWN = (0, 1, 2, 4, 6, 9)
"""The frequencies whose curves are drawn, by their place."""
_SHARES = LinearSegmentedColormap.from_list("share", ("#f4f7f7", *RAMP))


def _draw_map(amplitudes: str, *, has_bar: bool) -> Callable[[Axes, Results], None]:
    def draw(ax: Axes, results: Results) -> None:
        updates, shares = spectra(results, amplitudes)
        step = updates[1] - updates[0]
        mesh = ax.pcolormesh(
            np.append(np.array(FREQUENCIES) - STEP / 2, FREQUENCIES[-1] + STEP / 2),
            np.append(updates - step / 2, updates[-1] + step / 2) / 1000,
            shares.mean(axis=0),
            cmap=_SHARES,
            vmin=0,
            vmax=1,
            rasterized=True,
        )
        dress(ax, xlabel="frequency k", ylabel="updates (1000)", title=amplitudes)
        ax.grid(visible=False)
        ax.set_xticks(FREQUENCIES[1::2])
        if has_bar:
            bar = ax.figure.colorbar(mesh, ax=ax, aspect=30, pad=0.02)
            bar.outline.set_visible(False)
            bar.set_label("share of the amplitude", fontsize=SMALL_FONT_SIZE, color=INK)
            bar.ax.tick_params(labelsize=SMALL_FONT_SIZE, labelcolor=INK, color=MUTED, length=0)

    return draw


def _draw_shares(amplitudes: str) -> Callable[[Axes, Results], None]:
    def draw(ax: Axes, results: Results) -> None:
        updates, shares = spectra(results, amplitudes)
        mean = shares.mean(axis=0)
        for i, color in zip(DRAWN, RAMP, strict=True):
            ax.plot(
                updates[1:],
                mean[1:, i],
                color=color,
                linewidth=LINE_WIDTH,
                label=f"k = {FREQUENCIES[i]}",
            )
        ax.axhline(1, color=MUTED, linewidth=FAINT_WIDTH, linestyle=":")
        ax.set_xscale("log")
        ax.set_ylim(bottom=0)
        dress(ax, xlabel="updates", ylabel="share of the amplitude", title=amplitudes)
        if amplitudes == EQUAL:
            legend(ax, loc="upper left")

    return draw


def _draw_function(place: int) -> Callable[[Axes, Results], None]:
    def draw(ax: Axes, results: Results) -> None:
        table = results[NAME].tables["functions"]
        updates = np.unique(columns(table, amplitudes=EQUAL)["updates"])
        found = columns(table, amplitudes=EQUAL, updates=updates[min(place, len(updates) - 1)])
        ax.plot(found["t"], found["target"], color=MUTED, linewidth=FAINT_WIDTH, label="target")
        ax.plot(found["t"], found["output"], color=ACCENT, linewidth=LINE_WIDTH, label="network")
        after = plural(int(found["updates"][0]), "update")
        dress(ax, xlabel="t", ylabel="f(t)", title=f"after {after}")
        if place == 0:
            legend(ax, loc="upper right", ncols=2)

    return draw


def _caption_spectra(results: Results) -> str:
    facts = facts_of(results)
    return (
        "How much of the amplitude of each frequency networks have while they train, the mean of "
        f"{plural(facts['seeds'], 'network')}: 1 is the target's amplitude. With growing "
        "amplitudes, the highest frequency has ten times the amplitude of the lowest."
    )


def _caption_shares(results: Results) -> str:
    return (
        "The same for six of the frequencies, k = "
        f"{', '.join(str(FREQUENCIES[i]) for i in DRAWN)}, on a logarithmic axis. Dotted: the "
        "amplitude of the target. A network may have more than that at a frequency for a while."
    )


def _caption_functions(results: Results) -> str:
    return (
        "The function of the first network with equal amplitudes, while it trains, and its target. "
        "It follows the slow rise and fall of the target first, and the fast ones late."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text names."""
    updates, shares = spectra(results, EQUAL)
    _, grown = spectra(results, GROWING)
    ends = columns(results[NAME].tables["ends"])
    return {
        "seeds": len(shares),
        "updates": count(int(updates[-1])),
        "order_equal": float(order_of(shares).mean()),
        "order_growing": float(order_of(grown).mean()),
        "upper": float(np.nanmean([upper_when_lowest(one) for one in shares])),
        "unexplained": float(ends["unexplained"].mean()),
        "lowest": float(shares[:, -1, 0].mean()),
        "highest": float(shares[:, -1, -1].mean()),
    }


FIGURES = (
    ReportFigure(
        key="spectra",
        title="Share of each frequency's amplitude while training",
        panels=(
            Panel(_draw_map(EQUAL, has_bar=False), "Low frequencies are learned first."),
            Panel(_draw_map(GROWING, has_bar=True), "Low ones first, although they are small."),
        ),
        caption=_caption_spectra,
        panel_size=(3.6, 3.4),
    ),
    ReportFigure(
        key="shares",
        title="Curves of six frequencies",
        panels=(
            Panel(_draw_shares(EQUAL), "The curves of low frequencies rise first."),
            Panel(_draw_shares(GROWING), "The curves of low frequencies rise first."),
        ),
        caption=_caption_shares,
        panel_size=(3.6, 2.8),
    ),
    ReportFigure(
        key="functions",
        title="Functions of a network while it trains",
        panels=tuple(
            Panel(_draw_function(place), "The network follows ever faster changes of its target.")
            for place in range(4)
        ),
        caption=_caption_functions,
        panel_size=(3.6, 2.2),
    ),
)
