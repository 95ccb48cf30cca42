"""Values drawn from a range: of one setting, or of several together."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import check_is, real_number, whole_number
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.random import check_seed, stream

METHODS = ("random", "sobol")
MOST_VALUES = 1_000_000
"""Of one setting."""


@dataclass(frozen=True)
class Range:
    """Values between two ends, drawn evenly on a linear or on a logarithmic scale.

    Several ranges of a sweep are drawn together: the i-th network has the i-th value of each. With
    a larger ``n``, the first values stay as they are.

    Attributes:
        low: the lower end.
        high: the upper end.
        n: the number of values; None of a range from which a sampler chooses.
        is_log: whether the logarithms are even.
        method: "random", or "sobol" for a scrambled Sobol sequence, which fills the ranges evenly.
        seed: of the draws.
    """

    low: float
    high: float
    n: int | None
    is_log: bool
    method: str
    seed: int


def uniform(
    low: float, high: float, *, n: int | None = None, method: str = "random", seed: int = 0
) -> Range:
    """Return ``n`` values for :func:`rosenblatt.sweep`, drawn evenly from ``low`` to ``high``.

    Args:
        low: the lower end.
        high: the upper end, above ``low``.
        n: the number of values; all ranges of a sweep have the same. It is left out with a sampler,
            which chooses the values.
        method: "random", or "sobol" for a Sobol sequence over all ranges of the sweep (Sobol', *On
            the distribution of points in a cube*, 1967; scrambled by Owen's method, in SciPy).
        seed: of the draws; the values of two settings are independent in any case.

    Raises:
        ConfigurationError: ends in the wrong order, or a method that there is not.

    >>> import rosenblatt as rb
    >>> rb.uniform(0.05, 0.98, n=256, method="sobol")
    Range(low=0.05, high=0.98, n=256, is_log=False, method='sobol', seed=0)
    """
    return _checked(low, high, n, is_log=False, method=method, seed=seed)


def log_uniform(
    low: float, high: float, *, n: int | None = None, method: str = "random", seed: int = 0
) -> Range:
    """Return ``n`` values whose logarithms are drawn evenly; arguments as of :func:`uniform`.

    >>> from rosenblatt.sweeps.ranges import draw
    >>> rates = draw({"learning_rate": log_uniform(0.001, 10, n=4)})["learning_rate"]
    >>> bool(((rates > 0.001) & (rates < 10)).all())
    True
    """
    real_number(low, "low", above=0)
    return _checked(low, high, n, is_log=True, method=method, seed=seed)


def _checked(
    low: float, high: float, n: int | None, *, is_log: bool, method: str, seed: int
) -> Range:
    low = real_number(low, "low")
    high = real_number(high, "high", above=low)
    if method not in METHODS:
        raise ConfigurationError(f"method must be one of {', '.join(METHODS)}, got {given(method)}")
    if n is not None:
        n = whole_number(n, "n", at_least=1, at_most=MOST_VALUES)
    return Range(low, high, n, is_log, method, check_seed(seed))


def draw(ranges: Mapping[str, Range]) -> dict[str, npt.NDArray[np.float64]]:
    """Return the values of ranges that are drawn together, by the names of their settings.

    Raises:
        ConfigurationError: they have different numbers, methods or seeds.
    """
    if not ranges:
        return {}
    for name, one in ranges.items():
        check_is(name, one, Range)
    first_name, first = next(iter(ranges.items()))
    n = first.n
    if n is None:
        raise ConfigurationError(
            f'"{first_name}" has a range without a number of values; give n=..., or a sampler'
        )
    for name, one in ranges.items():
        for part in ("n", "method", "seed"):
            if getattr(one, part) != getattr(first, part):
                raise ConfigurationError(
                    f"ranges are drawn together: {first_name} has {part}="
                    f"{getattr(first, part)!r} and {name} {getattr(one, part)!r}; give both the "
                    "same"
                )
    columns: Any
    if first.method == "sobol":
        from scipy.stats.qmc import Sobol

        with warnings.catch_warnings():
            # Of numbers of points that are no power of 2, which are the caller's choice.
            warnings.simplefilter("ignore", UserWarning)
            seed = int(stream(first.seed, "sweep.sobol").integers(2**63))
            columns = Sobol(len(ranges), rng=seed).random(n).T
    else:
        columns = [stream(first.seed, f"sweep.{name}").random(n) for name in ranges]
    return {
        name: _between(one, share)
        for (name, one), share in zip(ranges.items(), columns, strict=True)
    }


def parse_values(value: Mapping[str, Any]) -> Range | list[float]:
    """Return the values that a table of a file describes.

    Such as ``{"log_uniform": [0.001, 1], "n": 32}`` or ``{"uniform": ...}``, with "method" and
    "seed"; or evenly spaced ones, both ends included: ``{"linspace": [0, 1], "n": 11}`` or
    ``{"logspace": [0.001, 1], "n": 4}``.

    Raises:
        ConfigurationError: something else.

    >>> parse_values({"logspace": [0.01, 1], "n": 3})
    [0.01, 0.1, 1.0]
    """
    kinds = [kind for kind in ("log_uniform", "uniform", "logspace", "linspace") if kind in value]
    ends = value[kinds[0]] if len(kinds) == 1 else None
    if not isinstance(ends, list | tuple) or len(ends) != 2 or "n" not in value:
        raise ConfigurationError(
            'values are a list, or a table such as {"logspace": [0.001, 1], "n": 32}, with '
            f"linspace, uniform or log_uniform in the place of logspace; got {given(dict(value))}"
        )
    kind, (low, high) = kinds[0], ends
    rest = {name: value[name] for name in value if name != kind}
    if unknown := set(rest) - {"n", *(("method", "seed") if kind.endswith("uniform") else ())}:
        raise ConfigurationError(f"{kind} has no {', '.join(sorted(map(str, unknown)))}")
    if kind == "uniform":
        return uniform(low, high, **rest)
    if kind == "log_uniform":
        return log_uniform(low, high, **rest)
    n = whole_number(rest["n"], "n", at_least=1, at_most=MOST_VALUES)
    is_log = kind == "logspace"
    low = real_number(low, kind, above=0) if is_log else real_number(low, kind)
    high = real_number(high, kind, above=low)
    found: list[float] = (np.geomspace if is_log else np.linspace)(low, high, n).tolist()
    return found


def as_plain(value: Any) -> Any:
    """Return values as a file can hold them, from which :func:`parse_values` makes them.

    >>> as_plain(log_uniform(0.1, 1, n=2))
    {'log_uniform': [0.1, 1.0], 'n': 2, 'method': 'random', 'seed': 0}
    """
    if isinstance(value, Range):
        kind = "log_uniform" if value.is_log else "uniform"
        return {
            kind: [value.low, value.high],
            "n": value.n,
            "method": value.method,
            "seed": value.seed,
        }
    if isinstance(value, Mapping):
        return {str(name): as_plain(one) for name, one in value.items()}
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple | range):
        return [as_plain(one) for one in value]
    return value


def _between(one: Range, share: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    if one.is_log:
        low, high = np.log(one.low), np.log(one.high)
        return np.asarray(np.exp(low + share * (high - low)))
    return one.low + share * (one.high - one.low)
