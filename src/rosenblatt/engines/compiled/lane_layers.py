"""Layers on a block of samples, one sample per lane: forward and backward of each kind.

A block is a set of units by a set of vectors: the number of unit u and sample k stands at
``block[u * stride + k]``, so that the samples of one unit are contiguous. Weights come in two
forms, and every loop below is compiled for both:

``params`` (n,)        one model: a weight is spread over all lanes, its gradient is their sum
``params`` (n, lanes)  a model per lane: a weight is a vector, and so is its gradient
"""

from numba import types
from numba.extending import overload

from rosenblatt.engines.compiled.elementary import exp, sigmoid, tanh
from rosenblatt.engines.compiled.vector import (
    INLINED,
    fill,
    four_totals,
    lanes_of,
    like,
    load,
    maximum,
    part,
    read,
    section,
    store,
    total,
    where_above,
    write,
)


def weight(params, index):
    """Return parameter ``index`` as a vector, one lane per sample."""


def put(params, grads, index, vector, at_once):
    """Take in the gradient of parameter ``index``, given as its vector over samples.

    Where at_once is None it is added to ``grads``; else it is a step of plain gradient descent, the
    learning rate being in the samples' shares, and the parameter takes it. Which of the two is
    known when a kernel is compiled: a choice in the inner loops would double their time.
    """


def put_four(params, grads, index, apart, s00, s01, s10, s11, at_once):
    """Take in the gradients of two neighbours, and of the two that are ``apart`` from them."""


def descend(params, grads, at, vector, at_once):
    """Add the vector to the gradients from ``at`` on, or at once take its step; see :func:`put`."""


def cut(z, low, signs, at):
    """Return max(z, low); or, with signs, z where the vector at ``signs[at]`` is above low, else 0.

    With low = 0 that is ReLU, and its derivative times z; with low = −∞ it is z itself.
    """


@overload(weight, jit_options=INLINED)
def _weight(params, index):
    if params.ndim == 1:
        return lambda params, index: fill(params, read(params, index))
    return lambda params, index: load(params, index * lanes_of(params))


@overload(descend, jit_options=INLINED)
def _descend(params, grads, at, vector, at_once):
    if isinstance(at_once, types.NoneType):

        def take_in(params, grads, at, vector, at_once):
            store(grads, at, load(grads, at) + vector)

    else:

        def take_in(params, grads, at, vector, at_once):
            store(params, at, load(params, at) - vector)

    return take_in


@overload(put, jit_options=INLINED)
def _put(params, grads, index, vector, at_once):
    if params.ndim == 2:

        def take_in(params, grads, index, vector, at_once):
            descend(params, grads, index * lanes_of(params), vector, at_once)

    elif isinstance(at_once, types.NoneType):

        def take_in(params, grads, index, vector, at_once):
            write(grads, index, read(grads, index) + total(vector))

    else:

        def take_in(params, grads, index, vector, at_once):
            write(params, index, read(params, index) - total(vector))

    return take_in


@overload(put_four, jit_options=INLINED)
def _put_four(params, grads, index, apart, s00, s01, s10, s11, at_once):
    if params.ndim == 2:

        def take_in(params, grads, index, apart, s00, s01, s10, s11, at_once):
            put(params, grads, index, s00, at_once)
            put(params, grads, index + 1, s01, at_once)
            put(params, grads, index + apart, s10, at_once)
            put(params, grads, index + apart + 1, s11, at_once)

    elif isinstance(at_once, types.NoneType):

        def take_in(params, grads, index, apart, s00, s01, s10, s11, at_once):
            four_totals(grads, index, apart, 1.0, s00, s01, s10, s11)

    else:

        def take_in(params, grads, index, apart, s00, s01, s10, s11, at_once):
            four_totals(params, index, apart, -1.0, s00, s01, s10, s11)

    return take_in


@overload(cut, jit_options=INLINED)
def _cut(z, low, signs, at):
    if isinstance(signs, types.NoneType):
        return lambda z, low, signs, at: maximum(z, like(z, low))
    return lambda z, low, signs, at: where_above(load(signs, at), like(z, low), z, like(z, 0.0))


@part
def linear_forward(params, w, b, n_in, n_out, low, block, x, y, stride, count):
    """Compute y = max(x W + b, low), as :meth:`rosenblatt.layers.Linear.forward`.

    low is 0 where a ReLU follows, else −∞. x and y are the first units of input and output; count
    is how many numbers of each are worked on.
    """
    for k in range(0, count, lanes_of(block)):
        multiply(params, w, n_out, 1, b, n_in, n_out, low, None, block, x, y, stride, k)


@part
def multiply(params, w, per_in, per_out, b, n_in, n_out, low, signs, block, x, y, stride, k):
    """Compute one vector of y = cut(x M + b), M[i, j] standing at w + i per_in + j per_out.

    The inner loop is over the more numerous of inputs and outputs, two at a time of the others.
    """
    zero = fill(block, 0.0)
    if n_in < n_out:
        for i in range(0, n_in, 2):
            is_pair = i + 1 < n_in
            x0 = load(block, (x + i) * stride + k)
            x1 = load(block, (x + i + 1) * stride + k) if is_pair else zero
            row = w + i * per_in
            next_row = row + per_in if is_pair else row
            for j in range(n_out):
                at = (y + j) * stride + k
                s = zero
                if i > 0:
                    s = load(block, at)
                elif b >= 0:
                    s = weight(params, b + j)
                s = s + x0 * weight(params, row + j * per_out)
                s = s + x1 * weight(params, next_row + j * per_out)
                if i + 2 >= n_in:
                    s = cut(s, low, signs, at)
                store(block, at, s)
        return
    for j in range(0, n_out, 2):
        is_pair = j + 1 < n_out
        column = w + j * per_out
        next_column = column + per_out if is_pair else column
        s0, s1 = zero, zero
        if b >= 0:
            s0, s1 = weight(params, b + j), weight(params, b + j + is_pair)
        for i in range(n_in):
            xi = load(block, (x + i) * stride + k)
            s0 = s0 + xi * weight(params, column + i * per_in)
            s1 = s1 + xi * weight(params, next_column + i * per_in)
        at = (y + j) * stride + k
        store(block, at, cut(s0, low, signs, at))
        if is_pair:
            store(block, at + stride, cut(s1, low, signs, at + stride))


@part
def linear_backward(
    params, grads, w, b, n_in, n_out, low, block, x, dblock, dy, stride, count, is_first, at_once
):
    """Take in dW = xᵀ dy and db = Σ dy, and compute dx = dy Wᵀ ⊙ [x > low].

    As :meth:`rosenblatt.layers.Linear.backward`; low is 0 where x comes out of a ReLU, else −∞. The
    first layer needs no dx.
    """
    if count > lanes_of(block) or params.ndim == 1:
        if not is_first:
            # Before the gradients, which may change the weights.
            for k in range(0, count, lanes_of(block)):
                multiply(params, w, 1, n_out, -1, n_out, n_in, low, block, dblock, dy, x, stride, k)
        gradients(params, grads, w, b, n_in, n_out, block, x, dblock, dy, stride, count, at_once)
        return
    if b >= 0:
        for j in range(n_out):
            put(params, grads, b + j, load(dblock, (dy + j) * stride), at_once)
    if is_first:
        outer_product(params, grads, w, n_in, n_out, block, x, dblock, dy, stride, at_once)
    else:
        step_back(params, grads, w, n_in, n_out, low, block, x, dblock, dy, stride, at_once)


@part
def gradients(params, grads, w, b, n_in, n_out, block, x, dblock, dy, stride, count, at_once):
    """Take in dW = xᵀ dy and db = Σ dy: two by two, then what is left of an odd number."""
    for i in range(0, n_in - 1, 2):
        xi = (x + i) * stride
        bias = b if i == 0 else -1
        for j in range(0, n_out - 1, 2):
            index, dj = w + i * n_out + j, (dy + j) * stride
            four_gradients(
                params, grads, index, bias, n_out, block, xi, dblock, dj, stride, count, at_once
            )
            bias += 2 * (bias >= 0)
        if n_out % 2:
            index, dj = w + (i + 1) * n_out - 1, (dy + n_out - 1) * stride
            put(params, grads, index, inner(block, xi, dblock, dj, count), at_once)
            put(params, grads, index + n_out, inner(block, xi + stride, dblock, dj, count), at_once)
    if n_in % 2:
        xi = (x + n_in - 1) * stride
        for j in range(n_out):
            index, dj = w + (n_in - 1) * n_out + j, (dy + j) * stride
            put(params, grads, index, inner(block, xi, dblock, dj, count), at_once)
    if b >= 0:
        for j in range(0 if n_in == 1 else n_out - n_out % 2, n_out):
            put(params, grads, b + j, along(dblock, (dy + j) * stride, count), at_once)


@part
def outer_product(params, grads, w, n_in, n_out, block, x, dblock, dy, stride, at_once):
    """Take in the gradients x dy of a single vector."""
    for i in range(n_in):
        xi = load(block, (x + i) * stride)
        for j in range(n_out):
            put(params, grads, w + i * n_out + j, xi * load(dblock, (dy + j) * stride), at_once)


@part
def step_back(params, grads, w, n_in, n_out, low, block, x, dblock, dy, stride, at_once):
    """Compute dx and take in x dy, as :func:`linear_backward`, for a single vector.

    Every weight is loaded once for both; two outputs share the load of an input.
    """
    zero = fill(block, 0.0)
    for j in range(0, n_out, 2):
        is_pair = j + 1 < n_out
        d0 = load(dblock, (dy + j) * stride)
        d1 = load(dblock, (dy + j + 1) * stride) if is_pair else zero
        for i in range(n_in):
            at, index = (x + i) * stride, w + i * n_out + j
            xi = load(block, at)
            s = d0 * weight(params, index)
            put(params, grads, index, xi * d0, at_once)
            if is_pair:
                s = s + d1 * weight(params, index + 1)
                put(params, grads, index + 1, xi * d1, at_once)
            if j > 0:
                s = s + load(dblock, at)
            if j + 2 >= n_out:
                s = cut(s, low, block, at)
            store(dblock, at, s)


@part
def four_gradients(params, grads, w, b, n_out, block, x, dblock, dy, stride, count, at_once):
    """Take in the gradients of two by two weights, and of two biases unless b < 0.

    Six sums from four loads; those for the biases are added where no product is waiting.
    """
    s00 = fill(block, 0.0)
    s01, s10, s11, s0, s1 = s00, s00, s00, s00, s00
    for k in range(0, count, lanes_of(block)):
        x0, x1 = load(block, x + k), load(block, x + stride + k)
        d0, d1 = load(dblock, dy + k), load(dblock, dy + stride + k)
        s00 = s00 + x0 * d0
        s01 = s01 + x0 * d1
        s10 = s10 + x1 * d0
        s11 = s11 + x1 * d1
        s0 = s0 + d0
        s1 = s1 + d1
    put_four(params, grads, w, n_out, s00, s01, s10, s11, at_once)
    if b >= 0:
        put(params, grads, b, s0, at_once)
        put(params, grads, b + 1, s1, at_once)


@part
def inner(a, at_a, b, at_b, count):
    """Return Σ a b over a unit's vectors, a vector."""
    s = fill(a, 0.0)
    for k in range(0, count, lanes_of(a)):
        s = s + load(a, at_a + k) * load(b, at_b + k)
    return s


@part
def along(a, at, count):
    """Return the sum of a unit's vectors, a vector."""
    s = load(a, at)
    lanes = lanes_of(a)
    for k in range(lanes, count, lanes):
        s = s + load(a, at + k)
    return s


RELU, LEAKY_RELU, TANH, SIGMOID, SOFTMAX, DROPOUT, LINEAR = range(7)


@section
def activation_forward(kind, slope, lowest, n, block, x, y, stride, count):
    """Compute y = f(x), as the layer of that kind computes it."""
    lanes = lanes_of(block)
    for u in range(n):
        for k in range(0, count, lanes):
            value = load(block, (x + u) * stride + k)
            if kind == RELU:
                # Ordered so that NaN stays NaN.
                value = maximum(value, fill(block, 0.0))
            elif kind == LEAKY_RELU:
                value = where_above(value, fill(block, 0.0), value, value * slope)
            elif kind == TANH:
                value = tanh(value, lowest)
            else:
                value = sigmoid(value, lowest)
            store(block, (y + u) * stride + k, value)


@section
def activation_backward(kind, slope, n, block, y, dblock, dx, dy, stride, count):
    """Compute dx = dy ⊙ f′, with f′ from y, as the layer of that kind computes it."""
    lanes = lanes_of(block)
    for u in range(n):
        for k in range(0, count, lanes):
            value = load(block, (y + u) * stride + k)
            d = load(dblock, (dy + u) * stride + k)
            if kind == RELU:
                d = where_above(value, fill(block, 0.0), d, fill(block, 0.0))
            elif kind == LEAKY_RELU:
                d = where_above(value, fill(block, 0.0), d, d * slope)
            elif kind == TANH:
                d = d * (1.0 - value * value)
            else:
                d = d * (value * (1.0 - value))
            store(dblock, (dx + u) * stride + k, d)


@section
def softmax_forward(lowest, n, block, x, y, stride, count):
    """Compute p = softmax(x), as :func:`rosenblatt.layers.softmax.softmax`."""
    lanes = lanes_of(block)
    for k in range(0, count, lanes):
        share = 1.0 / exponentials(lowest, n, block, x, block, y, stride, k)
        for u in range(n):
            at = (y + u) * stride + k
            store(block, at, load(block, at) * share)


@part
def exponentials(lowest, n, block, x, out, y, stride, k):
    """Write exp(x − max x) of one vector of samples to ``out``, and return the sum over units."""
    top = load(block, x * stride + k)
    for u in range(1, n):
        top = maximum(top, load(block, (x + u) * stride + k))
    whole = fill(block, 0.0)
    for u in range(n):
        e = exp(load(block, (x + u) * stride + k) - top, lowest)
        store(out, (y + u) * stride + k, e)
        whole = whole + e
    return whole


@section
def softmax_backward(n, block, y, dblock, dx, dy, stride, count):
    """Compute dx = p ⊙ (dy − Σ dy ⊙ p), as :meth:`rosenblatt.layers.Softmax.backward`."""
    lanes = lanes_of(block)
    for k in range(0, count, lanes):
        along = fill(block, 0.0)
        for u in range(n):
            along = along + load(dblock, (dy + u) * stride + k) * load(block, (y + u) * stride + k)
        for u in range(n):
            d = load(dblock, (dy + u) * stride + k) - along
            store(dblock, (dx + u) * stride + k, d * load(block, (y + u) * stride + k))


@section
def product(n, a, at_a, b, at_b, out, at_out, stride, count):
    """Compute out = a ⊙ b over n units: dropout's forward and backward, b its mask."""
    lanes = lanes_of(a)
    for u in range(n):
        for k in range(0, count, lanes):
            value = load(a, (at_a + u) * stride + k) * load(b, (at_b + u) * stride + k)
            store(out, (at_out + u) * stride + k, value)
