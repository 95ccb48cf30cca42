"""Optimizers: the parameters after a few updates, compared with those of the usual rules."""

import functools
import inspect
import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.check.calls import arguments, plain, required
from rosenblatt.check.compare import first_wrong, same
from rosenblatt.check.optimizer_calls import (
    KINDS,
    READINGS,
    VALUES,
    Call,
    NotAnUpdateError,
    World,
    begin_calls,
    gradients_of_updates,
    is_gradient,
    is_parameter,
    options_of,
    positions,
    setting_of,
    settings_for,
    starts,
)
from rosenblatt.check.optimizer_rules import Hyper, Rule, right_rules, updates, wrong_rules
from rosenblatt.check.sandbox import FailedError
from rosenblatt.check.source import Source
from rosenblatt.check.state import leaves
from rosenblatt.check.subjects import seeded

STEPS = 5
_CLOSE = 1e-5
_UPDATE = ("update", "step", "applygradients", "optimize", "updateparams", "call", "apply")
_NAMES = {
    "momentum-sign": ["v", "velocity", "vel", "velocities", "buf", "v_new", "velocity_new"],
    "adam-bias-correction": ["m_hat", "v_hat", "mhat", "vhat", "mt", "vt", "lr_t", "t", "step"],
    "constant-factor": ["v", "s", "cache", "h", "m"],
}
_PLACES = ["params", "param", "w", "p", "W", "data", "next_w", "new", "theta", "value"]


@dataclass(frozen=True)
class _Path:
    """Parameters after each update, from two starting points, and the hyper-parameters."""

    paths: list[list[list[Any]]]
    given: dict[str, float]

    def moves(self, member: int) -> list[Any]:
        """Return what each update added to one parameter, from the first starting point."""
        values = [position[member] for position in self.paths[0]]
        return [after - before for before, after in itertools.pairwise(values)]

    @property
    def members(self) -> int:
        """How many parameters there are."""
        return len(self.paths[0][0])


def check_optimizer(cls: Any, source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of an optimizer's class; None where it is none."""
    for method in _methods(cls):
        found = _check(cls, method, getattr(cls, method), {}, source)
        if found is not None:
            return found
    return None


def check_update_function(
    function: Any, module: dict[str, Any], source: Source
) -> list[dict[str, Any]] | None:
    """Return the findings of a function that updates, or that makes one; None for another.

    It takes parameters and gradients, and returns new parameters or changes them in place; or
    it takes hyper-parameters and returns such a function.
    """
    names = [plain(name) for name in required(function)]
    takes_gradient = any(is_gradient(name) for name in names)
    if takes_gradient and len(names) > 1:
        return _check(function, None, function, module, source)
    settings = {setting_of(name) for name in arguments(function)}
    if "lr" in settings and None not in settings:
        return _check(function, "", function, module, source)
    return None


def _methods(cls: Any) -> list[str]:
    """Return the names of methods that may do an update, the likeliest first."""
    if any(not setting_of(name) and not is_parameter(plain(name)) for name in required(cls)):
        return []
    words = f"{cls.__name__} {' '.join(inspect.signature(cls.__init__).parameters)}".lower()
    likely = re.search(r"sgd|adam|moment|optim|rms|nesterov|descent|\blr|rate", words)
    result = []
    for name in dir(cls):
        method = getattr(cls, name, None)
        if name.startswith("__") and name != "__call__":
            continue
        if not inspect.isfunction(method):
            continue
        takes = [plain(n) for n in required(method) if n != "self"]
        gradient = any(is_gradient(n) for n in takes)
        named = plain(name) in _UPDATE or re.search("update|step|apply", name.lower())
        if (gradient and len(takes) > 1) or (named and likely):
            result.append((not named, not gradient, name))
    return [name for _, _, name in sorted(result)]


def _check(
    owner: Any, method: str | None, function: Any, module: dict[str, Any], source: Source
) -> list[dict[str, Any]] | None:
    checked = False
    named = f"{owner.__name__}.{method}" if method else owner.__name__
    for option in (None, *options_of(owner)):
        settings = settings_for(owner, option)
        right = False
        found: tuple[str, _Path, Rule, int] | None = None
        for path in _paths(owner, method, settings, module):
            mistake = _judge(path)
            if mistake is None:
                continue
            if not mistake[0]:
                right = True
                break
            found = found or (mistake[0], path, mistake[1], mistake[2])
        if right:
            checked = True
        elif found is not None:
            return [_finding(named, function, found, source)]
    return [] if checked else None


def _paths(
    owner: Any, method: str | None, settings: dict[str, Any], module: dict[str, Any]
) -> Iterator[_Path]:
    """Yield the parameters after a few updates, for each way of calling that works."""
    seen: list[Any] = []
    for begin, kind in itertools.product(_beginnings(owner, method, settings, module), KINDS):
        for how in READINGS:
            made: list[Call] = []

            def watched(
                world: World,
                made: list[Call] = made,
                begin: Callable[[World], Call] = begin,
            ) -> Call:
                made.append(begin(world))
                return made[-1]

            try:
                paths = [seeded(positions, watched, kind, how, s, STEPS) for s in starts()]
            except FailedError:
                break
            flat = np.concatenate([v.ravel() for position in paths[0] for v in position])
            still = all(np.array_equal(a, b) for a, b in zip(paths[0][0], paths[0][1], strict=True))
            first = np.concatenate([v.ravel() for v in paths[0][1]])
            if still or not np.isfinite(first).all():
                continue
            if any(np.array_equal(flat, other, equal_nan=True) for other in seen):
                continue
            seen.append(flat)
            yield _Path(paths, _given(owner, settings, made[0]))


def _beginnings(
    owner: Any, method: str | None, settings: dict[str, Any], module: dict[str, Any]
) -> Iterator[Callable[[World], Call]]:
    if method != "":
        yield from begin_calls(owner, method, settings, module)
        return

    def made(_: World) -> Call:
        result = owner(**settings)
        functions = [f for f in (result if isinstance(result, tuple) else [result]) if callable(f)]
        if not functions:
            raise NotAnUpdateError(owner.__name__)
        start = functions[0] if len(functions) > 1 else None
        return Call(functions[-1], {}, make_state=start)

    yield made


def _given(owner: Any, settings: dict[str, Any], call: Call) -> dict[str, float]:
    """Return the hyper-parameters by name: those given, else the object's and the defaults."""
    numbers: dict[str, Any] = {}
    bound = getattr(call.function, "__self__", None)
    for leaf in leaves(bound) if bound is not None else ():
        numbers[leaf.path.strip(".")] = leaf.raw
    for state in call.state.values():
        if isinstance(state, dict):
            numbers.update(state)
    for function in (owner, call.function):
        for name, parameter in inspect.signature(function).parameters.items():
            numbers[name] = parameter.default
    numbers.update(settings)
    result: dict[str, float] = {}
    for name, value in numbers.items():
        key = setting_of(str(name))
        if key is not None and isinstance(value, int | float) and not isinstance(value, bool):
            result[key] = float(value)
        elif plain(str(name)) == "betas" and isinstance(value, tuple | list) and len(value) == 2:
            result["beta1"], result["beta2"] = float(value[0]), float(value[1])
    return result


def _hypers(path: _Path, gradients: list[Any]) -> Iterator[Hyper]:
    """Yield hyper-parameters to try: the named ones, and those that are seen in the steps."""
    given, moves = path.given, path.moves(0)
    rates = [given["lr"]] if given.get("lr") else []
    if not rates:
        rates = [float(np.median(np.abs(moves[0] / gradients[0]))), float(np.abs(moves[0]).max())]
    eps = given.get("eps", 1e-8)
    fitted = 0.9
    if np.abs(gradients[0]).max():
        # Of momentum: step 2 = −η (g₂ + μ g₁).
        system = np.stack([gradients[0].ravel(), gradients[1].ravel()], axis=1)
        past, now = np.linalg.lstsq(system, moves[1].ravel(), rcond=None)[0]
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


def _judge(path: _Path) -> tuple[str, Rule, int] | None:
    """Return (mistake, rule, parameter): "" for a right optimizer; None for an unknown one."""
    all_gradients = gradients_of_updates(STEPS)
    gradients = [[pair[k] for pair in all_gradients] for k in range(path.members)]
    other = [position[0] for position in path.paths[1]]
    moves = path.moves(0)
    others = [after - before for before, after in itertools.pairwise(other)]
    independent = all(
        same(a, b, 1e-7) or not np.isfinite(a).any() for a, b in zip(moves, others, strict=True)
    )
    hypers = list(_hypers(path, gradients[0]))
    for rules, wrong in ((right_rules, False), (wrong_rules, True)):
        for h in hypers:
            lam = path.given.get("decay", VALUES["decay"])
            for (l2, decay), mistake in _decay_terms(h, lam, independent):
                if wrong and mistake:
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
    path: _Path, rule: Rule, h: Hyper, l2: float, decay: float, gradients: list[Any]
) -> tuple[str, Rule, int] | None:
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
        if np.isfinite(after).any() and not same(after - value, move, _CLOSE):
            return False
        value = after
    return True


def _right_moves(path: _Path, rule: Rule, member: int) -> list[Any]:
    gradients = [pair[member] for pair in gradients_of_updates(STEPS)]
    h = next(_hypers(path, [pair[0] for pair in gradients_of_updates(STEPS)]))
    right = next((r for r in right_rules(h) if r.name == rule.name), rule)
    start = path.paths[0][0][member]
    values = [start, *updates(right, start, gradients)]
    return [after - before for before, after in itertools.pairwise(values)]


def _finding(
    where: str, function: Any, found: tuple[str, _Path, Rule, int], source: Source
) -> dict[str, Any]:
    from rosenblatt.check.texts import TITLES

    mistake, path, rule, member = found
    numbers: dict[str, Any] = {}
    update = 1
    pairs = zip(path.moves(member), _right_moves(path, rule, member), strict=True)
    for number, (a, b) in enumerate(pairs, 1):
        if not same(a, b, _CLOSE):
            numbers, update = first_wrong(a, b), number
            break
    line = functools.partial(source.line_of_value, function)
    return {
        "mistake": mistake,
        "where": where,
        "line": line([*_NAMES.get(mistake, []), *_PLACES] if mistake != "sign" else _PLACES),
        "text": f"Update {update} is not that of {rule.name}: {TITLES[mistake]}.",
        **numbers,
    }
