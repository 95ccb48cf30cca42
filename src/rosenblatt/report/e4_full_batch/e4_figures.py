"""Figures of E4, an MLP on the two moons, and the numbers that its text names."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator

from rosenblatt.experiments.base import mean_and_sd
from rosenblatt.experiments.two_moons import network
from rosenblatt.plotting import dress, legend, plot_dataset, plot_decision_regions
from rosenblatt.plotting.curves import epoch_axis, plot_band
from rosenblatt.plotting.style import ACCENT, CONTRAST, LINE_WIDTH, MUTED
from rosenblatt.report.format import count, number, percent, plain, plural
from rosenblatt.report.full_batch_training import draw_accuracy, draw_loss, full_batch_facts
from rosenblatt.report.parts import Panel, ReportFigure, Results
from rosenblatt.report.rows import columns, points, rows, runs

PRINTED_START, PRINTED_END = 0.77, 0.92
"""Accuracy before and after training, as the source prints it ("about")."""


def _draw_moons(ax: Axes, results: Results, split: str, title: str) -> None:
    table = results["E4"].tables["points"]
    X, y = points(table, split)
    plot_dataset(ax, X, y, ["class 0", "class 1"], title=f"{title}: {len(y)} points")
    both = columns(table)
    ax.set(
        xlim=(both["x1"].min() - 0.2, both["x1"].max() + 0.2),
        # The legend has its room above the points.
        ylim=(both["x2"].min() - 0.2, both["x2"].max() + 0.75),
        aspect="equal",
    )
    legend(ax, loc="upper center", ncols=2, markerscale=2)


def _draw_regions(ax: Axes, results: Results) -> None:
    result = results["E4"]
    (X, y), (X_test, y_test) = (
        points(result.tables["points"], split) for split in ("train", "test")
    )
    plot_decision_regions(
        ax,
        _predictor(result.tables["weights"]),
        X,
        y,
        ["class 0", "class 1"],
        X_test=X_test,
        y_test=y_test,
    )
    ax.set_aspect("equal")


def _predictor(weights: pa.Table) -> Callable[[npt.ArrayLike], npt.NDArray[np.float64]]:
    """Return the function from points (N, 2) to probabilities (N, 2) of the replay's network."""
    model, table = network(), columns(weights)
    params = {
        name: table["value"][table["name"] == name].reshape(shape)
        for name, shape in model.shapes.items()
    }

    def predict_proba(X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        outputs, _ = model.forward(params, np.asarray(X, dtype=np.float64))
        return model.default_loss.probabilities(outputs)

    return predict_proba


def _draw_along(ax: Axes, results: Results, names: tuple[str, ...], ylabel: str) -> None:
    table = results["E4"].tables["plateau"]
    for name, color in zip(names, (ACCENT, CONTRAST), strict=False):
        own = runs(table, protocol="own")
        label = name.split("_")[0] if len(names) > 1 else "own seeds, median"
        plot_band(ax, own[0]["epoch"], [run[name] for run in own], color=color, label=label)
        replay = columns(table, protocol="replay")
        ax.plot(
            replay["epoch"],
            replay[name],
            color=color,
            linewidth=LINE_WIDTH,
            linestyle="--",
            label=None if len(names) > 1 else "replay",
        )
    dress(ax, xlabel="epoch", ylabel=ylabel)
    epoch_axis(ax)


def _draw_norm(ax: Axes, results: Results) -> None:
    _draw_along(ax, results, ("gradient_norm",), "norm of the gradient (log axis)")
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter(lambda value, _: plain(value))
    ax.minorticks_off()
    legend(ax, loc="upper right")


def _draw_eigenvalues(ax: Axes, results: Results) -> None:
    names = ("largest_eigenvalue", "smallest_eigenvalue")
    _draw_along(ax, results, names, "eigenvalue of the Hessian (log axis)")
    ax.axhline(0, color=MUTED, linewidth=0.8)
    ax.set_yscale("symlog", linthresh=0.1)
    ax.set_yticks([-1, -0.1, 0, 0.1, 1, 10], labels=["−1", "−0.1", "0", "0.1", "1", "10"])
    ax.minorticks_off()
    legend(ax, loc="upper right", bbox_to_anchor=(1, 0.72))


def _caption_plateau(results: Results) -> str:
    table = results["E4"].tables["plateau"]
    replay = columns(table, protocol="replay")
    n_own = len(runs(table, protocol="own"))
    return (
        "What the plateau is made of: the norm of the gradient, and the largest and the smallest "
        "eigenvalue of the Hessian of the training loss (logarithmic axes, that of the eigenvalues "
        f"linear between −0.1 and 0.1). Lines: median of {plural(n_own, 'own seed')} (a Hessian "
        "takes a while, so these are not all), with bands that hold 90 % and half of them; dashed: "
        "the replay, which ends with a gradient of norm "
        f"{number(replay['gradient_norm'][-1], 3)} and a smallest eigenvalue of "
        f"{number(replay['smallest_eigenvalue'][-1], 3)}. Where an eigenvalue is negative, the "
        "loss curves downwards in some direction, and there is no local optimum."
    )


def _caption_replay(results: Results) -> str:
    facts = facts_of(results)
    start, end = facts["replay"]["start_test_accuracy"], facts["replay"]["test_accuracy"]
    return (
        f"The MLP trained on the full batch for {facts['epochs']} epochs, replay. "
        f"Both sets are measured every {facts['eval_every']} epochs with the same weights, epoch 0 "
        f"being before the first update. Test accuracy goes from {percent(start)} to "
        f"{percent(end)}; the losses end at {number(facts['replay']['train_loss'], 4)} (train) and "
        f"{number(facts['replay']['test_loss'], 4)} (test)."
    )


def _caption_moons(results: Results) -> str:
    facts = facts_of(results)
    return (
        "The two moons on which the MLP is trained and tested, noise 0.2: "
        f"{count(facts['n_train'])} training points, first, and {count(facts['n_test'])} test "
        "points. Both axes have one scale."
    )


def _caption_loss(results: Results) -> str:
    facts = facts_of(results)
    mean, sd = facts["own_test_loss"]
    return (
        "The loss of [[full_batch]] among our own runs: same data, other initial weights "
        f"({plural(facts['n_own'], 'seed')}). Their test losses end at "
        f"{number(mean, 3)}{'' if math.isnan(sd) else f' ± {number(sd, 3)}'}, the replay at "
        f"{number(facts['replay']['test_loss'], 3)}. In their first epochs some runs lie above the "
        "end of the axis."
    )


def _caption_accuracy(results: Results) -> str:
    facts = facts_of(results)
    return (
        "The accuracy of [[full_batch]] among our own runs: same data, other initial weights "
        f"({plural(facts['n_own'], 'seed')}). They start {facts['own_start_range']}; the "
        f"replay starts at {percent(facts['replay']['start_test_accuracy'])}."
    )


def _caption_regions(results: Results) -> str:
    facts = facts_of(results)
    return (
        f"What the replay's network decides after {facts['epochs']} epochs. Filled: training "
        "points; outlined: test points; line: the border on which both classes have probability "
        f"one half. {percent(facts['replay']['test_accuracy'])} of the test points lie on their "
        "own side."
    )


def facts_of(results: Results) -> dict[str, Any]:
    """Return the numbers that the text of the section names."""
    tables = results["E4"].tables
    own = columns(tables["summary"], protocol="own")
    return full_batch_facts(results, "E4") | {
        "n_train": len(points(tables["points"], "train")[1]),
        "logistic": rows(tables["logistic"], draw=0)[0],
        "bayes": rows(tables["bayes"])[0]["accuracy"],
        "n_fresh": results["E4"].settings["fresh points"],
        "draws": len(np.unique(own["draw"])),
        "all_fresh": mean_and_sd(own["fresh_accuracy"]),
        "printed_start": PRINTED_START,
        "printed_end": PRINTED_END,
    }


def _panel(draw: Any, description: str, *, own: bool) -> Panel:
    return Panel(partial(draw, experiment="E4", own=own), description)


FIGURES = (
    ReportFigure(
        key="full_batch",
        number=2,
        title="Loss and accuracy of the MLP, full batch",
        panels=(
            _panel(draw_loss, "Loss against epoch, train and test.", own=False),
            _panel(
                draw_accuracy,
                "Accuracy against epoch, train and test.",
                own=False,
            ),
        ),
        caption=_caption_replay,
    ),
    ReportFigure(
        key="moons",
        number=10,
        title="The training and the test set of the MLP",
        panels=(
            Panel(
                partial(_draw_moons, split="train", title="Training set"),
                "Scatter plot of the training points: two interleaved half moons.",
            ),
            Panel(
                partial(_draw_moons, split="test", title="Test set"),
                "Scatter plot of the test points: two interleaved half moons.",
            ),
        ),
        caption=_caption_moons,
    ),
    ReportFigure(
        key="loss_of_seeds",
        title="Loss of the MLP among other initial weights",
        panels=(
            _panel(
                draw_loss,
                "Loss against epoch, replay and other initial weights.",
                own=True,
            ),
        ),
        caption=_caption_loss,
    ),
    ReportFigure(
        key="accuracy_of_seeds",
        number=11,
        title="Accuracy of the MLP among other initial weights",
        panels=(
            _panel(
                draw_accuracy,
                "Accuracy against epoch, replay and other initial weights.",
                own=True,
            ),
        ),
        caption=_caption_accuracy,
    ),
    ReportFigure(
        key="plateau",
        title="Gradient and curvature along the run",
        panels=(
            Panel(_draw_norm, "Norm of the gradient against epoch, falling ever more slowly."),
            Panel(
                _draw_eigenvalues,
                "Largest and smallest eigenvalue of the Hessian against epoch; the smallest "
                "stays below 0.",
            ),
        ),
        caption=_caption_plateau,
    ),
    ReportFigure(
        key="decision_regions",
        title="What the trained network decides",
        panels=(
            Panel(
                _draw_regions,
                "Scatter plot of two interleaved half moons over the plane tinted by the class "
                "that the network predicts.",
            ),
        ),
        caption=_caption_regions,
        panel_size=(4.6, 3.3),
    ),
)
