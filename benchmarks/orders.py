"""The orders of many epochs at once, by the compiled engine's own shuffle, for every contender."""

from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.order import fill_orders
from rosenblatt.random import Key


def orders_of(
    seeds: range, first_epoch: int, count: int, n: int, dtype: npt.DTypeLike = np.int64
) -> npt.NDArray[Any]:
    """Return the orders in which ``count`` epochs visit ``n`` rows, (len(seeds), count, n).

    They are those of :func:`rosenblatt.random.epoch_order`.
    """
    keys = np.array([Key.of(seed, "order").value for seed in seeds], dtype=np.uint64)
    orders = np.empty((len(seeds), count, n), dtype=dtype)
    fill_orders(orders, keys, first_epoch)
    return orders
