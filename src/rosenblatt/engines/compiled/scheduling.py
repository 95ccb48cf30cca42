"""Schedules: which results of a graph are kept, and in which loops over units they are computed.

*Roots* are nodes whose results are kept: products, sums along units, costly functions, operands of
products, and the sums over the batch. Everything else is computed where it is needed. Roots that
loop over equally many units, and need each other only at the same unit, share a *group*: one loop
over the units, with the vectors of a tile inside.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rosenblatt.engines.compiled.affine import (
    Index,
    Indices,
    Variable,
    broadcast_indices,
    operands_at,
)
from rosenblatt.engines.compiled.graph import Batch, LoweringError, Node, Shape, live
from rosenblatt.engines.compiled.program import Program
from rosenblatt.engines.compiled.rewriting import rewritten

SMALL = 4
"""Axes up to this length are unrolled, longer ones are loops."""

REDUCTIONS = frozenset({"matmul", "rsum", "rmax"})
VIEWS = frozenset({"T", "index", "reshape"})
CHEAP = frozenset({
    "add", "sub", "mul", "neg", "max", "min", "fmax", "fmin", "abs", "sign", "copysign", "fill",
    "gt", "ge", "lt", "le", "eq", "ne", "isnan", "isfinite", "and", "or", "not", "where", "cast",
})  # fmt: skip
"""Operations that are computed again where they are needed again."""

FUNCTIONS = frozenset({
    "exp", "log", "log1p", "expm1", "tanh", "pow", "sin", "cos", "tan", "arctan", "arcsin",
    "arccos", "sinh", "cosh", "arcsinh", "arctanh", "exp2", "log2", "log10", "cbrt", "arctan2",
    "uniform", "uniform_ge",
})  # fmt: skip
"""Operations of many instructions."""

FREE = frozenset({"param", "tangent", "const", "table", "setting", "valid"})
"""Leaves that are not kept."""

HERE = Variable("here", 1 << 30)
ANYWHERE = Index(0, ((Variable("anywhere", 1 << 30), 1),))


class Wanted(NamedTuple):
    """A sum that a program has: its name, and the distances of a root's entries in its array."""

    name: str
    strides: tuple[int, ...]


@dataclass(eq=False)
class Root:
    """A node whose results are kept.

    Attributes:
        node: the node.
        kind: "each", computed unit by unit; "fold", a reduction along the group's loop; "sum", a
            sum over the batch.
        loops: the axes that are loops, with their lengths: of the node, or of what is folded.
        inner: the length of a reduction with a loop of its own, else 0.
        wanted: of a sum over the batch, the program's sums that it is, under views.
    """

    node: Node
    kind: str
    loops: tuple[tuple[int, int], ...]
    inner: int = 0
    wanted: list[Wanted] = field(default_factory=list)

    @property
    def lengths(self) -> tuple[int, ...]:
        """The lengths of the loops."""
        return tuple(length for _, length in self.loops)

    def places(self, position: tuple[Index, ...]) -> Iterator[Indices]:
        """Yield the indices of the node's results at a position of the loops."""
        given = {} if self.kind == "fold" else dict(zip(self.loops, position, strict=True))
        shape, found = self.node.shape, [()]
        for axis, length in enumerate(shape):
            if isinstance(length, Batch):
                choices: list[Index | None] = [None]
            elif (axis, length) in given:
                choices = [given[axis, length]]
            else:
                choices = [Index(i) for i in range(length)]
            found = [(*one, choice) for one in found for choice in choices]  # type: ignore[misc]
        yield from found


@dataclass(eq=False)
class Group:
    """Roots that are computed in one nest of loops.

    Attributes:
        lengths: of the loops; none where all is unrolled, several only for a root alone.
        batched: whether there is a result for each sample.
        roots: in order.
    """

    lengths: tuple[int, ...]
    batched: bool
    roots: list[Root] = field(default_factory=list)

    @property
    def is_costly(self) -> bool:
        """Whether an elementary function is among the roots, which is much code."""
        return any(root.node.op in FUNCTIONS for root in self.roots)

    def takes(self, root: Root) -> bool:
        """Return whether a root has these loops, and code that may be emitted with the group's."""
        is_alike = (self.lengths, self.batched) == (root.lengths, _batched(root))
        if not is_alike or len(self.lengths) > 1:
            return False
        if root.node.op in FUNCTIONS:
            return not any(other.inner for other in self.roots)
        return not (root.inner and self.is_costly)


@dataclass
class Schedule:
    """Groups in order, and the memory for what is kept between them.

    Attributes:
        roots: by node.
        groups: in the order of execution.
        group_of: the number of each root's group.
        reads: the parameters that each root reads, with the indices, HERE being the loop's.
        places: where each kept result lies, in vectors of each sample ("batched") or alone.
        size: vectors per sample, and vectors besides.
    """

    roots: dict[Node, Root]
    groups: list[Group]
    group_of: dict[Root, int]
    reads: dict[Root, set[tuple[str, Indices]]]
    places: dict[Node, int]
    size: tuple[int, int]


def schedule(sums: Mapping[str, Node]) -> Schedule:
    """Return the schedule of these sums over the batch.

    Raises:
        LoweringError: an operation is not among those that can be lowered.
    """
    sums = rewritten(sums)
    roots = _roots(sums)
    groups: list[Group] = []
    group_of: dict[Root, int] = {}
    reads, needs = {}, {}
    for root in sorted(roots.values(), key=lambda root: root.node.id):
        needed, reads[root] = _needs(root, roots)
        needs[root] = needed
        least = 0
        for other, is_here in needed.items():
            can_share = is_here and other.lengths == root.lengths and len(root.lengths) < 2
            can_share = can_share and _batched(other) == _batched(root)
            least = max(least, group_of[other] + (0 if can_share else 1))
        fitting = (at for at in range(len(groups) - 1, least - 1, -1) if groups[at].takes(root))
        at = next(fitting, None)
        if at is None:
            at = len(groups)
            groups.append(Group(root.lengths, _batched(root)))
        groups[at].roots.append(root)
        group_of[root] = at
    places, size = _placed(roots, groups, group_of, needs)
    return Schedule(roots, groups, group_of, reads, places, size)


def reduced_at(node: Node, indices: Indices, k: Index | None) -> list[tuple[Node, Indices]]:
    """Return the factors of the k-th term of a reduction: operands and indices."""
    if node.op == "matmul":
        a, b = node.args[:2]
        return [(a, (indices[0], k)), (b, (k, indices[1]))]
    source = list(indices)
    source[node.attr] = k
    return [(node.args[0], tuple(source))]


def reduced_length(node: Node) -> int:
    """Return the number of terms of a reduction; a :class:`Batch` where it is over samples."""
    return node.args[0].shape[1 if node.op == "matmul" else node.attr]


def refused(node: Node, why: str) -> LoweringError:
    """Return the error of a node that cannot be lowered."""
    where = f" ({node.origin})" if node.origin else ""
    return LoweringError(f"{why}{where}")


def _batched(root: Root) -> bool:
    return root.node.batched or root.kind == "sum"


def _is_sum(node: Node) -> bool:
    return node.op in REDUCTIONS and isinstance(reduced_length(node), Batch)


# Roots


def _roots(sums: Mapping[str, Node]) -> dict[Node, Root]:
    nodes = live(sums.values())
    wanted: dict[Node, list[Wanted]] = {}
    for name, node in sums.items():
        total, strides = _unviewed(name, node)
        wanted.setdefault(total, []).append(Wanted(name, strides))
    roots: dict[Node, Root] = {}
    kept: set[Node] = set()
    for node in nodes:
        if sum(isinstance(length, Batch) for length in node.shape) > 1:
            raise refused(node, "an array with two batch axes")
        if node.op in REDUCTIONS:
            root = _reduction(node)
            if root is not None:
                roots[node] = root
                if root.inner or (root.kind == "sum" and len(root.loops) > 1):
                    kept.update(_seen_through(arg) for arg in node.args)
                elif node.op == "matmul" and root.kind != "sum":
                    kept.add(_seen_through(node.args[0]))
        for arg in node.args:
            # Of fewer units than what is computed of it: it would be computed again for each.
            if node.op not in REDUCTIONS and math.prod(arg.units) < math.prod(node.units):
                kept.add(_seen_through(arg))
        is_costly = node.op not in REDUCTIONS | VIEWS | CHEAP | FREE
        if is_costly and not (node.op == "div" and not node.args[1].batched):
            kept.add(node)
    for node in nodes:
        is_free = node.op in REDUCTIONS | VIEWS | FREE or not node.batched
        if node in kept and node not in roots and not is_free:
            roots[node] = Root(node, "each", _loops(node.shape))
    for node, names in wanted.items():
        roots[node].wanted = names
        if not any(below.op in ("share", "valid") for below in live([node])):
            raise refused(node, f"a sum over samples without their shares, of {names[0].name}")
    for node, root in roots.items():
        if root.kind == "sum" and node not in wanted:
            raise refused(node, "a sum over the batch inside a layer")
    return dict(sorted(roots.items(), key=lambda pair: pair[0].id))


def _reduction(node: Node) -> Root | None:
    """Return the root of a reduction; None for a short one of parameters alone."""
    length = reduced_length(node)
    if isinstance(length, Batch):
        if node.op == "rmax":
            raise refused(node, "a maximum over the samples of a batch")
        return Root(node, "sum", _loops(node.shape))
    if length <= SMALL:
        return Root(node, "each", _loops(node.shape)) if node.batched else None
    loops = _loops(node.shape)
    if loops or not node.batched:
        return Root(node, "each", loops, inner=length)
    return Root(node, "fold", ((1 if node.op == "matmul" else node.attr, length),))


def _loops(shape: Shape) -> tuple[tuple[int, int], ...]:
    return tuple(
        (axis, length)
        for axis, length in enumerate(shape)
        if not isinstance(length, Batch) and length > SMALL
    )


def _seen_through(node: Node) -> Node:
    while node.op in VIEWS:
        node = node.args[0]
    return node


def _unviewed(name: str, node: Node) -> tuple[Node, tuple[int, ...]]:
    """Return the sum under views, and the distances of its entries in the array of this name."""
    strides = _row_major(node.shape)
    while node.op in VIEWS and not node.batched:
        strides, node = _source_strides(node, strides), node.args[0]
    if not _is_sum(node):
        raise refused(node, f"the sum {name}, which is not a sum over the batch")
    return node, strides


def _source_strides(view: Node, strides: tuple[int, ...]) -> tuple[int, ...]:
    """Return the distances of a view's source in an array in which the view has ``strides``."""
    source = view.args[0].shape
    moved = [0] * len(source)
    if view.op == "T":
        for axis, stride in zip(view.attr, strides, strict=True):
            moved[axis] = stride
    elif view.op == "index" and _is_whole(view):
        parts = (part for part in view.attr if part[0] != "fix")
        for part, stride in zip(parts, strides, strict=True):
            if part[0] == "axis":
                moved[part[1]] = stride
    elif view.op == "reshape" and strides == _row_major(view.shape):
        return _row_major(source)
    else:
        raise refused(view, f"{view.op} of a sum over the batch")
    return tuple(moved)


def _is_whole(view: Node) -> bool:
    """Return whether an index only adds or drops axes of length 1."""
    slices = [part[2:] for part in view.attr if part[0] == "axis"]
    is_in_order = all(one == (0, 1) for one in slices)
    return is_in_order and math.prod(view.args[0].shape) == math.prod(view.shape)


def _row_major(shape: Shape) -> tuple[int, ...]:
    return tuple(math.prod(shape[axis + 1 :]) for axis in range(len(shape)))


# What needs what


def _needs(
    root: Root, roots: Mapping[Node, Root]
) -> tuple[dict[Root, bool], set[tuple[str, Indices]]]:
    """Return the roots that one needs, with whether it is at the same unit only, and its reads."""
    needed: dict[Root, bool] = {}
    reads: set[tuple[str, Indices]] = set()
    visited: set[tuple[Node, Indices]] = set()
    here = Index(0, ((HERE, 1),))

    def divide(index: Index, size: int) -> tuple[Index, Index]:
        return index.divided(size) or (ANYWHERE, ANYWHERE)

    def visit(node: Node, indices: Indices) -> None:
        if (node, indices) in visited:
            return
        visited.add((node, indices))
        other = roots.get(node)
        if other is not None:
            is_here = other.kind == "each" and all(indices[axis] == here for axis, _ in other.loops)
            needed[other] = needed.get(other, True) and is_here
        elif node.op == "param":
            reads.add((node.attr, indices))
        else:
            below(node, indices, ANYWHERE)

    def below(node: Node, indices: Indices, k: Index | None) -> None:
        if node.op not in REDUCTIONS:
            pairs = operands_at(node, indices, divide)
        else:
            pairs = reduced_at(node, indices, k)
            if len(node.args) == 3:
                pairs.append((node.args[2], broadcast_indices(node.args[2].shape, indices)))
        for arg, at in pairs:
            visit(arg, at)

    looped = {} if root.kind == "fold" else dict(root.loops)
    own = tuple(
        None if isinstance(length, Batch) else here if axis in looped else ANYWHERE
        for axis, length in enumerate(root.node.shape)
    )
    below(root.node, own, {"fold": here, "sum": None}.get(root.kind, ANYWHERE))
    return needed, reads


def _placed(
    roots: Mapping[Node, Root],
    groups: list[Group],
    group_of: Mapping[Root, int],
    needs: Mapping[Root, dict[Root, bool]],
) -> tuple[dict[Node, int], tuple[int, int]]:
    """Return where results lie that a later group needs; memory is used again when free."""
    last: dict[Root, int] = {}
    for root, needed in needs.items():
        for other in needed:
            last[other] = max(last.get(other, -1), group_of[root])
    places: dict[Node, int] = {}
    size = [0, 0]
    taken: list[tuple[int, int, int, int, bool]] = []  # place, end, first group, last group
    for root in roots.values():
        first, until = group_of[root], last.get(root, -1)
        if root.kind == "sum" or (until <= first and root.kind == "each"):
            continue
        length, batched = math.prod(root.node.units), _batched(root)
        place = 0
        for start, end, since, to, other_batched in sorted(taken):
            overlaps = batched == other_batched and since <= until and first <= to
            if overlaps and start < place + length and place < end:
                place = end
        taken.append((place, place + length, first, until, batched))
        places[root.node] = place
        size[not batched] = max(size[not batched], place + length)
    return places, (size[0], size[1])


# Steps


def can_step(schedule: Schedule, program: Program) -> set[str]:
    """Return the parameters whose step may be taken as soon as a block has its sums.

    Every read of a parameter is then before its step: in an earlier group, or in the same group at
    the unit of the loop alone. Only updates without memory are taken this way.
    """
    if program.update is None or program.update.slots:
        return set()
    if any(node.op == "total" for node in live(program.update.params.values())):
        return set()
    found = set()
    for name, shape in program.shapes.items():
        parts = [
            (root, one.strides)
            for root in schedule.roots.values()
            for one in root.wanted
            if one.name == name or one.name.startswith(f"{name}+")
        ]
        if len(parts) == 1 and len(program.sums[name].shape) == len(shape):
            root, strides = parts[0]
            if all(
                _is_read_before(schedule, name, shape, root, strides, q) for q in schedule.reads
            ):
                found.add(name)
    return found


def _is_read_before(
    schedule: Schedule,
    name: str,
    shape: Shape,
    root: Root,
    strides: tuple[int, ...],
    reader: Root,
) -> bool:
    """Return whether all reads of a parameter by ``reader`` are before the step at ``root``."""
    reads = [indices for what, indices in schedule.reads[reader] if what == name]
    read_in, stepped_in = schedule.group_of[reader], schedule.group_of[root]
    if not reads or read_in < stepped_in:
        return True
    if read_in > stepped_in or len(root.loops) > 1:
        return False
    if not root.loops:
        return True
    stride = strides[root.loops[0][0]]
    axes = [i for i, n in enumerate(_row_major(shape)) if n == stride and shape[i] > 1]
    here = Index(0, ((HERE, 1),))
    return len(axes) == 1 and all(indices[axes[0]] == here for indices in reads)
