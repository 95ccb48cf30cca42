import numpy as np
import pytest

from benchmarks.orders import orders_of
from rosenblatt.random import epoch_order


@pytest.mark.parametrize("dtype", [np.int64, np.int32])
def test_orders_are_those_of_the_reference_engine(dtype):
    orders = orders_of(range(2, 4), first_epoch=5, count=3, n=7, dtype=dtype)
    assert orders.dtype == dtype
    for member, seed in enumerate((2, 3)):
        for i in range(3):
            assert orders[member, i].tolist() == epoch_order(seed, 5 + i, 7).tolist()
