"""LLVM IR as text: the instructions of one function, with vectors, loops and memory."""

import struct
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt

FRAME = (
    # Arrays, as pointers.
    "params",  # (size,), or (size, L) with a member in each lane
    "slots",  # (slots, size) or (slots, size, L)
    "grads",  # (n_sums,) or (n_sums, L): sums over a batch, zero before the first one
    "tangents",  # as params: directions of Hessian-vector products
    "rows",  # (n_rows, D + K): inputs and targets of the samples
    "weights",  # (n_rows,): sample weights, if the program is weighted
    "orders",  # int32 (n_rows,), or (L, n_rows): the order of an epoch; of each epoch, if given
    "order_keys",  # uint64 (L,): keys of the shuffles
    "first_rows",  # int64 (L,): where each member's samples begin in rows
    "random_keys",  # uint64 (L,): keys of dropout
    "rates",  # (updates,), or (updates, L): learning rates; one row, if rate_stride is 0
    "penalty",  # (1,) or (L,): α of the penalty
    "settings",  # (settings,), or (settings, L)
    "sums",  # (epochs, 2 or the program's sums) or (…, L): results of epochs
    "workspace",
    # Whole numbers.
    "n_rows",
    "batch_size",
    "first_epoch",  # counted from 1
    "n_epochs",
    "first_row",  # of the part of each epoch that is trained on: positions in its order
    "stop_row",
    "update",  # updates done before
    "shuffles",  # 1 if each epoch is shuffled, 0 if orders are as they are
    "order_stride",  # numbers from the orders of one epoch to those of the next
    "rate_stride",  # 0 for a constant rate, else 1
)
"""Fields of a call: 8 bytes each, pointers or int64, in this order."""

POINTERS = frozenset(FRAME[: FRAME.index("n_rows")])

CONTRACT = "contract"
"""Flag of arithmetic: a product and a sum may become one instruction (FMA). No other freedom is
given to LLVM, so that NaN and infinities are what NumPy has."""


class Code:
    """The body of a function, of which every instruction is appended as text.

    Args:
        name: of the function.
        parameters: (type, name) pairs, as ``("ptr", "params")``; ``%params`` is then its operand.
        lanes: numbers in a vector; 1 makes scalars of all vectors.
        dtype: float64 or float32, of all vectors.
        internal: whether only functions of the same module call it.
    """

    def __init__(
        self,
        name: str,
        parameters: Sequence[tuple[str, str]],
        lanes: int,
        dtype: npt.DTypeLike,
        *,
        internal: bool = True,
        has_fma: bool = True,
    ) -> None:
        self.name, self.parameters, self.internal = name, tuple(parameters), internal
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        self.bytes = self.dtype.itemsize
        self.bits = 8 * self.bytes
        self.scalar = "double" if self.bits == 64 else "float"
        self.has_fma = has_fma
        self.lines: list[str] = []
        self.entry: list[str] = []  # allocas, before everything else
        self.declared: set[str] = set()
        self.block = "entry"
        self._count = 0
        self._constants: dict[tuple[int, str, Any], str] = {}
        self._set_lanes(lanes)

    def _set_lanes(self, lanes: int) -> None:
        self.lanes = lanes
        self.vector = vector_of(lanes, self.scalar)
        self.ints = vector_of(lanes, f"i{self.bits}")
        self.mask = vector_of(lanes, "i1")
        # LLVM's name of the type in intrinsics, as in @llvm.fma.v8f64.
        self.suffix = f"f{self.bits}" if lanes == 1 else f"v{lanes}f{self.bits}"

    @contextmanager
    def width(self, lanes: int) -> Generator[None]:
        """Emit vectors of another number of lanes."""
        before = self.lanes
        self._set_lanes(lanes)
        yield
        self._set_lanes(before)

    # Instructions

    def line(self, text: str) -> None:
        """Append an instruction without a result."""
        self.lines.append(text)

    def name_for(self, prefix: str = "v") -> str:
        """Return a name that the function does not have yet, without its %."""
        self._count += 1
        return f"{prefix}{self._count}"

    def inst(self, text: str) -> str:
        """Append an instruction and return its result's name."""
        self._count += 1
        name = f"%v{self._count}"
        self.lines.append(f"{name} = {text}")
        return name

    def label(self, name: str) -> None:
        """Begin a block."""
        self.lines.append(f"{name}:")
        self.block = name

    def alloca(self, kind: str, count: int = 1) -> str:
        """Return a pointer to memory of the function's own, which may become registers."""
        name = "%" + self.name_for("m")
        size = "" if count == 1 else f", i64 {count}"
        self.entry.append(f"{name} = alloca {kind}{size}, align 64")
        return name

    @contextmanager
    def loop(self, stop: int | str, step: int | str = 1, start: int | str = 0) -> Generator[str]:
        """Repeat for i = start, start + step, … while i < stop, at least once; gives i."""
        tag = self.name_for("loop")
        index = f"%{tag}.i"
        before = self.block
        self.line(f"br label %{tag}")
        self.label(tag)
        head = len(self.lines)
        self.line("")
        yield index
        following = self.inst(f"add nuw nsw i64 {index}, {step}")
        self.lines[head] = (
            f"{index} = phi i64 [ {start}, %{before} ], [ {following}, %{self.block} ]"
        )
        more = self.inst(f"icmp slt i64 {following}, {stop}")
        self.line(f"br i1 {more}, label %{tag}, label %{tag}.end")
        self.label(f"{tag}.end")

    @contextmanager
    def when(self, condition: str) -> Generator[None]:
        """Emit a block that is executed only if ``condition`` (i1) holds. It gives no values."""
        tag = self.name_for("when")
        self.line(f"br i1 {condition}, label %{tag}, label %{tag}.end")
        self.label(tag)
        yield
        self.line(f"br label %{tag}.end")
        self.label(f"{tag}.end")

    def call(self, returns: str, function: str, arguments: Iterable[tuple[str, str]]) -> str:
        """Call a function, declared in the module unless it is defined there; return its result."""
        arguments = list(arguments)
        kinds = ", ".join(kind for kind, _ in arguments)
        self.declared.add(f"declare {returns} @{function}({kinds})")
        text = f"call {returns} @{function}({', '.join(f'{kind} {x}' for kind, x in arguments)})"
        if returns == "void":
            self.line(text)
            return ""
        return self.inst(text)

    def intrinsic(self, name: str, *operands: str) -> str:
        """Return ``@llvm.<name>`` of vectors, as in ``intrinsic("fma", a, b, c)``."""
        pairs = [(self.vector, operand) for operand in operands]
        return self.call(self.vector, f"llvm.{name}.{self.suffix}", pairs)

    # Vectors

    def const(self, value: float) -> str:
        """Return the operand of a number in every lane."""
        key = self.lanes, self.scalar, float(value).hex()
        if key not in self._constants:
            self._constants[key] = self.repeat(f"{self.scalar} {self.number(value)}")
        return self._constants[key]

    def number(self, value: float) -> str:
        """Return a scalar number in LLVM's notation, rounded to the dtype."""
        with np.errstate(over="ignore"):
            value = float(np.asarray(value, self.dtype))
        return f"0x{struct.unpack('<Q', struct.pack('<d', value))[0]:016X}"

    def whole(self, value: int, bits: int | None = None) -> str:
        """Return the operand of an integer in every lane."""
        return self.repeat(f"i{bits or self.bits} {value}")

    def repeat(self, typed: str) -> str:
        """Return the constant vector that has this typed scalar in every lane."""
        if self.lanes == 1:
            return typed.split(" ", 1)[1]
        return f"splat ({typed})"

    def op(self, name: str, a: str, b: str) -> str:
        """Return ``fadd``, ``fsub``, ``fmul`` or ``fdiv`` of two vectors, as "add", "sub", …"""
        return self.inst(f"f{name} {CONTRACT} {self.vector} {a}, {b}")

    def fma(self, a: str, b: str, c: str) -> str:
        """Return a b + c, rounded once where the processor can."""
        if self.has_fma:
            return self.intrinsic("fma", a, b, c)
        return self.op("add", self.op("mul", a, b), c)

    def compare(self, condition: str, a: str, b: str) -> str:
        """Return a mask: ``fcmp`` with LLVM's condition, as "olt"."""
        return self.inst(f"fcmp {condition} {self.vector} {a}, {b}")

    def select(self, mask: str, a: str, b: str) -> str:
        """Return a where the mask holds, else b."""
        return self.inst(f"select {self.mask} {mask}, {self.vector} {a}, {self.vector} {b}")

    def splat(self, scalar: str, kind: str | None = None) -> str:
        """Return a vector with a scalar in every lane."""
        if self.lanes == 1:
            return scalar
        kind = kind or self.scalar
        vector = vector_of(self.lanes, kind)
        first = self.inst(f"insertelement {vector} poison, {kind} {scalar}, i32 0")
        zeros = f"<{self.lanes} x i32> zeroinitializer"
        return self.inst(f"shufflevector {vector} {first}, {vector} poison, {zeros}")

    def shuffle(self, a: str, b: str, places: Sequence[int], lanes: int | None = None) -> str:
        """Return lanes of a and b, which have ``lanes`` each; those of b count on from a's."""
        vector = vector_of(lanes or self.lanes, self.scalar)
        mask = ", ".join(f"i32 {place}" for place in places)
        return self.inst(
            f"shufflevector {vector} {a}, {vector} {b}, <{len(places)} x i32> <{mask}>"
        )

    def lanes_of(self, vector: str, places: Sequence[int], lanes: int) -> str:
        """Return some lanes of a vector of ``lanes``: a vector, or a scalar if it is one."""
        kind = vector_of(lanes, self.scalar)
        if list(places) == [*range(lanes)]:
            return vector
        if len(places) == 1:
            return self.inst(f"extractelement {kind} {vector}, i32 {places[0]}")
        return self.shuffle(vector, "poison", places, lanes)

    def reduced(self, vector: str, lanes: int) -> str:
        """Return the sum of the lanes of a vector, from the first to the last."""
        kind = vector_of(lanes, self.scalar)
        arguments = [(self.scalar, self.number(-0.0)), (kind, vector)]
        name = f"llvm.vector.reduce.fadd.v{lanes}f{self.bits}"
        return self.call(self.scalar, name, arguments)

    # Memory

    def at(self, base: str, index: int | str, kind: str | None = None) -> str:
        """Return a pointer ``index`` elements (numbers of the dtype) from ``base``."""
        if index == 0:
            return base
        return self.inst(f"getelementptr inbounds {kind or self.scalar}, ptr {base}, i64 {index}")

    def load(
        self, pointer: str, kind: str | None = None, *, align: int | None = None, note: str = ""
    ) -> str:
        """Return the vector, or what ``kind`` says, at a pointer; aligned to a number's size."""
        return self.inst(
            f"load {kind or self.vector}, ptr {pointer}, align {align or self.bytes}{note}"
        )

    def store(
        self, value: str, pointer: str, kind: str | None = None, *, align: int | None = None
    ) -> None:
        """Store a vector, or what ``kind`` says."""
        self.line(
            f"store {kind or self.vector} {value}, ptr {pointer}, align {align or self.bytes}"
        )

    def field(self, name: str, frame: str = "%frame") -> str:
        """Return a field of the call's frame: a pointer or an i64."""
        pointer = self.inst(f"getelementptr inbounds i64, ptr {frame}, i64 {FRAME.index(name)}")
        kind = "ptr" if name in POINTERS else "i64"
        return self.inst(f"load {kind}, ptr {pointer}, align 8, !invariant.load !0")

    # Whole numbers

    def integer(self, operation: str, a: int | str, b: int | str) -> str:
        """Return an operation on two i64, as "add" or "mul"."""
        return self.inst(f"{operation} i64 {a}, {b}")

    def minimum(self, a: int | str, b: int | str) -> str:
        """Return the smaller of two i64."""
        return self.call("i64", "llvm.smin.i64", [("i64", str(a)), ("i64", str(b))])

    # The function

    def fence(self) -> None:
        """Keep LLVM from holding what was loaded before in registers, which it would spill."""
        self.line('fence syncscope("singlethread") seq_cst')

    def text(self) -> str:
        """Return the function, which returns nothing."""
        parameters = ", ".join(
            f"{kind}{' noalias' if kind == 'ptr' else ''} %{name}" for kind, name in self.parameters
        )
        linkage = "internal " if self.internal else ""
        body = "\n".join([*self.entry, *self.lines, "ret void"])
        return f"define {linkage}void @{self.name}({parameters}) #0 {{\nentry:\n{body}\n}}"


def vector_of(lanes: int, kind: str) -> str:
    """Return LLVM's type of ``lanes`` values: a scalar's where it is one."""
    return kind if lanes == 1 else f"<{lanes} x {kind}>"


def module_text(functions: Iterable[Code], attributes: str) -> str:
    """Return a module of these functions, with what they call declared.

    Args:
        functions: the callees and the callers.
        attributes: LLVM's function attributes, as ``nounwind "prefer-vector-width"="512"``.
    """
    functions = list(functions)
    defined = {code.name for code in functions}
    declared = set().union(*(code.declared for code in functions))
    outside = sorted(text for text in declared if _name_in(text) not in defined)
    texts = [code.text() for code in functions]
    return "\n".join([*texts, *outside, f"attributes #0 = {{ {attributes} }}", "!0 = !{}", ""])


def _name_in(declaration: str) -> str:
    return declaration.split("@", 1)[1].split("(", 1)[0]
