"""Kinds of small changes that undo a usual mistake at one place of a file.

Each kind yields (mistake, what is done in words, change) for a node. A change returns what stands
in the node's place; it may change the node that it is given.
"""

import ast
import functools
import keyword
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import BIASES, RANDOM, last_name

BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.FunctionDef)

BIAS = (
    rf"(?i)(^|[^a-z])d?_?(b|c|(?<=d)beta|(?<=d_)beta|w_?0|({BIASES})(es|s)?)"
    r"(_[a-z]+)?_?\d*\W*$"
)

_FLIPPED: dict[type, type] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Lt: ast.Gt,
    ast.Gt: ast.Lt,
    ast.LtE: ast.GtE,
    ast.GtE: ast.LtE,
}
_NEGATED: dict[type, type] = {ast.Lt: ast.GtE, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.GtE: ast.Lt}
DERIVATIVE = r"1(\.0)? ?- ?|deriv|prime|\*\* 2|grad\(|slope|ableit"

PRODUCT = r"(dot|matmul|outer)$"
"""Functions that multiply matrices."""

NO_NUMBER = "without number"

_READABLE = re.compile(r"[A-Za-z_][\w.]*(\[[\w' ]+\])?")

Found = Iterator[tuple[str, str, Callable[[Any], Any]]]


@dataclass
class Code:
    """A file with the values that a run has given its names.

    Attributes:
        nodes: of its tree, in the order of ``ast.walk``.
        parents: the parent of a node, by the node's ``id``.
        shapes: the shape of each name, by the function in which it has one; "" for the module.
        values: the first recorded value of each name, by the function.
        by_line: the first value in each line of a name that has several shapes, by the function,
            the name and the line; in line 0 the first of all.
        updated: the shapes of everything that a run updates.
    """

    nodes: list[ast.AST]
    parents: dict[int, Any]
    shapes: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: dict[str, dict[str, Any]] = field(default_factory=dict)
    by_line: dict[str, dict[str, dict[int, Any]]] = field(default_factory=dict)
    updated: set[Any] = field(default_factory=set)

    @classmethod
    def of(cls, source: Source, events: list[Event]) -> "Code":
        """Return the code of a source, with the names of a run's events."""
        nodes = list(ast.walk(source.tree))
        code = cls(nodes, {id(c): p for p in nodes for c in ast.iter_child_nodes(p)})
        shared = {
            function.name: {
                name
                for part in ast.walk(function)
                if isinstance(part, ast.Global)
                for name in part.names
            }
            for function in nodes
            if isinstance(function, ast.FunctionDef)
        }
        code.updated = {event.value.shape for event in events if event.updates}
        for event in events:
            name = event.name
            if name in ("return", "compared") or not _can_be_read(name):
                continue
            if re.search(r"\[([2-9]|\d\d+)\]", name):
                # The first two entries of a long list stand for all.
                continue
            function = "self" if name.startswith("self.") else event.function
            if re.split(r"\W", name)[0] in shared.get(function, ()):
                function = ""
            code.shapes.setdefault(function, {}).setdefault(name, event.value.shape)
            first = code.values.setdefault(function, {}).setdefault(name, event.value)
            by_line = code.by_line.setdefault(function, {}).setdefault(name, {0: first})
            by_line.setdefault(event.line, event.value)
        code.by_line = {
            function: {n: v for n, v in names.items() if len({x.shape for x in v.values()}) > 1}
            for function, names in code.by_line.items()
        }
        return code

    def readable(self, node: Any) -> dict[str, Any]:
        """Return the names that can be read at a node, with their shapes there."""
        shapes = self._at(node, self.shapes)
        return {**shapes, **{name: value.shape for name, value in self._of_line(node).items()}}

    def known_values(self, node: Any) -> dict[str, Any]:
        """Return the first recorded values of the names that can be read at a node."""
        return {**self._at(node, self.values), **self._of_line(node)}

    def _of_line(self, node: Any) -> dict[str, Any]:
        """Return the values of names with several shapes, from the last line up to a node's."""
        function = getattr(self.ancestor(node, ast.FunctionDef), "name", "")
        return {
            name: values[max(line for line in values if line <= node.lineno)]
            for name, values in self.by_line.get(function, {}).items()
        }

    def _at(self, node: Any, table: dict[str, dict[str, Any]]) -> dict[str, Any]:
        function = self.ancestor(node, ast.FunctionDef)
        own = table.get(getattr(function, "name", ""), {})
        return {**table.get("", {}), **table.get("self", {}), **own}

    @functools.cached_property
    def drawn(self) -> dict[str, Any]:
        """The first value of each name that is assigned random numbers."""
        found: dict[str, Any] = {}
        for node in self.nodes:
            if isinstance(node, ast.Assign) and re.search(RANDOM, ast.unparse(node.value)):
                values = self.known_values(node)
                for target in map(ast.unparse, node.targets):
                    found[last_name(target)] = values.get(target)
        return found

    @functools.cached_property
    def compared(self) -> set[str]:
        """The texts on the left of comparisons."""
        return {ast.unparse(node.left) for node in self.nodes if isinstance(node, ast.Compare)}

    def ancestor(self, node: Any, kind: Any) -> Any:
        """Return the nearest node of a kind around a node, or None."""
        while node is not None and not isinstance(node, kind):
            node = self.parents.get(id(node))
        return node

    def statement(self, node: Any) -> str:
        """Return the text of the assignment around a node, "" where there is none."""
        found = self.ancestor(node, ast.stmt)
        return ast.unparse(found) if isinstance(found, ast.AugAssign | ast.Assign) else ""

    def target(self, node: Any) -> str:
        """Return the text of what an update around a node changes, "" where there is none."""
        found = self.ancestor(node, ast.stmt)
        return ast.unparse(found.target) if isinstance(found, ast.AugAssign) else ""

    def loop_variables(self, node: Any) -> list[str]:
        """Return the counters of the loops around a node."""
        names = []
        loop = self.ancestor(node, ast.For)
        while loop is not None:
            names += [n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)]
            loop = self.ancestor(self.parents.get(id(loop)), ast.For)
        return names


Kind = Callable[[Any, Code], Found]


def _can_be_read(name: str) -> bool:
    words = re.findall(r"[A-Za-z_]\w*", name)
    readable = _READABLE.fullmatch(name) and "__" not in name
    return bool(readable) and not any(keyword.iskeyword(word) for word in words)


def parsed(text: str) -> ast.expr:
    """Return the tree of an expression."""
    return ast.parse(text, mode="eval").body


def entry_of(name: str, node: ast.Subscript) -> str:
    """Return the entry of the array ``name`` with the index of a node, as text.

    >>> entry_of("h", ast.parse("x[:, None]", mode="eval").body)
    'h[:, None]'
    """
    return ast.unparse(ast.Subscript(parsed(name), node.slice, ast.Load()))


def is_product(node: Any) -> bool:
    """Return whether a node multiplies."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)


def factors_of(node: Any) -> list[Any]:
    """Return the factors of a product, the node itself where it is none."""
    return [*factors_of(node.left), *factors_of(node.right)] if is_product(node) else [node]


def is_complement(node: Any) -> bool:
    """Return whether a node is 1 − x."""
    left = node.left if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub) else None
    return isinstance(left, ast.Constant) and left.value == 1


def moves(node: Any, code: Code) -> Found:
    """Move an update, or all updates, to the end of their block."""
    if not isinstance(node, BLOCKS):
        return
    block = node.body
    # Without its penalty in time, a gradient is right as well.
    places = [place for place, s in enumerate(block) if may_update(s) and not _is_penalty(s)]
    last = max((i for i, s in enumerate(block) if not isinstance(s, ast.Return)), default=0)
    late = [p for p in places if p < last and not _is_made_later(block, p, last)]
    for place in late:
        yield "update-before-use", f"move line {block[place].lineno}", _moved([place], last)
    if len(late) > 1:
        yield "update-before-use", f"move all from line {block[late[0]].lineno}", _moved(late, last)
    returned = block[-1].value if isinstance(block[-1], ast.Return) else None
    read = {ast.unparse(part) for part in ast.walk(returned)} if returned is not None else set()
    for place in places:
        if _target(block[place]) in read:
            what = f"move line {block[place].lineno} after the returned value"
            yield "update-before-use", what, _moved_after_return(place)


def _is_made_later(block: list[ast.stmt], place: int, last: int) -> bool:
    """Return whether statements after an update assign what it reads: the gradient before this one.

    Moved behind them, the update would be another one. A velocity is made of itself, and may
    indeed be used before it is.
    """
    read = {ast.unparse(part) for part in _expressions(getattr(block[place], "value", None))}
    read.discard(_target(block[place]))
    return any(
        isinstance(later, ast.Assign) and _targets(later) & read and not may_update(later)
        for later in block[place + 1 : last + 1]
    )


def _targets(statement: ast.Assign) -> set[str]:
    """Return the texts of what a statement assigns, of several values each."""
    target = statement.targets[0]
    several = target.elts if isinstance(target, ast.Tuple) else [target]
    return {ast.unparse(part).split("[")[0] for part in several}


def may_update(statement: ast.stmt) -> bool:
    """Return whether a statement changes a value that it reads, or all of them by a call."""
    if isinstance(statement, ast.AugAssign) or _calls(statement):
        return True
    if isinstance(statement, ast.For) or (isinstance(statement, ast.If) and not statement.orelse):
        return all(may_update(inner) for inner in statement.body)
    if not isinstance(statement, ast.Assign):
        return False
    target = ast.unparse(statement.targets[0])
    return any(ast.unparse(part) == target for part in _expressions(statement.value))


def _expressions(value: ast.expr | None) -> list[ast.expr]:
    return [part for part in ast.walk(value) if isinstance(part, ast.expr)] if value else []


def _is_penalty(statement: ast.stmt) -> bool:
    """Return whether a statement takes a part off a parameter, and nothing else."""
    taken: Any = getattr(statement, "value", statement)
    if isinstance(statement, ast.Assign) and isinstance(taken, ast.BinOp):
        taken = taken.right
    is_sum = any(isinstance(part, ast.Add | ast.Sub) for part in ast.walk(taken))
    words = re.search(r"lam|reg|l2|decay|penal", ast.unparse(statement), re.I)
    return words is not None and not is_sum


def _calls(statement: ast.stmt) -> bool:
    """Return whether a statement only calls something: ``unit.update(rate)``."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and not re.search(r"(print|append)$", ast.unparse(statement.value.func))
    )


def _moved(places: list[int], last: int) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        kept = [s for i, s in enumerate(node.body[: last + 1]) if i not in places]
        node.body = [*kept, *[node.body[i] for i in places], *node.body[last + 1 :]]
        return node

    return change


def _target(statement: Any) -> str:
    """Return the text of what an update changes."""
    if isinstance(statement, ast.For | ast.If):
        return _target(statement.body[0])
    if isinstance(statement, ast.Expr):
        # What a call changes is an attribute of its object.
        return ""
    target = statement.target if isinstance(statement, ast.AugAssign) else statement.targets[0]
    return ast.unparse(target).split("[")[0]


def _moved_after_return(place: int) -> Callable[[Any], Any]:
    """Return a change that computes what is returned before the update at ``place``."""

    def change(node: Any) -> Any:
        update, value = node.body.pop(place), node.body.pop().value
        held = ast.Assign([ast.Name("__held__", ast.Store())], value)
        node.body += [held, update, ast.Return(ast.Name("__held__", ast.Load()))]
        return node

    return change


def resets(node: Any, code: Code) -> Found:
    """Set a sum to zero at the start of each round of a loop."""
    if not isinstance(node, ast.For | ast.While):
        return
    inside = [part for statement in node.body for part in ast.walk(statement)]
    assigned = {
        ast.unparse(target)
        for part in inside
        if isinstance(part, ast.Assign)
        for target in part.targets
    }
    sums = {
        ast.unparse(part.target)
        for part in inside
        if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add)
        if isinstance(part.target, ast.Name | ast.Attribute)
    }
    texts = sorted(sums - assigned)
    for chosen in [texts, *([text] for text in texts if len(texts) > 1)]:
        if chosen:
            yield "gradients-accumulate", f"reset {chosen}", _reset(chosen)


def _reset(texts: list[str]) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        node.body[:0] = [ast.parse(f"{text} = 0 * {text}").body[0] for text in texts]
        return node

    return change


def signs(node: Any, code: Code) -> Found:
    """Flip + and −, or leave out a minus."""
    momentum = re.search(r"mom|vel|\bv\b", code.statement(node))
    mistake = "momentum-sign" if momentum else "sign"
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in (ast.Add, ast.Sub):

        def flip(node: Any) -> Any:
            node.op = _FLIPPED[type(node.op)]()
            return node

        yield mistake, "flip", flip
        if isinstance(node.op, ast.Sub) and isinstance(code.parents.get(id(node)), ast.BinOp):
            yield mistake, "swap", lambda node: ast.BinOp(node.right, ast.Sub(), node.left)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield mistake, "without minus", lambda node: node.operand


def sides(node: Any, code: Code) -> Found:
    """Turn a comparison round, or negate it."""
    if not isinstance(node, ast.Compare) or type(node.ops[0]) not in _NEGATED:
        return
    yield "relu-wrong-side", "flip", _compared(_FLIPPED)
    yield "relu-wrong-side", "negate", _compared(_NEGATED)


def _compared(table: dict[type, type]) -> Callable[[Any], Any]:
    def change(node: Any) -> Any:
        node.ops[0] = table[type(node.ops[0])]()
        return node

    return change


def turns(node: Any, code: Code) -> Found:
    """Transpose a factor of a product, or swap two indices."""
    parent = code.parents[id(node)]
    product = (isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult)) or (
        isinstance(parent, ast.Call) and re.search(PRODUCT, ast.unparse(parent.func))
    )
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transposed", "without T", lambda node: node.value
    elif product and _swaps(node):
        yield "transposed", "without swap", lambda node: node.func.value
    elif product and len(code.readable(node).get(ast.unparse(node), ())) > 2:
        # Of matrices in a stack, the last two axes.
        swapped = f"{ast.unparse(node)}.swapaxes(-1, -2)"
        yield "transposed", "swap axes", lambda node: parsed(swapped)
    elif product and isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Call):
        if isinstance(parent, ast.Call) and parent.func is node:
            return
        yield "transposed", "T", lambda node: ast.Attribute(node, "T", ast.Load())
    if not isinstance(node, ast.Subscript) or not isinstance(node.ctx, ast.Load):
        return
    if isinstance(node.value, ast.Subscript) and _are_indices(node.slice, node.value.slice):

        def swap(node: Any) -> Any:
            node.slice, node.value.slice = node.value.slice, node.slice
            return node

        yield "transposed", "swap", swap
    elif isinstance(node.slice, ast.Tuple) and _are_indices(*node.slice.elts):

        def turn(node: Any) -> Any:
            node.slice.elts.reverse()
            return node

        yield "transposed", "swap", turn


def _swaps(node: Any) -> bool:
    """Return whether a node is x.transpose(…) or x.swapaxes(…)."""
    function = node.func if isinstance(node, ast.Call) else None
    return isinstance(function, ast.Attribute) and function.attr in ("transpose", "swapaxes")


def _are_indices(*parts: Any) -> bool:
    return len(parts) == 2 and all(isinstance(part, ast.Name) for part in parts)


def reading(text: str) -> Callable[[Any], Any]:
    """Return a change that puts an expression in the place of a node."""
    return lambda node: parsed(text)


def jacobians(node: Any, code: Code) -> Found:
    """Put the product with the whole softmax Jacobian where only its diagonal p (1 − p) is."""
    if isinstance(node, ast.Call) and re.search(r"\bdiag(flat)?$", ast.unparse(node.func)):
        yield from _diagonals(node)
    if not is_product(node) or is_product(code.parents[id(node)]):
        return
    factors = [ast.unparse(factor) for factor in factors_of(node)]
    for other in [ast.unparse(f.right) for f in factors_of(node) if is_complement(f)]:
        rest = [f for f in factors if f != other and not re.fullmatch(r"\(?1(\.0)? - .*", f)]
        if len(rest) != len(factors) - 2:
            continue
        given = " * ".join(f"({factor})" for factor in rest) or "1"
        for axis in (-1, 0):
            mean = f"({given} * {other}).sum(axis={axis}, keepdims=True)"
            whole = f"{other} * ({given} - {mean})"
            yield "softmax-diagonal-only", whole, reading(whole)


def _diagonals(node: ast.Call) -> Found:
    """Put diag(p) − p pᵀ for diag(p (1 − p))."""
    parts = factors_of(node.args[0]) if len(node.args) == 1 else []
    for other in [ast.unparse(part.right) for part in parts if is_complement(part)]:
        if len(parts) == 2 and other in map(ast.unparse, parts):
            whole = f"{ast.unparse(node.func)}({other}) - ({other})[:, None] * ({other})[None, :]"
            yield "softmax-diagonal-only", whole, reading(whole)


def left_out(node: Any, code: Code) -> Found:
    """Leave out a factor, a divisor, a term, or a function."""
    target = code.statement(node).split("=")[0]
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        for side in ("right", "left") if isinstance(node.op, ast.Mult) else ("right",):
            factor = getattr(node, side)
            kept = "left" if side == "right" else "right"
            what = NO_NUMBER if isinstance(factor, ast.Constant) else f"without {side}"
            mistake = _factor_name(factor, target, code)
            if _begins_difference(getattr(node, kept), factor):
                mistake = "loss-gradient-mismatch"
            yield mistake, what, _side(kept)
    call = isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords
    if not call or isinstance(code.parents[id(node)], ast.Expr):
        return
    difference = isinstance(node.args[0], ast.BinOp) and isinstance(node.args[0].op, ast.Sub)
    if difference:
        yield "loss-gradient-mismatch", "without function", lambda node: node.args[0]
    elif isinstance(node.func, ast.Name | ast.Attribute) and re.search(
        DERIVATIVE, ast.unparse(code.ancestor(node, ast.stmt))
    ):
        yield "activation-derivative-at-output", "without function", lambda node: node.args[0]


def _begins_difference(node: Any, factor: ast.expr) -> bool:
    """Return whether a node is p − y, and a factor is p."""
    subtracts = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
    return subtracts and ast.unparse(node.left) == ast.unparse(factor)


def _side(name: str) -> Callable[[Any], Any]:
    return lambda node: getattr(node, name)


def _factor_name(factor: ast.expr, target: str, code: Code) -> str:
    """Return the mistake that a factor is, in a statement with a target."""
    text = ast.unparse(factor)
    if re.fullmatch(r"[\d.]+", text):
        return "constant-factor"
    if re.search(r"len\(|shape|size|^[nmN]$|batch", text):
        return "batch-factor"
    if re.search(r"1(\.0)? ?- ?|deriv|prime", text) or _calls_a_slope(factor, code):
        return "activation-derivative-at-output"
    name = re.sub(r"\[\w+\]", "", target.rstrip("+- "))
    of_bias = re.search(BIAS, name) or re.search(r"\[-1\]\W*$", target)
    return "bias-gradient-times-input" if of_bias else "constant-factor"


def _calls_a_slope(node: ast.expr, code: Code) -> bool:
    """Return whether a node calls a function of the file that computes 1 − x, as derivatives do."""
    name = ast.unparse(node.func).split(".")[-1] if isinstance(node, ast.Call) else ""
    return any(
        isinstance(other, ast.FunctionDef)
        and other.name == name
        and any(is_complement(part) for part in ast.walk(other))
        for other in code.nodes
    )


def sums(node: Any, code: Code) -> Found:
    """Add to a value that is overwritten."""
    held = isinstance(node, ast.Assign) and isinstance(
        node.targets[0], ast.Attribute | ast.Subscript
    )
    if held:
        yield (
            "gradients-accumulate",
            "add",
            lambda node: ast.AugAssign(node.targets[0], ast.Add(), node.value),
        )


def powers(node: Any, code: Code) -> Found:
    """Put the square of a value into 1 − value, or the value for its square."""
    mistake = "activation-derivative-at-output"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        one = isinstance(node.left, ast.Constant) and node.left.value == 1
        plain = isinstance(node.right, ast.Name | ast.Attribute | ast.Subscript)
        if one and plain:

            def square(node: Any) -> Any:
                node.right = ast.BinOp(node.right, ast.Pow(), ast.Constant(2))
                return node

            yield mistake, "square", square
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        yield mistake, "without square", lambda node: node.left


KINDS = (
    moves,
    resets,
    turns,
    signs,
    sides,
    left_out,
    jacobians,
    sums,
    powers,
)
