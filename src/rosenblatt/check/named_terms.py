"""A file in which the differences and the outputs inside of expressions have names.

``w = w - rate * X.T @ (X @ w - y)`` computes an output and its error without naming them, so that
no derivative of either is known.
"""

import ast
import re
from collections.abc import Iterator
from typing import Any

_PLAIN_CALL = re.compile(
    r"(np|numpy)\.(dot|matmul|exp|array|transpose|tanh|sum|squeeze|maximum|outer)|(math\.)?exp"
    r"|dot|len|float|sum|zip|range|enumerate"
    r"|(?!np\.|numpy\.).*\.(dot|T|reshape|flatten|ravel|transpose|squeeze)"
)
"""Calls without an effect of their own: what they compute may be computed just before."""

_SUM = re.compile(r"(.*\.)?f?(sum|mean)")
_ITERATOR = re.compile(r"= *(iter|zip|map|filter|reversed|open|csv\.reader)\(|\byield\b")
"""What can be taken from only once."""

_APART = (
    ast.BoolOp,
    ast.DictComp,
    ast.GeneratorExp,
    ast.IfExp,
    ast.JoinedStr,
    ast.Lambda,
    ast.ListComp,
    ast.NamedExpr,
    ast.SetComp,
)
_PLAIN_NODE = (
    ast.Attribute,
    ast.BinOp,
    ast.Call,
    ast.comprehension,
    ast.Constant,
    ast.expr_context,
    ast.GeneratorExp,
    ast.ListComp,
    ast.Name,
    ast.operator,
    ast.Slice,
    ast.Subscript,
    ast.Tuple,
    ast.unaryop,
    ast.UnaryOp,
)


def with_named_terms(text: str) -> str | None:
    """Return the text of a file with names for inner differences, on the same lines.

    None: there are none.
    """
    tree = ast.parse(text)
    repeats = _ITERATOR.search(text) is None
    lines = text.split("\n")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    statements = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Return) and node.value is not None
    ]
    count = 0
    # From the end, so that positions before a change stay.
    for statement in sorted(statements, key=lambda s: (s.lineno, s.col_offset), reverse=True):
        last = lines[(statement.end_lineno or 0) - 1].encode()
        rest = last[statement.end_col_offset :].decode()
        several = statement.end_lineno != statement.lineno
        if several and rest.strip() and not rest.lstrip().startswith("#"):
            continue
        terms = _Terms(names, count, repeats=repeats)
        terms.visit_statement(statement)
        if not terms.assigned:
            continue
        count += len(terms.assigned)
        first = lines[statement.lineno - 1].encode()[: statement.col_offset].decode()
        code = "; ".join(ast.unparse(part) for part in [*terms.assigned, statement])
        blank = [""] * ((statement.end_lineno or 0) - statement.lineno)
        changed = [f"{first}{code}{'' if several else rest}", *blank]
        lines[statement.lineno - 1 : statement.end_lineno] = changed
    return "\n".join(lines) if count else None


class _Terms(ast.NodeTransformer):
    """Takes differences, and what they are made of, out of the expression of a statement."""

    def __init__(self, names: set[str], count: int, *, repeats: bool) -> None:
        self.names = names
        self.count = count
        self.repeats = repeats
        self.assigned: list[ast.Assign] = []
        self.by_entry = False

    def visit_statement(self, statement: Any) -> None:
        """Take the terms out of a statement, of whose own sum only the parts may be taken."""
        value = statement.value
        targets = getattr(statement, "targets", [getattr(statement, "target", None)])
        # An entry may be updated in a loop, which computes the same difference again and again.
        self.by_entry = any(isinstance(target, ast.Subscript) for target in targets)
        is_difference = isinstance(value, ast.BinOp) and isinstance(value.op, ast.Sub)
        updates = isinstance(statement, ast.AugAssign) or any(
            ast.unparse(target) in ast.unparse(value)
            for target in getattr(statement, "targets", ())
        )
        if is_difference and not updates and _is_plain(value):
            # The error has a name, the output has not.
            value.left, value.right = (
                self._named(self.visit(p)) for p in (value.left, value.right)
            )
        else:
            statement.value = self._of_sum(value)

    def _of_sum(self, node: ast.expr) -> ast.expr:
        """Visit the terms of the outermost sum, which has the name of the target."""
        if isinstance(node, ast.Tuple):
            node.elts = [self._of_sum(part) for part in node.elts]
            return node
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            node.left, node.right = self._of_sum(node.left), self._of_sum(node.right)
            return node
        visited: ast.expr = self.visit(node)
        return visited

    def visit_BinOp(self, node: ast.BinOp) -> Any:
        """Name a difference and its parts, unless both are named and update an entry."""
        parts = (node.left, node.right)
        are_names = all(isinstance(part, ast.Name) for part in parts) and not self.by_entry
        is_named = not (are_names or any(isinstance(part, ast.BinOp | ast.Call) for part in parts))
        if not isinstance(node.op, ast.Sub) or is_named or not _is_plain(node):
            return self.generic_visit(node)
        node.left, node.right = (self._named(self.visit(part)) for part in parts)
        return self._named(node)

    def visit_Call(self, node: ast.Call) -> Any:
        """Name the differences of all samples within a sum over them."""
        terms = node.args[0] if len(node.args) == 1 else None
        is_sum = isinstance(terms, ast.ListComp | ast.GeneratorExp)
        if not (is_sum and self.repeats and _SUM.fullmatch(ast.unparse(node.func))):
            return self.generic_visit(node)
        assert isinstance(terms, ast.ListComp | ast.GeneratorExp)
        for part in _differences(terms.elt):
            each = ast.ListComp(part, terms.generators)
            if _is_plain(each):
                self._assign("difference", each)
        return node

    def visit(self, node: ast.AST) -> Any:
        """Visit a node; leave what has variables of its own, or is not always computed."""
        return node if isinstance(node, _APART) else super().visit(node)

    def _named(self, node: Any) -> Any:
        """Return a new name of a value; a name, a number or a part stays as it is."""
        depends = any(isinstance(part, ast.Name) for part in ast.walk(node))
        if not isinstance(node, ast.BinOp | ast.Call) or not depends:
            return node
        is_difference = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub)
        kind = "difference" if is_difference else "output"
        return self._assign(kind, node)

    def _assign(self, kind: str, value: ast.expr) -> ast.expr:
        """Assign a value to a new name, and return this."""
        name = f"{kind}_{self.count + len(self.assigned)}"
        while name in self.names:
            name += "_"
        assigned = ast.Assign([ast.Name(name, ast.Store())], value)
        self.assigned.append(ast.fix_missing_locations(assigned))
        return ast.Name(name, ast.Load())


def _differences(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the outermost differences in an expression."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
        yield node
        return
    for part in ast.iter_child_nodes(node):
        yield from _differences(part)


def _is_plain(node: ast.AST) -> bool:
    """Return whether computing a value changes nothing else, and reads no random number."""
    return all(
        isinstance(part, _PLAIN_NODE)
        and (not isinstance(part, ast.Call) or _PLAIN_CALL.fullmatch(ast.unparse(part.func)))
        for part in ast.walk(node)
    )
