"""Which parts of a file compute gradients or updates, and which of them a check has reached."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import BACKWARDS, GRADIENTS, RATES

SCRIPT = "the script"
"""The name of the statements that are in no function."""

Place = tuple[str, int]
"""The name of a function, and the line of its ``def``."""

SCRIPT_PLACE: Place = ("", 0)

_RATE = re.compile(
    rf"(^|_)({RATES})\d*(_|$)|learning|lrate",
    re.I,
)
_GRADIENT = re.compile(
    rf"^_?d_?[WwbBZzXxAaHhUVyE]\d*$|^d_?[Wb][a-z]{{1,2}}\d*$|{GRADIENTS}|(^|_)deltas?\d*(_|$)"
    r"|^d_?(out|logits?|hidden|scores?|weights?|bias\w*|theta|loss)\d*$",
    re.I,
)
_BACKWARD = re.compile(
    r"backward|back_?prop|bprop|gradient|(^|_)d?grads?(_|$)|deriv|prime(_|$)|nabla|(^|_)deltas?(_|$)"
    rf"|(^|_)({BACKWARDS})(_|$)",
    re.I,
)
_HELPER = re.compile(
    r"check|numer|finite|plot|draw|show|print|test|zero|reset|clear|init|clip|norm|save|load", re.I
)
_ARITHMETIC = (ast.Mult, ast.MatMult, ast.Div, ast.Sub, ast.Add, ast.Pow)
_PRODUCTS = re.compile(
    r"(^|\.)(dot|matmul|outer|einsum|multiply|tensordot|sum|mean|where|add\.at)$"
)


@dataclass(frozen=True)
class Part:
    """Code that trains.

    Attributes:
        name: "Network.backprop", "train", or :data:`SCRIPT`.
        place: the function's name and line; :data:`SCRIPT_PLACE` for statements in no function.
        line: the line of the function, or of the first such statement.
        does: "computes gradients" or "changes parameters".
        owner: the class, or the function itself.
    """

    name: str
    place: Place
    line: int
    does: str
    owner: str


@dataclass
class Coverage:
    """The functions that checks have called.

    Attributes:
        called: those of the check that runs now.
        reached: those of checks that came to a result.
        run: those of a training that ran and was not understood.
        not_finite: those that gave a value that is not finite in the file's own run.
        failed: by what the file's own run ended; "" if it came to its end or was stopped.
        stopped: where the check stopped the file's own run before any parameter had two updates;
            "" for another end.
        idle: the same where the run had updated nothing.
        errors: of the check itself, in a training.
    """

    called: set[Place] = field(default_factory=set)
    reached: set[Place] = field(default_factory=set)
    run: set[Place] = field(default_factory=set)
    not_finite: set[str] = field(default_factory=set)
    failed: str = ""
    stopped: str = ""
    idle: str = ""
    errors: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Forget what was called: another check begins."""
        self.called.clear()

    def count(self) -> None:
        """Count what was called as reached: the check came to a result."""
        self.reached |= self.called

    def count_functions(self, names: Iterable[str], source: Source) -> None:
        """Count functions and methods, by name, and all that they call in the file as reached."""
        called = called_from(names, source)
        self.reached |= {(f.name, f.lineno) for f in source.functions if f.name in called}

    def missing(self, source: Source) -> list[Part]:
        """Return the parts of the file that train and that no check has reached."""
        return [part for part in parts_that_train(source) if part.place not in self.reached]

    def not_checked(self, checked: Iterable[str], source: Source) -> list[str]:
        """Return the names of parts that train, classes and functions that no check reached."""
        missing = self.missing(source)
        names = [part.name for part in missing]
        owners = {part.owner for part in missing}
        for statement in source.tree.body:
            if isinstance(statement, ast.ClassDef):
                inner = [part for part in statement.body if isinstance(part, ast.FunctionDef)]
            elif isinstance(statement, ast.FunctionDef) and statement.name != "main":
                inner = [statement]
            else:
                continue
            reached = any((part.name, part.lineno) in self.reached for part in inner)
            if not reached and statement.name not in {*checked, *owners}:
                names.append(statement.name)
        return names


def called_from(names: Iterable[str], source: Source) -> set[str]:
    """Return the names of functions, and of all functions that they call in the file."""
    open_names = {name.split(".")[-1] for name in names}
    done: set[str] = set()
    while open_names:
        name = open_names.pop()
        done.add(name)
        for node in source.functions:
            if node.name == name:
                open_names |= _called_names(node) - done
    return done


def counted(statement: ast.stmt) -> ast.stmt:
    """Return a statement whose functions note in ``__called__`` that they were called."""
    for node in ast.walk(statement):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            note = ast.parse(f"__called__.add(({node.name!r}, {node.lineno}))").body[0]
            for part in ast.walk(note):
                if isinstance(part, ast.expr | ast.stmt):
                    part.lineno = part.end_lineno = node.body[0].lineno
                    part.col_offset = part.end_col_offset = 0
            first = node.body[0]
            has_text = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            node.body.insert(1 if has_text else 0, note)
    return statement


def parts_that_train(source: Source) -> list[Part]:
    r"""Return the functions, methods and statements that compute gradients or change parameters.

    >>> text = "def step(w, g):\n    return w - lr * g\n\ndef double(x):\n    return 2 * x\n"
    >>> [(part.name, part.does) for part in parts_that_train(Source(text))]
    [('step', 'changes parameters')]
    """
    parts = []
    script: list[ast.stmt] = []
    for owner, statement in _definitions(source.tree.body, ""):
        if not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            script.append(statement)
            continue
        does = _does(statement.name, statement.body)
        if does:
            name = f"{owner}.{statement.name}" if owner else statement.name
            place = (statement.name, statement.lineno)
            parts.append(Part(name, place, statement.lineno, does, owner or statement.name))
    does = _does("", script)
    if does:
        first = next(statement for statement in script if _does("", [statement]))
        parts.append(Part(SCRIPT, SCRIPT_PLACE, first.lineno, does, SCRIPT))
    return parts


def reason_for(missing: list[Part], coverage: Coverage) -> str:
    """Return which parts could not be checked, why, and what to do."""
    names = ", ".join(f"{part.name} (line {part.line})" for part in missing[:4])
    more = f" and {len(missing) - 4} more" if len(missing) > 4 else ""
    does = missing[0].does if len({p.does for p in missing}) == 1 else "train"
    if coverage.failed:
        joint = "in" if coverage.failed.startswith("line ") else "with"
        why = f"the run ended {joint} {coverage.failed}"
    elif coverage.idle:
        why = f"{coverage.idle}; let the file end by itself"
    elif any(part.place in coverage.run or part.name == SCRIPT for part in missing):
        why = (
            "it ran, but its updates follow no gradient that was recognized; let the file compute "
            "the loss of each update and train on a few samples with plain gradient descent"
        )
    else:
        why = (
            "nothing in the file runs it in a training that was understood; add a training of a "
            'few updates under `if __name__ == "__main__":`'
        )
    if coverage.stopped and not coverage.idle:
        why += f"; {coverage.stopped}"
    return f"{names}{more}: {does if len(missing) > 1 else missing[0].does}, unchecked: {why}"


def _definitions(body: list[ast.stmt], owner: str) -> Iterator[tuple[str, ast.stmt]]:
    for statement in body:
        if isinstance(statement, ast.ClassDef):
            for _, inner in _definitions(statement.body, statement.name):
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield statement.name, inner
        else:
            yield owner, statement


def _does(name: str, body: list[ast.stmt]) -> str | None:
    """Return what code does for a training; None for other code."""
    if _HELPER.search(name):
        return None
    nodes = [node for statement in body for node in ast.walk(statement)]
    if any(is_update(node) for node in nodes):
        return "changes parameters"
    named = _BACKWARD.search(name) and any(_is_arithmetic(n) or _fills(n) for n in nodes)
    if named or any(_is_gradient(node) for node in nodes):
        return "computes gradients"
    return None


def is_update(node: ast.AST) -> bool:
    """Return whether a node is ``w -= rate * …`` or ``w - rate * …``."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        target = _target_name(node.target)
        names = set(_words(node.value))
        if _GRADIENT.search(target) or isinstance(node.value, ast.Constant):
            return False
        held = isinstance(node.target, ast.Attribute | ast.Subscript)
        if held and isinstance(node.op, ast.Sub) and isinstance(node.value, ast.BinOp):
            return isinstance(node.value.op, ast.Mult | ast.Div)
        return any(_RATE.search(n) for n in names) or (
            isinstance(node.op, ast.Sub) and any(_GRADIENT.search(n) for n in names)
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        product = isinstance(node.right, ast.BinOp) and isinstance(
            node.right.op, ast.Mult | ast.Div | ast.MatMult
        )
        rated = product and any(_RATE.search(n) for n in _words(node.right))
        return rated and any(True for _ in _words(node.left))
    return False


def _is_gradient(node: ast.AST) -> bool:
    """Return whether a node assigns a computed gradient to a name of one."""
    if isinstance(node, ast.Assign):
        targets: list[ast.expr] = []
        for target in node.targets:
            targets += target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    elif isinstance(node, ast.AugAssign):
        targets = [node.target]
    else:
        return False
    value = node.value
    computed = any(_is_arithmetic(part) for part in ast.walk(value))
    return computed and any(_GRADIENT.search(_target_name(target)) for target in targets)


def _fills(node: ast.AST) -> bool:
    """Return whether a node assigns to entries of an array."""
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript)


def _is_arithmetic(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, _ARITHMETIC):
        return any(True for _ in _words(node))
    return isinstance(node, ast.Call) and bool(_PRODUCTS.search(ast.unparse(node.func)))


def _words(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            yield part.id
        elif isinstance(part, ast.Attribute):
            yield part.attr
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _target_name(target: ast.expr) -> str:
    """Return the name of a target: "W" of ``self.W[0]``, "dW" of ``grads["dW"]``."""
    while isinstance(target, ast.Subscript):
        index = target.slice
        if isinstance(index, ast.Constant) and isinstance(index.value, str):
            return index.value
        target = target.value
    return getattr(target, "id", getattr(target, "attr", ""))


def _called_names(node: Any) -> set[str]:
    calls = [part.func for part in ast.walk(node) if isinstance(part, ast.Call)]
    return {getattr(call, "id", getattr(call, "attr", "")) for call in calls} - {""}
