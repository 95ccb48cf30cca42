"""Updates that are no multiple of the gradient: momentum, Adam, decay."""

import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from rosenblatt.check.network.findings import update_finding
from rosenblatt.check.network.losses import agrees_with_rate, common_factor, known_tops
from rosenblatt.check.network.network import Step
from rosenblatt.check.numbers.reference import factor_name
from rosenblatt.check.source.kept_terms import adds_kept_term
from rosenblatt.check.source.text import Source

_OTHER_RULES = re.compile(
    r"momentum|adam|rms|velocity|dropout|batch_?norm|lambda|l2|decay|clip|hinge|regular", re.I
)
"""Words of code whose updates need not be multiples of the gradient."""

_ADAM = re.compile(r"adam|0?\.999\b", re.I)
"""Words of code whose updates are those of Adam."""

Findings = list[dict[str, Any]]


def judge_rule(
    step: Step,
    earlier: list[Step],
    rates: list[float],
    source: Source,
    tops: list[tuple[str, Any, Any]],
) -> Findings | None:
    """Judge an update that is not a multiple of the gradient: momentum, Adam, decay."""
    for _, _, top in tops:
        gradients = step.net.backward(top)
        if not all(np.isfinite(gradients[key]).all() for key in step.moved):
            continue
        if earlier:
            found = _with_momentum(step, earlier[-1], source, gradients)
        else:
            found = _of_one_size(step, rates, source, gradients)
        if found is not None:
            return found
    if step.unmatched_losses or _OTHER_RULES.search(source.code):
        return None
    if adds_kept_term(source, set(step.lines.values())):
        return None
    # Nothing fits: wrong only where the loss is known and all parameters are seen.
    known = known_tops(step)
    if known and not earlier:
        return _without_rule(step, rates, source, step.net.backward(known[0][2]))
    return None


def _joined(values: dict[str, Any], keys: Iterable[str]) -> Any:
    return np.concatenate([np.ravel(values[key]) for key in keys])


def _of_one_size(
    step: Step, rates: list[float], source: Source, gradients: dict[str, Any]
) -> Findings | None:
    """Judge a first update that moves all entries by the same size, as Adam does."""
    observed = step.moved
    g = _joined(gradients, observed)
    moving = np.abs(g) > 1e-5 * np.abs(g).max()
    sizes = _joined(observed, observed)[moving] * np.sign(g)[moving]
    if not sizes.size > 2 or not np.ptp(sizes) < 2e-2 * abs(sizes.mean()):
        return None
    size = float(sizes.mean())
    own, right = observed["W0"], np.sign(gradients["W0"])
    # The first step of RMSProp has the size of an Adam without corrections.
    for rate in rates if _ADAM.search(source.code) else []:
        for factor in (0.1 / np.sqrt(0.001), 0.1 / 0.001):
            if abs(size / rate / factor - 1) < 0.02:
                mistake = "adam-bias-correction"
                return [update_finding(step, source, mistake, "W0", own, rate * right, r"sqrt")]
    if size < 0:
        return [update_finding(step, source, "sign", "W0", own, -own, None)]
    return []


def _with_momentum(
    step: Step, earlier: Step, source: Source, gradients: dict[str, Any]
) -> Findings | None:
    """Judge an update that is made of the gradient and of the update before it."""
    observed, before = step.moved, earlier.moved
    if not all(np.shape(before.get(key, 0)) == np.shape(observed[key]) for key in observed):
        return None
    flat = _joined(observed, observed)
    matrix = np.stack([_joined(gradients, observed), _joined(before, observed)], axis=1)
    solution, *_ = np.linalg.lstsq(matrix, flat, rcond=None)
    rest = np.abs(matrix @ solution - flat).max()
    if rest > 1e-6 * np.abs(flat).max():
        return None
    k, mu = (float(v) for v in solution)
    own, right = observed["W0"], k * gradients["W0"]
    if 0.3 < mu < 1 and k > 0:
        return []
    if -1 < mu < -0.3 and k > 0:
        right = right - mu * before["W0"]
        pattern = r"momentum|mu|beta|\bv\w*"
        return [update_finding(step, source, "momentum-sign", "W0", own, right, pattern)]
    # With momentum of the last gradient alone, a second update may look like a sum of both.
    if abs(mu - 1) < 1e-6 and k > 0 and not re.search("momentum", source.code, re.I):
        return [update_finding(step, source, "gradients-accumulate", "W0", own, right, None)]
    return None


def _without_rule(
    step: Step, rates: list[float], source: Source, gradients: dict[str, Any]
) -> Findings | None:
    """Judge an update that follows no rule, of a known loss."""
    factors = {k: common_factor({k: moved}, gradients) for k, moved in step.moved.items()}
    for key, c in factors.items():
        if c is None:
            own, right = step.moved[key], gradients[key] * (rates[0] if rates else 1.0)
            return [update_finding(step, source, "unexplained", key, own, right, None)]
    for key, c in factors.items():
        if c is not None and rates and not agrees_with_rate(c, rates):
            mistake = factor_name(c / rates[0], len(step.net.x)) or "constant-factor"
            own, right = step.moved[key], gradients[key] * rates[0]
            return [update_finding(step, source, mistake, key, own, right, None)]
    return None
