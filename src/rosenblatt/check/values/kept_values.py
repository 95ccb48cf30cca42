"""Best parameters of a training that are kept by reference, so that later updates change them."""

import ast
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source


def kept_by_reference(events: list[Event], source: Source) -> list[dict[str, Any]]:
    """Return a finding where the parameters of the best result so far are kept without a copy.

    Where ``if loss < best:`` keeps ``best = loss``, it may keep parameters as well. They are
    overwritten if the training changes the same arrays in place.
    """
    arrays = {event.name.split("[")[0] for event in events if event.value.size > 1}
    inside = _filled_arguments(source)
    for loop in ast.walk(source.tree):
        if not isinstance(loop, ast.For | ast.While):
            continue
        changed = set(_changed_in_place(loop, inside))
        for block in ast.walk(loop):
            if not isinstance(block, ast.If) or not _keeps_the_best(block):
                continue
            for name, values, line, is_shallow in _kept(block):
                wrong = [
                    value
                    for value in values
                    if (value, False) in changed or (not is_shallow and (value, True) in changed)
                ]
                if wrong and set(wrong) & arrays and _is_read(source.tree, name):
                    return [_finding(source, name, wrong[0], line)]
    return []


def _finding(source: Source, name: str, value: str, line: int) -> dict[str, Any]:
    functions = [f for f in source.functions if f.lineno <= line <= (f.end_lineno or line)]
    return {
        "mistake": "in-place-change",
        "where": functions[-1].name if functions else "training",
        "parameter": name,
        "line": line,
        "text": f"{name} keeps {value} itself, no copy. The updates change its arrays in place, so "
        f"that {name} has the last parameters and not the best ones.",
    }


def _keeps_the_best(block: ast.If) -> bool:
    """Return whether one side of a comparison is kept in the other one."""
    tests = [part for part in ast.walk(block.test) if isinstance(part, ast.Compare)]
    pairs = {(ast.unparse(t.left), ast.unparse(t.comparators[0])) for t in tests}
    return any(
        {(target, value), (value, target)} & pairs for target, value, _ in _assignments(block.body)
    )


def _assignments(body: list[ast.stmt]) -> Iterator[tuple[str, str, ast.Assign]]:
    """Yield (target, value, statement) of the assignments of a block, taken out of tuples."""
    for statement in body:
        if not isinstance(statement, ast.Assign):
            continue
        for target, value in _pairs(statement):
            yield ast.unparse(target), ast.unparse(value), statement


def _pairs(statement: ast.Assign) -> Iterator[tuple[ast.expr, ast.expr]]:
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=False)
    else:
        yield target, value


def _kept(block: ast.If) -> Iterator[tuple[str, list[str], int, bool]]:
    """Yield (name, what it keeps, line, whether in a new container) of a block's assignments."""
    for statement in block.body:
        if not isinstance(statement, ast.Assign):
            continue
        for target, value in _pairs(statement):
            names, is_shallow = _references(value)
            if names:
                yield ast.unparse(target), names, statement.lineno, is_shallow


def _references(value: ast.expr) -> tuple[list[str], bool]:
    """Return the names whose arrays an expression holds, and whether in a new container."""
    if isinstance(value, ast.Name | ast.Attribute):
        return [ast.unparse(value)], False
    if isinstance(value, ast.Tuple | ast.List):
        return _names(value.elts), False
    if isinstance(value, ast.Dict):
        return _names(value.values), False
    if isinstance(value, ast.DictComp | ast.ListComp):
        item = value.value if isinstance(value, ast.DictComp) else value.elt
        loop = value.generators[0]
        taken = [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)]
        if isinstance(item, ast.Name) and item.id in taken:
            return [_root(loop.iter)], True
    if isinstance(value, ast.Call):
        function = ast.unparse(value.func)
        if function in ("dict", "list", "tuple") and len(value.args) == 1:
            return [_root(value.args[0])], True
    return [], False


def _names(parts: list[ast.expr]) -> list[str]:
    return [ast.unparse(part) for part in parts if isinstance(part, ast.Name | ast.Attribute)]


def _root(node: ast.expr) -> str:
    """Return the container of ``p.items()``, ``p.values()`` or ``p``."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return ast.unparse(node.func.value)
    return ast.unparse(node)


def _changed_in_place(loop: ast.AST, inside: dict[str, set[int]]) -> Iterator[tuple[str, bool]]:
    """Yield (name, whether only its entries are replaced) of what a loop changes in place."""
    for part in ast.walk(loop):
        if isinstance(part, ast.AugAssign):
            held = part.target
            yield ast.unparse(held.value if isinstance(held, ast.Subscript) else held), False
        elif isinstance(part, ast.Assign):
            for target in part.targets:
                if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
                    yield ast.unparse(target.value), False
                elif isinstance(target, ast.Subscript):
                    yield ast.unparse(target.value), True
        elif isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
            for place in inside.get(part.func.id, set()):
                if place < len(part.args):
                    yield ast.unparse(part.args[place]), False
        elif isinstance(part, ast.For):
            yield from _changed_by_loop(part)


def _changed_by_loop(loop: ast.For) -> Iterator[tuple[str, bool]]:
    """Yield the containers whose entries a loop takes and changes: ``for p in ps: p -= …``."""
    taken = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    changed = {
        part.target.id
        for part in ast.walk(loop)
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name)
    }
    if taken & changed:
        for part in ast.walk(loop.iter):
            if isinstance(part, ast.Name | ast.Attribute):
                yield ast.unparse(part), False


def _filled_arguments(source: Source) -> dict[str, set[int]]:
    """Return the places of the arguments that functions change in place, by their names."""
    result: dict[str, set[int]] = {}
    for function in source.functions:
        names = [argument.arg for argument in function.args.args]
        changed = {
            ast.unparse(part.target.value)
            for part in ast.walk(function)
            if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Subscript)
        }
        result[function.name] = {k for k, name in enumerate(names) if name in changed}
    return result


def _is_read(tree: ast.AST, name: str) -> bool:
    return any(
        isinstance(part, ast.Name | ast.Attribute)
        and isinstance(part.ctx, ast.Load)
        and ast.unparse(part) == name
        for part in ast.walk(tree)
    )
