"""Arrays as vectors like them."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

CACHE_LINE = 64


def aligned(shape: tuple[int, ...], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """Return zeros that begin where a cache line does.

    A vector that lies across two lines takes twice as long to load; NumPy aligns to 16 bytes only.
    """
    size = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.zeros(size + CACHE_LINE, dtype=np.uint8)
    first = -memory.ctypes.data % CACHE_LINE
    return memory[first : first + size].view(dtype).reshape(shape)
