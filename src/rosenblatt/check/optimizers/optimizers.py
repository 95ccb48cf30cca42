"""Optimizers: the parameters after a few updates, compared with those of the usual rules."""

import inspect
import re
from typing import Any

import numpy as np

from rosenblatt.check.numbers.compare import first_wrong, same
from rosenblatt.check.optimizers.calls import options_of, settings_for
from rosenblatt.check.optimizers.holders import Holder
from rosenblatt.check.optimizers.judgement import CLOSE, Judgement, judge, right_moves
from rosenblatt.check.optimizers.lost_velocities import lost_velocity
from rosenblatt.check.optimizers.names import is_gradient, is_parameter, setting_of
from rosenblatt.check.optimizers.paths import Optimizer, UpdatePath, paths_of
from rosenblatt.check.optimizers.repair import Repair, repaired, with_repair
from rosenblatt.check.optimizers.worlds import KINDS
from rosenblatt.check.report.texts import TITLES
from rosenblatt.check.source.calls import arguments, plain, required
from rosenblatt.check.source.text import Source

_UPDATE = ("update", "step", "applygradients", "optimize", "updateparams", "call", "apply")
_NAMES = {
    "momentum-sign": ["v", "velocity", "vel", "velocities", "buf", "v_new", "velocity_new"],
    "adam-bias-correction": ["m_hat", "v_hat", "mhat", "vhat", "mt", "vt", "lr_t", "t", "step"],
    "constant-factor": ["v", "s", "cache", "h", "m"],
}
_PLACES = ["params", "param", "w", "p", "W", "data", "next_w", "new", "theta", "value"]


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


def check_held_update(
    owner: Any, method: str | None, holders: list[Holder], source: Source
) -> list[dict[str, Any]] | None:
    """Return the findings of what updates the parameters of the file's own layers; None for none.

    It is a method of an object that holds a layer, or an optimizer's, or a function.
    """
    if method is None:
        return _check(owner, None, owner, {}, source, tuple(holders))
    function = getattr(owner, method)
    own = tuple(holder for holder in holders if isinstance(holder.made(), owner))
    if own:
        return _check(owner, method, function, {}, source, own, is_held=True)
    return _check(owner, method, function, {}, source, tuple(holders))


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


@np.errstate(all="ignore")
def _check(
    owner: Any,
    method: str | None,
    function: Any,
    module: dict[str, Any],
    source: Source,
    kinds: tuple[Any, ...] = KINDS,
    *,
    is_held: bool = False,
) -> list[dict[str, Any]] | None:
    checked = False
    where = f"{owner.__name__}.{method}" if method else owner.__name__
    takes_settings = function if is_held else owner
    for option in (None, *options_of(takes_settings)):
        settings = settings_for(takes_settings, option)
        optimizer = Optimizer(owner, method, settings, module, kinds, is_held)
        judged: list[tuple[UpdatePath, Judgement]] = []
        unknown: list[UpdatePath] = []
        for path in paths_of(optimizer):
            judgement = judge(path)
            if judgement is None:
                unknown.append(path)
            elif judgement[0]:
                judged.append((path, judgement))
            elif line := _lost_momentum(path, judgement, function, source):
                return [_without_momentum(where, line)]
            else:
                checked = True
                break
        else:
            if judged:
                # A step that is returned may be added or subtracted: the sign is the caller's.
                path, judgement = min(judged, key=lambda found: found[1][0] == "sign")
                repair = repaired(optimizer, [path], source)
                return [
                    _finding(where, function, path, with_repair(judgement, repair), repair, source)
                ]
            repair = repaired(optimizer, unknown, source)
            if repair is not None:
                judgement = (repair.mistake, repair.rule, 0)
                return [_finding(where, function, repair.path, judgement, repair, source)]
    return [] if checked else None


def _lost_momentum(
    path: UpdatePath, judgement: Judgement, function: Any, source: Source
) -> int | None:
    """Return the line that loses the velocity of a momentum that has no effect; None for none."""
    if judgement[1].name != "gradient descent" or not path.given.get("momentum"):
        return None
    return lost_velocity(function, source)


def _without_momentum(where: str, line: int) -> dict[str, Any]:
    return {
        "mistake": "unexplained",
        "where": where,
        "line": line,
        "text": "The updates are those of gradient descent without momentum: the new velocity is "
        "kept in a variable of the loop alone.",
    }


def _finding(
    where: str,
    function: Any,
    path: UpdatePath,
    judgement: Judgement,
    repair: Repair | None,
    source: Source,
) -> dict[str, Any]:
    mistake, rule, member = judgement
    numbers: dict[str, Any] = {}
    update = 1
    pairs = zip(path.moves(member), right_moves(path, rule, member), strict=True)
    for number, (a, b) in enumerate(pairs, 1):
        if not same(a, b, CLOSE):
            numbers, update = first_wrong(a, b), number
            break
    title = f": {TITLES[mistake]}" if mistake != "unexplained" else ""
    names = [*_NAMES.get(mistake, []), *_PLACES] if mistake != "sign" else _PLACES
    return {
        "mistake": mistake,
        "where": where,
        "line": repair.line if repair is not None else source.line_of_value(function, names),
        "text": f"Update {update} is not that of {rule.name}{title}.",
        **numbers,
    }
