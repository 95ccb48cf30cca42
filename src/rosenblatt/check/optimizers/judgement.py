"""Judgement of an optimizer's path: the rule, right or wrong, that has its numbers."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.check.numbers.compare import same
from rosenblatt.check.optimizers.mistakes import wrong_rules
from rosenblatt.check.optimizers.names import VALUES
from rosenblatt.check.optimizers.paths import STEPS, UpdatePath
from rosenblatt.check.optimizers.rules import Rule, right_rules, updates
from rosenblatt.check.optimizers.steps import Hyper
from rosenblatt.check.optimizers.worlds import gradients_of_updates
from rosenblatt.check.source.calls import N

CLOSE = 1e-5
"""The largest difference of two moves, as a fraction of the largest entry."""

Judgement = tuple[str, Rule, int]
"""(mistake, "" for a right optimizer; rule; number of the parameter)"""


def _hypers(path: UpdatePath, gradients: list[Any]) -> Iterator[Hyper]:
    """Yield hyper-parameters to try: the named ones, and those that are seen in the steps."""
    given, moves = path.given, path.moves(0)
    rates = [given["lr"]] if given.get("lr") else []
    if rates and not isinstance(path.way.kind, str):
        # The update of a layer may divide its summed gradients by the number of samples.
        rates.append(rates[0] / N)
    if not rates:
        sizes = np.abs(moves[0])
        rates = [float(np.nanmedian(sizes / np.abs(gradients[0]))), float(np.nanmax(sizes))]
    eps = given.get("eps", 1e-8)
    fitted = 0.9
    finite = np.isfinite(moves[1])
    if finite.any():
        # Of momentum: step 2 = −η (g₂ + μ g₁).
        system = np.stack([gradients[0][finite], gradients[1][finite]], axis=1)
        past, now = np.linalg.lstsq(system, moves[1][finite], rcond=None)[0]
        fitted = float(past / now) if now and 0.05 < abs(past / now) < 1 else 0.9
    momenta = [given[k] for k in ("momentum", "rho", "beta1") if given.get(k)][:1] or [
        abs(fitted),
        0.9,
    ]
    decays = [given[k] for k in ("rho", "momentum", "beta2", "beta1") if given.get(k)] or [
        0.9,
        0.99,
        0.999,
        0.95,
    ]
    beta1 = given.get("beta1") or given.get("momentum") or 0.9
    beta2 = given.get("beta2") or given.get("rho") or 0.999
    for lr, momentum, rho in itertools.product(rates, momenta, decays):
        yield Hyper(lr, momentum, beta1, beta2, rho, eps)


def judge(path: UpdatePath) -> Judgement | None:
    """Return the rule that a path follows, and the mistake in it; None for an unknown rule."""
    return _follows(path, right_rules) or _follows(path, wrong_rules)


def right_rule(path: UpdatePath) -> Rule | None:
    """Return the right rule that a path follows with all its parameters, or None."""
    judgement = _follows(path, right_rules)
    return judgement[1] if judgement is not None and not judgement[0] else None


def _follows(path: UpdatePath, rules: Callable[[Hyper], Iterator[Rule]]) -> Judgement | None:
    all_gradients = gradients_of_updates(STEPS)
    gradients = [[pair[k] for pair in all_gradients] for k in range(path.members)]
    other = [position[0] for position in path.paths[1]]
    moves = path.moves(0)
    others = [after - before for before, after in itertools.pairwise(other)]
    independent = all(
        same(a, b, 1e-7) or not np.isfinite(a).any() for a, b in zip(moves, others, strict=True)
    )
    lam = path.given.get("decay", VALUES["decay"])
    for h in _hypers(path, gradients[0]):
        for (l2, decay), mistake in _decay_terms(h, lam, independent):
            if mistake and rules is wrong_rules:
                continue
            for rule in rules(h):
                start = path.paths[0][0][0]
                if not _agrees(rule, start, gradients[0], l2, decay, moves):
                    continue
                named = rule.mistake or mistake
                if named or path.members == 1:
                    return named, rule, 0
                return _second(path, rule, h, l2, decay, gradients[1])
    return None


def _second(
    path: UpdatePath, rule: Rule, h: Hyper, l2: float, decay: float, gradients: list[Any]
) -> Judgement | None:
    """Judge the second parameter where the first follows a right rule."""
    start, moves = path.paths[0][0][1], path.moves(1)
    if not any(np.any(move) for move in moves):
        return "bias-gradient-missing", rule, 1
    # Weight decay of the weights alone is usual.
    for terms in ((l2, decay), (0.0, 0.0)):
        if _agrees(rule, start, gradients, *terms, moves):
            return "", rule, 0
    for wrong in wrong_rules(h):
        if wrong.name == rule.name and _agrees(wrong, start, gradients, l2, decay, moves):
            return wrong.mistake, wrong, 1
    return None


def _decay_terms(h: Hyper, lam: float, independent: bool) -> list[tuple[tuple[float, float], str]]:
    """Return ((l2, decoupled decay), mistake) to try."""
    if independent:
        return [((0.0, 0.0), "")]
    right = [(lam, 0.0), (2 * lam, 0.0), (0.0, h.lr * lam), (0.0, lam), (0.0, 2 * h.lr * lam)]
    return [
        *((pair, "") for pair in right),
        *(((-l2, -decay), "sign") for l2, decay in right),
    ]


def _agrees(
    rule: Rule, start: Any, gradients: list[Any], l2: float, decay: float, moves: list[Any]
) -> bool:
    value = start
    for after, move in zip(updates(rule, start, gradients, l2, decay), moves, strict=True):
        if not np.array_equal(np.isfinite(after), np.isfinite(value + move)):
            return False
        if np.isfinite(after).any() and not same(after - value, move, CLOSE):
            return False
        value = after
    return True


def right_moves(path: UpdatePath, rule: Rule, member: int) -> list[Any]:
    """Return what each update of the right rule adds to a parameter."""
    gradients = [pair[member] for pair in gradients_of_updates(STEPS)]
    h = next(_hypers(path, [pair[0] for pair in gradients_of_updates(STEPS)]))
    right = next((r for r in right_rules(h) if r.name == rule.name), rule)
    start = path.paths[0][0][member]
    values = [start, *updates(right, start, gradients)]
    return [after - before for before, after in itertools.pairwise(values)]
