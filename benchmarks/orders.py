"""The orders of many epochs at once, by the compiled engine's own shuffle, for every contender."""

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.compiled.build import Kernel
from rosenblatt.engines.compiled.cache import kernel
from rosenblatt.engines.compiled.driver import DRAW_LANES, shuffle_function
from rosenblatt.engines.compiled.ir import Code, module_text
from rosenblatt.engines.compiled.random_numbers import folded
from rosenblatt.engines.compiled.target import Target
from rosenblatt.random import Key


def orders_of(
    seeds: range, first_epoch: int, count: int, n: int, dtype: npt.DTypeLike = np.int64
) -> npt.NDArray[Any]:
    """Return the orders in which ``count`` epochs visit ``n`` rows, (len(seeds), count, n).

    They are those of :func:`rosenblatt.random.epoch_order`.
    """
    keys = np.array([Key.of(seed, "order").value for seed in seeds], dtype=np.uint64)
    size = len(seeds) * count * n
    # The shuffle writes up to a vector more than an order.
    orders, targets = np.empty(size + DRAW_LANES, np.int32), np.empty(n + DRAW_LANES, np.int32)
    arrays = (array.ctypes.data for array in (orders, targets, keys))
    call = np.array([*arrays, len(keys), first_epoch, count, n], np.int64)
    _fill_orders()(call.ctypes.data)
    return orders[:size].reshape(len(seeds), count, n).astype(dtype, copy=False)


@cache
def _fill_orders() -> Kernel:
    """Return a function that fills the orders of each member's epochs."""
    code = Code("train", [("ptr", "call")], 1, np.float64, internal=False)
    fields = [code.at("%call", i, "i64") for i in range(7)]
    orders, targets, keys = (code.load(field, "ptr", align=8) for field in fields[:3])
    members, first_epoch, count, n = (code.load(field, "i64", align=8) for field in fields[3:])
    with code.loop(members) as member, code.loop(count) as epoch:
        number = code.integer("add", code.integer("mul", member, count), epoch)
        order = code.at(orders, code.integer("mul", number, n), "i32")
        key = code.load(code.at(keys, member, "i64"), "i64", align=8)
        key = folded(code, key, code.integer("add", first_epoch, epoch))
        operands = [("ptr", order), ("ptr", targets), ("i64", key), ("i64", "0"), ("i64", n)]
        code.call("void", "shuffle", operands)
    target = Target.host()
    text = module_text([shuffle_function(), code], target.attributes)
    return kernel(text, lambda: text, target).function()
