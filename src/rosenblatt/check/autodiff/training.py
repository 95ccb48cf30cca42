"""The training of a file with automatic differentiation of its own, whose operations are right.

Each backward pass gives the gradients of the number that it begins at. The changes of the
parameters are compared with them.
"""

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import numpy as np

from rosenblatt.check.autodiff.kinds import Kind
from rosenblatt.check.autodiff.watch import Pass, Watch, watched_run
from rosenblatt.check.descent.stateful_updates import hypers_from, numbers_of
from rosenblatt.check.numbers.compare import same
from rosenblatt.check.optimizers.mistakes import wrong_rules
from rosenblatt.check.optimizers.rules import right_rules, updates
from rosenblatt.check.report.texts import TITLES
from rosenblatt.check.source.coverage import SCRIPT_PLACE, Coverage
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_SECONDS = 3.0
_CLOSE = 1e-5
_FEWEST = 3
"""Updates that show a rule, or that nothing is updated."""
_MOST_STEPS = 8


@dataclass
class _Update:
    """A change of parameters, and the gradients before it.

    Attributes:
        line: where the last backward pass before it is called.
        loss: the number whose gradients that pass computed.
        weight, moved: the parameters that change, and their changes, by their numbers.
        gradient: what the passes before it gave.
        left: the gradients before the first of these passes.
    """

    line: int
    loss: float
    weight: dict[int, float]
    moved: dict[int, float]
    gradient: dict[int, float]
    left: dict[int, float]


def engine_training(
    source: Source, path: Path, kind: Kind, coverage: Coverage
) -> list[dict[str, Any]] | None:
    """Return the findings of the file's own training; None where its updates are not understood.

    The functions that it calls count as reached where they are.
    """
    watch = watched_run(source, path, kind, _SECONDS)
    found = _judged(watch, source, kind)
    if found is not None:
        coverage.reached |= {*watch.called, SCRIPT_PLACE}
    return found


def _judged(watch: Watch, source: Source, kind: Kind) -> list[dict[str, Any]] | None:
    steps = list(_updates(watch))
    if not steps:
        return _nothing_moves(watch, source, kind)
    if len(steps) < _FEWEST:
        return None
    if _left_over(steps) and seeded(_accumulates, kind):
        return [_finding("gradients-accumulate", steps[1].line)]
    rates = [_rate(step) for step in steps]
    if None not in rates:
        signs = {np.sign(rate) for rate in rates if rate is not None}
        if signs == {-1.0}:
            return []
        return [_finding("sign", steps[0].line)] if signs == {1.0} and _rises(steps) else None
    if all(map(_is_limited, steps)) or _each_its_own_rate(steps):
        return []
    return _by_rules(watch, steps, source)


def _updates(watch: Watch) -> Iterator[_Update]:
    """Yield the changes between backward passes; passes without a change add up."""
    first = 0
    for number, (now, following) in enumerate(itertools.pairwise(watch.passes)):
        moved = {
            key: following.data[key] - value
            for key, value in now.data.items()
            if key in watch.changed and following.data.get(key, value) != value
        }
        if not moved:
            continue
        begin: Pass = watch.passes[first]
        yield _Update(
            now.line,
            now.loss,
            {key: now.data[key] for key in moved},
            moved,
            {key: now.after.get(key, 0.0) for key in moved},
            {key: begin.before.get(key, 0.0) for key in moved},
        )
        first = number + 1


def _left_over(steps: list[_Update]) -> bool:
    """Return whether gradients that an update has used are part of the next ones."""
    number = 0
    for step, following in itertools.pairwise(steps):
        keys = step.moved.keys() & following.moved.keys()
        stale = [k for k in keys if step.gradient[k] and following.left[k] == step.gradient[k]]
        if not stale:
            continue
        new = np.array([following.gradient[k] - following.left[k] for k in stale])
        if not _is_multiple(np.array([following.moved[k] for k in stale]), new):
            number += len(stale)
    return number >= 2


def _accumulates(kind: Kind) -> bool:
    """Return whether a second backward pass adds to the gradients of the first."""
    a, b = kind.make(1.5), kind.make(0.7)
    slopes = []
    for _ in range(2):
        kind.propagate(a * b)
        slopes.append(float(np.sum(kind.slope(a))))
    return abs(slopes[1] - 2 * slopes[0]) < 1e-9


def _is_multiple(moved: Any, gradient: Any) -> bool:
    square = float(gradient @ gradient)
    return square > 0 and same(moved, float(moved @ gradient) / square * gradient, _CLOSE)


def _arrays(step: _Update) -> tuple[Any, Any]:
    """Return the changes of an update, and its gradient."""
    keys = list(step.moved)
    return np.array([step.moved[k] for k in keys]), np.array([step.gradient[k] for k in keys])


def _rate(step: _Update) -> float | None:
    """Return the factor by which an update is its gradient; None where it is no multiple."""
    moved, gradient = _arrays(step)
    if not _is_multiple(moved, gradient):
        return None
    return float(moved @ gradient) / float(gradient @ gradient)


def _is_limited(step: _Update) -> bool:
    """Return whether an update follows its gradient with the entries limited to a range."""
    moved, gradient = _arrays(step)
    known = gradient != 0
    if not known.any():
        return False
    rate = np.abs(moved[known] / gradient[known]).max()
    most = np.abs(moved).max() / rate
    return same(moved, -rate * np.clip(gradient, -most, most), _CLOSE)


def _rises(steps: list[_Update]) -> bool:
    """Return whether the numbers are those of a loss, not below 0, and become larger."""
    losses = np.array([step.loss for step in steps])
    half = len(losses) // 2
    return bool(losses.min() >= 0 and losses[half:].mean() > losses[:half].mean())


def _each_its_own_rate(steps: list[_Update]) -> bool:
    """Return whether each parameter follows its gradient, perhaps with a part of itself.

    The parts that the changes have of the gradient and of the parameter are constant.
    """
    keys = set.intersection(*[set(step.moved) for step in steps])
    if not keys or len(steps) < 4 or any(step.moved.keys() - keys for step in steps):
        return False
    for key in keys:
        moved = np.array([step.moved[key] for step in steps])
        columns = np.array([[step.gradient[key], step.weight[key]] for step in steps])
        parts, *_ = np.linalg.lstsq(columns, moved, rcond=None)
        if not same(columns @ parts, moved, _CLOSE) or parts[0] >= 0 or parts[1] > 1e-9:
            return False
    return True


def _by_rules(watch: Watch, steps: list[_Update], source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of updates by a rule with a state; None for no known rule."""
    keys = sorted(set.intersection(*[set(step.moved) for step in steps]))
    if not keys or any(len(step.moved) > len(keys) for step in steps):
        return None
    steps = steps[:_MOST_STEPS]
    start = np.array([steps[0].weight[key] for key in keys])
    gradients = [np.array([step.gradient[key] for key in keys]) for step in steps]
    moves = [np.array([step.moved[key] for key in keys]) for step in steps]
    numbers = numbers_of(source)
    hypers = list(hypers_from(numbers, sorted(c for c in numbers if 1e-5 < c <= 1)[:8]))
    for rules in (right_rules, wrong_rules):
        for h in hypers:
            for rule in rules(h):
                before, fits = start, True
                for move, after in zip(moves, updates(rule, start, gradients), strict=True):
                    if not np.isfinite(after).all() or not same(after - before, move, 1e-4):
                        fits = False
                        break
                    before = after
                if fits:
                    return [_finding(rule.mistake, steps[0].line)] if rule.mistake else []
    return None


def _nothing_moves(watch: Watch, source: Source, kind: Kind) -> list[dict[str, Any]] | None:
    """Return the finding of parameters whose gradients are reset and that nothing changes."""
    seen = watch.passes
    if len(seen) < _FEWEST:
        return None
    # A gradient of 0 before each pass, another one after it.
    reset = [
        key
        for key in seen[0].after
        if all(now.after.get(key) and not now.before.get(key, 1.0) for now in seen)
    ]
    lines = [node.lineno for node in ast.walk(source.tree) if _follows_gradient(node, kind)]
    if not reset or not lines:
        return None
    text = "Gradients are computed and reset, and the update changes no parameter."
    return [{**_finding("unexplained", lines[-1]), "text": text}]


def _follows_gradient(node: ast.AST, kind: Kind) -> TypeGuard[ast.BinOp | ast.AugAssign]:
    """Return whether a node is ``p - rate * p.grad``, or the same as an assignment."""
    if not isinstance(node, ast.BinOp | ast.AugAssign) or not isinstance(node.op, ast.Sub):
        return False
    product = node.value if isinstance(node, ast.AugAssign) else node.right
    return isinstance(product, ast.BinOp) and any(
        isinstance(part, ast.Attribute) and part.attr == kind.gradient for part in ast.walk(product)
    )


def _finding(mistake: str, line: int) -> dict[str, Any]:
    return {
        "mistake": mistake,
        "where": "training",
        "line": line,
        "text": "The operations are right, and the parameters do not follow the gradients that the "
        f"backward pass computes newly: {TITLES.get(mistake, mistake)}.",
    }
