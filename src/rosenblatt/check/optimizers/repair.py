"""Repair of an optimizer: the small change of its code after which it follows a known rule."""

import ast
import inspect
import re
from dataclasses import dataclass, replace
from typing import Any

from rosenblatt.check.edits.edited_code import Chooser, definitions_in, run_with
from rosenblatt.check.edits.kinds import Code
from rosenblatt.check.edits.run_edits import Edit, edits_of, with_edits
from rosenblatt.check.limits.sandbox import FailedError, attempt
from rosenblatt.check.optimizers.edit_kinds import CORRECTION, OPTIMIZER_KINDS
from rosenblatt.check.optimizers.judgement import Judgement, right_rule
from rosenblatt.check.optimizers.paths import Optimizer, UpdatePath, path_of
from rosenblatt.check.optimizers.rules import Rule
from rosenblatt.check.source.text import Source

MOST_SECONDS = 4.0
"""Processor time for all edits of one optimizer."""

MOST_PATHS = 2
"""Ways of calling an optimizer in which edits are tried."""

_OWN_RULE = re.compile(
    r"clip|norm\(|sign\(|warm|anneal|schedul|lion\b|belief|yogi|lamb\b|lars\b|radam|rprop|quasi",
    re.I,
)
"""Words of rules and additions that are not known here; such code is not repaired."""

_SIGNS = ("sign", "momentum-sign")
_NAMED = (CORRECTION, "constant-factor", "gradients-accumulate", "update-before-use")
_ADAPTIVE = ("Adam", "AdaMax", "Nadam", "AMSGrad", "RMSProp", "momentum")


@dataclass(frozen=True)
class Repair:
    """A mistake, its line, the rule that the changed optimizer follows, and the path before it."""

    mistake: str
    line: int
    rule: Rule
    path: UpdatePath


def repaired(optimizer: Optimizer, paths: list[UpdatePath], source: Source) -> Repair | None:
    """Return the first edit that gives one of the paths the numbers of a known right rule."""
    roots = _definitions(optimizer.owner, source)
    text = "\n".join(ast.unparse(root) for root in roots)
    if not paths or not roots or _OWN_RULE.search(text):
        return None
    try:
        return attempt(_first_repair, optimizer, paths, source, roots, seconds=MOST_SECONDS)
    except FailedError:
        return None


def with_repair(judgement: Judgement, repair: Repair | None) -> Judgement:
    """Return a judgement with the name of a repair where it has no name of its own."""
    if judgement[0] == "unexplained" and repair is not None:
        return repair.mistake, repair.rule, judgement[2]
    return judgement


def _first_repair(
    optimizer: Optimizer, paths: list[UpdatePath], source: Source, roots: list[Any]
) -> Repair | None:
    inside = {id(part) for root in roots for part in ast.walk(root)}
    nodes = list(ast.walk(source.tree))
    code = Code(nodes, {id(c): p for p in nodes for c in ast.iter_child_nodes(p)})
    chosen = edits_of(code, lambda node: id(node) in inside, OPTIMIZER_KINDS)
    chooser = Chooser()
    editable = _editable(optimizer, source, chosen, chooser)
    if editable is None:
        return None
    for path in paths[:MOST_PATHS]:
        for k, edit in enumerate(chosen):
            chooser.edit = k
            try:
                changed = path_of(editable, path.way)
            except FailedError:
                continue
            rule = right_rule(changed) if changed is not None else None
            if rule is not None:
                return Repair(_named(edit, rule), edit.line, rule, path)
    return None


def _named(edit: Edit, rule: Rule) -> str:
    if edit.mistake in _SIGNS:
        return "momentum-sign" if rule.name in ("momentum", "Nesterov") else "sign"
    if edit.mistake == CORRECTION and rule.name not in _ADAPTIVE:
        return "unexplained"
    return edit.mistake if edit.mistake in _NAMED else "unexplained"


def _definitions(owner: Any, source: Source) -> list[Any]:
    """Return the definitions of an optimizer: classes with their bases, and called functions."""
    top = {s.name: s for s in source.tree.body if isinstance(s, ast.ClassDef | ast.FunctionDef)}
    names = [cls.__name__ for cls in owner.__mro__] if inspect.isclass(owner) else [owner.__name__]
    for name in names:
        for part in ast.walk(top[name]) if name in top else ():
            called = part.func if isinstance(part, ast.Call) else None
            if isinstance(called, ast.Name) and called.id not in names:
                names.append(called.id)
    return [top[name] for name in names if name in top]


def _editable(
    optimizer: Optimizer, source: Source, chosen: list[Edit], chooser: Chooser
) -> Optimizer | None:
    """Return the optimizer with code that can do any of the edits; None where it does not run."""
    owner = optimizer.owner
    methods = [value for value in vars(owner).values() if inspect.isfunction(value)]
    function = owner if inspect.isfunction(owner) else next(iter(methods), None)
    around = getattr(function, "__globals__", {})
    try:
        tree = definitions_in(with_edits(source, chosen))
        names = run_with(compile(tree, "optimizer", "exec"), around, chooser)
    except (FailedError, SyntaxError, ValueError):
        return None
    return replace(optimizer, owner=names[owner.__name__], module=names)
