"""Online learning with a penalty that every sample applies, compiled.

The reference is :mod:`rosenblatt.engines.online_rule`. Sums are taken in the order in which they
are written, as scikit-learn takes them, so that a sample exactly on the line is on it here too.
"""

import numpy as np

from rosenblatt.engines.compiled.cache import kept_kernel
from rosenblatt.engines.compiled.vector import read, write
from rosenblatt.engines.online_rule import SMALLEST_SCALE

exact_kernel = kept_kernel(error_model="numpy")


@exact_kernel
def train_online(rule, x, y, weight, w, b, due, paid, scale, orders, sums):
    """Train through as many epochs as there are orders, in place; add up what they lost."""
    n_inputs, samples = len(w), x.reshape(-1)
    bias, factor, squares, sizes = b[0], scale[0], scale[1], scale[2]
    for epoch in range(len(orders)):
        lost = 0.0
        for row in orders[epoch]:
            at, z = row * n_inputs, 0.0
            for d in range(n_inputs):
                z += read(w, d) * read(samples, at + d)
            margin = y[row] * (z * factor + bias)
            if not margin > 0.0:
                lost -= margin
            norm = np.sqrt(squares)
            half = (1.0 - rule.l1_ratio) * 0.5 * (norm * norm)
            lost += rule.alpha * (half + rule.l1_ratio * sizes)
            if rule.shrink != 1.0:
                factor *= rule.shrink
                squares *= rule.shrink * rule.shrink
                sizes *= rule.shrink
                if factor < SMALLEST_SCALE:
                    for d in range(n_inputs):
                        w[d] *= factor
                    factor = 1.0
            step = rule.eta * weight[row] * y[row]
            if margin <= 0.0 and step != 0.0:
                bias += step * rule.intercept_rate
                step /= factor
                for d in range(n_inputs):
                    write(w, d, read(w, d) + step * read(samples, at + d))
                if rule.alpha > 0.0:
                    squares, sizes = _norms(w, samples, at, rule.seen_only)
                    squares *= factor * factor
                    sizes *= factor
            if rule.cut > 0.0:
                due[0] += rule.cut
                for d in range(n_inputs):
                    before = w[d]
                    if before == 0.0 or (rule.seen_only and samples[at + d] == 0.0):
                        continue
                    if before > 0.0:
                        w[d] = max(0.0, before - (due[0] + paid[d]) / factor)
                    else:
                        w[d] = min(0.0, before + (due[0] - paid[d]) / factor)
                    paid[d] += factor * (w[d] - before)
        sums[epoch] = lost
    b[0] = bias
    scale[0], scale[1], scale[2] = factor, squares, sizes


@exact_kernel
def _norms(w, samples, at, seen_only):
    """Return Σ w² and Σ |w|, over the features of the sample alone if ``seen_only``."""
    squares, sizes = 0.0, 0.0
    for d in range(len(w)):
        if not seen_only or samples[at + d] != 0.0:
            squares += w[d] * w[d]
            sizes += abs(w[d])
    return squares, sizes


@exact_kernel
def fixed_shuffle(seed, n):
    """As :func:`rosenblatt.engines.online_rule.fixed_shuffle`."""
    order, state = np.arange(n), seed or 1
    for i in range(n - 1):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        j = i + (state & 0x7FFFFFFF) % (n - i)
        order[i], order[j] = order[j], order[i]
    return order
