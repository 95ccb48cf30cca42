"""Stages of a batch with wide layers: what is computed when, and what is kept in memory.

An even stage has products, and what is computed of their results number by number: each thread has
some columns. An odd stage has sums and maxima along rows, and what needs them: each thread has some
samples. Between two stages all threads wait for each other.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rosenblatt.engines.compiled.graph import Batch, Node, live, users
from rosenblatt.engines.compiled.scheduling import refused

FREE = -1
"""The stage of what depends on no sample, such as random numbers: that of its first use."""
ROW_SUMS = ("rsum", "rmax")
LEAVES = ("x", "y", "share")


@dataclass(frozen=True)
class Place:
    """Where a result lies in the workspace, in numbers: its start, and from a sample to the next.

    Of one number per sample, ``stride`` is 1 unless it goes into a product or a sum.
    """

    start: int
    stride: int


class Stages:
    """The stages of sums over a batch.

    Args:
        sums: the sums, by name.
        lanes: numbers in a vector.
        n_rows: samples that there is memory for.

    Attributes:
        stage: of each node that has a row for each sample, and of each sum.
        level: within an odd stage, how many sums along rows come before.
        places: of what is kept in memory.
        size: numbers of memory.
    """

    def __init__(self, sums: Mapping[str, Node], lanes: int, n_rows: int) -> None:
        self.sums, self.lanes = sums, lanes
        self.nodes = live(sums.values())
        self.users = users(self.nodes)
        self.stage: dict[Node, int] = {}
        self.level: dict[Node, int] = {}
        for node in self.nodes:
            self._check(node)
            if node.batched or is_sum(node):
                self.stage[node] = self._stage_of(node)
                self.level[node] = self._level_of(node)
        for node in reversed(self.nodes):
            if self.stage.get(node) == FREE:
                self.stage[node] = min(self.stage[user] for user in self.users[node])
        self.places: dict[Node, Place] = {}
        self.size = 0
        self._shared: set[Place] = set()
        for node in self.nodes:
            if self._is_kept(node):
                self.places[node] = self._new_place(node, n_rows)

    @property
    def count(self) -> int:
        """How many stages there are; those that the sums begin in are the last."""
        return max(self.stage.values()) + 1

    def readers(self, name: str) -> Iterator[int]:
        """Yield the stages in which a parameter is read."""
        for node in self.nodes:
            if node.op == "param" and node.attr == name:
                yield from self._stages_that_use(node)

    def _stages_that_use(self, node: Node) -> Iterator[int]:
        for user in self.users.get(node, ()):
            if user in self.stage and not is_view(user):
                yield self.stage[user]
            if user not in self.stage or is_view(user) or user.is_bool:
                yield from self._stages_that_use(user)

    def consumers(self, node: Node) -> Iterator[Node]:
        """Yield what a result is used for; truth values are computed again at each use."""
        for user in self.users.get(node, ()):
            if is_view(user) or user.is_bool:
                yield from self.consumers(user)
            else:
                yield user

    def _check(self, node: Node) -> None:
        if node.batched and not isinstance(node.shape[0], Batch) and node.op != "T":
            raise refused(node, "an array whose first axis is not the batch")
        if node.op == "T" and node.batched and not isinstance(node.args[0].shape[0], Batch):
            raise refused(node, "an array whose first axis is not the batch")
        if node.op in ROW_SUMS:
            if not node.args[0].batched or (is_sum(node) and node.op == "rmax"):
                raise refused(node, f"{node.op} of parameters or over samples")
            if not is_sum(node) and units(node) != 1:
                raise refused(node, f"{node.op} along some of several axes")
        elif node.op in ("index", "reshape"):
            if seen(node) is node:
                raise refused(node, f"{node.op} of a part of a wide array")
        elif node.op == "matmul":
            self._check_product(node)
        elif node.op == "tangent":
            raise refused(node, "a derivative in a direction")
        elif node.op != "T":
            inputs = [seen(arg) for arg in node.args]
            if any(arg.op == "param" and math.prod(arg.shape[:-1]) != 1 for arg in inputs):
                raise refused(node, "arithmetic with a matrix of parameters")
            if node.batched and any(units(arg) not in (1, units(node)) for arg in inputs):
                raise refused(node, "arithmetic of arrays with several axes")
            if any(arg.op == "T" for arg in inputs):
                raise refused(node, "arithmetic with the transpose of a wide array")

    def _check_product(self, node: Node) -> None:
        a, b = (seen(arg) for arg in node.args[:2])
        if is_sum(node):
            is_right = a.op == "T" and a.args[0].batched and b.batched and len(node.shape) == 2
        else:
            matrix = seen(b.args[0]) if b.op == "T" else b
            is_right = a.batched and matrix.op == "param" and len(matrix.shape) == 2
            is_right = is_right and matrix.shape == (b.shape[::-1] if b.op == "T" else b.shape)
        if not is_right:
            raise refused(node, "a product of other than samples and a matrix of parameters")

    def _stage_of(self, node: Node) -> int:
        inputs = [seen(arg) for arg in node.args if arg.batched]
        last = max((self.stage[arg] for arg in inputs), default=FREE)
        if node.op in LEAVES:
            return 0
        if is_view(node):
            return last
        if node.op == "matmul" or is_sum(node):
            return last + 2 - last % 2
        if last == FREE:
            return FREE if units(node) > 1 else 1
        with_products = (arg for arg in inputs if self.stage[arg] == last)
        if last % 2 or (last > 0 and all(units(arg) == units(node) > 1 for arg in with_products)):
            return last
        return last + 1

    def _level_of(self, node: Node) -> int:
        level = 0
        for arg in node.args:
            if arg.batched and self.stage[arg] == self.stage[node]:
                is_reduced = seen(arg).op in ROW_SUMS and not is_view(node)
                level = max(level, self.level[arg] + is_reduced)
        return level

    def is_needed_later(self, node: Node) -> bool:
        """Return whether a result is needed after its stage, or level, or as a whole."""
        for user in self.consumers(node):
            if user.op == "matmul" or is_sum(user) or self.stage[user] != self.stage[node]:
                return True
            if units(node) > 1 and self.stage[node] % 2 and self.level[user] != self.level[node]:
                return True
        return False

    def _is_kept(self, node: Node) -> bool:
        if not node.batched or node.is_bool or is_view(node) or node.op == "valid":
            return False
        return node.op == "matmul" or node.op in LEAVES or self.is_needed_later(node)

    def _new_place(self, node: Node, n_rows: int) -> Place:
        for product, place in self.places.items():
            # It is written where the product is, if that is not needed later.
            if product.op == "matmul" and place not in self._shared:
                is_like = units(product) == units(node) and self.stage[product] == self.stage[node]
                if is_like and node.op != "matmul" and not self.is_needed_later(product):
                    self._shared.add(place)
                    return place
        in_vectors = node.op == "matmul" or any(
            user.op == "matmul" or is_sum(user) for user in self.consumers(node)
        )
        stride = 1
        if units(node) > 1 or in_vectors:
            # A vector more, so that a power of two does not put all rows into the same sets.
            stride = (-(-units(node) // self.lanes) + 1) * self.lanes
        place = Place(self.size, stride)
        self.size += -(-(n_rows * stride + self.lanes) // 64) * 64
        return place


def is_sum(node: Node) -> bool:
    """Return whether a node is a sum over the samples."""
    if node.op == "matmul":
        return isinstance(node.args[0].shape[1], Batch)
    return node.op in ROW_SUMS and isinstance(node.args[0].shape[node.attr], Batch)


def is_view(node: Node) -> bool:
    """Return whether a node has the numbers of its argument."""
    return node.op in ("T", "index", "reshape")


def units(node: Node) -> int:
    """Return how many numbers a node has, of a sample if it has a row for each."""
    return math.prod(node.units)


def seen(node: Node) -> Node:
    """Return the node without what only adds or removes axes of length 1, or divides one."""
    while node.op in ("index", "reshape"):
        source = node.args[0]
        whole = node.op == "reshape" or all(
            part[2:] == (0, 1) for part in node.attr if part[0] == "axis"
        )
        if not whole or units(source) != units(node) or source.batched != node.batched:
            break
        node = source
    return node
