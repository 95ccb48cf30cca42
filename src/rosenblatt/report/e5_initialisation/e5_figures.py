"""Figures of E5, another initialisation, and the numbers that its text names."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.experiments.base import mean_and_sd
from rosenblatt.experiments.reference_numbers import FULL_BATCH
from rosenblatt.plotting import dress, legend
from rosenblatt.plotting.curves import epoch_axis, percent_axis, plot_band
from rosenblatt.plotting.style import (
    ACCENT,
    CONTRAST,
    LINE_WIDTH,
    MUTED,
    RAMP,
    SMALL_FONT_SIZE,
)
from rosenblatt.report.format import (
    count,
    number,
    percent,
    percent_spread,
    plain,
    plural,
    sequence,
)
from rosenblatt.report.full_batch_training import draw_accuracy, draw_loss, full_batch_facts
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import columns, runs

PRINTED_START = 0.5
"""Accuracy before training, as the source prints it ("near")."""


def _caption(results: Results) -> str:
    facts = facts_of(results)
    replay = facts["replay"]
    return (
        f"The replay with initialisation seed {replay['seed']}: (a) accuracy, "
        f"(b) loss. Test accuracy goes from {percent(replay['start_test_accuracy'])} to "
        f"{percent(replay['test_accuracy'])} in {facts['epochs']} epochs; nothing but the initial "
        "weights differs from [[full_batch]]."
    )


def _draw_starts(ax: Axes, results: Results) -> None:
    starts = columns(results["E5"].tables["starts"])["test_accuracy"]
    own = columns(results["E5"].tables["summary"], protocol="own")
    edges = np.arange(0, 1.0001, 0.02).tolist()
    for values, color, label in (
        (starts, MUTED, "before training"),
        (own["fresh_accuracy"], ACCENT, "after 1500 epochs"),
    ):
        shares = np.full(len(values), 1 / len(values))
        ax.hist(values, edges, weights=shares, color=color, alpha=0.75, label=label)
    own_start = columns(results["E5"].tables["replay_curve"])["test_accuracy"][0]
    for at, seed in ((FULL_BATCH[42]["start_test_accuracy"], 42), (own_start, 4)):
        ax.axvline(at, color=CONTRAST, linewidth=LINE_WIDTH * 0.7, linestyle="--")
        ax.annotate(
            f"seed {seed}",
            (at, 0.97),
            (-3, 0),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            rotation=90,
            ha="right",
            va="top",
            fontsize=SMALL_FONT_SIZE,
            color=CONTRAST,
        )
    dress(ax, xlabel="accuracy (%)", ylabel="share of initialisations (%)")
    ax.xaxis.set_major_formatter(lambda fraction, _: f"{100 * fraction:.0f}")
    percent_axis(ax)
    legend(ax, loc="upper left")


def _caption_starts(results: Results) -> str:
    starts = columns(results["E5"].tables["starts"])["test_accuracy"]
    own = columns(results["E5"].tables["summary"], protocol="own")
    mean, sd = mean_and_sd(starts)
    end, end_sd = mean_and_sd(own["fresh_accuracy"])
    return (
        f"Accuracy before training of {count(len(starts))} networks with standard normal weights, "
        f"on the 200 test points: {percent_spread(mean, sd)} %. After training "
        f"({plural(len(own['seed']), 'seed')}), on 100 000 fresh points: "
        f"{percent_spread(end, end_sd)} %. Dashed: where the source's two seeds started."
    )


def _draw_scales(ax: Axes, results: Results, column: str, ylabel: str) -> None:
    table = results["E5"].tables["scaled_curves"]
    for std, color in zip(np.unique(columns(table)["std"]).tolist(), RAMP, strict=False):
        curves = runs(table, std=std)
        plot_band(
            ax,
            curves[0]["epoch"],
            [curve[column] for curve in curves],
            color=color,
            label=plain(std),
            with_outer=False,
        )
    dress(ax, xlabel="epoch", ylabel=ylabel)
    epoch_axis(ax)


def _draw_scaled_loss(ax: Axes, results: Results) -> None:
    _draw_scales(ax, results, "train_loss", "training loss (cross-entropy)")
    ax.set_ylim(0, 1.2)


def _draw_scaled_accuracy(ax: Axes, results: Results) -> None:
    _draw_scales(ax, results, "test_accuracy", "test accuracy (%)")
    percent_axis(ax)
    legend(ax, loc="lower right", title="sd of the initial weights", ncols=2)


def _caption_scales(results: Results) -> str:
    table = columns(results["E5"].tables["scaled"])
    listed = []
    for std in np.unique(table["std"]).tolist():
        mean, _ = mean_and_sd(table["train_loss"][table["std"] == std])
        listed.append(f"{number(mean, 3)} ({plain(std)})")
    n = len(np.unique(table["seed"]))
    return (
        "How far 1500 full-batch epochs lead from initial weights of six standard deviations: "
        f"median of {plural(n, 'seed')} and the band that holds half of them. The mean training "
        f"losses at the end, by standard deviation: {sequence(listed)}. From tiny weights nearly "
        "all of the training goes by on a plateau at ln 2, where all outputs are equal and the "
        "gradient is nearly zero."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text of the section names."""
    starts = columns(results["E5"].tables["starts"])["test_accuracy"]
    return full_batch_facts(results, "E5") | {
        "printed_start": PRINTED_START,
        "starts": mean_and_sd(starts),
        "n_starts": len(starts),
    }


FIGURES = (
    ReportFigure(
        key="seed_4",
        number=12,
        title="Accuracy and loss of the MLP from another seed",
        panels=(
            Panel(
                partial(
                    draw_accuracy,
                    experiment="E5",
                    own=False,
                    title="(a) Accuracy, seed 4",
                ),
                "Accuracy against epoch, train and test.",
            ),
            Panel(
                partial(
                    draw_loss,
                    experiment="E5",
                    own=False,
                    title="(b) Loss, seed 4",
                ),
                "Loss against epoch, train and test.",
            ),
        ),
        caption=_caption,
    ),
    ReportFigure(
        key="starts",
        title="Where networks start and end",
        panels=(
            Panel(
                _draw_starts,
                "Two histograms of accuracy: a wide one before training, a narrow one after.",
            ),
        ),
        caption=_caption_starts,
        panel_size=(4.6, 2.8),
    ),
    ReportFigure(
        key="initial_scale",
        title="The scale of the initial weights",
        panels=(
            Panel(_draw_scaled_loss, "Training loss against epoch for six initial scales."),
            Panel(_draw_scaled_accuracy, "Test accuracy against epoch for six initial scales."),
        ),
        caption=_caption_scales,
    ),
)
