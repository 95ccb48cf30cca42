"""Small changes of a file, each of which undoes a usual mistake, and a file that can do any."""

import ast
import copy
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from rosenblatt.check.edits.exchange_kinds import EXCHANGE_KINDS
from rosenblatt.check.edits.function_kinds import fused
from rosenblatt.check.edits.kinds import BLOCKS, KINDS, Code, Kind
from rosenblatt.check.edits.mask_kinds import masks
from rosenblatt.check.edits.reading_kinds import READING_KINDS, other_numbers
from rosenblatt.check.edits.slope_kinds import SLOPE_KINDS
from rosenblatt.check.edits.sum_kinds import SUM_KINDS, means
from rosenblatt.check.edits.term_kinds import carried, shares, unused
from rosenblatt.check.record.recording import Event
from rosenblatt.check.source.text import Source

MOST_EDITS = 1200
MOST_TOGETHER = 12


@dataclass(frozen=True)
class Edit:
    """One change: the mistake that it undoes, its line, and what is done with nodes.

    Attributes:
        what: what is done, in words.
        parts: (number of a node in the order of ``ast.walk``, change of it).
    """

    mistake: str
    line: int
    what: str
    parts: tuple[tuple[int, Callable[[Any], Any]], ...]


def edits(source: Source, events: list[Event], since: int = 0) -> list[Edit]:
    """Return the edits in the functions that the events come from, the commonest mistakes first.

    Code that only ran before the event ``since`` is left as it is.
    """
    lines = {event.line for event in events[since:]}
    spans = [(f.lineno, f.end_lineno or f.lineno) for f in source.functions]
    active = [span for span in spans if any(span[0] <= line <= span[1] for line in lines)]

    def inside(node: Any) -> bool:
        line = node.lineno
        if isinstance(node, BLOCKS):
            return any(line <= other <= (node.end_lineno or line) for other in lines)
        return line in lines or any(first <= line <= last for first, last in active)

    # What is computed and never used comes first; missing factors and products are many.
    kinds = (
        unused,
        carried,
        masks,
        *EXCHANGE_KINDS,
        *KINDS,
        means,
        *READING_KINDS,
        *SUM_KINDS,
        *SLOPE_KINDS,
        fused,
        shares,
        other_numbers,
    )
    return edits_of(Code.of(source, events), inside, kinds)


def edits_of(
    code: Code,
    inside: Callable[[Any], bool],
    kinds: Iterable[Kind],
) -> list[Edit]:
    """Return the edits of the nodes that are ``inside``, in the order of their kinds.

    What is done at one place is also done at all places alike together: the lines of h1 and h2,
    or both calls in one line.
    """
    kept = {id(part) for node in code.nodes for root in _kept(node) for part in ast.walk(root)}
    chosen = [
        (number, node)
        for number, node in enumerate(code.nodes)
        if hasattr(node, "lineno") and id(node) not in kept and inside(node)
    ]
    result: list[Edit] = []
    for kind in kinds:
        alike: dict[Any, list[Edit]] = {}
        for number, node in chosen:
            for mistake, what, change in kind(node, code):
                named = re.search(r"\bline (\d+)", what)
                line = int(named.group(1)) if named else int(getattr(node, "lineno", 0))
                edit = Edit(mistake, line, what, ((number, change),))
                result.append(edit)
                if not isinstance(node, BLOCKS):
                    place = code.ancestor(node, ast.stmt)
                    key = (mistake, _template(what), _template(ast.unparse(place)))
                    alike.setdefault((*key, _template(ast.unparse(node))), []).append(edit)
        result += [
            replace(group[0], parts=tuple(part for e in group for part in e.parts))
            for group in alike.values()
            if 1 < len(group) <= MOST_TOGETHER
        ]
    return result[:MOST_EDITS]


def _kept(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a node that no edit changes: counts, output, and targets."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("range", "print", "len"):
        return [node]
    targets: list[ast.AST] = []
    if isinstance(node, ast.Assign):
        targets = list(node.targets)
    elif isinstance(node, ast.AugAssign | ast.For):
        targets = [node.target]
    # Which entries are assigned may be a mistake.
    return [t.value if isinstance(t, ast.Subscript) else t for t in targets]


def _template(text: str) -> str:
    """Return a text without the digits at the ends of its names."""
    return re.sub(r"(?<=[A-Za-z_])\d+", "", text)


def with_edits(source: Source, chosen: list[Edit]) -> ast.Module:
    """Return the tree of a file that can do any one of the edits, as the recorder chooses.

    Each node with edits stands next to its changed copies: ``new if chosen(k) else old``.
    """
    tree = ast.parse(source.text)
    by_node: dict[int, list[tuple[int, int, Any]]] = {}
    nodes = list(ast.walk(tree))
    for k, edit in enumerate(chosen):
        for number, change in edit.parts:
            by_node.setdefault(id(nodes[number]), []).append((k, edit.line, change))
    new: ast.Module = _Choices(by_node).visit(tree)
    return ast.fix_missing_locations(new)


_DECLARED = ast.Global | ast.Nonlocal


class _Choices(ast.NodeTransformer):
    def __init__(self, by_node: dict[int, list[tuple[int, int, Any]]]) -> None:
        self.by_node = by_node

    def visit(self, node: Any) -> Any:
        own = self.by_node.get(id(node), [])
        changed = [(k, line, change(copy.deepcopy(node))) for k, line, change in own]
        self.generic_visit(node)
        if isinstance(node, BLOCKS):
            for k, _, new in changed:
                # A name is declared global once, before it is used.
                declared = [part for part in node.body if isinstance(part, _DECLARED)]
                choice = ast.If(_test([k]), _undeclared(new.body), _undeclared(node.body))
                node.body = [*declared, ast.copy_location(choice, node)]
            return node
        for _, line, new in changed:
            _locate(new, getattr(node, "lineno", line))
        return _choice([(k, new) for k, _, new in changed], node)


def _choice(options: list[tuple[int, Any]], other: Any) -> Any:
    """Return code that does the chosen one of some options, or else another.

    They are asked for in halves, so that code with hundreds of options is not too deep.
    """
    if not options:
        return other
    half = len(options) // 2
    first, rest = options[: half + 1], options[half + 1 :]
    return _either([k for k, _ in first], _one_of(first), _choice(rest, other), other)


def _one_of(options: list[tuple[int, Any]]) -> Any:
    """Return code that does the chosen one of some options."""
    half = len(options) // 2
    if not half:
        return options[0][1]
    first, rest = options[:half], options[half:]
    return _either([k for k, _ in first], _one_of(first), _one_of(rest), first[0][1])


def _either(edits: list[int], new: Any, other: Any, place: Any) -> Any:
    """Return a node that is ``new`` where one of some edits is chosen, else ``other``."""
    if isinstance(place, ast.expr):
        return ast.copy_location(ast.IfExp(_test(edits), new, other), place)
    return ast.copy_location(ast.If(_test(edits), [new], [other]), place)


def _test(edits: list[int]) -> ast.expr:
    return ast.parse(f"__recorder__.chosen({tuple(edits)})", mode="eval").body


def _undeclared(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return a block without its declarations of global names."""
    rest = [part for part in body if not isinstance(part, _DECLARED)]
    return rest or [ast.Pass()]


def _locate(tree: Any, line: int) -> None:
    for part in ast.walk(tree):
        if isinstance(part, ast.expr | ast.stmt):
            part.lineno = part.end_lineno = line
            part.col_offset = part.end_col_offset = 0
