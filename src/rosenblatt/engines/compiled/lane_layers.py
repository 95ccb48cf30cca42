"""Layers on a block of samples, one sample per lane: forward and backward of each kind.

A block is a set of units by a set of vectors: the number of unit u and sample k stands at
``block[u * stride + k]``, so that the samples of one unit are contiguous. Weights come in two
forms, and every loop below is compiled for both:

``params`` (n,)        one model: a weight is spread over all lanes, its gradient is their sum
``params`` (n, lanes)  a model per lane: a weight is a vector, and so is its gradient
"""

from numba import njit, types
from numba.extending import overload

from rosenblatt.engines.compiled.elementary import exp, sigmoid, tanh
from rosenblatt.engines.compiled.vector import (
    FASTMATH,
    fill,
    load,
    maximum,
    store,
    total,
    where_positive,
)

FAST = set(FASTMATH)


def weight(params, index):
    """Return parameter ``index`` as a vector, one lane per sample."""


def put(params, grads, index, vector, eta):
    """Take in the gradient of parameter ``index``, given as its vector over samples.

    Where eta is None it is written to ``grads``; else the parameter takes its step of plain
    gradient descent. Which of the two is known when a kernel is compiled: a choice in the inner
    loops would double their time.
    """


@overload(weight, inline="always")
def _weight(params, index):
    if params.ndim == 1:
        return lambda params, index: fill(params, params[index])
    return lambda params, index: load(params, index * params.shape[1])


@overload(put, inline="always")
def _put(params, grads, index, vector, eta):
    one_model, store_only = params.ndim == 1, isinstance(eta, types.NoneType)
    if one_model and store_only:

        def take_in(params, grads, index, vector, eta):
            grads[index] = total(vector)

    elif one_model:

        def take_in(params, grads, index, vector, eta):
            params[index] -= eta * total(vector)

    elif store_only:

        def take_in(params, grads, index, vector, eta):
            store(grads, index * params.shape[1], vector)

    else:

        def take_in(params, grads, index, vector, eta):
            at = index * params.shape[1]
            store(params, at, load(params, at) - vector * eta)

    return take_in


@njit(fastmath=FAST)
def linear_forward(params, w, b, n_in, n_out, block, x, y, stride, count):
    """Compute y = x W + b, as :meth:`rosenblatt.layers.Linear.forward`.

    x and y are the first units of input and output; count is how many numbers of each are worked
    on. Four vectors at a time share one load of a weight.
    """
    lanes = 64 // block.itemsize
    k = 0
    while k + 4 * lanes <= count:
        for j in range(n_out):
            s0 = weight(params, b + j) if b >= 0 else fill(block, 0.0)
            s1, s2, s3 = s0, s0, s0
            for i in range(n_in):
                wij = weight(params, w + i * n_out + j)
                at = (x + i) * stride + k
                s0 = s0 + wij * load(block, at)
                s1 = s1 + wij * load(block, at + lanes)
                s2 = s2 + wij * load(block, at + 2 * lanes)
                s3 = s3 + wij * load(block, at + 3 * lanes)
            at = (y + j) * stride + k
            store(block, at, s0)
            store(block, at + lanes, s1)
            store(block, at + 2 * lanes, s2)
            store(block, at + 3 * lanes, s3)
        k += 4 * lanes
    while k < count:
        if n_in < n_out:
            _few_in_forward(params, w, b, n_in, n_out, block, x, y, stride, k)
        else:
            _few_out_forward(params, w, b, n_in, n_out, block, x, y, stride, k)
        k += lanes


@njit(fastmath=FAST)
def _few_in_forward(params, w, b, n_in, n_out, block, x, y, stride, k):
    """One vector of y = x W + b, its inner loop over outputs."""
    x0 = load(block, x * stride + k)
    for j in range(n_out):
        start = weight(params, b + j) if b >= 0 else fill(block, 0.0)
        store(block, (y + j) * stride + k, start + x0 * weight(params, w + j))
    i = 1
    while i + 2 <= n_in:
        x0, x1 = load(block, (x + i) * stride + k), load(block, (x + i + 1) * stride + k)
        row = w + i * n_out
        for j in range(n_out):
            at = (y + j) * stride + k
            s = load(block, at) + x0 * weight(params, row + j)
            store(block, at, s + x1 * weight(params, row + n_out + j))
        i += 2
    if i < n_in:
        x0 = load(block, (x + i) * stride + k)
        for j in range(n_out):
            at = (y + j) * stride + k
            store(block, at, load(block, at) + x0 * weight(params, w + i * n_out + j))


@njit(fastmath=FAST)
def _few_out_forward(params, w, b, n_in, n_out, block, x, y, stride, k):
    """One vector of y = x W + b, its inner loop over inputs, with four sums in flight."""
    for j in range(n_out):
        s0 = weight(params, b + j) if b >= 0 else fill(block, 0.0)
        s1 = fill(block, 0.0)
        s2, s3 = s1, s1
        i = 0
        while i + 4 <= n_in:
            at, from_w = (x + i) * stride + k, w + i * n_out + j
            s0 = s0 + weight(params, from_w) * load(block, at)
            s1 = s1 + weight(params, from_w + n_out) * load(block, at + stride)
            s2 = s2 + weight(params, from_w + 2 * n_out) * load(block, at + 2 * stride)
            s3 = s3 + weight(params, from_w + 3 * n_out) * load(block, at + 3 * stride)
            i += 4
        while i < n_in:
            s0 = s0 + weight(params, w + i * n_out + j) * load(block, (x + i) * stride + k)
            i += 1
        store(block, (y + j) * stride + k, (s0 + s1) + (s2 + s3))


@njit(fastmath=FAST)
def linear_gradients(params, grads, w, b, n_in, n_out, block, x, dblock, dy, stride, count, eta):
    """Compute dW = xᵀ dy and db = Σ dy, as :meth:`rosenblatt.layers.Linear.backward`."""
    lanes = 64 // block.itemsize
    if b >= 0:
        for j in range(n_out):
            s0 = load(dblock, (dy + j) * stride)
            for k in range(lanes, count, lanes):
                s0 = s0 + load(dblock, (dy + j) * stride + k)
            put(params, grads, b + j, s0, eta)
    if count == lanes:
        for i in range(n_in):
            x0 = load(block, (x + i) * stride)
            for j in range(n_out):
                put(params, grads, w + i * n_out + j, x0 * load(dblock, (dy + j) * stride), eta)
        return
    for i in range(0, n_in - 1, 2):
        xi = (x + i) * stride
        for j in range(0, n_out - 1, 2):
            index, dj = w + i * n_out + j, (dy + j) * stride
            _tile_of_gradients(
                params, grads, index, n_out, block, xi, dblock, dj, stride, count, eta
            )
        if n_out % 2:
            index, dj = w + (i + 1) * n_out - 1, (dy + n_out - 1) * stride
            _one_gradient(params, grads, index, block, xi, dblock, dj, count, eta)
            index += n_out
            _one_gradient(params, grads, index, block, xi + stride, dblock, dj, count, eta)
    if n_in % 2:
        xi = (x + n_in - 1) * stride
        for j in range(n_out):
            index, dj = w + (n_in - 1) * n_out + j, (dy + j) * stride
            _one_gradient(params, grads, index, block, xi, dblock, dj, count, eta)


@njit(fastmath=FAST)
def _tile_of_gradients(params, grads, index, n_out, block, x, dblock, dy, stride, count, eta):
    """The gradients of two by two weights: four sums from four loads."""
    lanes = 64 // block.itemsize
    s00 = fill(block, 0.0)
    s01, s10, s11 = s00, s00, s00
    for k in range(0, count, lanes):
        x0, x1 = load(block, x + k), load(block, x + stride + k)
        d0, d1 = load(dblock, dy + k), load(dblock, dy + stride + k)
        s00 = s00 + x0 * d0
        s01 = s01 + x0 * d1
        s10 = s10 + x1 * d0
        s11 = s11 + x1 * d1
    put(params, grads, index, s00, eta)
    put(params, grads, index + 1, s01, eta)
    put(params, grads, index + n_out, s10, eta)
    put(params, grads, index + n_out + 1, s11, eta)


@njit(fastmath=FAST)
def _one_gradient(params, grads, index, block, x, dblock, dy, count, eta):
    lanes = 64 // block.itemsize
    s0 = fill(block, 0.0)
    for k in range(0, count, lanes):
        s0 = s0 + load(block, x + k) * load(dblock, dy + k)
    put(params, grads, index, s0, eta)


@njit(fastmath=FAST)
def linear_backward(params, w, n_in, n_out, dblock, dx, dy, stride, count):
    """Compute dx = dy Wᵀ, as :meth:`rosenblatt.layers.Linear.backward`."""
    lanes = 64 // dblock.itemsize
    k = 0
    while k + 4 * lanes <= count:
        for i in range(n_in):
            s0 = fill(dblock, 0.0)
            s1, s2, s3 = s0, s0, s0
            for j in range(n_out):
                wij = weight(params, w + i * n_out + j)
                at = (dy + j) * stride + k
                s0 = s0 + wij * load(dblock, at)
                s1 = s1 + wij * load(dblock, at + lanes)
                s2 = s2 + wij * load(dblock, at + 2 * lanes)
                s3 = s3 + wij * load(dblock, at + 3 * lanes)
            at = (dx + i) * stride + k
            store(dblock, at, s0)
            store(dblock, at + lanes, s1)
            store(dblock, at + 2 * lanes, s2)
            store(dblock, at + 3 * lanes, s3)
        k += 4 * lanes
    while k < count:
        for i in range(n_in):
            s0 = fill(dblock, 0.0)
            s1 = s0
            j = 0
            while j + 2 <= n_out:
                at, from_w = (dy + j) * stride + k, w + i * n_out + j
                s0 = s0 + weight(params, from_w) * load(dblock, at)
                s1 = s1 + weight(params, from_w + 1) * load(dblock, at + stride)
                j += 2
            if j < n_out:
                s0 = s0 + weight(params, w + i * n_out + j) * load(dblock, (dy + j) * stride + k)
            store(dblock, (dx + i) * stride + k, s0 + s1)
        k += lanes


RELU, LEAKY_RELU, TANH, SIGMOID, SOFTMAX, DROPOUT, LINEAR = range(7)


@njit(fastmath=FAST)
def activation_forward(kind, slope, lowest, n, block, x, y, stride, count):
    """Compute y = f(x), as the layer of that kind computes it."""
    lanes = 64 // block.itemsize
    for u in range(n):
        for k in range(0, count, lanes):
            value = load(block, (x + u) * stride + k)
            if kind == RELU:
                # Ordered so that NaN stays NaN.
                value = maximum(value, fill(block, 0.0))
            elif kind == LEAKY_RELU:
                value = where_positive(value, value, value * slope)
            elif kind == TANH:
                value = tanh(value, lowest)
            else:
                value = sigmoid(value, lowest)
            store(block, (y + u) * stride + k, value)


@njit(fastmath=FAST)
def activation_backward(kind, slope, n, block, y, dblock, dx, dy, stride, count):
    """Compute dx = dy ⊙ f′, with f′ from y, as the layer of that kind computes it."""
    lanes = 64 // block.itemsize
    for u in range(n):
        for k in range(0, count, lanes):
            value = load(block, (y + u) * stride + k)
            d = load(dblock, (dy + u) * stride + k)
            if kind == RELU:
                d = where_positive(value, d, fill(block, 0.0))
            elif kind == LEAKY_RELU:
                d = where_positive(value, d, d * slope)
            elif kind == TANH:
                d = d * (1.0 - value * value)
            else:
                d = d * (value * (1.0 - value))
            store(dblock, (dx + u) * stride + k, d)


@njit(fastmath=FAST)
def softmax_forward(lowest, n, block, x, y, stride, count):
    """Compute p = softmax(x), as :func:`rosenblatt.layers.softmax.softmax`."""
    lanes = 64 // block.itemsize
    for k in range(0, count, lanes):
        top = load(block, x * stride + k)
        for u in range(1, n):
            top = maximum(top, load(block, (x + u) * stride + k))
        whole = fill(block, 0.0)
        for u in range(n):
            e = exp(load(block, (x + u) * stride + k) - top, lowest)
            store(block, (y + u) * stride + k, e)
            whole = whole + e
        share = 1.0 / whole
        for u in range(n):
            at = (y + u) * stride + k
            store(block, at, load(block, at) * share)


@njit(fastmath=FAST)
def softmax_backward(n, block, y, dblock, dx, dy, stride, count):
    """Compute dx = p ⊙ (dy − Σ dy ⊙ p), as :meth:`rosenblatt.layers.Softmax.backward`."""
    lanes = 64 // block.itemsize
    for k in range(0, count, lanes):
        along = fill(block, 0.0)
        for u in range(n):
            along = along + load(dblock, (dy + u) * stride + k) * load(block, (y + u) * stride + k)
        for u in range(n):
            d = load(dblock, (dy + u) * stride + k) - along
            store(dblock, (dx + u) * stride + k, d * load(block, (y + u) * stride + k))


@njit(fastmath=FAST)
def product(n, a, at_a, b, at_b, out, at_out, stride, count):
    """Compute out = a ⊙ b over n units: dropout's forward and backward, b its mask."""
    lanes = 64 // a.itemsize
    for u in range(n):
        for k in range(0, count, lanes):
            value = load(a, (at_a + u) * stride + k) * load(b, (at_b + u) * stride + k)
            store(out, (at_out + u) * stride + k, value)
