"""The streams of :mod:`rosenblatt.random` that training draws from, compiled."""

import numpy as np

from rosenblatt.engines.compiled.vector import kernel, part

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_ONE = np.uint64(1)


@part
def mix(z):
    """SplitMix64's output function."""
    z = (z ^ (z >> np.uint64(30))) * _MIX_1
    z = (z ^ (z >> np.uint64(27))) * _MIX_2
    return z ^ (z >> np.uint64(31))


@part
def fold(key, number):
    """As :meth:`rosenblatt.random.Key.fold`."""
    return mix(key + _GOLDEN * (np.uint64(number) + _ONE))


@part
def shuffle(order, key, epoch):
    """Fill ``order`` as :func:`rosenblatt.random.epoch_order`, ``key`` being that of the orders."""
    n = len(order)
    start = fold(key, epoch)
    for i in range(n):
        order[i] = i
    for i in range(n - 1, 0, -1):
        draw = mix(start + _GOLDEN * np.uint64(i + 1)) >> np.uint64(32)
        j = (draw * np.uint64(i + 1)) >> np.uint64(32)
        kept = order[i]
        order[i] = order[j]
        order[j] = kept


@part
def set_orders(schedule, orders, keys, epoch):
    """Put the samples of each member into the order of an epoch: that given, or that of its key."""
    if len(schedule.orders) > 0:
        given = schedule.orders
        for member in range(given.shape[1]):
            for i in range(given.shape[2]):
                orders[member, i] = given[epoch - schedule.first_epoch, member, i]
    elif schedule.shuffle:
        for member in range(len(keys)):
            shuffle(orders[member], keys[member], epoch)


@kernel
def fill_orders(orders, keys, first_epoch):
    """Fill ``orders`` (members, epochs, n) with the orders of each member's epochs."""
    for member in range(orders.shape[0]):
        for epoch in range(orders.shape[1]):
            shuffle(orders[member, epoch], keys[member], first_epoch + epoch)


@part
def uniform(key, index):
    """Return number ``index`` of :meth:`rosenblatt.random.Key.uniform`."""
    word = mix(key + _GOLDEN * np.uint64(index + 1))
    return np.float64(word >> np.uint64(11)) * 2.0**-53
