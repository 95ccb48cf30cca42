"""SplitMix64 in LLVM IR: the numbers of :mod:`rosenblatt.random`, one per lane or alone."""

from rosenblatt.engines.compiled.ir import Code, vector_of

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


def uniform(code: Code, words: str, least: int | None = None) -> str:
    """Return the upper 53 bits of words as numbers in [0, 1), or whether they reach ``least``.

    The words are i64 in the lanes of the code's vectors.
    """
    kind = vector_of(code.lanes, "i64")
    if least is not None and least >> 53:
        return code.repeat("i1 false")
    if least is not None:
        bound = least << 11
        bound -= (bound >> 63) << 64
        return code.inst(f"icmp uge {kind} {words}, {code.whole(bound, 64)}")
    doubles = vector_of(code.lanes, "double")
    upper = code.inst(f"lshr {kind} {words}, {code.whole(11, 64)}")
    number = code.inst(f"uitofp {kind} {upper} to {doubles}")
    scale = code.repeat("double 0x3CA0000000000000")
    number = code.inst(f"fmul {doubles} {number}, {scale}")
    if code.bits == 32:
        number = code.inst(f"fptrunc {doubles} {number} to {code.vector}")
    return number


def _integer(code: Code, operation: str, a: int | str, b: int | str, lanes: int) -> str:
    kind = vector_of(lanes, "i64")
    return code.inst(f"{operation} {kind} {_operand(a, lanes)}, {_operand(b, lanes)}")


def _operand(x: int | str, lanes: int) -> str:
    if isinstance(x, str):
        return x
    signed = x - (1 << 64) if x >> 63 else x
    return str(signed) if lanes == 1 else "<" + ", ".join([f"i64 {signed}"] * lanes) + ">"
