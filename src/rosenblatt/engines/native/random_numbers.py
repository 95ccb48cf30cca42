"""SplitMix64 in LLVM IR: the numbers of :mod:`rosenblatt.random`, one per lane or alone."""

from rosenblatt.engines.native.ir import Code, vector_of
from rosenblatt.engines.native.values import Array, Value, each, when

GOLDEN = 0x9E3779B97F4A7C15
MIX_1, MIX_2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def word(code: Code, key: str, number: int | str, lanes: int = 1) -> str:
    """Return the 64-bit word ``number``, counted from 1, of the stream that begins at ``key``.

    Both are i64, or vectors of ``lanes`` of them.
    """
    step = _integer(code, "mul", number, GOLDEN, lanes)
    return mixed(code, _integer(code, "add", key, step, lanes), lanes)


def folded(code: Code, key: str, number: int | str, lanes: int = 1) -> str:
    """Return ``Key(key).fold(number)`` of one key or of ``lanes``; the number is an int or i64."""
    if isinstance(number, int):
        return word(code, key, number + 1, lanes)
    following = code.integer("add", number, 1)
    with code.width(lanes):
        return word(code, key, code.splat(following, "i64"), lanes)


def mixed(code: Code, z: str, lanes: int = 1) -> str:
    """Return SplitMix64's output function of i64."""
    for shift, factor in ((30, MIX_1), (27, MIX_2)):
        z = _integer(code, "xor", z, _integer(code, "lshr", z, shift, lanes), lanes)
        z = _integer(code, "mul", z, factor, lanes)
    return _integer(code, "xor", z, _integer(code, "lshr", z, 31, lanes), lanes)


def shuffle_function() -> Code:
    """Return the function that fills an order as :func:`rosenblatt.random.epoch_order` does.

    ``shuffle`` takes the order (n,) of int32, n, and the epoch's key.
    """
    code = Code("shuffle", [("ptr", "order"), ("i64", "n"), ("i64", "key")], 1, "float64")
    order, n = Array(code, "%order", "i32"), Value(code, "%n", "i64")
    for i in each(code, n):
        order[i] = i.to("i32")
    with when(n > 1):
        for k in each(code, n, 1):
            i = n - k
            draw = Value(code, word(code, "%key", (i + 1).name), "i64").bits("lshr", 32)
            j = (draw * (i + 1)).bits("lshr", 32)
            order[i], order[j] = order[j], order[i]
    return code


def _integer(code: Code, operation: str, a: int | str, b: int | str, lanes: int) -> str:
    kind = vector_of(lanes, "i64")
    return code.inst(f"{operation} {kind} {_operand(a, lanes)}, {_operand(b, lanes)}")


def _operand(x: int | str, lanes: int) -> str:
    if isinstance(x, str):
        return x
    signed = x - (1 << 64) if x >> 63 else x
    return str(signed) if lanes == 1 else "<" + ", ".join([f"i64 {signed}"] * lanes) + ">"
