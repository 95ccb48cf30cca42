"""How the units of layers fill the lanes of vectors, and in which order steps are taken."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.graph import Batch, LoweringError, Node, live
from rosenblatt.engines.compiled.lowering import Layout, labels_of, layout_of, results_of
from rosenblatt.engines.compiled.program import Program
from rosenblatt.engines.compiled.rewriting import rewritten
from rosenblatt.engines.compiled.scheduling import refused
from rosenblatt.engines.compiled.target import Target
from rosenblatt.engines.compiled.unit_values import lanes_for
from rosenblatt.engines.compiled.update import is_scalar

MOST_HELD = 96
"""Vectors of parameters, slots and sums of a network whose parameters are variables."""

LONG_ROW = 40
"""Vectors of a row from which on there is a loop over them, too."""

MOST_UNROLLED = 24
"""Vectors of a matrix from which on loops run over its rows."""

MOST_UNITS = 1024
"""Units of a layer; operations on them that are no products have no loops."""


@dataclass(frozen=True)
class Rows:
    """How a parameter lies in memory.

    Attributes:
        count: rows; 1 for what is no matrix.
        length: numbers of a row.
        lanes: of a vector of a row.
        by_inputs: whether a row has the weights of one input, else of one output.
    """

    count: int
    length: int
    lanes: int
    by_inputs: bool = True

    @property
    def parts(self) -> int:
        """Vectors of a row."""
        return -(-self.length // self.lanes)

    @property
    def stride(self) -> int:
        """Numbers from one row to the next."""
        return self.parts * self.lanes


@dataclass(frozen=True)
class RowLayout(Layout):
    """A layout in which each row of a matrix fills whole vectors."""

    rows: Mapping[str, Rows] = field(default_factory=dict)

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Where the i-th number of all parameters in their own order lies."""
        places = [np.zeros(0, np.int64)]
        for name, rows in self.rows.items():
            starts = self.offsets[name] + np.arange(rows.count)[:, np.newaxis] * rows.stride
            at = starts + np.arange(rows.length)
            places.append((at if rows.by_inputs else at.T).ravel())
        return np.concatenate(places)


class Term(NamedTuple):
    """A sample's part of a gradient, as it lies in memory: the rows a_i b, or b as the only row."""

    a: Node | None
    b: Node


class UnitPlan:
    """A program's graph for the lowering in units.

    Args:
        program: what is computed.
        target: the processor.
        lanes: of the widest vector.
        is_single: whether a batch is one sample, so that steps are taken at once.

    Attributes:
        sums: the sums over the batch, in a graph that is easier to lower.
        layout: where parameters and sums lie.
        products: products with a matrix: its name, and whether it is transposed.
        values: the nodes whose units are computed, arguments first.
        terms: for each sum that belongs to a parameter, a sample's part of it.
        results: for each parameter its new value and slots.
        is_held: whether parameters, slots and sums are variables of the function.
        fused: products with which a matrix takes its step, or adds to its sums.
    """

    def __init__(self, program: Program, target: Target, lanes: int, *, is_single: bool) -> None:
        self.program, self.target, self.lanes = program, target, lanes
        self.is_single = is_single
        self.sums = rewritten(program.sums, in_sequence=True)
        self.products = _products(live(self.sums.values()))
        rows = self._rows()
        sizes = {name: -(-each.count * each.stride // lanes) * lanes for name, each in rows.items()}
        plain = layout_of(program, lanes, sizes)
        self.layout = RowLayout(**vars(plain), rows=rows)
        self.terms = {
            label: _term(self.sums[label], rows[name])
            for name in program.shapes
            for label in self.labels(name)
        }
        self.values = self._values()
        self.results = {name: self._scaled_results(name) for name in program.shapes}
        n_arrays = 1 + len(program.slot_names) + (not is_single)
        n_vectors = sum(each.count * each.parts for each in rows.values())
        self.is_held = n_arrays * n_vectors <= MOST_HELD
        self.fused = set() if self.is_held else self._fused()

    def labels(self, name: str) -> list[str]:
        """Return the sums that a parameter's gradient is made of."""
        return [label for label in labels_of(self.program, name) if label in self.sums]

    def rows_of(self, label: str) -> Rows:
        """Return how a parameter lies, or a sum that belongs to it."""
        return self.layout.rows[label.split("+")[0]]

    def _rows(self) -> dict[str, Rows]:
        """Return how each parameter lies, which follows from the products that it is in."""
        directions: dict[str, set[bool]] = {}
        for name, is_transposed in self.products.values():
            directions.setdefault(name, set()).add(is_transposed)
        gradients = {
            name
            for name in self.program.shapes
            for label in self.labels(name)
            if _is_outer(self.sums[label])
        }
        self.matrices = gradients | set(directions)
        rows = {}
        for name, shape in self.program.shapes.items():
            if name not in self.matrices:
                length = math.prod(shape)
                rows[name] = Rows(1, length, lanes_for(length, self.lanes))
                continue
            n_inputs, n_outputs = shape
            ways = directions.get(name, {False})
            by_inputs = ways == {False} or (ways != {True} and n_inputs < n_outputs)
            count, length = shape if by_inputs else (n_outputs, n_inputs)
            rows[name] = Rows(count, length, lanes_for(length, self.lanes), by_inputs)
        return rows

    def _values(self) -> list[Node]:
        """Return the nodes whose units are computed, arguments first."""
        found: set[Node] = set()
        stack = [node for term in self.terms.values() for node in term if node]
        stack += [self.sums[name] for name in self.layout.statistics]
        while stack:
            node = stack.pop()
            if node in found:
                continue
            found.add(node)
            if node.op == "matmul":
                if node not in self.products:
                    raise refused(node, "a product with other than a parameter")
                stack += [node.args[0], *node.args[2:]]
                continue
            if size_of(node) > MOST_UNITS:
                raise refused(node, f"an array of {size_of(node)} numbers for each sample")
            if node.op == "param" and node.attr in self.matrices:
                raise refused(node, f"{node.attr} in a product and in other operations")
            stack += node.args
        return sorted(found, key=lambda node: node.id)

    def _scaled_results(self, name: str) -> list[Node]:
        """Return a parameter's new values, in which a number times a gradient is one leaf."""
        new: dict[Node, Node] = {}
        for node in live(results_of(self.program, name)):
            if node.op == "table":
                raise LoweringError(f"an array of constants in the update of {name}")
            args = [new[arg] for arg in node.args]
            op, attr = node.op, node.attr
            if op == "mul":
                for scale, grad in (args, args[::-1]):
                    if is_scalar(scale) and grad.op == "grad" and isinstance(grad.attr, str):
                        op, attr, args = "grad", (grad.attr, scale), []
                        break
            new[node] = Node(node.id, op, tuple(args), node.shape, attr, node.is_bool, node.origin)
        return [new[node] for node in results_of(self.program, name)]

    def _fused(self) -> set[Node]:
        """Return the products that read their matrix last, when its gradient can be computed."""
        fused = set()
        for node, (name, _) in self.products.items():
            readers = {other for other, (matrix, _) in self.products.items() if matrix == name}
            terms = [self.terms[label] for label in self.labels(name)]
            factors = [factor for term in terms for factor in term if factor]
            if readers <= set(live([node])) and node not in live(factors):
                fused.add(node)
        return fused

    def is_rolled(self, name: str) -> bool:
        """Return whether loops run over the rows of a parameter."""
        rows = self.layout.rows[name]
        return not self.is_held and rows.count * rows.parts > MOST_UNROLLED

    def has_long_rows(self, name: str) -> bool:
        """Return whether loops run over the vectors of each row of a parameter."""
        return not self.is_held and self.layout.rows[name].parts >= LONG_ROW


def size_of(node: Node) -> int:
    """Return how many numbers a node has for one sample."""
    return math.prod(shape_of(node))


def shape_of(node: Node) -> tuple[int, ...]:
    """Return a node's shape for a batch of one sample."""
    return tuple(1 if isinstance(length, Batch) else length for length in node.shape)


def places_of(node: Node) -> list[int]:
    """Return which unit of its source each unit of a view is."""
    source = node.args[0]
    numbers = np.arange(size_of(source)).reshape(shape_of(source))
    if node.op == "T":
        numbers = numbers.transpose(node.attr)
    elif node.op == "index":
        index: list[Any] = []
        n_fixed, length = 0, shape_of(node)
        for part in node.attr:
            match part:
                case ("new",):
                    index.append(None)
                case ("fix", _, i):
                    index.append(i)
                    n_fixed += 1
                case (_, _, start, step):
                    stop = start + step * length[len(index) - n_fixed]
                    index.append(slice(start, None if stop < 0 else stop, step))
        numbers = numbers[tuple(index)]
    return [int(number) for number in numbers.ravel()]


def _is_outer(node: Node) -> bool:
    """Return whether a sum over the batch is one of products a_i b_j, or its transpose."""
    while node.op == "T":
        node = node.args[0]
    return node.op == "matmul" and isinstance(node.args[0].shape[1], Batch)


def _term(node: Node, rows: Rows) -> Term:
    """Return a sample's part of a gradient."""
    if not _is_outer(node):
        if rows.count > 1:
            raise refused(node, f"the gradient {node.op} of a matrix")
        return Term(None, node)
    is_flipped = not rows.by_inputs
    while node.op == "T":
        node, is_flipped = node.args[0], not is_flipped
    a, b = (arg.args[0] if arg.op == "T" else arg for arg in node.args)
    return Term(b, a) if is_flipped else Term(a, b)


def _products(nodes: Sequence[Node]) -> dict[Node, tuple[str, bool]]:
    """Return the products with a matrix of parameters, and whether it is transposed in them."""
    found = {}
    for node in nodes:
        if node.op == "matmul" and not isinstance(node.args[0].shape[1], Batch):
            matrix = node.args[1]
            is_transposed = matrix.op == "T"
            matrix = matrix.args[0] if is_transposed else matrix
            if matrix.op == "param" and node.batched and len(node.shape) == 2:
                found[node] = matrix.attr, is_transposed
    return found
