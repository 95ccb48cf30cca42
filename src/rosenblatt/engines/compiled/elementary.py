"""Elementary functions as LLVM IR: each operation of a graph on vectors, with NumPy's meaning.

exp, log, log1p, expm1, tanh, sqrt and pow are within 2 units in the last place of the exact value
for every argument, and NaN, infinities and zeros are what NumPy has. The exponential functions use
x = k ln 2 + r with a whole number k and |r| ≤ ½ ln 2, so that eˣ = 2ᵏ eʳ with a polynomial for eʳ;
the logarithms use x = 2ᵏ (1 + f) with √½ ≤ 1 + f < √2, and ln(1 + f) = 2 artanh(f / (2 + f)).
"""

import math
import re
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.ir import Code

LN2_HIGH = 0.693359375
LN2_LOW = -2.121944400546905828e-4
"""ln 2 as a number of 10 bits, of which every product with k is exact, and the rest."""


@dataclass(frozen=True)
class _Format:
    """What the functions need to know of a floating-point format.

    Attributes:
        mantissa: bits of the fraction.
        bias: the exponent field of 1.
        sqrt_half_bits: √½ read as an integer.
        exp_range: outside of it eˣ is 0 or infinite.
        expm1_least: down from here eˣ - 1 is -1.
        tanh_stop: from here on tanh x is 1.
        exp: coefficients c of eʳ = 1 + r + r² Σ cᵢ rⁱ.
        tanh: coefficients c of ½ (e²ʳ - 1) = r + r² Σ cᵢ rⁱ.
        log: coefficients c of 2 artanh s = 2 s + s Σ cᵢ s²ⁱ⁺².
    """

    mantissa: int
    bias: int
    sqrt_half_bits: int
    exp_range: tuple[float, float]
    expm1_least: float
    tanh_stop: float
    exp: tuple[float, ...]
    tanh: tuple[float, ...]
    log: tuple[float, ...]


# The polynomials are nearly the best of their degree. Relative errors of exp, tanh and log:
# 2e-17, 1e-18 and 5e-18 in float64; 1e-8, 3e-9 and 2e-9 in float32.
_FORMATS = {
    64: _Format(
        mantissa=52,
        bias=1023,
        sqrt_half_bits=0x3FE6A09E667F3BCD,
        exp_range=(-746.0, 710.0),
        expm1_least=-40.0,
        tanh_stop=20.0,
        exp=(
            0.5000000000000001, 0.16666666666666669, 0.04166666666662399, 0.008333333333330051,
            0.0013888888917281794, 0.00019841269863105968, 2.480152119021773e-05,
            2.7557268378684192e-06, 2.7620138719733994e-07, 2.5100424157005067e-08,
        ),
        tanh=(
            1.0, 0.6666666666666674, 0.33333333333333115, 0.13333333333288724,
            0.04444444444750913, 0.012698412769799985, 0.0031746023388752884,
            0.0007054664012008489, 0.00014114892365240013, 2.5328540892295924e-05,
            5.055847668340326e-06,
        ),
        log=(
            0.666666666666667, 0.3999999999989889, 0.2857142862625391, 0.22222211089368124,
            0.18182892433364564, 0.15331611694570085, 0.14617807492803847,
        ),
    ),
    32: _Format(
        mantissa=23,
        bias=127,
        sqrt_half_bits=0x3F3504F3,
        exp_range=(-104.5, 89.0),
        expm1_least=-20.0,
        tanh_stop=10.0,
        exp=(
            0.5, 0.16666576266288757, 0.041666556149721146, 0.008363203145563602,
            0.0013926213141530752,
        ),
        tanh=(
            1.0, 0.6666679382324219, 0.3333299160003662, 0.13317231833934784,
            0.04543347284197807, 0.01205788366496563,
        ),
        log=(
            0.6666677594184875, 0.3997756838798523, 0.29871460795402527,
        ),
    ),
}  # fmt: skip

_ARITHMETIC = frozenset({"add", "sub", "mul", "div"})
_CONDITIONS = {"gt": "ogt", "ge": "oge", "lt": "olt", "le": "ole", "eq": "oeq", "ne": "une"}
_OF_TRUTHS = {"gt": "ugt", "ge": "uge", "lt": "ult", "le": "ule", "eq": "eq", "ne": "ne"}
# Of two truth values NumPy's sum is "or", its product "and".
_BOTH_TRUTHS = {"add": "or", "mul": "and", "max": "or", "min": "and", "fmax": "or", "fmin": "and"}

_INTRINSICS = {
    "sqrt": "sqrt", "abs": "fabs", "floor": "floor", "ceil": "ceil", "rint": "rint",
    "trunc": "trunc", "copysign": "copysign",
}  # fmt: skip

_LIBRARY = {
    "pow": "pow", "sin": "sin", "cos": "cos", "tan": "tan", "arcsin": "asin", "arccos": "acos",
    "arctan": "atan", "arctan2": "atan2", "sinh": "sinh", "cosh": "cosh", "arcsinh": "asinh",
    "arccosh": "acosh", "arctanh": "atanh", "exp2": "exp2", "log2": "log2", "log10": "log10",
    "cbrt": "cbrt",
}  # fmt: skip
"""Rare functions, which the C library computes lane by lane."""


def apply(code: Code, op: str, operands: Sequence[str], booleans: Sequence[bool] = ()) -> str:
    """Emit an operation of a graph and return its result: a vector, or a mask if it is a truth.

    Args:
        code: the function that is being written.
        op: as a node has it: "add", "exp", "where".
        operands: vectors and masks.
        booleans: which operands are masks; where omitted, only those that have to be.

    Raises:
        LoweringError: the operation is not one of single numbers.
    """
    masks = tuple(booleans) or (False,) * len(operands)
    if op in ("and", "or"):
        return code.inst(f"{op} {code.mask} {operands[0]}, {operands[1]}")
    if op == "not":
        return code.inst(f"xor {code.mask} {operands[0]}, {code.repeat('i1 true')}")
    if op == "cast":
        return code.select(operands[0], code.const(1.0), code.const(0.0))
    if op == "fill":
        return operands[0]
    if op == "where":
        if len(masks) == 3 and masks[1] and masks[2]:
            kinds = f"{code.mask} {operands[1]}, {code.mask} {operands[2]}"
            return code.inst(f"select {code.mask} {operands[0]}, {kinds}")
        chosen = [
            apply(code, "cast", [x]) if is_mask else x
            for x, is_mask in zip(operands[1:], masks[1:], strict=True)
        ]
        return code.select(operands[0], *chosen)
    if all(masks) and op in _OF_TRUTHS:
        return code.inst(f"icmp {_OF_TRUTHS[op]} {code.mask} {operands[0]}, {operands[1]}")
    if all(masks) and op in _BOTH_TRUTHS:
        return apply(code, "cast", [apply(code, _BOTH_TRUTHS[op], operands)])
    numbers = [
        apply(code, "cast", [x]) if is_mask else x
        for x, is_mask in zip(operands, masks, strict=True)
    ]
    if op in _ARITHMETIC:
        return code.op(op, *numbers)
    if op in _CONDITIONS:
        return code.compare(_CONDITIONS[op], *numbers)
    if op in _FUNCTIONS:
        return _FUNCTIONS[op](code, *numbers)
    if op in _INTRINSICS:
        return code.intrinsic(_INTRINSICS[op], *numbers)
    if op in _LIBRARY:
        return _library(code, _LIBRARY[op], numbers)
    raise LoweringError(op)


def maximum(code: Code, a: str, b: str) -> str:
    """Return the larger one, or NaN if either is NaN, as np.maximum does."""
    return _extreme(code, "ogt", a, b)


def minimum(code: Code, a: str, b: str) -> str:
    """Return the smaller one, or NaN if either is NaN, as np.minimum does."""
    return _extreme(code, "olt", a, b)


def _extreme(code: Code, condition: str, a: str, b: str) -> str:
    if _value(b) is not None:
        a, b = b, a
    # One instruction of most processors, which returns b where either is NaN.
    result = code.select(code.compare(condition, a, b), a, b)
    constant = _value(a)
    if constant is not None and not math.isnan(constant):
        return result
    return code.select(code.compare("uno", a, a), a, result)


def _ignoring_nan(condition: str) -> Callable[[Code, str, str], str]:
    """Return np.fmax or np.fmin: of two operands the one that is not NaN."""

    def emit(code: Code, a: str, b: str) -> str:
        result = code.select(code.compare(condition, a, b), a, b)
        return code.select(code.compare("uno", b, b), a, result)

    return emit


def _sign(code: Code, x: str) -> str:
    zero = code.const(0.0)
    # The sum makes +0 of -0, and keeps NaN.
    rest = code.op("add", x, zero)
    rest = code.select(code.compare("olt", x, zero), code.const(-1.0), rest)
    return code.select(code.compare("ogt", x, zero), code.const(1.0), rest)


def _exp(code: Code, x: str) -> str:
    form = _FORMATS[code.bits]
    bits, r = _reduced(code, x, x, 1, 2 * form.bias)
    # 2ᵏ may be denormal or infinite where the result is not, so that it is two factors. Both have
    # half of k + 2 bias as exponent; the shift drops all bits but the exponent's.
    half = code.inst(f"lshr {code.ints} {bits}, {code.whole(1)}")
    rest = code.inst(f"sub {code.ints} {bits}, {half}")
    scale = _power_of_2(code, half)
    result = code.fma(_reduced_expm1(code, r, form.exp), scale, scale)
    result = code.op("mul", result, _power_of_2(code, rest))
    # Chosen at the end, which other instructions need not wait for as for a smaller x.
    least, most = map(code.const, form.exp_range)
    result = code.select(code.compare("olt", x, least), code.const(0.0), result)
    return code.select(code.compare("ogt", x, most), code.const(math.inf), result)


def _expm1(code: Code, x: str) -> str:
    form = _FORMATS[code.bits]
    capped = maximum(code, code.const(form.expm1_least), x)
    capped = minimum(code, code.const(form.exp_range[1]), capped)
    bits, r = _reduced(code, capped, capped, 1, form.bias - 1)
    # Twice ½ (eˣ - 1) = s p + (s - ½), with s = ½ 2ᵏ, which is finite where 2ᵏ is not.
    s = _power_of_2(code, bits)
    p = _reduced_expm1(code, r, form.exp)
    h = code.fma(s, p, code.op("sub", s, code.const(0.5)))
    # Half of a denormal number is not exact.
    size = code.intrinsic("fabs", x)
    is_tiny = code.compare("olt", size, code.const(2.0 ** -(form.mantissa + 2)))
    return code.select(is_tiny, x, code.op("add", h, h))


def _tanh(code: Code, x: str) -> str:
    form = _FORMATS[code.bits]
    number, ints = code.vector, code.ints
    whole = code.inst(f"bitcast {number} {x} to {ints}")
    sign = code.inst(f"and {ints} {whole}, {code.whole(-1 << (code.bits - 1))}")
    size = code.inst(f"xor {ints} {whole}, {sign}")
    size = code.inst(f"bitcast {ints} {size} to {number}")
    # tanh x = h / (h + 1) with h = ½ (e²ˣ - 1), which for x ≥ 0 does not enlarge the error of h.
    size = minimum(code, code.const(form.tanh_stop), size)
    # For 2 x = k ln 2 + 2 r, -¼ ln 2 ≤ 2 r ≤ ¾ ln 2: so r = x up to 0.26, and h is not the small
    # difference of larger numbers from there on.
    shifted = code.op("sub", size, code.const(math.log(2.0) / 8))
    bits, r = _reduced(code, shifted, size, 2, form.bias)
    p = _reduced_expm1(code, r, form.tanh)
    s = _power_of_2(code, bits)
    h = code.fma(s, p, code.fma(s, code.const(0.5), code.const(-0.5)))
    one = code.const(1.0)
    result = code.op("div", h, code.op("add", h, one))
    if not code.has_fma:
        # h has more roundings: a step of Newton's method takes away those of the quotient.
        remainder = code.op("sub", code.op("sub", h, result), code.op("mul", result, h))
        step = code.op("mul", remainder, code.op("sub", one, result))
        is_small = code.compare("olt", h, one)
        result = code.select(is_small, code.op("add", result, step), result)
    whole = code.inst(f"bitcast {number} {result} to {ints}")
    return code.inst(f"bitcast {ints} {code.inst(f'xor {ints} {whole}, {sign}')} to {number}")


def _reduced(code: Code, guide: str, x: str, factor: int, offset: int) -> tuple[str, str]:
    """Return an integer whose low bits are k + offset, and r, with factor x = k ln 2 + factor r.

    k is factor guide / ln 2 rounded. The integer is the sum of k and 1.5 · 2^mantissa, read as
    bits: the sum's rounding to whole numbers makes k.
    """
    shift = 1.5 * 2.0 ** _FORMATS[code.bits].mantissa + offset
    shifted = code.fma(guide, code.const(factor / math.log(2.0)), code.const(shift))
    k = code.op("sub", shifted, code.const(shift))
    r = code.fma(k, code.const(-LN2_HIGH / factor), x)
    r = code.fma(k, code.const(-LN2_LOW / factor), r)
    return code.inst(f"bitcast {code.vector} {shifted} to {code.ints}"), r


def _reduced_expm1(code: Code, r: str, coefficients: Sequence[float]) -> str:
    """Return r + r² Σ cᵢ rⁱ."""
    square = code.op("mul", r, r)
    return code.fma(square, _polynomial(code, r, square, coefficients), r)


def _power_of_2(code: Code, bits: str) -> str:
    """Return the number whose exponent field is the low bits of integers, all else zero."""
    moved = code.inst(f"shl {code.ints} {bits}, {code.whole(_FORMATS[code.bits].mantissa)}")
    return code.inst(f"bitcast {code.ints} {moved} to {code.vector}")


def _log(code: Code, x: str) -> str:
    form = _FORMATS[code.bits]
    # Denormal numbers have no exponent: they are scaled first.
    scale = 2.0 ** (form.mantissa + 2)
    least = code.const(2.0 ** (1 - form.bias))
    is_small = code.compare("olt", x, least)
    scaled = code.select(is_small, code.op("mul", x, code.const(scale)), x)
    minus_k, mantissa, _ = _split(code, scaled)
    more = code.select(is_small, code.const(form.mantissa + 2.0), code.const(0.0))
    minus_k = code.op("add", minus_k, more)
    f = code.op("sub", mantissa, code.const(1.0))
    return _log_at_edges(code, x, x, _log_of_parts(code, f, minus_k))


def _log1p(code: Code, x: str) -> str:
    one = code.const(1.0)
    # y + rest = 1 + x exactly, if |x| < 1; for larger x, rest is rounded, but hardly matters.
    y = code.op("add", x, one)
    shifted = code.op("sub", y, one)
    rest = code.op("sub", x, shifted)
    minus_k, mantissa, exponent = _split(code, y)
    # 2⁻ᵏ, whose exponent field is that of 1 less k.
    form = _FORMATS[code.bits]
    opposite = code.inst(f"sub {code.ints} {code.whole(2 * form.bias)}, {exponent}")
    # Where x is large, rest does not count, and the exponent field may be that of infinity.
    scale = _power_of_2(code, opposite)
    is_large = code.compare("ogt", x, code.const(2.0 ** (form.mantissa + 2)))
    scale = code.select(is_large, code.const(0.0), scale)
    # Minus the difference 1 - mantissa is -0 where x may be.
    f = code.inst(f"fneg {code.vector} {code.op('sub', one, mantissa)}")
    f = code.fma(rest, scale, f)
    return _log_at_edges(code, y, x, _log_of_parts(code, f, minus_k))


def _split(code: Code, x: str) -> tuple[str, str, str]:
    """Return -k, the mantissa and k + bias as an integer, of x = 2ᵏ mantissa > 0."""
    form = _FORMATS[code.bits]
    number, ints = code.vector, code.ints
    one = form.bias << form.mantissa
    bits = code.inst(f"bitcast {number} {x} to {ints}")
    # The exponent field of this is k + bias, since √½ is the least mantissa.
    moved = code.inst(f"add {ints} {bits}, {code.whole(one - form.sqrt_half_bits)}")
    exponent = code.inst(f"lshr {ints} {moved}, {code.whole(form.mantissa)}")
    fraction = code.inst(f"and {ints} {moved}, {code.whole((1 << form.mantissa) - 1)}")
    mantissa = code.inst(f"add {ints} {fraction}, {code.whole(form.sqrt_half_bits)}")
    mantissa = code.inst(f"bitcast {ints} {mantissa} to {number}")
    # A small whole number is the fraction of a sum with 2^mantissa.
    large = 2.0**form.mantissa
    large_bits = (form.bias + form.mantissa) << form.mantissa
    k = code.inst(f"or {ints} {exponent}, {code.whole(large_bits)}")
    k = code.inst(f"bitcast {ints} {k} to {number}")
    return code.op("sub", code.const(large + form.bias), k), mantissa, exponent


def _log_of_parts(code: Code, f: str, minus_k: str) -> str:
    """Return ln(1 + f) + k ln 2.

    With s = f / (2 + f): ln(1 + f) = f - (½ f² - s (½ f² + R(s²))), in which f is exact. -k in
    place of k keeps the sign of f = -0.
    """
    s = code.op("div", f, code.op("add", f, code.const(2.0)))
    square = code.op("mul", s, s)
    quartic = code.op("mul", square, square)
    tail = code.op("mul", square, _polynomial(code, square, quartic, _FORMATS[code.bits].log))
    half = code.op("mul", code.op("mul", f, f), code.const(0.5))
    low = code.op("mul", minus_k, code.const(-LN2_LOW))
    correction = code.fma(s, code.op("add", half, tail), low)
    value = code.op("sub", f, code.op("sub", half, correction))
    return code.fma(minus_k, code.const(-LN2_HIGH), value)


def _log_at_edges(code: Code, y: str, x: str, result: str) -> str:
    """Return ``result``, a logarithm of y, unless y ≤ 0, or x is infinite or NaN."""
    zero = code.const(0.0)
    result = code.select(code.compare("olt", x, code.const(math.inf)), result, x)
    edge = code.select(code.compare("oeq", y, zero), code.const(-math.inf), code.const(math.nan))
    return code.select(code.compare("ogt", y, zero), result, edge)


def _polynomial(code: Code, x: str, square: str, coefficients: Sequence[float]) -> str:
    """Return Σ cᵢ xⁱ of at least 3 coefficients, as short chains of instructions."""
    c = [code.const(coefficient) for coefficient in coefficients]
    pairs = [code.fma(x, c[i + 1], c[i]) if i + 1 < len(c) else c[i] for i in range(0, len(c), 2)]
    quads = [
        code.fma(square, pairs[i + 1], pairs[i]) if i + 1 < len(pairs) else pairs[i]
        for i in range(0, len(pairs), 2)
    ]
    result = quads[-1]
    if len(quads) > 1:
        fourth = code.op("mul", square, square)
        for quad in quads[-2::-1]:
            result = code.fma(fourth, result, quad)
    return result


def _pow(code: Code, x: str, y: str) -> str:
    exponent = _value(y)
    if exponent == 1.0:
        return x
    if exponent == 2.0:
        return code.op("mul", x, x)
    if exponent == 3.0:
        return code.op("mul", code.op("mul", x, x), x)
    if exponent == -1.0:
        return code.op("div", code.const(1.0), x)
    if exponent == 0.5:
        return code.intrinsic("sqrt", x)
    return _library(code, "pow", [x, y])


def _library(code: Code, name: str, operands: Sequence[str]) -> str:
    """Call a function of the C library for each lane."""
    function = name if code.bits == 64 else f"{name}f"
    if code.lanes == 1:
        return code.call(code.scalar, function, [(code.scalar, x) for x in operands])
    result = "poison"
    for lane in range(code.lanes):
        scalars = [
            (code.scalar, code.inst(f"extractelement {code.vector} {x}, i32 {lane}"))
            for x in operands
        ]
        value = code.call(code.scalar, function, scalars)
        result = code.inst(
            f"insertelement {code.vector} {result}, {code.scalar} {value}, i32 {lane}"
        )
    return result


_CONSTANT = re.compile(r"0x([0-9A-F]{16})")


def _value(operand: str) -> float | None:
    """Return the number that a constant operand has in every lane, or None."""
    if operand.startswith("%"):
        return None
    numbers = set(_CONSTANT.findall(operand))
    if len(numbers) != 1:
        return None
    value: float = struct.unpack(">d", bytes.fromhex(numbers.pop()))[0]
    return value


_FUNCTIONS: dict[str, Callable[..., str]] = {
    "neg": lambda code, x: code.inst(f"fneg {code.vector} {x}"),
    "max": maximum,
    "min": minimum,
    "fmax": _ignoring_nan("ogt"),
    "fmin": _ignoring_nan("olt"),
    "sign": _sign,
    "isnan": lambda code, x: code.compare("uno", x, x),
    "isfinite": lambda code, x: code.compare(
        "olt", code.intrinsic("fabs", x), code.const(math.inf)
    ),
    "exp": _exp,
    "expm1": _expm1,
    "log": _log,
    "log1p": _log1p,
    "tanh": _tanh,
    "pow": _pow,
}
