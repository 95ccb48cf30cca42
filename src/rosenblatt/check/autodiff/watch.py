"""The numbers and gradients of nodes at each backward pass of a file's own run."""

import ast
import copy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosenblatt.check.autodiff.kinds import Kind
from rosenblatt.check.record.recording import EnoughError, record
from rosenblatt.check.source.coverage import Place, counted
from rosenblatt.check.source.text import Source

MOST_PASSES = 200
MOST_UPDATES = 24
_FRAMES = 20_000
"""Depth of calls in a watched run: a pass that calls itself needs two more of each node."""


@dataclass
class Pass:
    """One backward pass, with the nodes by their numbers.

    Attributes:
        line: of the file, where it is called.
        loss: the number whose gradients are computed.
        data: the numbers before it.
        before: the gradients before it.
        after: the gradients after it.
    """

    line: int
    loss: float
    data: dict[int, float]
    before: dict[int, float]
    after: dict[int, float]


class Watch:
    """The backward passes of a run, and the nodes whose numbers change between them.

    A node that a later pass gives no gradient and that does not change is forgotten: it belonged to
    the graph of one pass.
    """

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.passes: list[Pass] = []
        self.changed: set[int] = set()
        self.called: set[Place] = set()
        self._nodes: dict[int, tuple[Any, int]] = {}
        self._made = 0
        self._updates = 0
        self._inside = False

    def cls(self, cls: Any) -> None:
        """Watch the objects of a class."""
        begin = cls.__init__

        def made(node: Any, *args: Any, **settings: Any) -> None:
            begin(node, *args, **settings)
            self._nodes[self._made] = node, len(self.passes)
            self._made += 1

        cls.__init__ = made
        if self.kind.function is None:
            setattr(cls, self.kind.backward, self.function(getattr(cls, self.kind.backward)))

    def function(self, backward: Callable[..., Any]) -> Callable[..., Any]:
        """Return a backward pass that is watched."""

        def watched(node: Any, *args: Any, **settings: Any) -> Any:
            if self._inside:
                return backward(node, *args, **settings)
            self._begin(sys._getframe(1).f_lineno, node)
            self._inside = True
            try:
                return backward(node, *args, **settings)
            finally:
                self._inside = False
                self._end()

        return watched

    def _begin(self, line: int, node: Any) -> None:
        data, gradients = {}, {}
        for number, (held, _) in self._nodes.items():
            data[number] = _number(getattr(held, self.kind.data))
            gradients[number] = _number(getattr(held, self.kind.gradient))
        if self.passes:
            last = self.passes[-1].data
            changed = {k for k, value in data.items() if k in last and last[k] != value}
            self.changed |= changed
            self._updates += bool(changed)
        if self._updates >= MOST_UPDATES or len(self.passes) >= MOST_PASSES:
            raise EnoughError
        loss = _number(getattr(node, self.kind.data, None))
        self.passes.append(Pass(line, loss, data, gradients, {}))

    def _end(self) -> None:
        now = self.passes[-1]
        for number, (node, born) in list(self._nodes.items()):
            gradient = _number(getattr(node, self.kind.gradient))
            now.after[number] = gradient
            is_old = born < len(self.passes) - 1 and number not in self.changed
            if is_old and gradient == now.before.get(number):
                del self._nodes[number]


def watched_run(source: Source, path: Path, kind: Kind, seconds: float) -> Watch:
    """Return the backward passes of the file's own run."""
    watch = Watch(kind)
    tree = copy.deepcopy(source.tree)
    body: list[ast.stmt] = []
    for statement in tree.body:
        body.append(counted(statement))
        if isinstance(statement, ast.ClassDef) and statement.name == kind.cls.__name__:
            body += ast.parse(f"__watch__.cls({statement.name})").body
        if kind.function and getattr(statement, "name", "") == kind.backward:
            body += ast.parse(f"{kind.backward} = __watch__.function({kind.backward})").body
    tree.body = body
    names = {"__watch__": watch, "__called__": watch.called}
    frames = sys.getrecursionlimit()
    sys.setrecursionlimit(_FRAMES)
    try:
        code = compile(ast.fix_missing_locations(tree), str(path), "exec")
        record(source, path, "__main__", seconds, code=code, names=names)
    finally:
        sys.setrecursionlimit(frames)
    return watch


def _number(value: Any) -> float:
    """Return a number; 0 for what is none, such as the gradient before the first pass."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0
