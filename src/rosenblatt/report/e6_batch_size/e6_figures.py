"""Figures of E6, the batch size, and the numbers that its text names."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from rosenblatt.experiments.e6_batch_size import BATCH_SIZES, RATE_PER_SAMPLE
from rosenblatt.experiments.reference_numbers import BATCH_800
from rosenblatt.experiments.two_moons import PERTURBATION
from rosenblatt.plotting import batch_color, dress, legend, plot_accuracy, plot_loss
from rosenblatt.plotting.curves import epoch_axis, percent_axis
from rosenblatt.plotting.style import CLASS_COLORS, INK, LINE_WIDTH, MUTED, SMALL_FONT_SIZE
from rosenblatt.report.e6_batch_size import cuts
from rosenblatt.report.e6_batch_size.cuts import BySize
from rosenblatt.report.format import count, number, percent, plain, plural, power_of_ten, sequence
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import Columns, columns, rows, runs
from rosenblatt.report.verdicts import effect

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


def _curves(
    results: Results, batch_size: int, rates: str = "fixed"
) -> tuple[Columns, list[Columns]]:
    tables = results["E6"].tables
    replay = columns(tables["replay_curves"], batch_size=batch_size)
    return replay, runs(tables["own_curves"], batch_size=batch_size, rates=rates)


def _caption_batch(results: Results, batch_size: int) -> str:
    row = rows(results["E6"].tables["summary"], batch_size=batch_size)[0]
    replay, _ = _curves(results, batch_size)
    # Of the source's orders of the samples nothing is known.
    orders = "" if batch_size == BATCH_SIZES[-1] else " (in orders of our own)"
    return (
        f"Replay{orders} with {plural(batch_size, 'sample')} per update: "
        f"{count(int(row['updates']))} updates in {int(replay['epoch'][-1])} epochs; beneath "
        f"it the test curves of {plural(int(row['seeds']), 'own seed')}, each on its own draw of "
        "the data. The replay ends at a "
        f"test loss of {number(row['replay_test_loss'], 4)} and a test accuracy of "
        f"{percent(row['replay_test_accuracy'])}."
    )


def _draw_by_epoch(ax: Axes, results: Results) -> None:
    _draw_together(ax, results, lambda curve, _: curve["epoch"])
    dress(ax, xlabel="epoch", ylabel=TEST_LOSS, title="At equal epochs")
    epoch_axis(ax)
    legend(ax, loc="upper right", title="batch size", ncols=2)


def _draw_by_update(ax: Axes, results: Results) -> None:
    _draw_together(ax, results, lambda curve, _: curve["updates"])
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.xaxis.set_major_formatter(lambda updates, _: power_of_ten(updates))
    dress(ax, xlabel="update (logarithmic axis)", ylabel=TEST_LOSS, title="At equal updates")


def _draw_by_second(ax: Axes, results: Results) -> None:
    per_epoch = cuts.timing(results, "seconds_per_epoch")
    _draw_together(ax, results, lambda curve, size: 1e3 * curve["epoch"] * per_epoch[size])
    ax.axvline(1e3 * cuts.fewest_seconds(results), color=MUTED, linewidth=0.8, linestyle="--")
    ax.set_xscale("log")
    ax.minorticks_off()
    ax.xaxis.set_major_formatter(lambda value, _: power_of_ten(value))
    dress(ax, xlabel="time (ms, logarithmic axis)", ylabel=TEST_LOSS, title="At equal seconds")


def _draw_scaled(ax: Axes, results: Results) -> None:
    _draw_together(ax, results, lambda curve, _: curve["epoch"], rates="scaled")
    dress(ax, xlabel="epoch", ylabel=TEST_LOSS, title="At equal epochs, scaled rate")
    epoch_axis(ax)


def _draw_together(
    ax: Axes,
    results: Results,
    place: Callable[[Columns, int], npt.NDArray[np.float64]],
    rates: str = "fixed",
) -> None:
    for batch_size in _batch_sizes(results):
        own = _curves(results, batch_size, rates)[1]
        width = LINE_WIDTH * (0.8 + 0.15 * np.log10(batch_size))
        mean = np.mean([curve["test_loss"] for curve in own], axis=0)
        started = own[0]["epoch"] > 0
        ax.plot(
            place(own[0], batch_size)[started],
            mean[started],
            color=batch_color(batch_size),
            linewidth=width,
            zorder=3 - 0.1 * np.log10(batch_size),
            label=str(batch_size),
        )
    ax.set_ylim(bottom=0)


def _caption_together(results: Results) -> str:
    at_updates = cuts.at_updates(results, "train_loss")
    values = [number(float(np.nanmean(losses)), 3) for losses in at_updates.values()]
    sizes = [str(size) for size in at_updates]
    n, n_scaled = _seeds(results), _seeds(results, "scaled")
    return (
        f"Test loss of the six batch sizes, mean over {plural(n, 'own seed')}, from the first "
        "evaluation on; within a seed all six have the same data and start from the same weights. "
        "The same curves against the epoch, against the number of updates, and against the time of "
        f"one run on this machine (known to within {percent(cuts.uncertainty(results), 0)}; "
        "dashed: when the quickest has ended); and against the epoch with a learning rate of "
        f"{plain(RATE_PER_SAMPLE)} times the batch size ({plural(n_scaled, 'seed')}). After "
        f"{count(int(cuts.fewest_updates(results)))} updates the mean training losses are "
        f"{sequence(values)} for batch sizes {sequence(sizes)}."
    )


def _draw_measure(ax: Axes, lines: Mapping[str, BySize], ylabel: str) -> None:
    """Draw the mean over seeds against the batch size, with its interval, a line for each cut."""
    for place, (name, by_size) in enumerate(lines.items()):
        color, marker, dashes = _CUT_STYLES[name]
        found = {size: effect(values) for size, values in by_size.items()}
        kept = {size: one for size, one in found.items() if one is not None}
        mean = np.array([one.mean for one in kept.values()])
        ends = np.array([(one.interval.low, one.interval.high) for one in kept.values()]).T
        ax.errorbar(
            np.log10(list(kept)) + 0.03 * (place - (len(lines) - 1) / 2),
            mean,
            yerr=np.where(np.isfinite(ends), np.abs(ends - mean), 0.0),
            color=color,
            marker=marker,
            linestyle=dashes,
            markersize=4.5,
            linewidth=LINE_WIDTH * 0.8,
            elinewidth=1.1,
            label=name,
        )
    _batch_size_axis(ax)
    dress(ax, xlabel="batch size (logarithmic axis)", ylabel=ylabel)


def _batch_size_axis(ax: Axes) -> None:
    ax.set_xticks(np.log10(BATCH_SIZES), labels=[str(size) for size in BATCH_SIZES])
    ax.minorticks_off()


def _draw_generalisation(ax: Axes, results: Results) -> None:
    name = "fresh_accuracy"
    lines = {
        EPOCHS_CUT: cuts.ends(results, name),
        SCALED_CUT: cuts.ends(results, name, "scaled"),
    }
    _draw_measure(ax, lines, "accuracy on fresh points (%)")
    percent_axis(ax)
    legend(ax, loc="lower left")


def _draw_test_losses(ax: Axes, results: Results) -> None:
    name = "test_loss"
    lines = {
        EPOCHS_CUT: cuts.ends(results, name),
        UPDATES_CUT: cuts.at_updates(results, name),
        SECONDS_CUT: cuts.at_seconds(results, name),
        SCALED_CUT: cuts.ends(results, name, "scaled"),
    }
    _draw_measure(ax, lines, TEST_LOSS)
    ax.set_ylim(0, 1.5 * ax.get_ylim()[1])  # The legend has its room above the lines.
    legend(ax, loc="upper left")


def _caption_generalisation(results: Results) -> str:
    n, n_scaled = _seeds(results), _seeds(results, "scaled")
    return (
        f"What each batch size comes to, mean over {plural(n, 'seed')} with its 95 % interval, "
        "compared in four ways: after equal epochs (which are equal samples seen), after equal "
        "updates, after equal seconds, and after equal epochs with a learning rate of "
        f"{plain(RATE_PER_SAMPLE)} times the batch size ({plural(n_scaled, 'seed')}). First, "
        "accuracy on 100 000 fresh points at the end; second, loss on the test points."
    )


def _draw_eigenvalues(ax: Axes, results: Results) -> None:
    _draw_sharpness(ax, results, "largest_eigenvalue", "largest eigenvalue of the Hessian")
    ax.set_ylim(0, 1.3 * ax.get_ylim()[1])
    legend(ax, loc="upper left")


def _draw_perturbed(ax: Axes, results: Results) -> None:
    _draw_sharpness(ax, results, "perturbed_loss", "rise of the training loss")


def _draw_sharpness(ax: Axes, results: Results, name: str, ylabel: str) -> None:
    lines = {
        EPOCHS_CUT: cuts.sharp(results, name),
        LOSS_CUT: cuts.sharp_at_equal_loss(results, name),
        SCALED_CUT: cuts.sharp(results, name, "scaled"),
    }
    _draw_measure(ax, lines, ylabel)
    ax.set_ylim(bottom=0)


def _caption_sharpness(results: Results) -> str:
    n, n_all = len(cuts.sharp(results, "trace")[1]), _seeds(results)
    at_loss = cuts.sharp_at_equal_loss(results, "trace").values()
    fewest = min(int(np.isfinite(values).sum()) for values in at_loss)
    loss = results["E6"].settings["equal training loss"]
    return (
        f"How sharp the loss is, mean over {plural(n, 'seed')} with its 95 % interval"
        + (f" (not over all {n_all}: a Hessian takes a while). " if n < n_all else ". ")
        + "First, the largest eigenvalue of the Hessian of the training loss; second, how much the "
        "training loss rises in the mean when every weight is moved by a random number of standard "
        f"deviation {PERTURBATION:g}. After equal epochs; where each run first has a training loss "
        f"of at most {loss:g}"
        + (f" (at least {fewest} of the seeds come there)" if fewest < n else "")
        + "; and after equal epochs with the learning rate scaled with the batch size."
    )


def _draw_noise(ax: Axes, results: Results) -> None:
    lines = {
        name: {size: np.log10(values) for size, values in noise.items()}
        for name, noise in (
            (EPOCHS_CUT, cuts.ends(results, "noise")),
            (SCALED_CUT, cuts.ends(results, "noise", "scaled")),
        )
    }
    _draw_measure(ax, lines, "noise of the test loss (log axis)")
    ax.yaxis.set_major_formatter(lambda value, _: power_of_ten(10**value))
    ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    legend(ax, loc="lower left")


def _draw_time_to_solve(ax: Axes, results: Results) -> None:
    seconds = cuts.timing(results, "seconds_per_epoch")
    ax.set_yscale("log")
    for size, values in cuts.ends(results, "epochs_to_95").items():
        reached = np.isfinite(values)
        ax.plot(
            np.log10(size) + np.linspace(-0.06, 0.06, reached.sum()),
            1e3 * seconds[size] * values[reached],
            linestyle="none",
            marker=".",
            markersize=4.5,
            markeredgecolor="none",
            color=batch_color(size),
            alpha=0.6,
        )
        ax.annotate(
            f"{reached.sum()}",
            (np.log10(size), 0.02),
            xycoords=("data", "axes fraction"),
            ha="center",
            fontsize=SMALL_FONT_SIZE,
            color=MUTED,
        )
    ax.yaxis.set_major_formatter(lambda value, _: power_of_ten(value))
    low, high = ax.get_ylim()
    ax.set_ylim(low / 2.5, high)
    _batch_size_axis(ax)
    dress(ax, xlabel="batch size (logarithmic axis)", ylabel="time to 95 % (ms, log axis)")


def _caption_noise(results: Results) -> str:
    return (
        "First, the noise of the test loss from one evaluation to the next, in the second half of "
        "training: its standard deviation around a nearly straight curve, geometric mean over "
        f"{plural(_seeds(results), 'seed')} ({_seeds(results, 'scaled')} with a scaled rate) with "
        "its 95 % interval, where it is wider than the marker. Second, how long one run takes "
        "until 95 % of the test points are right, a dot for each seed that gets there within 1500 "
        "epochs (by the median time of an epoch, which is known to within "
        f"{percent(cuts.uncertainty(results), 0)}); the grey numbers are how many of the "
        f"{plural(_seeds(results), 'seed')} do."
    )


def _batch_sizes(results: Results) -> list[int]:
    return [int(row["batch_size"]) for row in rows(results["E6"].tables["summary"])]


def _seeds(results: Results, rates: str = "fixed") -> int:
    """Return how many own seeds there are."""
    return len(cuts.ends(results, "epoch", rates)[BATCH_SIZES[0]])


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text of the section names."""
    table = rows(results["E6"].tables["summary"])
    updates = cuts.at_updates(results, "train_loss")
    return {
        "rows": table,
        "best": min(table, key=lambda row: float(row["test_loss_mean"])),
        "worst": max(table, key=lambda row: float(row["test_loss_mean"])),
        "equal_updates": int(cuts.fewest_updates(results)),
        "at_equal": [float(np.nanmean(values)) for values in updates.values()],
        "scaled": [
            float(np.mean(values))
            for values in cuts.ends(results, "fresh_accuracy", "scaled").values()
        ],
        "fixed": [
            float(np.mean(values)) for values in cuts.ends(results, "fresh_accuracy").values()
        ],
        "rate_per_sample": plain(RATE_PER_SAMPLE),
        "learning_rate": plain(results["E6"].settings["learning rate"]),
        "full": table[-1],
        "full_independent": BATCH_800,
    }


EPOCHS_CUT, UPDATES_CUT, SECONDS_CUT = "equal epochs", "equal updates", "equal seconds"


LOSS_CUT, SCALED_CUT = "equal training loss", "equal epochs, scaled rate"


TEST_LOSS = "test loss (cross-entropy)"


_CUT_STYLES = {
    EPOCHS_CUT: (INK, "o", "-"),
    UPDATES_CUT: (CLASS_COLORS[3], "s", "--"),
    SECONDS_CUT: (CLASS_COLORS[1], "D", ":"),
    LOSS_CUT: (CLASS_COLORS[3], "s", "--"),
    SCALED_CUT: (CLASS_COLORS[2], "^", "-."),
}
"""Colour, marker and dashes of each comparison: none is the colour of a batch size."""


FIGURES = (
    *(
        ReportFigure(
            key=f"batch_size_{batch_size}",
            number=FIRST_FIGURE + place,
            title=f"Loss and accuracy at batch size {batch_size}",
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
        key="batch_sizes_together",
        title="The six batch sizes together",
        panels=(
            Panel(_draw_by_epoch, "Test loss of six batch sizes against epoch."),
            Panel(_draw_by_update, "Test loss of six batch sizes against the update."),
            Panel(_draw_by_second, "Test loss of six batch sizes against the time."),
            Panel(
                _draw_scaled,
                "Test loss of six batch sizes against epoch, with a learning rate that grows "
                "with the batch size: the curves end alike.",
            ),
        ),
        caption=_caption_together,
    ),
    ReportFigure(
        key="four_cuts",
        title="The batch sizes, compared in four ways",
        panels=(
            Panel(_draw_generalisation, "Accuracy on fresh points against the batch size."),
            Panel(_draw_test_losses, "Test loss against the batch size, in four comparisons."),
        ),
        caption=_caption_generalisation,
    ),
    ReportFigure(
        key="sharpness",
        title="Sharpness",
        panels=(
            Panel(
                _draw_eigenvalues,
                "Largest eigenvalue of the Hessian against batch size, in three comparisons.",
            ),
            Panel(
                _draw_perturbed,
                "Rise of the loss under random changes of the weights, in three comparisons.",
            ),
        ),
        caption=_caption_sharpness,
    ),
    ReportFigure(
        key="noise_and_time",
        title="Noise and time",
        panels=(
            Panel(_draw_noise, "Noise of the test loss against the batch size, falling."),
            Panel(_draw_time_to_solve, "Milliseconds to 95 % accuracy, rising with the size."),
        ),
        caption=_caption_noise,
    ),
)
