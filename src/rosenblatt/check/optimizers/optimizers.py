"""Optimizers: the parameters after a few updates, compared with those of the usual rules."""

import inspect
import re
from typing import Any

import numpy as np

from rosenblatt.check.numbers.compare import first_wrong, same
from rosenblatt.check.optimizers.calls import options_of, settings_for
from rosenblatt.check.optimizers.judgement import CLOSE, Judgement, judge, right_moves
from rosenblatt.check.optimizers.names import is_gradient, is_parameter, setting_of
from rosenblatt.check.optimizers.paths import Optimizer, UpdatePath, paths_of
from rosenblatt.check.optimizers.repair import Repair, repaired, with_repair
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
    owner: Any, method: str | None, function: Any, module: dict[str, Any], source: Source
) -> list[dict[str, Any]] | None:
    checked = False
    where = f"{owner.__name__}.{method}" if method else owner.__name__
    for option in (None, *options_of(owner)):
        optimizer = Optimizer(owner, method, settings_for(owner, option), module)
        judged: list[tuple[UpdatePath, Judgement]] = []
        unknown: list[UpdatePath] = []
        for path in paths_of(optimizer):
            judgement = judge(path)
            if judgement is None:
                unknown.append(path)
            elif judgement[0]:
                judged.append((path, judgement))
            else:
                checked = True
                break
        else:
            if judged:
                path, judgement = judged[0]
                repair = repaired(optimizer, [path], source)
                return [
                    _finding(where, function, path, with_repair(judgement, repair), repair, source)
                ]
            repair = repaired(optimizer, unknown, source)
            if repair is not None:
                judgement = (repair.mistake, repair.rule, 0)
                return [_finding(where, function, repair.path, judgement, repair, source)]
    return [] if checked else None


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
