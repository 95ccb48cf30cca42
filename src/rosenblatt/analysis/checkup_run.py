"""The check-up of a run: why does it not learn, and what to do."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.analysis.checkup_learning import (
    rate_findings,
    shuffled_findings,
    ten_sample_findings,
    width_findings,
)
from rosenblatt.analysis.checkup_result import Checkup, Finding, in_order
from rosenblatt.analysis.checkup_state import (
    activation_findings,
    data_findings,
    layer_findings,
    outcome_findings,
)
from rosenblatt.analysis.checkup_subject import CheckedRun
from rosenblatt.checks import check_is
from rosenblatt.training.run import Run

Progress = Callable[[int, int], None]

PARTS: tuple[Callable[[CheckedRun, dict[str, Any]], Iterator[Finding]], ...] = (
    outcome_findings,
    data_findings,
    layer_findings,
    activation_findings,
    rate_findings,
    ten_sample_findings,
    shuffled_findings,
    width_findings,
)
"""The parts of a check-up in order; later ones use what earlier ones have measured."""


def checkup(run: Run, *, progress: Progress | None = None) -> Checkup:
    """Return what keeps a run from learning, with what was measured and what to do.

    It measures the weights at the start and the end of the run on the training set, and trains
    anew from the run's initial weights, on at most 1000 samples: with 64 constant learning rates
    from 1e-6 to 100, on ten samples, on shuffled labels, and, where the run has learned little, a
    wider network. Nothing of the run changes. The functions of ``checkup_state`` and
    ``checkup_learning`` say where the limit of each finding comes from;
    :class:`rosenblatt.analysis.Checkup` lists the measurements.

    Args:
        run: a run of :func:`rosenblatt.train`.
        progress: called with the number of steps done and of all; what it raises ends the check-up.

    Raises:
        ConfigurationError: the run was not made by :func:`rosenblatt.train`.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(200, noise=0.2, seed=0)
    >>> model = rb.MLP(2, [8], 2, activation="tanh")
    >>> slow = rb.train(model, data, optimizer=rb.SGD(1e-6), epochs=50, batch_size=10)
    >>> checkup = rb.checkup(slow)
    >>> [finding.id for finding in checkup.findings if finding.severity == "error"]
    ['rate_too_low']
    >>> print(checkup.findings[0].python)  # doctest: +ELLIPSIS
    rb.train(..., optimizer=rb.SGD(learning_rate=...))
    """
    check_is("run", run, Run)
    report = progress or (lambda done, of: None)
    checked = CheckedRun.of(run)
    measures: dict[str, Any] = {}
    findings: list[Finding] = []
    with np.errstate(all="ignore"):
        for done, part in enumerate(PARTS):
            report(done, len(PARTS))
            findings += part(checked, measures)
    report(len(PARTS), len(PARTS))
    return Checkup(in_order(_without_consequences(findings)), measures)


def _without_consequences(findings: list[Finding]) -> list[Finding]:
    """Leave out what only follows from another finding."""
    names = {finding.id for finding in findings}
    errors = {finding.id for finding in findings if finding.severity == "error"}
    broken = errors & {"dead_units", "symmetric_weights"}
    follows = {
        "labels_like_noise": broken | errors & {"cannot_fit_ten"},
        "no_rate_works": broken | names & {"labels_like_noise"},
        "too_small": broken,
        "not_learned": names & {"too_few_epochs"},
    }
    return [finding for finding in findings if not follows.get(finding.id)]
