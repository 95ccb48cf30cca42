"""Recording of a run: every assigned value with its line, and the updates of parameters."""

import ast
import sys
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.check.layers import seeded
from rosenblatt.check.sandbox import FailedError
from rosenblatt.check.source import Source
from rosenblatt.check.state import as_array

MOST_EVENTS = 60_000
MOST_VALUES = 2_000_000
"""Numbers that a recording keeps."""


class EnoughError(BaseException):
    """The recording has all that the check needs."""


@dataclass
class Event:
    """A value that was assigned, returned or given as an argument.

    Attributes:
        line: of the file.
        name: the text of the target, such as "self.W1"; "return"; the name of an argument.
        function: the function in which it was, "" for the module.
        value: a float array.
        old: the value of the same target before; None where there was none.
        dtype: the kind of the raw value: "f", "i", "u", "b".
        call: the number of the call of the function.
    """

    line: int
    name: str
    function: str
    value: Any
    old: Any
    dtype: str
    call: int
    updates: bool = False


class Recorder:
    """The events of one run."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.calls = 0
        self.size = 0
        self.stack: list[tuple[str, int]] = [("", 0)]

    def enter(self, name: str, line: int, given: dict[str, Any]) -> None:
        """Record the arguments of a call."""
        self.calls += 1
        self.stack.append((name, self.calls))
        if len(self.stack) > 500:
            del self.stack[1:400]
        for argument, value in given.items():
            if argument != "self":
                self.add(line, argument, value, None)

    def leave(self, line: int, value: Any) -> Any:
        """Record what a call returns."""
        self.add(line, "return", value, None)
        if len(self.stack) > 1:
            self.stack.pop()
        return value

    def end(self) -> None:
        """Note the end of a call without a value."""
        if len(self.stack) > 1:
            self.stack.pop()

    def add(self, line: int, name: str, value: Any, old: Any, updates: bool = False) -> None:
        """Record a value, and the arrays in a tuple, a list or a dict."""
        function, call = self.stack[-1]
        for path, raw in _parts(value, name):
            array = as_array(raw)
            if array is None:
                continue
            dtype = (
                raw.dtype.kind
                if isinstance(raw, np.ndarray | np.generic)
                else ("i" if isinstance(raw, int) else "f")
            )
            if isinstance(raw, list | tuple):
                dtype = "l"
            before = old if path == name else None
            self.events.append(
                Event(line, path, function, np.array(array), before, dtype, call, updates)
            )
            self.size += array.size
        if len(self.events) > MOST_EVENTS or self.size > MOST_VALUES:
            raise EnoughError

    def before(self, get: Any) -> Any:
        """Return a copy of the value of a target, None where it has none."""
        try:
            value = as_array(get())
        # Reading a target may run the student's own code, which may raise anything.
        except Exception:
            return None
        return None if value is None else np.array(value)


def _parts(value: Any, name: str, depth: int = 0) -> list[tuple[str, Any]]:
    if as_array(value) is not None:
        return [(name, value)]
    if depth > 2:
        return []
    if isinstance(value, dict):
        return [
            part
            for key, inner in list(value.items())[:40]
            for part in _parts(inner, f"{name}[{key!r}]", depth + 1)
        ]
    if isinstance(value, list | tuple):
        return [
            part
            for i, inner in enumerate(value[:40])
            for part in _parts(inner, f"{name}[{i}]", depth + 1)
        ]
    return []


class _Instrument(ast.NodeTransformer):
    """Adds calls of the recorder after every assignment, and around every function."""

    def __init__(self) -> None:
        self.depth: list[str] = []

    def _call(self, method: str, *args: ast.expr) -> ast.expr:
        recorder = ast.Attribute(ast.Name("__recorder__", ast.Load()), method, ast.Load())
        return ast.Call(recorder, list(args), [])

    def visit_FunctionDef(self, node: ast.FunctionDef) -> Any:
        self.generic_visit(node)
        names = [a.arg for a in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]]
        is_generator = any(isinstance(part, ast.Yield | ast.YieldFrom) for part in _own(node))
        if is_generator:
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

    def visit_Assign(self, node: ast.Assign) -> Any:
        targets: list[ast.expr] = []
        for target in node.targets:
            targets += target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        return self._around(node, targets, False, node.value)

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Record lists after append."""
        self.generic_visit(node)
        call = node.value
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr == "append"
            and isinstance(call.func.value, ast.Name | ast.Attribute)
        ):
            text = ast.unparse(call.func.value)
            noted = self._call(
                "note",
                ast.Constant(node.lineno),
                ast.Constant(text),
                ast.parse(text, mode="eval").body,
                ast.Constant(None),
                ast.Constant(False),
            )
            return [node, ast.Expr(noted)]
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> Any:
        self.generic_visit(node)
        return self._around(node, [node.target], True)

    def _around(
        self, node: Any, targets: list[ast.expr], augmented: bool, given: Any = None
    ) -> Any:
        first: list[Any] = []
        after: list[Any] = []
        for number, target in enumerate(targets):
            if not isinstance(target, ast.Name | ast.Attribute | ast.Subscript):
                continue
            if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Slice):
                continue
            text = ast.unparse(target)
            updates = augmented or _refers(given, text)
            read = ast.parse(text, mode="eval").body
            again = ast.parse(text, mode="eval").body
            empty = ast.arguments([], [], None, [], [], None, [])
            held = f"__before_{number}__"
            first.append(
                ast.Assign(
                    [ast.Name(held, ast.Store())],
                    self._call("before", ast.Lambda(empty, again)),
                )
            )
            extra: list[ast.expr] = []
            if isinstance(target, ast.Subscript):
                root: ast.expr = target
                while isinstance(root, ast.Subscript):
                    root = root.value
                words = ast.unparse(root)
                held_root = f"__root_{number}__"
                first.append(
                    ast.Assign(
                        [ast.Name(held_root, ast.Store())],
                        self._call(
                            "before",
                            ast.Lambda(
                                ast.arguments([], [], None, [], [], None, []),
                                ast.parse(words, mode="eval").body,
                            ),
                        ),
                    )
                )
                extra = [ast.parse(words, mode="eval").body, ast.Name(held_root, ast.Load())]
            after.append(
                ast.Expr(
                    self._call(
                        "note",
                        ast.Constant(node.lineno),
                        ast.Constant(text),
                        read,
                        ast.Name(held, ast.Load()),
                        ast.Constant(updates),
                        *_index(target),
                        *extra,
                    )
                )
            )
        return [*first, node, *after]


def _refers(value: Any, text: str) -> bool:
    """Return whether an assigned expression begins with the target itself: W = W − …."""
    words = [ast.unparse(part) for part in ast.walk(value) if isinstance(part, ast.expr)]
    if isinstance(value, ast.BinOp):
        left = value.left
        while isinstance(left, ast.BinOp) and isinstance(left.op, ast.Add | ast.Sub):
            left = left.left
        return ast.unparse(left) == text or (
            isinstance(value.op, ast.Add) and ast.unparse(value.right) == text
        )
    if isinstance(value, ast.Call | ast.Tuple | ast.List | ast.ListComp):
        return text in words
    return False


def _index(target: ast.expr) -> list[ast.expr]:
    """Return expressions of the indices of a target, which its text may hide."""
    indices: list[ast.expr] = []
    while isinstance(target, ast.Subscript | ast.Attribute):
        if isinstance(target, ast.Subscript):
            indices.insert(0, ast.parse(ast.unparse(target.slice), mode="eval").body)
        target = target.value
    return [ast.Tuple(indices, ast.Load())] if indices else []


def _own(node: ast.AST) -> Any:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        yield child
        yield from _own(child)


class _Recorder(Recorder):
    def result(self, line: int, value: Any) -> Any:
        """Record a returned value."""
        self.add(line, "return", value, None)
        return value

    def note(
        self,
        line: int,
        text: str,
        value: Any,
        old: Any,
        augmented: bool,
        index: Any = None,
        root: Any = None,
        before_root: Any = None,
    ) -> None:
        """Record a target after its assignment."""
        name = text
        if index is not None:
            try:
                name = f"{text.split('[')[0]}{''.join(f'[{i!r}]' for i in index)}"
                rest = text.rsplit("]", 1)[-1]
                name += rest
            # The index is the student's object; its repr may raise anything.
            except Exception:
                name = text
        scalar = as_array(value)
        element = root is not None and scalar is not None and scalar.ndim == 0
        self.add(line, name[:80], value, old, augmented and not element)
        if element:
            whole = as_array(root)
            if whole is not None and 0 < whole.size <= 400:
                base = text.split("[")[0] if text.count("[") and "]." not in text else text
                self.add(line, base[:80], root, before_root, True)


def instrumented(source: Source, path: Path) -> Any:
    """Return the compiled file that records what it computes."""
    tree = _Instrument().visit(ast.parse(source.text))
    return compile(ast.fix_missing_locations(tree), str(path), "exec")


def record(source: Source, path: Path, name: str, seconds: float = 4.0) -> tuple[Any, Any, Any]:
    """Run the file under a module's name; return recorder, namespace and what ended it."""
    recorder = _Recorder()
    module = types.ModuleType(name)
    module.__file__ = str(path)
    vars(module)["__recorder__"] = recorder
    if name != "__main__":
        sys.modules[name] = module
    ended = None
    arguments = sys.argv
    sys.argv = [str(path)]
    try:
        code = instrumented(source, path)
        seeded(exec, code, vars(module), seconds=seconds)
    except FailedError as error:
        ended = error.cause
    except (SyntaxError, RecursionError, ValueError) as error:
        ended = error
    finally:
        sys.argv = arguments
    return recorder, vars(module), ended
