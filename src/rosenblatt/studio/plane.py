"""The visible plane: two of the features, with the others held, or two principal components."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import real_number, whole_number
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError

Floats = npt.NDArray[np.float64]

MARGIN = 0.08
"""Free space around the samples, as a share of their extent."""


@dataclass(frozen=True, eq=False)
class Plane:
    """A plane in the space of the features, and the part of it that is visible.

    A point of it with the coordinates (a, b) is ``origin + a · across + b · up``. Data of one
    feature has a line only.

    Attributes:
        axes: the numbers of the two features, or of the only one.
        held: the values of the other features by number.
        principal: whether the axes are the first two principal components of the data.
        x, y: the visible range of each coordinate.
    """

    origin: Floats
    across: Floats
    up: Floats
    axes: tuple[int, ...]
    x: tuple[float, float]
    y: tuple[float, float]
    held: Mapping[int, float] = field(default_factory=dict)
    principal: bool = False

    @property
    def is_line(self) -> bool:
        """Whether there is one feature only."""
        return len(self.axes) == 1

    def grid(self, size: int) -> Floats:
        """Return size × size points with all features, row by row from the lowest y.

        On a line these are ``size`` points.
        """
        a = np.linspace(*self.x, size)
        if self.is_line:
            return self.origin + a[:, np.newaxis] * self.across
        b = np.linspace(*self.y, size)
        points = (
            self.origin
            + a[np.newaxis, :, np.newaxis] * self.across
            + b[:, np.newaxis, np.newaxis] * self.up
        )
        return points.reshape(size * size, -1)

    def point(self, coordinates: Any) -> Floats:
        """Return a point of the plane, or one with all its features, as (1, D).

        Raises:
            ConfigurationError: coordinates that are not finite numbers, or of another number.
        """
        numbers = coordinates if isinstance(coordinates, list) else []
        values = [real_number(value, "a coordinate") for value in numbers]
        if len(values) == len(self.origin):
            return np.array([values])
        if len(values) != len(self.axes):
            raise ConfigurationError(f"a point of the plane has {len(self.axes)} coordinates")
        point = self.origin + values[0] * self.across
        return (point if self.is_line else point + values[1] * self.up)[np.newaxis]

    def coordinates(self, X: Floats) -> Floats:
        """Return where samples (N, D) are on the plane, (N, 2); (N, 1) on a line."""
        if not self.principal:
            return X[:, list(self.axes)]
        return (X - self.origin) @ np.stack([self.across, self.up], axis=1)

    @cached_property
    def about(self) -> dict[str, Any]:
        """The description for the page."""
        return {
            "axes": list(self.axes),
            "held": {str(feature): value for feature, value in self.held.items()},
            "principal": self.principal,
            "x": list(self.x),
            "y": list(self.y),
        }


def bounds_of(data: Dataset) -> list[tuple[float, float]]:
    """Return the visible range of each feature."""
    return [_range(low, high) for low, high in zip(data.X.min(0), data.X.max(0), strict=True)]


def make_plane(data: Dataset, wishes: Mapping[str, Any] | None = None) -> Plane:
    """Return the plane that the page asks for; by default that of the first two features.

    Raises:
        ConfigurationError: no such axes, or ranges that are not ranges.
    """
    wishes = {key: value for key, value in (wishes or {}).items() if value is not None}
    d = data.n_features
    if wishes.get("principal") and d > 2:
        plane = _principal(data)
    else:
        axes = _axes(wishes.get("axes", [0, 1] if d > 1 else [0]), d)
        held = {i: float(value) for i, value in enumerate(data.X.mean(axis=0)) if i not in axes}
        given = wishes.get("held", {})
        if not isinstance(given, Mapping):
            raise ConfigurationError("held is an object of values by feature")
        for name, value in given.items():
            number = whole_number(
                int(name) if str(name).isdigit() else name, "a held feature", at_least=0
            )
            if number in held:
                held[number] = real_number(value, f"the value of feature {number}")
        origin = np.zeros(d)
        for i, value in held.items():
            origin[i] = value
        bounds = bounds_of(data)
        x, y = bounds[axes[0]], bounds[axes[-1]]
        plane = Plane(origin, _unit(axes[0], d), _unit(axes[-1], d), axes, x, y, held)
    return replace(
        plane,
        x=_wish(wishes["x"], "x") if "x" in wishes else plane.x,
        y=_wish(wishes["y"], "y") if "y" in wishes else plane.y,
    )


def _principal(data: Dataset) -> Plane:
    mean = data.X.mean(axis=0)
    centred = data.X - mean
    _, vectors = np.linalg.eigh(centred.T @ centred)
    across, up = vectors[:, -1], vectors[:, -2]
    # The sign is arbitrary: the largest entry is positive.
    across, up = (v * np.sign(v[np.abs(v).argmax()]) for v in (across, up))
    places = centred @ np.stack([across, up], axis=1)
    low, high = places.min(axis=0), places.max(axis=0)
    x, y = _range(low[0], high[0]), _range(low[1], high[1])
    return Plane(mean, across, up, (0, 1), x, y, principal=True)


def _axes(value: Any, d: int) -> tuple[int, ...]:
    expected = min(d, 2)
    if not isinstance(value, list | tuple) or len(value) != expected:
        raise ConfigurationError(f"axes are {expected} numbers of features, got {value!r}")
    axes = tuple(whole_number(axis, "an axis", at_least=0) for axis in value)
    if max(axes) >= d or len(set(axes)) < len(axes):
        raise ConfigurationError(f"axes are different features from 0 to {d - 1}, got {value!r}")
    return axes


def _wish(value: Any, name: str) -> tuple[float, float]:
    if isinstance(value, list | tuple) and len(value) == 2:
        low, high = (real_number(end, f"the range of {name}") for end in value)
        if low < high:
            return low, high
    raise ConfigurationError(f"{name} is a range such as [-1, 1], got {value!r}")


def _range(low: float, high: float) -> tuple[float, float]:
    margin = MARGIN * (high - low) or 0.5
    return float(low - margin), float(high + margin)


def _unit(i: int, d: int) -> Floats:
    unit = np.zeros(d)
    unit[i] = 1.0
    return unit
