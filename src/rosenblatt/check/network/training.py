"""The updates of a training run, compared with those of the reference."""

import ast
import re
from typing import Any

import numpy as np

from rosenblatt.check.network.findings import update_finding
from rosenblatt.check.network.losses import (
    Gradients,
    agrees_with_rate,
    common_factor,
    known_tops,
    usual_tops,
)
from rosenblatt.check.network.mistakes import wrong_updates
from rosenblatt.check.network.network import SCHEDULE, Step, find_steps, rates_of
from rosenblatt.check.network.rules import judge_rule
from rosenblatt.check.network.samples import sample_findings
from rosenblatt.check.network.values import value_findings
from rosenblatt.check.record.recording import Event
from rosenblatt.check.report.texts import LARGE_LOGITS
from rosenblatt.check.source.text import Source

EVENLY = "All parameters have this factor, so that only the learning rate differs."
"""The end of the text of a remark: a factor of all updates."""

FIXED = "If an example of one update keeps its biases as they are, that is right."
"""The end of the text of a remark: a bias that the only update of a run leaves as it is."""


def check_training(events: list[Event], source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of a recorded run; None where no network is recognized in it."""
    steps = [step for step in find_steps(events, source.code) if step.targets]
    steps = [s for s in steps if any(np.any(m) for m in s.moved.values())]
    early = value_findings(events, steps)
    if early:
        return early
    if not steps:
        return None
    constants = [
        float(node.value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, int | float)
        and not isinstance(node.value, bool)
    ]
    rates = rates_of(events, constants)
    name = _forward_name(steps[0])
    if name == "softmax over samples" and len(steps[0].net.x) > 1:
        return [update_finding(steps[0], source, "softmax-wrong-axis", "W0", None, None, r"exp\(")]
    judged = False
    for number in range(len(steps[:3])):
        verdict = _judge(steps, number, rates, source)
        if verdict is None:
            continue
        judged = True
        if verdict:
            return [_of_only_update(f, source) for f in verdict] if len(steps) == 1 else verdict
    if not judged:
        return None
    return sample_findings(events, steps, source) or _overflow(steps, source)


def _of_only_update(finding: dict[str, Any], source: Source) -> dict[str, Any]:
    """Return a finding of the only update of a run.

    Its text ends with ``FIXED`` for biases that the code has as numbers other than 0: a well-known
    example by hand moves the weights once, and no bias.
    """
    written = [
        value
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign)
        for target, value in _assigned(node.targets[0], node.value)
        if ast.unparse(target) == finding["parameter"]
    ]
    parts = [part for value in written for part in ast.walk(value)]
    numbers = [part.value for part in parts if isinstance(part, ast.Constant)]
    literal = all(isinstance(p, ast.List | ast.Constant | ast.expr_context) for p in parts)
    if finding["mistake"] != "bias-gradient-missing" or not (literal and numbers and all(numbers)):
        return finding
    return {**finding, "text": f"{finding['text']} {FIXED}"}


def _assigned(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Return what an assignment gives to each target: ``b, c = [0.1, 0.2], [0.3]``."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return list(zip(target.elts, value.elts, strict=False))
    return [(target, value)]


def _overflow(steps: list[Step], source: Source) -> list[dict[str, Any]]:
    """Return a finding for a softmax of exponentials from which no maximum is subtracted."""
    if steps[0].net.activations[-1] != "softmax" or "exp(" not in source.code:
        return []
    if re.search(r"max\(|logsumexp|log_softmax|clip\(|maximum", source.code):
        return []
    finding = update_finding(steps[0], source, "softmax-overflow", "W0", None, None, r"exp\(")
    return [{**finding, "text": LARGE_LOGITS}]


def _forward_name(step: Step) -> str:
    return step.net.activations[-1]


def _judge(
    steps: list[Step], number: int, rates: list[float], source: Source
) -> list[dict[str, Any]] | None:
    """Return findings, [] where the update is right, None where it cannot be told."""
    step, earlier = steps[number], steps[:number]
    observed = step.moved
    known = known_tops(step)
    n = len(step.net.x)
    right: list[tuple[str, Any, Gradients]] = []
    for loss, y, top in known:
        right.append((loss, y, step.net.backward(top)))
    accepted: list[float] = []
    for _, _, gradients in right:
        c = common_factor(observed, gradients)
        if c is not None:
            if c > 0 and (agrees_with_rate(c, rates) or not rates):
                return []
            accepted.append(c)
    if accepted:
        multiples = _by_factor(step, accepted, rates, n, source, right[0][2])
        if multiples or len(rates) > 2:
            return multiples
        return _hypotheses(step, known, earlier, rates, source, exact=True) or []
    free = [(loss, y, top) for y in step.targets for loss, top in usual_tops(step, y)]
    if not known:
        for loss, _, top in free:
            c = common_factor(observed, step.net.backward(top))
            if c is None:
                continue
            if not _has_one_factor(steps, number, loss, c, source.code):
                return None
            if c > 0:
                return []
            wrong = np.asarray(observed["W0"])
            return [update_finding(step, source, "sign", "W0", wrong, -wrong, None)]
    tops = known or free[:6]
    if not tops:
        return None
    for exact in (True, False):
        explained = _hypotheses(step, tops, earlier, rates, source, exact=exact)
        if explained and (known or _is_confirmed(steps, number, explained[0]["mistake"])):
            return explained
    return judge_rule(step, earlier, rates, source, [*known, *free])


def _has_one_factor(steps: list[Step], number: int, loss: str, c: float, code: str) -> bool:
    """Return whether all updates are multiples of a loss's gradient with the factor of one.

    A loss that the run does not compute may fit one update by chance, and rewards have either sign.
    """
    varies = re.search(SCHEDULE, code, re.I)
    for step in steps[:3]:
        found = [
            common_factor(step.moved, step.net.backward(top)) or 0.0
            for y in step.targets
            for name, top in usual_tops(step, y)
            if name == loss
        ]
        free = varies or len(step.net.x) != len(steps[number].net.x)
        if not any(f / c > 0 and (free or abs(f / c - 1) < 1e-3) for f in found):
            return False
    return True


def _is_confirmed(steps: list[Step], number: int, mistake: str) -> bool:
    """Return whether a mistake explains further updates, by a loss that the run does not compute.

    One update may resemble a wrong one of such a loss by chance.
    """
    for other, step in enumerate(steps[:3]):
        tops = [(loss, y, top) for y in step.targets for loss, top in usual_tops(step, y)][:6]
        predicted = (
            gradients
            for loss, y, top in tops
            for name, _, gradients in wrong_updates(step, loss, y, top, steps[:other])
            if name == mistake
        )
        if other != number and not any(
            (common_factor(step.moved, gradients) or -1.0) > 0 for gradients in predicted
        ):
            return False
    return True


def _hypotheses(
    step: Step,
    tops: list[tuple[str, Any, Any]],
    earlier: list[Step],
    rates: list[float],
    source: Source,
    *,
    exact: bool,
) -> list[dict[str, Any]]:
    """Return the finding of the first mistake that gives the update, with a known rate if exact."""
    for loss, y, top in tops:
        for mistake, parameter, predicted in wrong_updates(step, loss, y, top, earlier):
            c = common_factor(step.moved, predicted)
            if c is None or c < 0 or (exact and not agrees_with_rate(c, rates)):
                continue
            numeric = step.net.backward(top)[parameter]
            return [
                update_finding(
                    step, source, mistake, parameter, predicted[parameter], numeric, None
                )
            ]
    return []


def _by_factor(
    step: Step,
    factors: list[float],
    rates: list[float],
    n: int,
    source: Source,
    right: Gradients,
) -> list[dict[str, Any]]:
    """Return a finding where the whole update is a simple multiple of the right one."""
    for c in factors:
        if c < 0:
            return [
                update_finding(
                    step, source, "sign", "W0", -np.asarray(right["W0"]), right["W0"], None
                )
            ]
    for c in factors:
        for rate in rates:
            for f, mistake in (
                (n, "batch-factor"),
                (1 / n, "batch-factor"),
                (2.0, "constant-factor"),
                (0.5, "constant-factor"),
                (1 / n**2, "batch-factor"),
            ):
                fits = abs(c / rate / f - 1) < 1e-4 and len(rates) <= 2
                if fits and (n > 1 or mistake != "batch-factor"):
                    wrong = f * np.asarray(right["W0"])
                    found = update_finding(step, source, mistake, "W0", wrong, right["W0"], None)
                    return [{**found, "text": f"{found['text']} {EVENLY}"}]
    return []
