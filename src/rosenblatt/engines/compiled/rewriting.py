"""Graphs that compute the same with fewer instructions."""

from collections.abc import Mapping

import numpy as np

from rosenblatt.engines.compiled.graph import Graph, Node, live, users


def rewritten(sums: Mapping[str, Node], *, in_sequence: bool = False) -> dict[str, Node]:
    """Return the sums over the batch in a graph that is easier to lower.

    - x W + b is one node, a product with a third argument.
    - z > 0 becomes max(z, 0) > 0 where that is computed anyway, so that z need not be kept.
    - (g Wᵀ) m with truths m and a gradient g becomes where(m, g Wᵀ, 0). It differs where g Wᵀ is
      not finite; then some parameter is not finite either, and training has diverged.
    - exp(z - max z) of two numbers takes one exponential: that of the larger number is 1.
    - Softmax of two numbers is 1 / (1 + exp(difference)) where samples are computed in sequence, so
      that few operations wait for each other; otherwise it would be more of them.
    - argmax becomes C less the largest C - k of the places k at which the maximum, or NaN, is.
    """
    rewriting = _Rewriting(live(sums.values()), in_sequence=in_sequence)
    return {name: rewriting.new[node] for name, node in sums.items()}


class _Rewriting:
    def __init__(self, nodes: list[Node], *, in_sequence: bool) -> None:
        self.graph, self.new = Graph(), dict[Node, Node]()
        self.users = users(nodes)
        self.rectified = {
            node.args[0]: node for node in nodes if node.op == "max" and _is_zero(node.args[1])
        }
        self.gradients: set[Node] = set()
        for node in nodes:
            if node.op == "share" or self.gradients.intersection(node.args):
                self.gradients.add(node)
            rules = {
                "add": self._affine, "gt": self._positive, "mul": self._masked,
                "exp": self._exponential, "argmax": self._argmax,
            }  # fmt: skip
            if in_sequence:
                rules["div"] = self._softmax
            new = rules[node.op](node) if node.op in rules else None
            args = [self.new[arg] for arg in node.args]
            self.new[node] = new or self._like(
                node, node.op, *args, attr=node.attr, is_bool=node.is_bool
            )

    def _like(
        self, node: Node, op: str, *args: Node, attr: object = None, is_bool: bool = False
    ) -> Node:
        """Return an operation with the shape of another node."""
        return self.graph.node(op, args, node.shape, attr, is_bool=is_bool, origin=node.origin)

    def _row(self, node: Node, op: str, arg: Node) -> Node:
        """Return a reduction of the rows of a table."""
        shape = node.shape[0], 1
        return self.graph.node(op, (arg,), shape, 1, origin=node.origin)

    def _affine(self, node: Node) -> Node | None:
        for product, other in (node.args, node.args[::-1]):
            is_alone = product.op == "matmul" and self.users[product] == [node]
            if is_alone and product.batched and not other.batched:
                return self._like(node, "matmul", *self.new[product].args, self.new[other])
        return None

    def _positive(self, node: Node) -> Node | None:
        top = self.rectified.get(node.args[0])
        if top is None or top.id > node.id or not _is_zero(node.args[1]):
            return None
        return self._like(node, "gt", self.new[top], self.new[node.args[1]], is_bool=True)

    def _masked(self, node: Node) -> Node | None:
        for number, mask in (node.args, node.args[::-1]):
            if mask.is_bool and number.op == "matmul" and number in self.gradients:
                zero = self.graph.const(0.0)
                return self._like(node, "where", self.new[mask], self.new[number], zero)
        return None

    def _exponential(self, node: Node) -> Node | None:
        shifted = node.args[0]
        if shifted.op != "sub" or shifted.args[1].op != "rmax" or shifted.shape[1:] != (2,):
            return None
        z, top = shifted.args
        if top.args[0] is not z or top.attr != 1:
            return None
        # One of the two is 0, so that their sum is the other one.
        other = self._row(node, "rsum", self.new[shifted])
        value = self._like(other, "exp", other)
        is_top = self._like(node, "eq", self.new[shifted], self.graph.const(0.0), is_bool=True)
        return self._like(node, "where", is_top, self.graph.const(1.0), value)

    def _softmax(self, node: Node) -> Node | None:
        e, total = node.args
        is_softmax = total.op == "rsum" and total.args[0] is e and e.op == "exp"
        if not is_softmax or self._exponential(e) is None:
            return None
        z, one = self.new[e.args[0].args[0]], self.graph.const(1.0)
        reverse = ("axis", 0, 0, 1), ("axis", 1, 1, -1)
        difference = self._like(node, "sub", self._like(node, "index", z, attr=reverse), z)
        # z - z is NaN where z is not finite, as softmax is.
        denominator = self._like(node, "add", one, self._like(node, "sub", z, z))
        exponential = self._like(node, "exp", difference)
        denominator = self._like(node, "add", denominator, exponential)
        return self._like(node, "div", one, denominator)

    def _argmax(self, node: Node) -> Node:
        x = node.args[0]
        count = int(x.shape[1])
        top = self._row(node, "rmax", self.new[x])
        is_top = self._like(x, "eq", self.new[x], top, is_bool=True)
        is_nan = self._like(x, "isnan", self.new[x], is_bool=True)
        is_top = self._like(x, "or", is_top, is_nan, is_bool=True)
        rank = self.graph.node("table", (), (1, count), np.arange(count, 0, -1.0).tobytes())
        first = self._like(x, "where", is_top, rank, self.graph.const(0.0))
        first = self._row(node, "rmax", first)
        return self._like(node, "sub", self.graph.const(count), first)


def _is_zero(node: Node) -> bool:
    return node.op == "const" and node.attr == 0
