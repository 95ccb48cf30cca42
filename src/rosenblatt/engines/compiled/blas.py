"""The matrix product of BLAS, for kernels: that of SciPy, which comes with OpenBLAS.

Numba's ``np.dot`` calls the same function, but on whole arrays only, and cannot add to what is
there: a step of gradient descent is W ← W − η xᵀ dy, a single product.
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic

from rosenblatt.engines.compiled.vector import part


class Matrix(NamedTuple):
    """Numbers of an array as a matrix: i, j stands at ``array[at + i per_row + j per_column]``.

    One of the steps is 1.
    """

    array: Any
    at: int
    per_row: int
    per_column: int


def gemm_of(dtype: npt.DTypeLike) -> int:
    """Return the address of the product of matrices of that type, for :func:`multiply`."""
    name = {np.dtype(np.float32): "sgemm", np.dtype(np.float64): "dgemm"}[np.dtype(dtype)]
    address: int = get_cython_function_address("scipy.linalg.cython_blas", name)
    return address


@part
def transposed(matrix):
    """Return the matrix with rows for columns, without moving a number."""
    return Matrix(matrix.array, matrix.at, matrix.per_column, matrix.per_row)


@part
def multiply(gemm, m, n, k, alpha, a, b, beta, c):
    """Compute C = α A B + β C with A (m, k), B (k, n) and C (m, n).

    BLAS wants the columns of C contiguous; where its rows are, Cᵀ = α Bᵀ Aᵀ + β Cᵀ.
    """
    if c.per_row == 1:
        into_columns(gemm, m, n, k, alpha, a, b, beta, c)
    else:
        into_columns(gemm, n, m, k, alpha, transposed(b), transposed(a), beta, transposed(c))


@part
def into_columns(gemm, m, n, k, alpha, a, b, beta, c):
    """Compute C as :func:`multiply`, where the columns of C are contiguous."""
    plain, turned = ord("N"), ord("T")
    a_run, b_run = m if a.per_row == 1 else k, k if b.per_row == 1 else n
    call_gemm(
        gemm,
        (plain if a.per_row == 1 else turned, plain if b.per_row == 1 else turned),
        (m, n, k, step_of(a, a_run), step_of(b, b_run), step_of(c, m)),
        (alpha, beta),
        a.array,
        a.at,
        b.array,
        b.at,
        c.array,
        c.at,
    )


@part
def step_of(matrix, length):
    """Return the step from one run of so many contiguous numbers to the next.

    Where there is but one run, its step may be less than its length, which BLAS refuses.
    """
    return max(matrix.per_row, matrix.per_column, length)


@intrinsic
def call_gemm(typing_context, gemm, turns, sizes, factors, a, at_a, b, at_b, c, at_c):
    """Call the function at ``gemm``, which takes the addresses of its arguments.

    ``turns`` are the letters that say whether A and B are transposed, ``sizes`` m, n, k and the
    steps of A, B and C, ``factors`` α and β; then the arrays, and where in them matrices begin.
    """

    def generate(context, builder, signature, arguments):
        def addresses(place, kind):
            values = cgutils.unpack_tuple(builder, arguments[place])
            given = signature.args[place].dtype
            casts = [context.cast(builder, value, given, kind) for value in values]
            return [cgutils.alloca_once_value(builder, cast) for cast in casts]

        def beginning(place):
            array = context.make_array(signature.args[place])(context, builder, arguments[place])
            return builder.gep(array.data, [arguments[place + 1]])

        letters = addresses(1, types.int8)
        m, n, k, a_step, b_step, c_step = addresses(2, types.int32)
        alpha, beta = addresses(3, c.dtype)
        first_a, first_b, first_c = (beginning(place) for place in (4, 6, 8))
        passed = [*letters, m, n, k, alpha, first_a, a_step, first_b, b_step, beta, first_c, c_step]
        kind = ir.FunctionType(ir.VoidType(), [value.type for value in passed])
        builder.call(builder.inttoptr(arguments[0], kind.as_pointer()), passed)
        return context.get_dummy_value()

    arrays = a, types.intp, b, types.intp, c, types.intp
    return types.void(types.intp, turns, sizes, factors, *arrays), generate
