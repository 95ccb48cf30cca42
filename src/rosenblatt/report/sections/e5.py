"""E5, the MLP of E4 from other initial weights: figure 12."""

from functools import partial
from typing import Any

from rosenblatt.report.format import percent
from rosenblatt.report.parts import Panel, ReportFigure, Results, Section
from rosenblatt.report.sections import full_batch

PRINTED_START = 0.5
"""Accuracy before training, as the source prints it ("near")."""


def _caption(results: Results) -> str:
    facts = _facts(results)
    return (
        f"The as-published replay with initialisation seed {facts['replay']['seed']}. Test "
        f"accuracy goes from {percent(facts['replay']['start_test_accuracy'])} to "
        f"{percent(facts['replay']['test_accuracy'])} in {facts['epochs']} epochs; nothing but the "
        "initial weights differs from figure 2."
    )


def _facts(results: Results) -> dict[str, Any]:
    return full_batch.facts(results, "E5") | {"printed_start": PRINTED_START}


SECTION = Section(
    experiment="E5",
    figures=(
        ReportFigure(
            number="12",
            name="figure_12_seed_4",
            title="Loss and accuracy of the MLP from another seed",
            experiments=("E5",),
            panels=(
                Panel(
                    partial(full_batch.draw_loss, experiment="E5", own=False),
                    "Loss against epoch, train and test.",
                ),
                Panel(
                    partial(full_batch.draw_accuracy, experiment="E5", own=False),
                    "Accuracy against epoch, train and test.",
                ),
            ),
            caption=_caption,
        ),
    ),
    facts=_facts,
)
