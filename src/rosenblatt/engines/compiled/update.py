"""Updates: the traced step of every parameter."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from rosenblatt.engines.compiled.elementary import apply
from rosenblatt.engines.compiled.graph import LoweringError, Node, live
from rosenblatt.engines.compiled.ir import Code
from rosenblatt.engines.compiled.lowering import OWN, Layout, Run, labels_of, results_of
from rosenblatt.engines.compiled.program import Program

_SCALARS = frozenset({"const", "rate", "step", "penalty", "setting", "total"})


def is_scalar(node: Node) -> bool:
    """Return whether a node is the same for all parameters."""
    return node.op in _SCALARS or (bool(node.args) and all(map(is_scalar, node.args)))


class Step:
    """The expressions of updates in code, in vectors of parameters or of members.

    Args:
        code: a function with the parameters ``settings``, ``rate``, ``penalty`` and ``update``.
        members: whether a member is in each lane; scalars are then vectors.
        totals: where in ``%grads`` sums that are numbers lie, if the code has that parameter.
    """

    PARAMETERS = ("settings", "rate", "penalty", "update")

    def __init__(
        self, code: Code, *, members: bool, totals: Mapping[str, int] = MappingProxyType({})
    ) -> None:
        self._code, self._width = code, code.lanes if members else 1
        self._totals = totals
        self._scalars: dict[Node, str] = {}
        self._splats: dict[tuple[Node, bool], str] = {}

    def prepare(self, nodes: Sequence[Node]) -> None:
        """Compute before a loop what is the same for all parameters."""
        for node in live(nodes):
            for position, arg in enumerate(node.args):
                if is_scalar(arg) and not is_scalar(node):
                    self._operand(arg, inverse=_divides(node, position))

    def emit(self, nodes: Sequence[Node], own: Callable[[Node], str]) -> list[str]:
        """Return the values of expressions; ``own`` gives those of param, grad and slot leaves."""
        known: dict[Node, str] = {}
        for node in live(nodes):
            if is_scalar(node):
                if node in nodes:
                    known[node] = self._operand(node)
            elif node.op in OWN:
                known[node] = own(node)
            else:
                op = "mul" if _divides(node, 1) else node.op
                operands = [
                    self._operand(arg, inverse=_divides(node, i)) if is_scalar(arg) else known[arg]
                    for i, arg in enumerate(node.args)
                ]
                known[node] = apply(self._code, op, operands, _truths(node))
        return [known[node] for node in nodes]

    def _operand(self, node: Node, *, inverse: bool = False) -> str:
        if node.op == "const":
            return self._code.const(node.attr)
        key = node, inverse
        if key not in self._splats:
            with self._code.width(self._width):
                value = self._scalar(node)
                if inverse:
                    value = self._code.op("div", self._code.const(1.0), value)
            if self._width == 1:
                value = self._code.splat(value, "i1" if node.is_bool else None)
            self._splats[key] = value
        return self._splats[key]

    def _scalar(self, node: Node) -> str:
        code = self._code
        if node.op == "const":
            return code.const(node.attr)
        if node not in self._scalars:
            match node.op:
                case "rate" | "penalty":
                    value = f"%{node.op}"
                case "step":
                    value = code.splat(code.inst(f"sitofp i64 %update to {code.scalar}"))
                case "setting":
                    value = code.load(code.at("%settings", node.attr * code.lanes))
                case "total" if node.attr in self._totals:
                    value = code.load(code.at("%grads", self._totals[node.attr] * code.lanes))
                case "total":
                    raise LoweringError(f"a division by the sum {node.attr}")
                case _:
                    operands = [self._scalar(arg) for arg in node.args]
                    value = apply(code, node.op, operands, _truths(node))
            self._scalars[node] = value
        return self._scalars[node]


def _divides(node: Node, position: int) -> bool:
    """Return whether an operand is a number by whose inverse one may multiply."""
    if node.op != "div" or position != 1:
        return False
    divisor = node.args[1]
    return divisor.op != "const" and is_scalar(divisor) and not is_scalar(node.args[0])


def _truths(node: Node) -> list[bool]:
    return [arg.is_bool for arg in node.args]


def update_function(
    program: Program,
    layout: Layout,
    runs: Sequence[Run],
    code: Code,
    *,
    members: bool,
    clears: bool,
) -> Code:
    """Emit the update of some runs of parameters into ``code`` and return it.

    Args:
        program: with the update.
        layout: of its parameters and sums.
        runs: of the layout.
        code: an empty function with the parameters ``params``, ``slots``, ``grads`` and those of
            :class:`Step`.
        members: whether a member is in each lane, else parameters are.
        clears: whether sums are set to 0 for the next batch.
    """
    lanes, slots = code.lanes, program.slot_names
    stride = lanes if members else 1  # numbers from one parameter to the next
    width = 1 if members else lanes  # parameters in a vector
    step = Step(code, members=members, totals=layout.offsets)
    for run in runs:
        first = run.names[0]
        results = results_of(program, first)
        labels = labels_of(program, first)
        step.prepare(results)
        with code.loop(run.stop - run.start, width) as i:
            at = code.integer("add", i, run.start)

            def own(
                node: Node, i: str = i, at: str = at, run: Run = run, labels: Any = labels
            ) -> str:
                if node.op == "grad":
                    where = code.integer("add", i, run.sums[labels.index(node.attr)])
                    return _of_vector(code, "%grads", where, stride, clears)
                offset = 0 if node.op == "param" else slots.index(node.attr[0]) * layout.size
                base = "%params" if node.op == "param" else "%slots"
                return _of_vector(code, base, code.integer("add", at, offset), stride, False)

            new, *new_slots = step.emit(results, own)
            code.store(new, _pointer(code, "%params", at, stride), align=code.bytes * lanes)
            for number, value in enumerate(new_slots):
                where = code.integer("add", at, number * layout.size)
                code.store(value, _pointer(code, "%slots", where, stride), align=code.bytes * lanes)
    return code


def _of_vector(code: Code, base: str, at: str, stride: int, clears: bool) -> str:
    pointer = _pointer(code, base, at, stride)
    value = code.load(pointer, align=code.bytes * code.lanes)
    if clears:
        code.store("zeroinitializer", pointer, align=code.bytes * code.lanes)
    return value


def _pointer(code: Code, base: str, at: str, stride: int) -> str:
    return code.at(base, at if stride == 1 else code.integer("mul", at, stride))
