"""Numbers inside objects: arrays and nested lists of numbers, by path."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

DEEPEST = 5
MOST_ENTRIES = 200_000
_NUMBERS = (int, float, np.floating, np.integer)
_WITHOUT_NUMBERS = frozenset({bool, str, bytes, type(None)})


def as_array(value: Any) -> Any:
    """Return numbers, nested lists of numbers and arrays as a float array; None for the rest."""
    kind = type(value)
    if kind is float:
        return np.array(value)
    if kind in _WITHOUT_NUMBERS:
        return None
    if isinstance(value, np.ndarray):
        if value.dtype.kind in "fiub" and value.size <= MOST_ENTRIES:
            # A matrix stays one in astype, and has two dimensions whatever is done with it.
            return np.array(value, dtype=np.float64)
        return None
    if isinstance(value, _NUMBERS):
        try:
            return np.asarray(float(value))
        except OverflowError:
            return None
    if isinstance(value, (list, tuple)) and value and _is_nested_numbers(value):
        try:
            return np.array(value, dtype=np.float64)
        except (ValueError, TypeError, OverflowError):
            return None
    return None


def _is_nested_numbers(value: Any, depth: int = 0) -> bool:
    if isinstance(value, (list, tuple)):
        return (
            bool(value)
            and depth < 3
            and len(value) < 5000
            and all(_is_nested_numbers(entry, depth + 1) for entry in value[:3])
            and not isinstance(value[0], np.ndarray | str)
        )
    return isinstance(value, _NUMBERS)


@dataclass
class Leaf:
    """One array, list of numbers or number, with the container that holds it."""

    container: Any
    key: Any
    path: str

    @property
    def raw(self) -> Any:
        """The value as it is."""
        if isinstance(self.key, str) and hasattr(self.container, "__dict__"):
            return getattr(self.container, self.key, None)
        try:
            return self.container[self.key]
        except (KeyError, IndexError, TypeError):
            return None

    @property
    def array(self) -> Any:
        """A float copy; None where it is no longer numbers."""
        value = as_array(self.raw)
        return None if value is None else np.array(value)

    def replace(self, value: Any) -> None:
        """Put ``value`` in its place."""
        if isinstance(self.key, str) and hasattr(self.container, "__dict__"):
            object.__setattr__(self.container, self.key, value)
        else:
            self.container[self.key] = value

    def put(self, index: tuple[int, ...], value: float) -> None:
        """Set one entry."""
        raw = self.raw
        if isinstance(raw, np.ndarray):
            if raw.dtype.kind in "iub":
                raw = raw.astype(np.float64)
                self.replace(raw)
            if not raw.flags.writeable:
                raw = raw.copy()
                self.replace(raw)
            raw[index] = value
        elif isinstance(raw, list | tuple):
            place = raw
            for step in index[:-1]:
                place = place[step]
            if isinstance(place, list):
                place[index[-1]] = value
        else:
            self.replace(value)

    def fill(self, values: Any) -> None:
        """Set all entries; an array of floats stays the one that other objects may hold too."""
        raw = self.raw
        if isinstance(raw, np.ndarray) and raw.dtype == np.float64 and raw.flags.writeable:
            raw[...] = np.reshape(values, raw.shape)
        elif isinstance(raw, np.ndarray):
            self.replace(np.array(values, dtype=np.float64).reshape(raw.shape))
        elif isinstance(raw, list):
            self.replace(np.asarray(values).tolist())
        else:
            self.replace(float(values))


def leaves(obj: Any, path: str = "", depth: int = 0, seen: Any = None) -> Iterator[Leaf]:
    """Yield every leaf of an object's attributes, lists and dicts."""
    seen = set() if seen is None else seen
    if depth > DEEPEST or id(obj) in seen:
        return
    seen.add(id(obj))
    if isinstance(obj, dict):
        items = [(key, value, f"{path}[{key!r}]") for key, value in list(obj.items())[:200]]
    elif isinstance(obj, list | tuple):
        items = [(i, value, f"{path}[{i}]") for i, value in enumerate(obj[:200])]
    elif hasattr(obj, "__dict__") and not isinstance(obj, type) and not callable_only(obj):
        items = [(key, value, f"{path}.{key}") for key, value in list(vars(obj).items())[:200]]
    else:
        return
    for key, value, name in items:
        if as_array(value) is not None:
            yield Leaf(obj, key, name)
        else:
            yield from leaves(value, name, depth + 1, seen)


def callable_only(obj: Any) -> bool:
    """Return whether it is a function or a module, whose attributes are not state."""
    return type(obj).__name__ in ("function", "module", "builtin_function_or_method", "method")


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Return the arrays of a returned value by path: of a tuple, a list, a dict, an object."""
    array = as_array(value)
    if array is not None:
        return {path: array}
    return {leaf.path: leaf.array for leaf in leaves(value, path) if leaf.array is not None}
