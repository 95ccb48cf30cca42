"""Dual numbers: every operation's tangents are differences' limits, and what is unknown raises."""

import copy
import math
import threading

import numpy as np
import pytest

from differences import relative_error
from rosenblatt.analysis.hessian.dual import _RULES, PARTIALS, Dual, one_float, tangents_of
from rosenblatt.errors import DerivativeError, RosenblattError

K = 3


def numeric_tangent(f, values, directions, h=1e-3):
    """Return d/dε f(x + ε v) by central differences, extrapolated once."""

    def difference(step):
        above, below = (
            f(*(x + sign * step * v for x, v in zip(values, directions, strict=True)))
            for sign in (1, -1)
        )
        return (above - below) / (2 * step)

    return (4 * difference(h / 2) - difference(h)) / 3


def check(f, *values, tolerance=1e-9):
    """Compare f of dual numbers with f of arrays, in K random directions."""
    rng = np.random.default_rng(5)
    tangents = [rng.standard_normal((K, *x.shape)) for x in values]
    y = f(*map(Dual, values, tangents))
    expected = np.asarray(f(*values))
    assert y.shape == expected.shape
    np.testing.assert_array_equal(y.value, expected)
    assert y.tangents.shape == (K, *expected.shape)
    for k in range(K):
        numeric = numeric_tangent(f, values, [t[k] for t in tangents])
        assert relative_error(y.tangents[k], numeric) < tolerance


def positive(*shape, seed=0):
    return np.random.default_rng(seed).uniform(0.5, 2.0, shape)


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


UFUNCS = [*PARTIALS, *(ufunc for ufunc in _RULES if ufunc is not np.matmul)]
by_name = {"ids": lambda ufunc: ufunc.__name__}


@pytest.mark.parametrize("ufunc", [f for f in UFUNCS if f.nin == 1], **by_name)
def test_functions_of_one_argument(ufunc):
    for sign in (1.0,) if ufunc in (np.log, np.log1p, np.sqrt) else (1.0, -1.0):
        check(ufunc, sign * positive(4, 5))
        check(ufunc, np.asarray(sign * 0.7))


@pytest.mark.parametrize("ufunc", [f for f in UFUNCS if f.nin == 2], **by_name)
@pytest.mark.parametrize(
    ("left", "right"), [((4, 5), (4, 5)), ((4, 5), (5,)), ((5,), (4, 1)), ((K, 5), ()), ((), (K,))]
)
def test_functions_of_two_arguments_that_broadcast(ufunc, left, right):
    a, b = positive(*left), positive(*right, seed=1)
    check(ufunc, a, b)
    check(lambda x: ufunc(x, b), a)
    check(lambda x: ufunc(a, x), b)


@pytest.mark.parametrize(
    ("left", "right"), [((4, 5), (5, 2)), ((5,), (5, 2)), ((4, 5), (5,)), ((5,), (5,))]
)
@pytest.mark.parametrize("function", [np.matmul, np.dot])
def test_products_of_matrices_and_vectors(function, left, right):
    a, b = drawn(*left), drawn(*right, seed=1)
    check(function, a, b)
    check(lambda x: function(x, b), a)
    check(lambda x: function(a, x), b)


def test_products_of_transposed_matrices():
    a, b = drawn(4, 5), drawn(4, 3, seed=1)
    check(lambda a, b: a.T @ b, a, b)
    check(lambda a, b: b.T @ a, a, b)
    check(lambda a: a @ b.T.T.T @ b, drawn(2, 3))
    check(lambda b: a.T @ b, b)


SHAPES = {
    "transposed": lambda x: x.T,
    "axes named": lambda x: x.transpose(1, 2, 0),
    "axes as a tuple": lambda x: np.transpose(x, (0, -1, 1)),
    "reshaped": lambda x: x.reshape(4, 6),
    "reshaped to a tuple": lambda x: np.reshape(x, (-1, 3)),
    "raveled": lambda x: x.ravel(),
    "one row": lambda x: x[1],
    "one entry": lambda x: x[1, 2, 0],
    "a slice": lambda x: x[:, 1:3],
    "a new axis": lambda x: x[:, np.newaxis, ..., ::-1],
    "rows by number": lambda x: x[[1, 0, 1]],
    "rows by mask": lambda x: x[np.array([True, False])],
    "entries by number": lambda x: x[np.arange(2), [0, 3]],
    # NumPy puts the axis of these first, also before the axis of the directions.
    "numbers on both sides of a slice": lambda x: x[[0, 1, 1], :, [0, 2, 1]],
    "summed": lambda x: x.sum(axis=1),
    "summed, axis kept": lambda x: x.sum(axis=-1, keepdims=True),
    "summed over two axes": lambda x: np.sum(x, axis=(0, 2)),
    "summed over all": lambda x: x.sum(),
    "mean": lambda x: x.mean(axis=(0, 1)),
    "mean of all, axes kept": lambda x: np.mean(x, keepdims=True),
    "largest": lambda x: x.max(axis=1),
    "largest, axis kept": lambda x: np.max(x, axis=-1, keepdims=True),
    "largest of all": lambda x: x.max(),
    "largest of all, axes kept": lambda x: np.amax(x, keepdims=True),
    "smallest": lambda x: x.min(axis=0),
    "smallest, axis kept": lambda x: np.amin(x, axis=-2, keepdims=True),
    "clipped": lambda x: np.clip(x, -0.5, 0.5),
    "clipped below": lambda x: np.clip(x, 0.1, None),
    "chosen": lambda x: np.where(x > 0, x * x, -0.1 * x),
    "chosen from a constant": lambda x: np.where(x > 0, 2.0, x),
    "joined": lambda x: np.concatenate([x, np.ones((2, 4, 1)), x * x], axis=-1),
    "written by mask": lambda x: written(x),
    "written in place": lambda x: in_place(x),
    "written by a function": lambda x: np.multiply(x, x, out=np.zeros_like(x)),
    "filled with a constant": lambda x: forgotten(x),
    "a power": lambda x: x**3,
    "a root of a quotient": lambda x: 1 / np.sqrt(2 + x) - 2 / (3 + x) + (-x),
    "copied": lambda x: (x * 1.5).copy(),
}


def written(x):
    y = np.zeros_like(x)
    y[x > 0] = x[x > 0] ** 2
    y[0, 1] = x[1, 1] * x[0, 0]
    y[:, 2] = 4.0
    return y


def in_place(x):
    y = x + 1
    y *= x
    y[:, 1:] += x[:, 1:] * x[:, :-1]
    y -= 3.0
    return y


def forgotten(x):
    y = x * x
    y[:, 0] = 7.0
    return y


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_choices_and_reductions(name):
    check(SHAPES[name], np.random.default_rng(3).uniform(-1, 1, (2, 4, 3)))


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("keepdims", [False, True])
def test_sums_of_tables(axis, keepdims):
    check(lambda x: np.sum(x * x, axis=axis, keepdims=keepdims).reshape(-1), drawn(5, 3))


def test_what_is_written_in_place_changes_no_operand():
    x = Dual(np.ones((2, 2)), np.ones((K, 2, 2)))
    for copied in (x + 1.0, x - 1.0, 1.0 * x, np.where(True, x, 0.0), np.maximum(x, 0.0)):
        copied *= 5.0
    assert (x.tangents == 1).all()
    assert (x.value == 1).all()


def test_a_view_of_a_dual_number_is_a_view():
    x = Dual(np.ones((2, 2)), np.ones((K, 2, 2)))
    row = x[0]
    row *= 5.0
    assert x.value.tolist() == [[5, 5], [1, 1]]
    assert x.tangents[1].tolist() == [[5, 5], [1, 1]]


def test_numbers_arrays_and_dual_numbers_mix():
    x = Dual(np.array([[1.0, 2.0]]), np.array([[[1.0, 0.0]]]))
    for y in (np.float64(3) * x, 3 * x, np.array([[3.0, 3.0]]) * x, x * np.array(3)):
        assert y.tangents.tolist() == [[[3, 0]]]
    assert (1 - x).tangents.tolist() == [[[-1, 0]]]
    assert (np.array([[True, False]]) * x).tangents.tolist() == [[[1, 0]]]


def test_tangents_that_broadcast_are_spread():
    assert Dual(np.ones((2, 3)), np.ones((K, 1, 3))).tangents.shape == (K, 2, 3)
    assert (np.ones((2, 3)) + Dual(np.ones(3), np.ones((K, 3)))).tangents.shape == (K, 2, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_dtype_is_kept(dtype):
    x = Dual(np.ones((2, 3), dtype), np.ones((K, 2, 3), dtype))
    mask = np.ones((2, 3), bool)
    for y in (x + 1, 2 * x, x * mask, x @ np.ones((3, 2), dtype), x.sum(axis=0), np.exp(x), x.T):
        assert (y.dtype, y.tangents.dtype) == (dtype, dtype)
    assert x.astype(np.float64).tangents.dtype == np.float64


def test_what_has_no_derivative_is_plain():
    x = Dual(np.array([[1.0, -2.0]]), np.ones((K, 1, 2)))
    for plain in (x > 0, x == 1, np.sign(x), np.isfinite(x), x.argmax(axis=1), np.argmin(x)):
        assert not isinstance(plain, Dual)
    assert (np.shape(x), np.ndim(x), np.size(x), len(x)) == ((1, 2), 2, 2, 1)
    assert bool(x[0, 0] - 1.0) is False


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: np.maximum(x, 0), 0),
        (lambda x: np.maximum(0, x), 0),
        (lambda x: np.minimum(x, 0), 0),
        (lambda x: np.minimum(0, x), 0),
        (lambda x: np.maximum(2 * x, 3 * x), 3),
        (lambda x: np.minimum(2 * x, 3 * x), 3),
        (lambda x: np.clip(x, 0, 1), 0),
        (np.abs, 1),
        (lambda x: x**1, 1),
        (lambda x: x**0, 0),
        (lambda x: x**2, 0),
    ],
)
def test_at_a_kink_it_is_the_slope_of_one_branch(f, slope):
    assert f(Dual(np.zeros(1), np.ones((1, 1)))).tangents.item() == slope


def test_of_equal_entries_the_first_is_the_largest():
    x = Dual(np.array([[1.0, 1.0]]), np.array([[[3.0, 4.0]]]))
    assert x.max(axis=1).tangents.tolist() == [[3]]
    assert x.min(axis=1).tangents.tolist() == [[3]]


def test_a_branch_not_taken_may_be_infinite():
    x = Dual(np.array([0.0, 4.0]), np.ones((1, 2)))
    with np.errstate(divide="ignore"):
        assert np.where(x.value > 0, np.sqrt(x), 0.0).tangents.tolist() == [[0, 0.25]]


def test_a_quotient_by_the_smallest_number_is_no_nan():
    tiny = np.array([np.finfo(float).tiny])
    constant = np.maximum(Dual(np.zeros(1), np.ones((1, 1))), tiny)
    assert (-1.0 / constant).tangents.item() == 0


UNKNOWN = {
    "np.asarray": (np.asarray, "cannot become a plain array"),
    "np.array": (lambda x: np.array([x, x]), "cannot become a plain array"),
    "a plain array's item": (lambda x: np.zeros((2, 2)).__setitem__(0, x), "plain array"),
    "float": (lambda x: float(x.sum()), "only a loss"),
    "math": (lambda x: math.exp(x[0, 0]), "only a loss"),
    "np.arcsinh": (np.arcsinh, "np.arcsinh"),
    "np.cumsum": (np.cumsum, "np.cumsum"),
    "np.linalg.norm": (np.linalg.norm, "np.norm"),
    "np.einsum": (lambda x: np.einsum("ij->j", x), "np.einsum"),
    "np.add.reduce": (np.add.reduce, r"np\.add\.reduce"),
    "np.exp, where": (lambda x: np.exp(x, where=x > 0), r"np\.exp\(where\)"),
    ".tolist": (lambda x: x.tolist(), r"\.tolist"),
    ".cumsum": (lambda x: x.cumsum(axis=0), r"\.cumsum"),
    ".astype(int)": (lambda x: x.astype(int), r"\.astype\(int64\)"),
    "stacked products": (lambda x: x[np.newaxis] @ np.ones((2, 2)), "more than two axes"),
    "out": (lambda x: np.exp(x, out=np.ones((2, 2))), r"np\.exp writes"),
    "+= of a plain array": (lambda x: np.ones((2, 2)).__iadd__(x), r"np\.add writes"),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_is_not_known_raises_and_is_named(name):
    f, message = UNKNOWN[name]
    with pytest.raises(DerivativeError, match=message) as raised:
        f(Dual(np.ones((2, 2)), np.ones((K, 2, 2))))
    assert isinstance(raised.value, RosenblattError)


def test_one_float_is_one_float_of_one_number_in_this_thread():
    x = Dual(np.array(2.0), np.ones((K,)))
    with one_float():
        assert float(x) == 2
        with pytest.raises(DerivativeError, match="only a loss"):
            float(x)
    with one_float(), pytest.raises(DerivativeError, match="only a loss"):
        float(Dual(np.ones(1), np.ones((K, 1))))
    with pytest.raises(DerivativeError, match="only a loss"):
        float(x)
    refused = []

    def elsewhere():
        try:
            float(x)
        except DerivativeError as error:
            refused.append(error)

    with one_float():
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        float(x)
    assert refused


def test_python_can_copy_and_look_for_attributes():
    x = Dual(np.ones(2), np.ones((K, 2)))
    assert (copy.deepcopy(x).tangents == x.tangents).all()
    assert not hasattr(x, "__array_interface__")


def test_tangents_of_what_is_plain_are_zero():
    assert tangents_of(np.ones((2, 3)), K).shape == (K, 2, 3)
    assert not tangents_of(np.ones((2, 3)), K).any()
