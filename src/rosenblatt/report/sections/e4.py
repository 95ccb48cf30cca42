"""E4, the MLP trained on the full batch: figures 2, 10, 11 and S3, table 3."""

from functools import partial
from typing import Any

from matplotlib.axes import Axes

from rosenblatt.plotting import plot_decision_regions
from rosenblatt.report.format import number, percent, plural
from rosenblatt.report.parts import Panel, ReportFigure, Results, Section
from rosenblatt.report.rows import points
from rosenblatt.report.sections import full_batch

PRINTED_START, PRINTED_END = 0.77, 0.92
"""Accuracy before and after training, as the source prints it ("about")."""


def _draw_regions(ax: Axes, results: Results) -> None:
    result = results["E4"]
    (X, y), (X_test, y_test) = (
        points(result.tables["points"], split) for split in ("train", "test")
    )
    plot_decision_regions(
        ax,
        result.runs["replay"].predict_proba,
        X,
        y,
        ["class 0", "class 1"],
        X_test=X_test,
        y_test=y_test,
    )


def _caption_replay(results: Results) -> str:
    facts = _facts(results)
    start, end = facts["replay"]["start_test_accuracy"], facts["replay"]["test_accuracy"]
    return (
        f"The MLP trained on the full batch for {facts['epochs']} epochs, as-published replay. "
        f"Both sets are measured every {facts['eval_every']} epochs with the same weights, epoch 0 "
        f"being before the first update. Test accuracy goes from {percent(start)} to "
        f"{percent(end)}; the losses end at {number(facts['replay']['train_loss'], 4)} (train) and "
        f"{number(facts['replay']['test_loss'], 4)} (test)."
    )


def _caption_loss(results: Results) -> str:
    facts = _facts(results)
    mean, sd = facts["own_test_loss"]
    return (
        "The loss of figure 2 among our own runs: same data, other initial weights "
        f"({plural(facts['n_own'], 'seed')}, faint). The test losses of those end at "
        f"{number(mean, 3)}{'' if sd is None else f' ± {number(sd, 3)}'}, the replay at "
        f"{number(facts['replay']['test_loss'], 3)}."
    )


def _caption_accuracy(results: Results) -> str:
    facts = _facts(results)
    return (
        "The accuracy of figure 2 among our own runs: same data, other initial weights "
        f"({plural(facts['n_own'], 'seed')}, faint). They start {facts['own_start_range']}; the "
        f"replay starts at {percent(facts['replay']['start_test_accuracy'])}."
    )


def _caption_regions(results: Results) -> str:
    facts = _facts(results)
    return (
        f"What the replay's network decides after {facts['epochs']} epochs. Filled: training "
        "points; outlined: test points; line: the border on which both classes have probability "
        f"one half. {percent(facts['replay']['test_accuracy'])} of the test points lie on their "
        "own side."
    )


def _facts(results: Results) -> dict[str, Any]:
    return full_batch.facts(results, "E4") | {
        "printed_start": PRINTED_START,
        "printed_end": PRINTED_END,
    }


def _panel(draw: Any, description: str, *, own: bool) -> Panel:
    return Panel(partial(draw, experiment="E4", own=own), description)


SECTION = Section(
    experiment="E4",
    figures=(
        ReportFigure(
            number="2",
            name="figure_02_full_batch",
            title="Loss and accuracy of the MLP, full batch",
            experiments=("E4",),
            panels=(
                _panel(full_batch.draw_loss, "Loss against epoch, train and test.", own=False),
                _panel(
                    full_batch.draw_accuracy, "Accuracy against epoch, train and test.", own=False
                ),
            ),
            caption=_caption_replay,
        ),
        ReportFigure(
            number="10",
            name="figure_10_loss",
            title="Loss of the MLP among other initial weights",
            experiments=("E4",),
            panels=(
                _panel(
                    full_batch.draw_loss,
                    "Loss against epoch, replay and other initial weights.",
                    own=True,
                ),
            ),
            caption=_caption_loss,
        ),
        ReportFigure(
            number="11",
            name="figure_11_accuracy",
            title="Accuracy of the MLP among other initial weights",
            experiments=("E4",),
            panels=(
                _panel(
                    full_batch.draw_accuracy,
                    "Accuracy against epoch, replay and other initial weights.",
                    own=True,
                ),
            ),
            caption=_caption_accuracy,
        ),
        ReportFigure(
            number="S3",
            name="figure_S3_decision_regions",
            title="The moons and what the trained network decides",
            experiments=("E4",),
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
    ),
    facts=_facts,
)
