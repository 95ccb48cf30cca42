"""Updates of the file's own layers, which an optimizer is given."""

import inspect
from typing import Any

from rosenblatt.check.functions.makers import classes_of
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.optimizers.holders import holders_of
from rosenblatt.check.optimizers.optimizers import check_held_update
from rosenblatt.check.source.coverage import Coverage
from rosenblatt.check.source.plain_updates import is_plain_update
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.text import Source


def held_updates(
    module: dict[str, Any], facts: Facts, source: Source, coverage: Coverage
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the findings of updates of the file's own layers that nothing else has reached.

    With them are the names of what was checked.
    """
    places = {(node.name, node.lineno) for node in source.functions if is_plain_update(node)}
    coverage.reached |= places
    missing = [part for part in coverage.missing(source) if part.does == "changes parameters"]
    holders = holders_of(module, facts.layers, source.code) if missing else []
    findings: list[dict[str, Any]] = []
    checked: list[str] = []
    for part in missing if holders else ():
        owner = module.get(part.owner)
        method = part.place[0] if inspect.isclass(owner) else None
        if not callable(owner):
            continue
        if method is not None and _is_replaced(owner, method, module):
            coverage.reached.add(part.place)
            continue
        coverage.begin()
        try:
            found = check_held_update(owner, method, holders, source)
        except FailedError:
            continue
        if found is not None:
            coverage.count()
            coverage.reached.add(part.place)
            findings += found
            checked.append(part.owner)
    return findings, checked


def _is_replaced(cls: Any, method: str, module: dict[str, Any]) -> bool:
    """Return whether every class that is derived from a class has a method of its own instead."""
    heirs = [heir for heir in classes_of(module) if heir is not cls and issubclass(heir, cls)]
    own = getattr(cls, method)
    return bool(heirs) and all(getattr(heir, method) is not own for heir in heirs)
