"""Matrix products against NumPy's, in every arrangement of the matrices and in threads' parts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.engines.compiled.build import compile_text, load
from rosenblatt.engines.compiled.ir import FRAME, Code, module_text
from rosenblatt.engines.compiled.products import Product, Tile, block_for, turn_function
from rosenblatt.engines.compiled.target import NAMED, Target

TOLERANCE = {"float64": 1e-13, "float32": 2e-5}
ROOM = 32


def aligned(count, dtype):
    raw = np.full(count * np.dtype(dtype).itemsize + 64, 255, np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + count * np.dtype(dtype).itemsize].view(dtype)


def laid(values, stride, by_columns, room=0):
    """Return an array in which ``values`` lie by rows, or by columns, NaN elsewhere."""
    values = values.T if by_columns else values
    array = aligned((len(values) + room) * stride + 64, values.dtype)
    array[: len(values) * stride].reshape(-1, stride)[:, : values.shape[1]] = values
    return array


def compiled(product):
    """Return a call of a product's function with pointers and whole numbers."""
    code = Code("train", [("ptr", "frame")], product.lanes, product.dtype, internal=False)
    pointers = [code.load(code.at("%frame", i, "i64"), "ptr", align=8) for i in range(4)]
    whole = [code.load(code.at("%frame", 4 + i, "i64"), "i64", align=8) for i in range(4)]
    product.call(code, *pointers, *whole)
    functions = [turn_function(product.target, product.dtype), product.function(), code]
    text = module_text(functions, product.target.attributes)
    function = load(compile_text(text, product.target)).function()

    def call(*arguments):
        frame = np.zeros(len(FRAME), np.int64)
        for i, value in enumerate(arguments):
            frame[i] = value.ctypes.data if isinstance(value, np.ndarray) else value
        function(frame.ctypes.data)

    return call


def rounded(n, lanes):
    return -(-n // lanes) * lanes


def case(m, n, k, by_columns, dtype, target, parts=1, **how):
    sizes = (m, k), (k, n), (m, n)
    a, b, c = (np.random.default_rng(0).normal(size=size).astype(dtype) for size in sizes)
    lanes = target.lanes(dtype)
    a_stride = (m if by_columns[0] else k) + 3
    b_stride = rounded(k if by_columns[1] else n, lanes)
    c_stride = rounded(n, lanes) + lanes
    strides = [
        (1, s) if turned else (s, 1)
        for s, turned in zip((a_stride, b_stride), by_columns, strict=True)
    ]
    product = Product("product", target, dtype, m, n, k, *strides, c_stride, **how)
    arrays = laid(a, a_stride, by_columns[0], ROOM), laid(b, b_stride, by_columns[1])
    out = laid(c, c_stride, False, ROOM)
    workspace = aligned(product.workspace, dtype)
    call = compiled(product)
    for part in range(parts):
        first, stop = (product.n_panels * i // parts for i in (part, part + 1))
        if first < stop:
            call(*arrays, out, workspace, m, k, first, stop)
    found = out[: m * c_stride].reshape(m, c_stride)[:, :n]
    expected = a.astype("f8") @ b
    tolerance = TOLERANCE[np.dtype(dtype).name] * np.sqrt(k)
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)
    return found.copy()


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    m=st.integers(1, 40),
    n=st.integers(1, 70),
    k=st.integers(1, 40) | st.integers(300, 700),
    by_columns=st.tuples(st.booleans(), st.booleans()),
    dtype=st.sampled_from(list(TOLERANCE)),
)
def test_products_of_any_size(m, n, k, by_columns, dtype):
    case(m, n, k, by_columns, dtype, Target.host())


@pytest.mark.parametrize("name", ["sse2", "avx2", "avx512"])
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_targets(name, dtype):
    target = NAMED[name]
    if Target.host().vector_bytes < target.vector_bytes:
        pytest.skip("this processor does not have the instructions")
    for by_columns in ((False, False), (True, True)):
        case(29, 37, 300, by_columns, dtype, target)


def test_parts_of_the_columns_have_the_bits_of_the_whole():
    target = Target.host()
    whole = case(30, 200, 300, (False, False), "float32", target)
    for parts in (2, 3, 8):
        np.testing.assert_array_equal(
            case(30, 200, 300, (False, False), "float32", target, parts), whole
        )


def test_blocks_do_not_change_the_bits():
    """Each number is one chain of additions over k, whatever lies in the registers."""
    target = Target.host()
    found = [case(m, 90, 500, (False, False), "float32", target)[:3] for m in (3, 14, 40, 128)]
    for other in found[1:]:
        np.testing.assert_array_equal(other, found[0])


def test_a_finished_block_is_handed_on_instead_of_stored():
    dtype, target = "float64", Target.host()
    lanes = target.lanes(dtype)
    seen = []

    def begin(code):
        def finish(tile: Tile):
            seen.append(tile.vectors)
            with code.loop(tile.n_rows) as i:
                row = code.integer("mul", code.integer("add", tile.row, i), 2 * lanes)
                at = code.integer("add", row, tile.column)
                source = code.at(tile.pointer, code.integer("mul", i, tile.stride))
                for v in range(tile.vectors):
                    value = code.op("mul", code.load(code.at(source, v * lanes)), code.const(2.0))
                    code.store(value, code.at(code.at("%c", at), v * lanes))

        return finish

    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(17, 9)), rng.normal(size=(9, 2 * lanes))
    product = Product(
        "product", target, dtype, 17, 2 * lanes, 9, (9, 1), (2 * lanes, 1), 2 * lanes, finish=begin
    )
    out = aligned(17 * 2 * lanes, dtype)
    arrays = laid(a, 9, False, ROOM), laid(b, 2 * lanes, False)
    compiled(product)(*arrays, out, aligned(product.workspace, dtype), 17, 9, 0, product.n_panels)
    assert seen
    np.testing.assert_allclose(out.reshape(17, -1), 2 * a @ b, rtol=1e-12)


@pytest.mark.parametrize("registers", [16, 32])
def test_blocks_fit_the_registers(registers):
    for m in range(1, 300, 7):
        for n_vectors in range(1, 40):
            rows, vectors = block_for(m, n_vectors, registers)
            assert rows * vectors + vectors + 1 < registers
    # Of many rows and columns a block has the shape that reads least.
    assert block_for(10_000, 1000, 16) in ((4, 3), (6, 2))
