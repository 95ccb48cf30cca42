"""Randomness as a function: the same arguments give the same numbers, in any order of calls.

Nothing here has a state. A named stream is reached from ``(seed, name)``, the order of an epoch
from ``(seed, epoch)``, a dropout mask from ``(seed, update, layer)``. So a run can be resumed
without a generator's state, any past update can be recomputed, and measuring more never changes a
run.

Two generators are used. Draws from distributions (weights, data) use NumPy's Philox with an
explicit key (Salmon et al., *Parallel random numbers: as easy as 1, 2, 3*, SC 2011). Draws at every
epoch or update use SplitMix64 as a counter-based generator (Steele, Lea and Flood, *Fast splittable
pseudorandom number generators*, OOPSLA 2014), because it takes a few integer operations per number
in any engine.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from numpy.random.bit_generator import ISeedSequence

from rosenblatt.checks import whole_number

_GOLDEN = 0x9E3779B97F4A7C15
_MIX_1 = 0xBF58476D1CE4E5B9
_MIX_2 = 0x94D049BB133111EB
_MASK = (1 << 64) - 1


def check_seed(seed: int) -> int:
    """Return ``seed`` as an int in [0, 2^64), or raise :class:`ConfigurationError`."""
    if type(seed) is int and 0 <= seed <= _MASK:
        return seed
    return whole_number(seed, "seed", at_least=0, at_most=_MASK)


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of the stream ``name`` of ``seed``, always from its beginning.

    Streams of different names or seeds have different Philox keys and so are independent.

    >>> stream(0, "data").normal() == stream(0, "data").normal()
    True
    >>> stream(0, "data").normal() == stream(0, "init.0").normal()
    False
    """
    key: Any = _PhiloxKey((check_seed(seed), _name_code(name)))
    return np.random.Generator(np.random.Philox(key))


@dataclass(frozen=True)
class _PhiloxKey(ISeedSequence):
    """The key of a Philox generator, given as what NumPy seeds generators with.

    Given as ``key``, it makes NumPy ask the system for entropy first, which takes twice as long as
    the rest.
    """

    words: tuple[int, int]

    def generate_state(self, n_words: int, dtype: npt.DTypeLike = np.uint32) -> npt.NDArray[Any]:
        """Return the key: Philox asks for two words of 64 bits."""
        return np.array(self.words[:n_words], dtype=dtype)


@dataclass(frozen=True)
class Key:
    """A 64-bit value that determines the random numbers of one purpose.

    A random layer gets the key of (seed, update, layer) and always draws the same numbers from it.
    """

    value: int

    @classmethod
    def of(cls, seed: int, name: str) -> Self:
        """Return the key of the stream ``name`` of ``seed``."""
        return cls(_mix(check_seed(seed) ^ _mix(_name_code(name))))

    def fold(self, number: int) -> "Key":
        """Return the key of number ``number`` among those derived from this one."""
        return Key(_mix((self.value + _GOLDEN * (number + 1)) & _MASK))

    def bits(self, count: int) -> npt.NDArray[np.uint64]:
        """Return ``count`` random 64-bit words, shape (count,): SplitMix64 started at this key."""
        counter = np.arange(1, count + 1, dtype=np.uint64)
        z = np.uint64(self.value) + counter * np.uint64(_GOLDEN)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(_MIX_1)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(_MIX_2)
        return z ^ (z >> np.uint64(31))

    def uniform(self, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
        """Return numbers uniform on [0, 1), multiples of 2^-53, of the given shape."""
        words = self.bits(int(np.prod(shape)))
        return ((words >> np.uint64(11)).astype(np.float64) * 2.0**-53).reshape(shape)


def epoch_order(seed: int, epoch: int, n: int) -> npt.NDArray[np.int64]:
    """Return the order in which epoch ``epoch`` visits ``n`` rows: a permutation, shape (n,).

    Durstenfeld's form of the Fisher-Yates shuffle (Knuth, TAOCP vol. 2, 3.4.2, algorithm P): for
    i = n-1, ..., 1 swap row i with row j, j uniform on {0, ..., i}. j is the upper half of
    (i + 1) times a 32-bit draw, whose bias is below n / 2^32.

    Args:
        seed: the run's seed.
        epoch: which epoch, from 1.
        n: how many rows, below 2^32.

    >>> epoch_order(seed=0, epoch=1, n=6).tolist() == epoch_order(seed=0, epoch=1, n=6).tolist()
    True
    >>> sorted(epoch_order(seed=0, epoch=2, n=6).tolist())
    [0, 1, 2, 3, 4, 5]
    """
    draws = Key.of(seed, "order").fold(epoch).bits(n) >> np.uint64(32)
    ranges = np.arange(1, n + 1, dtype=np.uint64)
    targets = (np.multiply(draws, ranges) >> np.uint64(32)).tolist()
    order = list(range(n))
    for i in range(n - 1, 0, -1):
        j = targets[i]
        order[i], order[j] = order[j], order[i]
    return np.array(order, dtype=np.int64)


def _mix(z: int) -> int:
    """SplitMix64's output function on one Python integer."""
    z = ((z ^ (z >> 30)) * _MIX_1) & _MASK
    z = ((z ^ (z >> 27)) * _MIX_2) & _MASK
    return z ^ (z >> 31)


@lru_cache(maxsize=256)
def _name_code(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")
