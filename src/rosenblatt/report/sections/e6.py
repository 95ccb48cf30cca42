"""E6, stochastic gradient descent at six batch sizes: figures 3 to 8 and S4, table 4."""

from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from rosenblatt.experiments.published import BATCH_800
from rosenblatt.plotting import batch_color, dress, legend, plot_accuracy, plot_loss
from rosenblatt.plotting.curves import epoch_axis
from rosenblatt.plotting.style import LINE_WIDTH
from rosenblatt.report.format import count, number, percent, plain, plural, power_of_ten, sequence
from rosenblatt.report.parts import Panel, ReportFigure, Results, Section
from rosenblatt.report.rows import Columns, columns, groups, mean_sd, rows

BATCH_SIZES = (1, 10, 100, 200, 400, 800)
FIRST_FIGURE = 3


def _draw_loss(ax: Axes, results: Results, batch_size: int) -> None:
    replay, own = _curves(results, batch_size)
    plot_loss(
        ax,
        replay["epoch"],
        replay["train_loss"],
        replay["test_loss"],
        others=[(curve["epoch"], curve["test_loss"]) for curve in own],
        color=batch_color(batch_size),
        title=f"Loss, batch size {batch_size}",
        ylabel="mean cross-entropy",
    )
    ax.set_ylim(0, _upper_loss(results))


def _draw_accuracy(ax: Axes, results: Results, batch_size: int) -> None:
    replay, own = _curves(results, batch_size)
    plot_accuracy(
        ax,
        replay["epoch"],
        replay["train_accuracy"],
        replay["test_accuracy"],
        others=[(curve["epoch"], curve["test_accuracy"]) for curve in own],
        color=batch_color(batch_size),
        title=f"Accuracy, batch size {batch_size}",
    )
    ax.set_ylim(0.6, 1.01)


def _upper_loss(results: Results) -> float:
    """Return one upper end for all six loss axes, so that the panels compare.

    It is the largest loss after the first twentieth of the training: the losses of random initial
    weights would squeeze everything else.
    """
    curve = columns(results["E6"].tables["replay_curves"])
    later = curve["epoch"] >= curve["epoch"].max() / 20
    return 1.05 * float(max(curve["train_loss"][later].max(), curve["test_loss"][later].max()))


def _curves(results: Results, batch_size: int) -> tuple[Columns, list[Columns]]:
    tables = results["E6"].tables
    replay = columns(tables["replay_curves"], batch_size=batch_size)
    own = [curve for _, curve in groups(tables["own_curves"], "seed", batch_size=batch_size)]
    return replay, own


def _caption_batch(results: Results, batch_size: int) -> str:
    row = rows(results["E6"].tables["summary"], batch_size=batch_size)[0]
    replay, _ = _curves(results, batch_size)
    return (
        f"As-published replay with {plural(batch_size, 'sample')} per update: "
        f"{count(int(row['updates']))} updates in {int(replay['epoch'][-1])} epochs; the test "
        f"curves of {plural(int(row['seeds']), 'own seed')} faint beneath. The replay ends at a "
        f"test loss of {number(row['replay_test_loss'], 4)} and a test accuracy of "
        f"{percent(row['replay_test_accuracy'])}."
    )


def _draw_by_epoch(ax: Axes, results: Results) -> None:
    _draw_together(ax, results, "epoch")
    dress(ax, xlabel="epoch", ylabel="test loss (cross-entropy)", title="At equal epochs")
    epoch_axis(ax)
    legend(ax, loc="upper right", title="batch size", ncols=2)


def _draw_by_update(ax: Axes, results: Results) -> None:
    _draw_together(ax, results, "updates")
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.xaxis.set_major_formatter(lambda updates, _: power_of_ten(updates))
    dress(ax, xlabel="update (logarithmic axis)", ylabel="", title="At equal updates")


def _draw_together(ax: Axes, results: Results, axis: str) -> None:
    for batch_size in _batch_sizes(results):
        own = _curves(results, batch_size)[1]
        width = LINE_WIDTH * (0.85 if axis == "epoch" else 0.8 + 0.3 * np.log10(batch_size))
        mean = np.mean([curve["test_loss"] for curve in own], axis=0)
        started = own[0]["epoch"] > 0
        ax.plot(
            own[0][axis][started],
            mean[started],
            color=batch_color(batch_size),
            linewidth=width,
            zorder=3 - 0.1 * np.log10(batch_size),
            label=str(batch_size),
        )
    ax.set_ylim(bottom=0)


def _caption_together(results: Results) -> str:
    facts = _facts(results)
    text = (
        "Test loss of the six batch sizes, mean over own seeds; within a seed all six start from "
        "the same weights. Left against the epoch, right, the same curves, against the number of "
        "updates (from the first evaluation on)."
    )
    if len(facts["at_equal"]) > 1:
        values = [number(row["train_loss"], 3) for row in facts["at_equal"]]
        sizes = [str(row["batch_size"]) for row in facts["at_equal"]]
        text += (
            f" After {count(facts['equal_updates'])} updates the mean training losses are "
            f"{sequence(values)} for batch sizes {sequence(sizes)}."
        )
    return text


def _batch_sizes(results: Results) -> list[int]:
    return [int(row["batch_size"]) for row in rows(results["E6"].tables["summary"])]


def _facts(results: Results) -> dict[str, Any]:
    table = rows(results["E6"].tables["summary"])
    equal = min(int(row["updates"]) for row in table)
    full = table[-1]
    return {
        "rows": table,
        "best": min(table, key=lambda row: float(row["test_loss_mean"])),
        "worst": max(table, key=lambda row: float(row["test_loss_mean"])),
        "slowest": max(table, key=lambda row: float(row["seconds_mean"])),
        "fastest": min(table, key=lambda row: float(row["seconds_mean"])),
        "equal_updates": equal,
        "at_equal": _at_equal_updates(results, equal),
        "learning_rate": plain(results["E6"].settings["learning rate"]),
        "full": full,
        "full_published": BATCH_800,
        "noise": {int(row["batch_size"]): _noise(results, int(row["batch_size"])) for row in table},
    }


def _at_equal_updates(results: Results, updates: int) -> list[dict[str, Any]]:
    """Return the train loss of each batch size after the same number of updates.

    Interpolated between evaluations; a batch size that was not evaluated between its first update
    and ``updates`` is left out.
    """
    found = []
    for batch_size in _batch_sizes(results):
        _, own = _curves(results, batch_size)
        if own[0]["updates"][1] > updates:
            continue
        at = [np.interp(updates, curve["updates"], curve["train_loss"]) for curve in own]
        mean, sd = mean_sd(at)
        found.append({"batch_size": batch_size, "train_loss": mean, "sd": sd})
    return found


def _noise(results: Results, batch_size: int) -> float:
    """Return how much the replay's test loss jumps late in training.

    The median size of the change between neighbouring evaluations, over the second half of the run.
    """
    loss = _curves(results, batch_size)[0]["test_loss"]
    return float(np.median(np.abs(np.diff(loss[len(loss) // 2 :]))))


SECTION = Section(
    experiment="E6",
    figures=(
        *(
            ReportFigure(
                number=str(FIRST_FIGURE + place),
                name=f"figure_{FIRST_FIGURE + place:02d}_batch_size_{batch_size}",
                title=f"Loss and accuracy at batch size {batch_size}",
                experiments=("E6",),
                panels=(
                    Panel(
                        partial(_draw_loss, batch_size=batch_size),
                        f"Loss against epoch at batch size {batch_size}, train and test.",
                    ),
                    Panel(
                        partial(_draw_accuracy, batch_size=batch_size),
                        f"Accuracy against epoch at batch size {batch_size}, train and test.",
                    ),
                ),
                caption=partial(_caption_batch, batch_size=batch_size),
            )
            for place, batch_size in enumerate(BATCH_SIZES)
        ),
        ReportFigure(
            number="S4",
            name="figure_S4_batch_sizes_together",
            title="The six batch sizes together",
            experiments=("E6",),
            panels=(
                Panel(_draw_by_epoch, "Test loss of six batch sizes against epoch."),
                Panel(_draw_by_update, "Test loss of six batch sizes against the update."),
            ),
            caption=_caption_together,
        ),
    ),
    facts=_facts,
)
