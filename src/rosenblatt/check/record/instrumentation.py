"""A file's code with calls of the recorder: after every assignment, and around every function."""

import ast
import copy
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rosenblatt.check.record.parts import MOST_HELD
from rosenblatt.check.record.target_indices import computed_once, value_first
from rosenblatt.check.source.coverage import is_update
from rosenblatt.check.source.text import UNRECORDED, Source

_CHOICES = re.compile(r"argmax|sign|heaviside|where|signum|step|int")
"""Functions of a value that keep so little of it that the value itself has to be recorded."""

_TELLS = ("print", "str", "append", "format", "round")
"""Functions whose arguments a reader sees later, such as a loss without a name."""

_SLOPE = re.compile(r"d[A-Za-z]\w*$|.*grad", re.I)
"""Names of gradients, of which the whole array is recorded when it is returned or assigned."""

MOST_IN_PARTS = 4000
"""The largest array, in numbers, that is recorded again whenever a part of it is assigned."""

_SUM = re.compile(r"\b(subtract|add)$")

_IN_PLACE = re.compile(r"(\w+\.)?(copyto|(add|subtract|multiply)\.at)")
"""Calls that change the array that they are given first."""


def instrumented(source: Source, path: Path) -> Any:
    """Return the compiled file that records what it computes."""
    return _compiled(source.text, path)


@functools.lru_cache(maxsize=8)
def _compiled(text: str, path: Path) -> Any:
    """Return a text compiled so; a file is run several times, and its changed copies are too."""
    return instrumented_tree(Source(text).tree, path)


def instrumented_tree(tree: ast.Module, path: Path) -> Any:
    """Return a tree, which is changed, compiled so that it records what it computes."""
    changed = _Instrument(_steps(tree)).visit(tree)
    return compile(ast.fix_missing_locations(changed), str(path), "exec")


def _steps(tree: ast.Module) -> set[tuple[str, str]]:
    """Return (name, target) of what a file computes as a step of a target: t = w - rate * d."""
    steps: set[tuple[str, str]] = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
            continue
        value = node.value
        first: ast.expr | None = None
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
            first = next(_terms(value))
        elif isinstance(value, ast.Call) and _SUM.search(ast.unparse(value.func)):
            first = next(iter(value.args), None)
        if isinstance(first, ast.Name | ast.Attribute | ast.Subscript):
            steps.add((node.targets[0].id, ast.unparse(first)))
    return steps


class _Instrument(ast.NodeTransformer):
    """Adds calls of the recorder after every assignment, and around every function."""

    def __init__(self, steps: set[tuple[str, str]]) -> None:
        self.steps = steps
        self.assigned: set[str] = set()

    def visit(self, node: ast.AST) -> Any:
        """Visit a node; of one that is not recorded, only the statements in it."""
        if getattr(node, UNRECORDED, False):
            return self.generic_visit(node) if isinstance(node, ast.stmt) else node
        return super().visit(node)

    def _call(self, method: str, *args: ast.expr) -> ast.expr:
        recorder = ast.Attribute(ast.Name("__recorder__", ast.Load()), method, ast.Load())
        return ast.Call(recorder, list(args), [])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.generic_visit(node)
        names = [a.arg for a in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
        is_generator = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in _own(node))
        if is_generator:
            # Its body is run in parts, between those of its caller.
            place = [ast.Constant(node.name), ast.Constant(node.lineno)]
            node.body.insert(0, ast.Expr(self._call("begun", *place)))
            return node
        given = ast.Dict(
            [ast.Constant(name) for name in names],
            [ast.Name(name, ast.Load()) for name in names],
        )
        enter = ast.Expr(
            self._call("enter", ast.Constant(node.name), ast.Constant(node.lineno), given)
        )
        node.body = [
            enter,
            ast.Try(
                body=node.body,
                handlers=[],
                orelse=[],
                finalbody=[ast.Expr(self._call("end"))],
            ),
        ]
        return node

    def visit_Return(self, node: ast.Return) -> Any:
        self.generic_visit(node)
        if node.value is not None:
            node.value = self._call("result", ast.Constant(node.lineno), node.value)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> Any:
        return node

    def visit_Compare(self, node: ast.Compare) -> Any:
        """Record a value that is compared without having a name."""
        self.generic_visit(node)
        node.left = self._label(self._passed(node.left))
        node.comparators = [self._label(part) for part in node.comparators]
        return node

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Record labels in differences, and note with which value a sum begins."""
        parts = ast.Name | ast.Attribute | ast.Subscript | ast.Constant | ast.expr_context
        first = _original(node.left)
        gets = isinstance(first, ast.Call) and ast.unparse(first.func) == "getattr"
        read = first.args if gets else [first]
        named = all(isinstance(part, parts) for value in read for part in ast.walk(value))
        self.generic_visit(node)
        if isinstance(node.op, ast.Sub):
            node.left, node.right = self._label(node.left, True), self._label(node.right, True)
        if named and isinstance(node.op, ast.Add | ast.Sub) and not isinstance(first, ast.Constant):
            return self._call("begins", first, node)
        return node

    def _label(self, node: ast.expr, of_many: bool = False) -> ast.expr:
        """Record an entry that may be the label of a sample, such as ``y[i]``.

        With ``of_many``, also the labels of a batch, such as ``y[rows]`` and ``y[a:b]``.
        """
        entry = _original(node)
        if not isinstance(entry, ast.Subscript):
            return node
        if not isinstance(entry.slice, ast.Name | ast.Slice if of_many else ast.Name):
            return node
        if not isinstance(entry.value, ast.Name | ast.Attribute):
            return node
        text = ast.unparse(entry)
        if text in self.assigned:
            # w[i] = w[i] - …: a weight may be a whole number before it moves.
            return node
        place = [ast.Constant(entry.lineno), ast.Constant(text)]
        return self._call("labels" if of_many else "label", *place, node)

    def _labels_in(self, target: ast.expr) -> list[ast.stmt]:
        """Return statements that record labels in an index: ``p[rows, y[batch]] -= 1``."""
        index = _original(target).slice if isinstance(target, ast.Subscript) else None
        parts = index.elts if isinstance(index, ast.Tuple) else []
        calls: list[ast.stmt] = []
        for part in parts:
            while isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
                # y[batch].astype(int)
                part = part.func.value
            call = self._label(part, True)
            if call is not part:
                calls.append(ast.Expr(call))
        return calls

    def visit_Call(self, node: ast.Call) -> Any:
        """Record a value without a name of which only the sign or the largest place is kept."""
        self.generic_visit(node)
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in _TELLS:
            node.args = [self._passed(argument) for argument in node.args]
        if _CHOICES.fullmatch(name):
            if node.args:
                node.args[0] = self._passed(node.args[0])
            elif isinstance(node.func, ast.Attribute):
                node.func.value = self._passed(node.func.value)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> Any:
        """Record a value without a name that is printed."""
        self.generic_visit(node)
        node.value = self._passed(node.value)
        return node

    def _passed(self, node: ast.expr) -> ast.expr:
        original = _original(node)
        # A call of the recorder has no line: the value is recorded already.
        if not hasattr(original, "lineno") or not isinstance(original, ast.BinOp | ast.Call):
            return node
        return self._call("passed", ast.Constant(node.lineno), node)

    def visit_Assign(self, node: ast.Assign) -> Any:
        given = _original(node.value)
        self.assigned = {ast.unparse(_original(target)) for target in node.targets}
        node.value = self.visit(node.value)
        self.assigned = set()
        targets: list[ast.expr] = []
        for target in node.targets:
            targets += target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        return self._around(node, targets, False, given)

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Record lists after append, and what a call changes: shuffle, setattr, np.add.at, out=."""
        if not isinstance(node.value, ast.Call):
            return self.generic_visit(node)
        original = _original(node.value)
        self.generic_visit(node)
        name = ast.unparse(original.func)
        if name.endswith(".append") and isinstance(original.func.value, ast.Name | ast.Attribute):
            text = ast.unparse(original.func.value)
            constants = [ast.Constant(node.lineno), ast.Constant(text)]
            return [node, ast.Expr(self._call("appended", *constants, _read(text)))]
        if name.endswith("shuffle") and len(original.args) == 1:
            text = ast.unparse(original.args[0])
            if isinstance(original.args[0], ast.Name | ast.Attribute):
                place = [ast.Constant(node.lineno), ast.Constant(text), _read(text)]
                return [node, ast.Expr(self._call("shuffled", *place))]
        if name == "setattr" and len(original.args) == 3:
            return self._around_setattr(node, *original.args)
        changed = [keyword.value for keyword in original.keywords if keyword.arg == "out"]
        if _IN_PLACE.fullmatch(name):
            changed += original.args[:1]
        return self._around(node, changed, True) if changed else node

    def _around_setattr(self, node: ast.Expr, holder: ast.expr, name: ast.expr, new: Any) -> Any:
        """Return statements that record the attribute that a call of setattr sets."""
        if any(isinstance(part, ast.Call) for part in [*ast.walk(holder), *ast.walk(name)]):
            return node
        owner = ast.unparse(holder)
        text = f"getattr({owner}, {ast.unparse(name)})"
        noted = self._call(
            "note",
            ast.Constant(node.lineno),
            ast.BinOp(ast.Constant(f"{owner}."), ast.Add(), name),
            _read(text),
            ast.Name("__before_0__", ast.Load()),
            ast.Constant(_refers(new, text)),
            _read(owner),
        )
        put = f"setattr({owner}, {ast.unparse(name)}, __instead__)"
        return [
            _stored("__before_0__", self._call("before", _later(text))),
            node,
            _stored("__instead__", noted),
            ast.parse(f"if __instead__ is not None:\n    {put}").body[0],
        ]

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        node.value = self.visit(node.value)
        return self._around(node, [node.target], True)

    def visit_For(self, node: ast.For) -> Any:
        """Record the values that a loop takes, where they are more than a count."""
        self.generic_visit(node)
        iterated = _original(node.iter)
        counts = isinstance(iterated, ast.Call) and ast.unparse(iterated.func) == "range"
        if not counts:
            names = [part for part in ast.walk(node.target) if isinstance(part, ast.Name)]
            notes = [
                ast.Expr(
                    self._call(
                        "taken",
                        ast.Constant(node.lineno),
                        ast.Constant(name.id),
                        ast.Name(name.id, ast.Load()),
                    )
                )
                for name in names
            ]
            node.body = [*notes, *node.body]
        return node

    def _around(
        self, node: Any, targets: list[ast.expr], augmented: bool, given: Any = None
    ) -> Any:
        indices: list[ast.stmt] = []
        first: list[Any] = []
        after: list[Any] = []
        for number, target in enumerate(targets):
            if not isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                continue
            first += self._labels_in(target)
            name = ast.unparse(_original(target))
            if not isinstance(node, ast.Expr):
                indices += computed_once(target, number)
            text = ast.unparse(target)
            taken = isinstance(given, ast.Name) and (given.id, name) in self.steps
            updates = augmented or _refers(given, name) or taken or _takes_new(given, name)
            read = text
            if isinstance(target, ast.Subscript) and _slices(target.slice):
                # `w[:] = w + step` changes w in place.
                updates = updates or _refers(given, ast.unparse(_original(target.value)))
                if not isinstance(target.value, ast.Name | ast.Attribute):
                    continue
                if not updates:
                    after += self._filled(node.lineno, target)
                    continue
                is_part = not isinstance(target.slice, ast.Slice)
                is_part = is_part and not any(map(is_update, ast.walk(node)))
                target = target.value
                text = read = ast.unparse(target)
                name = ast.unparse(_original(target))
                if is_part:
                    most = MOST_HELD if _SLOPE.match(name) else MOST_IN_PARTS
                    read = f"__recorder__.unless_large({text}, {most})"
            held = f"__before_{number}__"
            first.append(_stored(held, self._call("before", _later(read))))
            owner: ast.expr = ast.Constant(None)
            if isinstance(target, ast.Subscript | ast.Attribute):
                owner = _read(ast.unparse(target.value))
            extra: list[ast.expr] = []
            if isinstance(target, ast.Subscript):
                wholes: list[ast.expr] = []
                whole: ast.expr = target
                while isinstance(whole, ast.Subscript):
                    whole = whole.value
                    wholes.append(_read(ast.unparse(whole)))
                held_whole = f"__whole_{number}__"
                inside = _without_arguments(ast.Tuple(wholes, ast.Load()))
                first.append(_stored(held_whole, self._call("whole_before", inside)))
                extra = [copy.deepcopy(inside), ast.Name(held_whole, ast.Load())]
            noted = self._call(
                "note",
                ast.Constant(node.lineno),
                ast.Constant(name),
                _read(read),
                ast.Name(held, ast.Load()),
                ast.Constant(updates),
                owner,
                _index(target),
                *extra,
            )
            after.append(_stored("__instead__", noted))
            instead = ast.parse(f"if __instead__ is not None:\n    {text} = __instead__").body[0]
            after.append(instead)
        if indices and isinstance(node, ast.Assign):
            indices.insert(0, value_first(node))
        return [*indices, *first, node, *after]

    def _filled(self, line: int, target: ast.Subscript) -> list[ast.stmt]:
        """Return statements that record an array that is assigned as a whole: ``x[:, 0] = …``.

        What draws a random number in its index would draw another one.
        """
        if any(isinstance(part, ast.Call) for part in ast.walk(_original(target))):
            return []
        text = ast.unparse(_original(target.value))
        place = [ast.Constant(line), ast.Constant(text), _read(text)]
        return [ast.Expr(self._call("filled", *place, _later(ast.unparse(target))))]


def _original(node: Any) -> Any:
    """Return a copy of a node without the edits that a file can do."""
    if isinstance(node, list):
        return [_original(part) for part in node]
    if not isinstance(node, ast.AST):
        return node
    if isinstance(node, ast.IfExp) and ast.unparse(node.test).startswith("__recorder__.chosen"):
        return _original(node.orelse)
    fields = {name: _original(value) for name, value in ast.iter_fields(node)}
    copied = type(node)(**fields)
    vars(copied).update((name, value) for name, value in vars(node).items() if name not in fields)
    return copied


def _slices(index: ast.expr) -> bool:
    """Return whether an index takes more than one entry by a slice."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(isinstance(part, ast.Slice) for part in parts)


def _read(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _later(text: str) -> ast.expr:
    """Return a function without arguments that reads a target."""
    return _without_arguments(_read(text))


def _without_arguments(value: ast.expr) -> ast.expr:
    return ast.Lambda(ast.arguments([], [], None, [], [], None, []), value)


def _stored(name: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _refers(value: Any, text: str) -> bool:
    """Return whether an assigned expression adds to the target itself: W = W − …, W = d W − …."""
    if isinstance(value, ast.BinOp):
        terms = list(_terms(value))
        if len(terms) == 1 and terms[0] is value:
            return ast.unparse(value.left) == text
        return any(text in _factors(term) for term in terms)
    if isinstance(value, ast.Call | ast.Tuple | ast.List | ast.ListComp | ast.DictComp):
        parts = (part for part in ast.walk(value) if isinstance(part, ast.expr))
        return any(ast.unparse(part) == text for part in parts)
    return False


def _terms(value: ast.expr) -> Iterator[ast.expr]:
    """Yield the terms of a sum that are added, not taken off."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub):
        yield from _terms(value.left)
        if isinstance(value.op, ast.Add):
            yield from _terms(value.right)
    else:
        yield value


def _factors(value: ast.expr) -> list[str]:
    """Return the texts of the factors of a product, such as those of ``W * (1 - decay)``."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Mult):
        return [*_factors(value.left), *_factors(value.right)]
    return [ast.unparse(value)]


def _takes_new(given: Any, text: str) -> bool:
    """Return whether weights are replaced by a value that was made before: W = W_new."""
    named = re.search(r"weight|bias|theta|param|gewicht|poids|peso|(^|[._])[wWbB]\d*(\[|$)", text)
    made = isinstance(given, ast.Name) and re.search(r"new|next|upd|neu|nouv|nuev|nov", given.id)
    return bool(named and made)


def _index(target: ast.expr) -> ast.expr:
    """Return a tuple of the indices of a target, which its text may hide."""
    indices: list[ast.expr] = []
    while isinstance(target, ast.Subscript | ast.Attribute):
        if isinstance(target, ast.Subscript):
            indices.insert(0, _read(ast.unparse(target.slice)))
        target = target.value
    return ast.Tuple(indices, ast.Load())


def _own(node: ast.AST) -> Any:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield child
        yield from _own(child)
