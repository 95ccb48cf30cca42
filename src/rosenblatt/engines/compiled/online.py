"""Online learning with a penalty that every sample applies, compiled.

The reference is :mod:`rosenblatt.engines.online`. Sums are taken in the order in which they are
written, as scikit-learn takes them, so that a sample exactly on the line is on it here too.
"""

import numpy as np

from rosenblatt.engines.compiled.cache import kept_kernel
from rosenblatt.engines.compiled.vector import read, write

exact_kernel = kept_kernel(error_model="numpy")


@exact_kernel
def train_online(rule, x, y, weight, w, b, due, paid, orders, sums):
    """Train through as many epochs as there are orders, in place; add up what they lost."""
    n_inputs, samples = len(w), x.reshape(-1)
    penalized = rule.half_l2 > 0.0 or rule.l1 > 0.0
    bias = b[0]
    for epoch in range(len(orders)):
        lost = 0.0
        for row in orders[epoch]:
            at, z = row * n_inputs, 0.0
            for d in range(n_inputs):
                z += read(w, d) * read(samples, at + d)
            margin = y[row] * (z + bias)
            if not margin > 0.0:
                lost -= margin
            if penalized:
                squares, sizes = 0.0, 0.0
                for d in range(n_inputs):
                    squares += w[d] * w[d]
                    sizes += abs(w[d])
                lost += rule.half_l2 * 0.5 * squares + rule.l1 * sizes
            if rule.shrink != 1.0:
                for d in range(n_inputs):
                    w[d] *= rule.shrink
            if margin <= 0.0:
                step = rule.eta * weight[row] * y[row]
                for d in range(n_inputs):
                    write(w, d, read(w, d) + step * read(samples, at + d))
                bias += step * rule.intercept_rate
            if rule.cut > 0.0:
                due[0] += rule.cut
                for d in range(n_inputs):
                    before = w[d]
                    if before == 0.0 or (rule.seen_only and samples[at + d] == 0.0):
                        continue
                    if before > 0.0:
                        w[d] = max(0.0, before - (due[0] + paid[d]))
                    else:
                        w[d] = min(0.0, before + (due[0] - paid[d]))
                    paid[d] += w[d] - before
        sums[epoch] = lost
    b[0] = bias


@exact_kernel
def fixed_shuffle(seed, n):
    """As :func:`rosenblatt.engines.online.fixed_shuffle`."""
    order, state = np.arange(n), seed or 1
    for i in range(n - 1):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        j = i + (state & 0x7FFFFFFF) % (n - i)
        order[i], order[j] = order[j], order[i]
    return order
