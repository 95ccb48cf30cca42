"""A vector of numbers as a type that Numba knows: what one instruction of the processor works on.

A vector holds 128 bytes: 16 float64 or 32 float32. ``load`` and ``store`` move it between an array
and registers, ``read`` and ``write`` do so with one number; ``+ - * /`` work on two vectors, or on
a vector and a number; the rest are the functions below. LLVM turns them into the widest
instructions that the processor has. A vector is two of the widest registers there are, so that
every loop has two independent sums in flight.

LLVM's own vectorizer finds some of these loops too, but stops at 32 bytes, and gives up where a
loop ends in a sum or holds a choice.
"""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.datamodel import PrimitiveModel
from numba.extending import intrinsic, lower_builtin, overload, register_model, type_callable

from rosenblatt.engines.compiled.cache import kept_kernel

BYTES = 128
# Sums may be reordered and products fused; NaN and infinity keep their meaning, so that a run that
# diverges is seen to.
FASTMATH = ("contract", "reassoc", "nsz", "arcp")
_OPTIONS = {"fastmath": set(FASTMATH), "error_model": "numpy"}
kernel = kept_kernel(**_OPTIONS)
"""The decorator of what Python calls."""
INLINED = {"forceinline": True, **_OPTIONS}
part = njit(**INLINED)
"""The decorator of what kernels are made of. A call would cost more than what most of them do: an
array alone is seven arguments."""
section = njit(**_OPTIONS)
"""The decorator of parts that are long or rare: called by a kernel, and inlined in a part."""
routine = njit(forceinline=False, **_OPTIONS)
"""The decorator of parts that are called wherever they are: where a call costs nothing beside what
they do, and machine code of many copies would take a minute to make."""


# Of a floating-point number of so many bits: how many are its mantissa, what is added to its
# exponent, and 2^mantissa as a pattern of bits.
_LAYOUTS = {64: (52, 1023, 0x4330000000000000), 32: (23, 127, 0x4B000000)}


class Vector(types.Type):
    """128 bytes of one floating-point type."""

    def __init__(self, dtype: types.Float) -> None:
        self.dtype = dtype
        self.lanes = BYTES * 8 // dtype.bitwidth
        super().__init__(name=f"Vector({dtype})")


def lanes_of(array):
    """Return how many numbers of the array's type a vector holds, known when code is compiled."""


@overload(lanes_of, jit_options=INLINED)
def _lanes_of(array):
    lanes = BYTES * 8 // array.dtype.bitwidth
    return lambda array: lanes


@register_model(Vector)
class _VectorModel(PrimitiveModel):
    """A vector is an LLVM vector."""

    def __init__(self, manager: Any, vector: Vector) -> None:
        element = ir.DoubleType() if vector.dtype is types.float64 else ir.FloatType()
        super().__init__(manager, vector, ir.VectorType(element, vector.lanes))


@intrinsic
def load(typing_context, array, index):
    """Return the vector that begins at ``array[index]``, for a one-dimensional array."""

    def generate(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments, signature.return_type)
        value = builder.load(pointer)
        value.align = array.dtype.bitwidth // 8
        return value

    return Vector(array.dtype)(array, types.intp), generate


@intrinsic
def store(typing_context, array, index, vector):
    """Write the vector to ``array[index]`` and what follows."""

    def generate(context, builder, signature, arguments):
        pointer = _pointer(context, builder, signature, arguments, vector)
        written = builder.store(arguments[2], pointer)
        written.align = array.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), generate


@intrinsic
def read(typing_context, array, index):
    """Return ``array[index]`` for index ≥ 0: looking for negative ones costs as much as a sum."""

    def generate(context, builder, signature, arguments):
        return builder.load(element_of(context, builder, signature, arguments))

    return array.dtype(array, types.intp), generate


@intrinsic
def write(typing_context, array, index, number):
    """Write ``number`` to ``array[index]`` for index ≥ 0."""

    def generate(context, builder, signature, arguments):
        value = context.cast(builder, arguments[2], signature.args[2], array.dtype)
        builder.store(value, element_of(context, builder, signature, arguments))
        return context.get_dummy_value()

    return types.void(array, types.intp, types.unliteral(number)), generate


@intrinsic
def fill(typing_context, array, number):
    """Return a vector of the array's type with ``number`` in every lane."""
    vector = Vector(array.dtype)

    def generate(context, builder, signature, arguments):
        element = context.cast(builder, arguments[1], signature.args[1], array.dtype)
        return _spread(context, builder, vector, element)

    return vector(array, types.unliteral(number)), generate


@intrinsic
def like(typing_context, vector, number):
    """Return a vector of the same type with ``number`` in every lane."""

    def generate(context, builder, signature, arguments):
        element = context.cast(builder, arguments[1], signature.args[1], vector.dtype)
        return _spread(context, builder, vector, element)

    return vector(vector, types.unliteral(number)), generate


@intrinsic
def maximum(typing_context, a, b):
    """Return the larger of each pair; where a is NaN, NaN."""

    def generate(context, builder, signature, arguments):
        a, b = arguments
        return builder.select(builder.fcmp_ordered(">", b, a), b, a)

    return a(a, b), generate


@intrinsic
def minimum(typing_context, a, b):
    """Return the smaller of each pair; where a is NaN, NaN."""

    def generate(context, builder, signature, arguments):
        a, b = arguments
        return builder.select(builder.fcmp_ordered("<", b, a), b, a)

    return a(a, b), generate


@intrinsic
def where_above(typing_context, x, limit, then, otherwise):
    """Return ``then`` in the lanes where x > limit, else ``otherwise``."""
    return then(x, limit, then, otherwise), _where(">")


@intrinsic
def where_less(typing_context, x, limit, then, otherwise):
    """Return ``then`` in the lanes where x < limit, else ``otherwise``."""
    return then(x, limit, then, otherwise), _where("<")


@intrinsic
def where_at_least(typing_context, x, limit, then, otherwise):
    """Return ``then`` in the lanes where x ≥ limit, else ``otherwise``."""
    return then(x, limit, then, otherwise), _where(">=")


@intrinsic
def total(typing_context, vector):
    """Return the sum of all lanes, a number."""

    def generate(context, builder, signature, arguments):
        kind = arguments[0].type
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(kind.element, [kind.element, kind]),
            f"llvm.vector.reduce.fadd.v{vector.lanes}f{vector.dtype.bitwidth}",
        )
        start = ir.Constant(kind.element, -0.0)
        return builder.call(function, [start, arguments[0]], fastmath=("reassoc",))

    return vector.dtype(vector), generate


@intrinsic
def four_totals(typing_context, array, index, apart, sign, a, b, c, d):
    """Add sign × the totals of a and b to ``array[index]`` and the next, c and d ``apart`` on.

    The halves of two vectors are added in one instruction, so that four totals together take little
    more than one alone.
    """

    def generate(context, builder, signature, arguments):
        element = context.get_value_type(array.dtype)
        sums = _fold(builder, arguments[4:])
        by = context.cast(builder, arguments[3], signature.args[3], array.dtype)
        pair = ir.VectorType(element, 2)
        sums = builder.fmul(sums, _spread_element(builder, sums.type, by), flags=FASTMATH)
        place = element_of(context, builder, signature, arguments)
        for two in range(2):
            lanes = ir.Constant(ir.VectorType(ir.IntType(32), 2), [2 * two, 2 * two + 1])
            half = builder.shuffle_vector(sums, sums, lanes)
            pointer = builder.bitcast(place, pair.as_pointer())
            before = builder.load(pointer)
            before.align = array.dtype.bitwidth // 8
            after = builder.store(builder.fadd(before, half, flags=FASTMATH), pointer)
            after.align = array.dtype.bitwidth // 8
            place = builder.gep(place, [arguments[2]])
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, types.unliteral(sign), a, b, c, d), generate


@intrinsic
def first_lanes(typing_context, array, n):
    """Return a vector of the array's type: 1 in the first n lanes, else 0."""
    vector = Vector(array.dtype)

    def generate(context, builder, signature, arguments):
        integers = ir.VectorType(ir.IntType(64), vector.lanes)
        each = ir.Constant(integers, list(range(vector.lanes)))
        limit = _spread_element(builder, integers, arguments[1])
        chosen = builder.icmp_signed("<", each, limit)
        return builder.uitofp(chosen, context.get_value_type(vector))

    return vector(array, types.intp), generate


@intrinsic
def with_lane(typing_context, vector, lane, number):
    """Return the vector with ``number`` in one of its lanes, without a detour through memory."""

    def generate(context, builder, signature, arguments):
        integers = ir.VectorType(ir.IntType(vector.dtype.bitwidth), vector.lanes)
        each = ir.Constant(integers, list(range(vector.lanes)))
        index = builder.trunc(arguments[1], integers.element) if vector.lanes > 16 else arguments[1]
        chosen = builder.icmp_signed("==", each, _spread_element(builder, integers, index))
        element = context.cast(builder, arguments[2], signature.args[2], vector.dtype)
        return builder.select(chosen, _spread(context, builder, vector, element), arguments[0])

    return vector(vector, types.intp, types.unliteral(number)), generate


@intrinsic
def fused(typing_context, a, b, c):
    """Return a b + c, rounded once."""

    def generate(context, builder, signature, arguments):
        kind = arguments[0].type
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(kind, [kind] * 3),
            f"llvm.fma.v{a.lanes}f{a.dtype.bitwidth}",
        )
        return builder.call(function, arguments)

    return a(a, b, c), generate


@intrinsic
def square_root(typing_context, vector):
    """Return the square root of every lane."""
    return vector(vector), _unary("llvm.sqrt")


@intrinsic
def nearest_whole(typing_context, vector):
    """Return every lane rounded to the nearest whole number."""
    return vector(vector), _unary("llvm.rint")


@intrinsic
def power_of_two(typing_context, exponent):
    """Return 2^k for whole numbers k within the range of the type's exponent."""
    bits = exponent.dtype.bitwidth
    mantissa, bias, _ = _LAYOUTS[bits]
    # Adding 1.5 · 2^mantissa puts a whole number into the lowest bits of the sum.
    magic = 1.5 * 2.0**mantissa + bias

    def generate(context, builder, signature, arguments):
        kind = arguments[0].type
        integers = ir.VectorType(ir.IntType(bits), exponent.lanes)
        shifted = builder.fadd(arguments[0], ir.Constant(kind, [magic] * exponent.lanes))
        whole = builder.bitcast(shifted, integers)
        moved = builder.shl(whole, ir.Constant(integers, [mantissa] * exponent.lanes))
        return builder.bitcast(moved, kind)

    return exponent(exponent), generate


@intrinsic
def exponent_of(typing_context, x):
    """Return k of x = 2^k m with 1 ≤ m < 2, for positive x that are not denormal."""
    mantissa, bias, whole = _LAYOUTS[x.dtype.bitwidth]

    def generate(context, builder, signature, arguments):
        kind = arguments[0].type
        integers = ir.VectorType(ir.IntType(x.dtype.bitwidth), x.lanes)
        bits = builder.bitcast(arguments[0], integers)
        k = builder.lshr(bits, ir.Constant(integers, [mantissa] * x.lanes))
        # Put into the lowest bits of 2^mantissa, a whole number is a sum away from being a float.
        k = builder.or_(k, ir.Constant(integers, [whole] * x.lanes))
        magic = 2.0**mantissa + bias
        return builder.fsub(builder.bitcast(k, kind), ir.Constant(kind, [magic] * x.lanes))

    return x(x), generate


@intrinsic
def mantissa_of(typing_context, x):
    """Return m of x = 2^k m with 1 ≤ m < 2, for positive x that are not denormal."""
    mantissa, bias, _ = _LAYOUTS[x.dtype.bitwidth]

    def generate(context, builder, signature, arguments):
        kind = arguments[0].type
        integers = ir.VectorType(ir.IntType(x.dtype.bitwidth), x.lanes)
        bits = builder.bitcast(arguments[0], integers)
        bits = builder.and_(bits, ir.Constant(integers, [(1 << mantissa) - 1] * x.lanes))
        bits = builder.or_(bits, ir.Constant(integers, [bias << mantissa] * x.lanes))
        return builder.bitcast(bits, kind)

    return x(x), generate


def _define_operator(symbol: Callable[..., Any], instruction: str) -> None:
    @type_callable(symbol)
    def type_of_result(context):
        def typer(a, b):
            if isinstance(a, Vector) and isinstance(b, Vector | types.Number):
                return a
            return b if isinstance(b, Vector) and isinstance(a, types.Number) else None

        return typer

    @lower_builtin(symbol, Vector, Vector)
    @lower_builtin(symbol, Vector, types.Number)
    @lower_builtin(symbol, types.Number, Vector)
    def generate(context, builder, signature, arguments):
        vector = signature.return_type
        both = [
            value
            if isinstance(kind, Vector)
            else _spread(context, builder, vector, context.cast(builder, value, kind, vector.dtype))
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        return getattr(builder, instruction)(*both, flags=FASTMATH)


for _symbol, _instruction in (
    (operator.add, "fadd"),
    (operator.sub, "fsub"),
    (operator.mul, "fmul"),
    (operator.truediv, "fdiv"),
):
    _define_operator(_symbol, _instruction)


def element_of(context, builder, signature, arguments):
    """Return the address of the element that an intrinsic's first two arguments name."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    return builder.gep(array.data, [arguments[1]])


def _pointer(context, builder, signature, arguments, vector):
    kind = context.get_value_type(vector).as_pointer()
    return builder.bitcast(element_of(context, builder, signature, arguments), kind)


def _fold(builder, vectors):
    """Return the totals of four vectors, a vector of four numbers."""

    def lanes(indices):
        return ir.Constant(ir.VectorType(ir.IntType(32), len(indices)), indices)

    def halves(one, other, size):
        """Add the halves of each run of ``size`` numbers, of one vector and then of the other."""
        runs = range(0, one.type.count * (1 if other is one else 2), size)
        first = [run + i for run in runs for i in range(size // 2)]
        second = [i + size // 2 for i in first]
        return builder.fadd(
            builder.shuffle_vector(one, other, lanes(first)),
            builder.shuffle_vector(one, other, lanes(second)),
            flags=FASTMATH,
        )

    size = vectors[0].type.count
    a, b, c, d = vectors
    sums = halves(halves(a, b, size), halves(c, d, size), size // 2)
    size //= 4
    while size > 1:
        sums = halves(sums, sums, size)
        size //= 2
    return sums


def _spread(context, builder, vector, element):
    return _spread_element(builder, context.get_value_type(vector), element)


def _spread_element(builder, kind, element):
    nothing = ir.Constant(kind, ir.Undefined)
    one = builder.insert_element(nothing, element, ir.Constant(ir.IntType(32), 0))
    everywhere = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
    return builder.shuffle_vector(one, nothing, everywhere)


def _unary(name):
    def generate(context, builder, signature, arguments):
        vector = signature.args[0]
        kind = arguments[0].type
        function = cgutils.get_or_insert_function(
            builder.module,
            ir.FunctionType(kind, [kind]),
            f"{name}.v{vector.lanes}f{vector.dtype.bitwidth}",
        )
        return builder.call(function, arguments)

    return generate


def _where(comparison):
    def generate(context, builder, signature, arguments):
        x, limit, then, otherwise = arguments
        return builder.select(builder.fcmp_ordered(comparison, x, limit), then, otherwise)

    return generate
