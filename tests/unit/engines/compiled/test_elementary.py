import mpmath
import numpy as np
import pytest

from rosenblatt.engines.compiled.build import compile_text, load
from rosenblatt.engines.compiled.elementary import apply
from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.ir import Code, module_text
from rosenblatt.engines.compiled.target import NAMED, Target
from rosenblatt.engines.compiled.tracer import UFUNCS
from rosenblatt.errors import ConfigurationError

DTYPES = ["float64", "float32"]
EXACT = {"exp": mpmath.exp, "expm1": mpmath.expm1, "log": mpmath.log, "log1p": mpmath.log1p,
         "tanh": mpmath.tanh}  # fmt: skip
HAS_LONG_DOUBLES = np.finfo(np.longdouble).nmant >= 63
TRUTHS = {"gt", "ge", "lt", "le", "eq", "ne", "isnan", "isfinite", "and", "or", "not"}

mpmath.mp.prec = 120


def executed(name, monkeypatch):
    """Return a target that this machine executes."""
    monkeypatch.setenv("ROSENBLATT_TARGET", name)
    try:
        return Target.host()
    except ConfigurationError:
        return pytest.skip(f"no {name} here")


def kernel(op, dtype, target, lanes, masks):
    """Return the compiled loop over arrays; operands that are masks are made of x > 0."""
    code = Code("train", [("ptr", "frame")], lanes, dtype, internal=False, has_fma=target.has_fma)
    pointers = [
        code.load(code.at("%frame", i, "ptr"), "ptr", align=8) for i in range(len(masks) + 1)
    ]
    count = code.load(code.at("%frame", len(masks) + 1, "i64"), "i64", align=8)
    with code.loop(count, lanes) as i:
        operands = [code.load(code.at(pointer, i)) for pointer in pointers[1:]]
        operands = [
            code.compare("ogt", x, code.const(0.0)) if is_mask else x
            for x, is_mask in zip(operands, masks, strict=True)
        ]
        result = apply(code, op, operands, masks)
        if op in TRUTHS or (op == "where" and all(masks)):
            result = apply(code, "cast", [result])
        code.store(result, code.at(pointers[0], i))
    text = module_text([code], target.attributes)
    return load(compile_text(text, target)).function()


KERNELS = {}


def computed(op, *arrays, target=None, lanes=None, masks=None):
    """Return an operation of whole arrays, as the compiled one has it."""
    target = target or Target.host()
    dtype, count = arrays[0].dtype, len(arrays[0])
    lanes = lanes or target.lanes(dtype)
    masks = tuple(masks or (False,) * len(arrays))
    key = op, str(dtype), target, lanes, masks
    if key not in KERNELS:
        KERNELS[key] = kernel(op, dtype, target, lanes, masks)
    padded = -(-count // lanes) * lanes
    arrays = [np.append(x, np.ones(padded - count, dtype)) for x in arrays]
    result = np.empty(padded, dtype)
    frame = np.array([x.ctypes.data for x in (result, *arrays)] + [padded])
    KERNELS[key](frame.ctypes.data)
    return result[:count]


def ulps_apart(a, b):
    """Return how many numbers of the format lie between; NaN is next to NaN alone."""
    whole = np.int64 if a.dtype == np.float64 else np.int32
    least = np.iinfo(whole).min
    x, y = (np.where(v.view(whole) < 0, least - v.view(whole), v.view(whole)) for v in (a, b))
    # The difference of integers is exact, unless it is so large that it overflows.
    rough = np.abs(x.astype(float) - y.astype(float))
    far = np.where(rough < 2.0**30, np.abs(x - y), rough)
    return np.where(np.isnan(a) & np.isnan(b), 0.0, np.where(np.isnan(a) | np.isnan(b), 2e9, far))


def edges(dtype):
    """Return zeros, infinities, NaN, the ends of the format and of each function's range."""
    info = np.finfo(dtype)
    some = [0, 0.5, 1, 1.5, 2, 3, np.inf, np.nan, info.tiny, info.smallest_subnormal, info.max,
            info.eps, info.eps / 2, np.log(2) / 2, np.log(2), np.sqrt(0.5), np.sqrt(2), 0.26, 9.9,
            17.3, 19.1, 20, 36.7, 40, 87.3, 88.72, 88.73, 103.2, 104, 708.3, 709.78, 709.79, 745.1,
            745.2, 1e5, 3 * info.smallest_subnormal, info.tiny * (1 - info.eps)]  # fmt: skip
    with np.errstate(all="ignore"):
        x = np.array(some, dtype)
        x = np.concatenate([x, np.nextafter(x, dtype(0)), np.nextafter(x, dtype(np.inf))])
    return np.concatenate([x, -x])


def drawn(op, dtype, count, seed=0):
    """Return arguments: any bits, and the regions where the function is not simple."""
    draw = np.random.default_rng(seed)
    whole = np.uint64 if dtype == np.float64 else np.uint32
    top = 746.0 if dtype == np.float64 else 105.0
    parts = [draw.integers(0, np.iinfo(whole).max, count, dtype=whole).view(dtype)]
    if op in ("exp", "expm1", "tanh"):
        parts += [draw.uniform(-r, r, count) for r in (0.5, 3.0, 22.0, top)]
        parts += [-draw.uniform(0.94 * top, top, count)]
    else:
        parts += [np.exp(draw.uniform(-r, r, count)) for r in (0.01, 1.0, 0.95 * top)]
        parts += [-np.exp(-draw.uniform(0, 40, count))]
        parts += [part - 1.0 for part in parts[1:]]
    with np.errstate(all="ignore"):
        return np.concatenate([np.asarray(part, dtype) for part in parts])


def exact(op, x):
    """Return the correctly rounded value, of mpmath."""

    def one(value):
        if np.isnan(value) or (op[:3] == "log" and value < (-1 if op == "log1p" else 0)):
            return np.nan
        if value == (-1 if op == "log1p" else 0) and op[:3] == "log":
            return value if (op == "log1p" and value == 0) else -np.inf
        if value == 0 or (np.isinf(value) and op == "log1p"):
            return 1.0 if op == "exp" else value
        return rounded(EXACT[op](mpmath.mpf(float(value))), x.dtype)

    return np.array([one(value) for value in x], x.dtype)


def rounded(value, dtype):
    """Return the nearest number of the format, denormal ones included."""
    info = np.finfo(dtype)
    if not mpmath.isfinite(value) or value == 0:
        return float(value)
    exponent = max(mpmath.frexp(value)[1] - info.nmant - 1, info.minexp - info.nmant)
    whole = int(mpmath.nint(mpmath.ldexp(value, -exponent)))
    try:
        return float(mpmath.ldexp(whole, exponent))
    except OverflowError:
        return float(mpmath.sign(value)) * np.inf


@pytest.mark.parametrize("name", ["sse2", "avx2", "avx512", "neon"])
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", EXACT)
def test_functions_are_within_two_ulps_of_the_exact_value(op, dtype, name, monkeypatch):
    target = executed(name, monkeypatch)
    dtype = np.dtype(dtype).type
    x = np.concatenate([edges(dtype), drawn(op, dtype, 60)])
    with np.errstate(all="ignore"):
        expected, result = exact(op, x), computed(op, x, target=target)
    far = ulps_apart(result, expected)
    assert far.max() <= 2, (x[far.argmax()], result[far.argmax()], expected[far.argmax()])
    if op not in ("exp", "log"):
        zeros = np.array([0.0, -0.0], dtype)
        assert np.signbit(computed(op, zeros, target=target)).tolist() == [False, True]


@pytest.mark.skipif(not HAS_LONG_DOUBLES, reason="needs numbers of 64 bits of fraction")
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", EXACT)
def test_functions_are_within_two_ulps_at_many_points(op, dtype):
    dtype = np.dtype(dtype).type
    x = drawn(op, dtype, 30000, seed=1)
    with np.errstate(all="ignore"):
        expected = getattr(np, op)(x.astype(np.longdouble)).astype(dtype)
    far = ulps_apart(computed(op, x), expected)
    assert far.max() <= 2, x[far.argmax()]


@pytest.mark.parametrize("name", ["sse2", "avx2", "avx512", "neon"])
def test_tanh_below_powers_of_two(name, monkeypatch):
    # There the denominator is rounded most, and the numerator's error counts twice.
    for power in (2.0**-5, 2.0**-4, 2.0**-3, 2.0**-2):
        stop = np.array(np.arctanh(power), np.float32).view(np.int32)
        x = np.arange(stop - 200_000, stop, dtype=np.int32).view(np.float32)
        expected = np.tanh(x.astype(float)).astype(np.float32)
        found = computed("tanh", x, target=executed(name, monkeypatch))
        assert ulps_apart(found, expected).max() <= 2, power


@pytest.mark.parametrize("dtype", DTYPES)
def test_results_that_are_exact(dtype):
    ends = np.array([-np.inf, np.finfo(dtype).min, -1e4, 0, 1e4, np.inf], dtype)
    expected = {
        "exp": [0, 0, 0, 1, np.inf, np.inf],
        "expm1": [-1, -1, -1, 0, np.inf, np.inf],
        "tanh": [-1, -1, -1, 0, 1, 1],
    }
    for op, values in expected.items():
        assert np.array_equal(computed(op, ends), np.array(values, dtype)), op
    one = np.ones(3, dtype)
    assert computed("log", one).tolist() == [0, 0, 0]


def test_a_maximum_with_a_constant_is_one_comparison():
    for order in (1, -1):
        code = Code("f", [("<8 x double>", "x")], 8, "float64")
        apply(code, "max", ["%x", code.const(0.0)][::order])
        assert len(code.lines) == 2  # which x86 has as one instruction


@pytest.mark.parametrize("lanes", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("dtype", DTYPES)
def test_a_lane_computes_the_same_in_vectors_of_any_width(dtype, lanes):
    x = edges(np.dtype(dtype).type)
    for op in EXACT:
        one = computed(op, x, lanes=1)
        assert np.array_equal(computed(op, x, lanes=lanes), one, equal_nan=True), op


UNARY = ["neg", "sign", "abs", "sqrt", "floor", "ceil", "rint", "trunc", "isnan", "isfinite"]
BINARY = ["add", "sub", "mul", "div", "max", "min", "fmax", "fmin", "copysign", "gt", "ge", "lt",
          "le", "eq", "ne"]  # fmt: skip
NUMPY = {"neg": np.negative, "sub": np.subtract, "mul": np.multiply, "div": np.divide,
         "max": np.maximum, "min": np.minimum, "gt": np.greater, "ge": np.greater_equal,
         "lt": np.less, "le": np.less_equal, "eq": np.equal, "ne": np.not_equal, "pow": np.power,
         "and": np.logical_and, "or": np.logical_or, "not": np.logical_not}  # fmt: skip


def by_numpy(op, *arrays):
    with np.errstate(all="ignore"):
        result = (NUMPY.get(op) or getattr(np, op))(*arrays)
    return result.astype(next((x.dtype for x in arrays if x.dtype != bool), np.float64))


def pairs(dtype):
    """Return all pairs of some numbers, zeros, infinities and NaN included."""
    some = [0.0, -0.0, 1.0, -1.0, 2.5, -0.3, 1e30, 3e-39, np.inf, -np.inf, np.nan]
    x, y = np.meshgrid(np.array(some, dtype), np.array(some, dtype))
    return x.ravel(), y.ravel()


def same(a, b):
    """Return whether numbers are equal, signs of zeros and NaN included."""
    signs = np.signbit(a) == np.signbit(b)
    return np.array_equal(a, b, equal_nan=True) and bool(np.all(signs | np.isnan(a)))


@pytest.mark.parametrize("name", ["sse2", "avx2", "avx512", "neon"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_operations_are_as_numpy_has_them(dtype, name, monkeypatch):
    target = executed(name, monkeypatch)
    x, y = pairs(dtype)
    for op in UNARY:
        assert same(computed(op, x, target=target), by_numpy(op, x)), op
    for op in BINARY:
        result, expected = computed(op, x, y, target=target), by_numpy(op, x, y)
        # NumPy's own maximum of 0 and -0 is now the one, now the other.
        is_same = np.array_equal(result, expected, equal_nan=True) if op[-3:] in ("max", "min") \
            else same(result, expected)  # fmt: skip
        assert is_same, op


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("op", [op for op in BINARY if op not in ("sub", "copysign")])
def test_truth_values_are_zero_and_one_in_arithmetic(op, dtype):
    x, y = pairs(dtype)
    first = computed(op, x, y, masks=(True, False))
    assert np.array_equal(first, by_numpy(op, x > 0, y), equal_nan=True)
    second = computed(op, x, y, masks=(False, True))
    assert np.array_equal(second, by_numpy(op, x, y > 0), equal_nan=True)
    both = computed(op, x, y, masks=(True, True))
    assert np.array_equal(both, by_numpy(op, x > 0, y > 0), equal_nan=True)


def test_choices_take_numbers_and_truth_values():
    x, y = pairs("float64")
    z = y[::-1].copy()
    for masks in [(True, False, False), (True, True, False), (True, True, True)]:
        a, b = (v > 0 if is_mask else v for v, is_mask in zip((y, z), masks[1:], strict=True))
        expected = np.where(x > 0, a, b).astype(float)
        assert same(computed("where", x, y, z, masks=masks), expected)
    for op in ("and", "or"):
        expected = by_numpy(op, x > 0, y > 0)
        assert same(computed(op, x, y, masks=(True, True)), expected)
    assert same(computed("not", x, masks=(True,)), (~(x > 0)).astype(float))
    with pytest.raises(LoweringError, match="sort"):
        computed("sort", x)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMED)
def test_all_operations_compile_for_all_targets(name, dtype):
    target = NAMED[name]
    lanes = target.lanes(dtype)
    code = Code("train", [("ptr", "x")], lanes, dtype, internal=False, has_fma=target.has_fma)
    x, y = code.load("%x"), code.load(code.at("%x", lanes))
    for op in UFUNCS.values():
        operands = [x, y][: 2 if op in (*BINARY, "pow", "arctan2", "and", "or") else 1]
        if op in ("and", "or", "not"):
            operands = [apply(code, "gt", [x, v]) for v in operands]
        result = apply(code, op, operands)
        code.store(apply(code, "cast", [result]) if op in TRUTHS else result, "%x")
    assert compile_text(module_text([code], target.attributes), target)
