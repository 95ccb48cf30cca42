"""The table of a sweep: a row for each network, and what can be read from it."""

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.sweeps.grid import named
from rosenblatt.sweeps.measures import is_better_high

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from matplotlib.axes import Axes

LEAST_FILLED = 0.5
"""The share of a map's cells from which on it is drawn as cells, and not as points."""
FINISHED, DIVERGED, MISSING = "finished", "diverged", "not computed"


class SweepTable:
    """The networks of a sweep with their settings and measures.

    Args:
        settings: the settings of each network by name, then "seed", perhaps "run_seed".
        names: the settings that the sweep goes over.
        diverged: whether each network has diverged, (networks,).
        measured: the measures of each network by name, (networks,); NaN where it has diverged.
        computed: whether each network was computed, (networks,); all by default.
    """

    def __init__(
        self,
        settings: Mapping[str, Sequence[Any]],
        names: Sequence[str],
        diverged: npt.NDArray[np.bool_],
        measured: Mapping[str, npt.NDArray[np.float64]],
        computed: npt.NDArray[np.bool_] | None = None,
    ) -> None:
        self._settings = dict(settings)
        self.settings = tuple(names)
        self.measures = tuple(measured)
        self._diverged, self._measured = diverged, dict(measured)
        self._computed = np.ones(len(diverged), bool) if computed is None else computed

    def __len__(self) -> int:
        return len(self._diverged)

    @property
    def n_diverged(self) -> int:
        """The number of networks that have diverged."""
        return int(self._diverged.sum())

    @property
    def n_missing(self) -> int:
        """The number of networks that a folder does not have yet."""
        return int((~self._computed).sum())

    @cached_property
    def table(self) -> "pa.Table":
        """A row for each network: its number, its settings, its seed, its status, its measures.

        The status is "finished" or "diverged"; of a network that has diverged, measures are NaN.
        """
        import pyarrow as pa

        status = np.where(self._diverged, DIVERGED, FINISHED)
        status = np.where(self._computed, status, MISSING)
        columns: dict[str, Any] = {"network": pa.array(np.arange(len(self)))}
        for name, values in self._settings.items():
            kind = pa.uint64() if name in ("seed", "run_seed") else None
            columns[name] = pa.array(values, type=kind)
        columns["status"] = pa.array(status.tolist(), type=pa.string())
        columns |= {name: pa.array(values) for name, values in self._measured.items()}
        return pa.table(columns)

    def to_pandas(self) -> "pd.DataFrame":
        """Return the table as a pandas data frame.

        Raises:
            ConfigurationError: pandas is not installed.
        """
        from rosenblatt.training.history import data_frame

        return data_frame(self.table.to_pydict())

    def to_polars(self) -> "pl.DataFrame":
        """Return the table as a polars data frame.

        Raises:
            ConfigurationError: polars is not installed.
        """
        try:
            import polars as pl
        except ModuleNotFoundError:
            raise ConfigurationError(
                "to_polars needs the package polars, which is not installed: pip install polars"
            ) from None
        frame = pl.from_arrow(self.table)
        assert isinstance(frame, pl.DataFrame)
        return frame

    def column(self, name: str) -> npt.NDArray[Any]:
        """Return a setting, the seeds or a measure of all networks, (networks,).

        Raises:
            ConfigurationError: there is no such column.
        """
        if name in self._measured:
            return self._measured[name]
        if name in self._settings:
            return np.array(self._settings[name])
        known = [*self._settings, *self._measured]
        raise ConfigurationError(
            f'the sweep has no column "{name}"{nearest(name, known)}; known: {", ".join(known)}'
        )

    def best(self, measure: str, *, highest: bool | None = None) -> dict[str, Any]:
        """Return the row with the best value of a measure: its number is under "network".

        Args:
            measure: the column.
            highest: whether the largest number is the best; by default of accuracies, and the
                smallest of everything else.

        Raises:
            ConfigurationError: there is no such measure, or no number in it.
        """
        values = self._measure(measure)
        if highest is None:
            highest = is_better_high(measure)
        if not np.isfinite(values).any():
            raise ConfigurationError(f"no network has a finite {measure}")
        ranked = np.where(np.isfinite(values), values if highest else -values, -math.inf)
        return self.row(int(ranked.argmax()))

    def row(self, network: int) -> dict[str, Any]:
        """Return the row of a network."""
        (row,) = self.table.slice(network, 1).to_pylist()
        return dict(row)

    def _measure(self, name: str) -> npt.NDArray[np.float64]:
        if name not in self._measured:
            known = ", ".join(self._measured)
            raise ConfigurationError(
                f'the sweep has no measure "{name}"{nearest(name, self._measured)}; known: {known}'
            )
        return self._measured[name]

    def mean_over_seeds(self) -> "pa.Table":
        """Return a table with a row for each cell: its settings, and its networks in numbers.

        ``networks`` counts them, ``diverged`` those that have diverged. Each measure has its mean
        under its own name, and its standard deviation (with n − 1) under that name and "_std";
        networks without a number do not count.
        """
        import pyarrow as pa

        cells, rows = self._cells(self.settings)
        first = [of_cell[0] for of_cell in rows]
        columns: dict[str, Any] = {
            name: pa.array([self._settings[name][i] for i in first]) for name in self.settings
        }
        columns["networks"] = pa.array([len(of_cell) for of_cell in rows])
        columns["diverged"] = pa.array([int(self._diverged[one].sum()) for one in rows])
        for name, values in self._measured.items():
            numbers = [_finite(values[of_cell]) for of_cell in rows]
            columns[name] = pa.array([one.mean() if len(one) else math.nan for one in numbers])
            columns[f"{name}_std"] = pa.array(
                [one.std(ddof=1) if len(one) > 1 else math.nan for one in numbers]
            )
        assert len(cells) == len(rows)
        return pa.table(columns)

    def _cells(
        self, names: Sequence[str], where: npt.NDArray[np.bool_] | None = None
    ) -> tuple[list[tuple[Any, ...]], list[npt.NDArray[np.int64]]]:
        """Return the distinct values of some settings, in order, and the networks of each."""
        found: dict[tuple[Any, ...], list[int]] = {}
        columns = [self._settings[name] for name in names]
        networks = range(len(self)) if where is None else np.flatnonzero(where).tolist()
        for i in networks:
            found.setdefault(tuple(column[i] for column in columns), []).append(i)
        return [*found], [np.array(one) for one in found.values()]

    def _where(self, fixed: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
        where = np.ones(len(self), bool)
        for name, value in fixed.items():
            if name not in self._settings:
                self.column(name)
                raise ConfigurationError(f"{name} is a measure, and no setting")
            column = self._settings[name]
            text = ",".join(map(str, value)) if isinstance(value, list | tuple) else value
            where &= np.array([one == text or str(one) == str(text) for one in column])
        if not where.any():
            raise ConfigurationError(f"no network has {named(fixed)}")
        return where

    def _setting(self, name: str) -> None:
        if name not in self._settings:
            known = ", ".join(self.settings)
            raise ConfigurationError(
                f'the sweep does not go over "{name}"{nearest(name, self._settings)}; it goes over '
                f"{known}"
            )

    def grid(
        self, x: str, y: str, value: str, *, where: Mapping[str, Any] | None = None
    ) -> tuple[list[Any], list[Any], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return the mean of a measure over two settings.

        Args:
            x: a setting.
            y: another.
            value: a measure.
            where: values of other settings, of the networks that count; by default all count.

        Returns:
            The values of x, those of y, the means (y, x) of the networks with a number, NaN where
            there are none, and the share of the networks that have diverged, (y, x).
        """
        self._setting(x)
        self._setting(y)
        if x == y:
            raise ConfigurationError(f"x and y are both {x}; name two settings")
        values, counts = self._measure(value), self._where(where or {})
        xs, ys = _axis(self._settings[x]), _axis(self._settings[y])
        column = {one: i for i, one in enumerate(xs)}
        line = {one: i for i, one in enumerate(ys)}
        at = np.array(
            [
                line[b] * len(xs) + column[a]
                for a, b in zip(self._settings[x], self._settings[y], strict=True)
            ]
        )
        size = len(xs) * len(ys)
        has = counts & np.isfinite(values)
        n = np.bincount(at[has], minlength=size)
        total = np.bincount(at[has], weights=values[has], minlength=size)
        tried = np.bincount(at[counts & self._computed], minlength=size)
        gone = np.bincount(at[counts & self._diverged], minlength=size)
        with np.errstate(invalid="ignore", divide="ignore"):
            means, lost = total / n, gone / tried
        shape = len(ys), len(xs)
        return xs, ys, means.reshape(shape), lost.reshape(shape)

    def plot_map(
        self,
        x: str,
        y: str,
        *,
        value: str | None = None,
        where: Mapping[str, Any] | None = None,
        ax: "Axes | None" = None,
    ) -> "Axes":
        """Draw the mean of a measure over two settings as a map.

        Where all networks have diverged, the map is hatched.

        Args:
            x: the setting of the horizontal axis.
            y: the setting of the vertical axis.
            value: the measure; by default the accuracy, or the loss, of the validation set, the
                test set or the training set.
            where: values of other settings; by default the mean is over them, too.
            ax: where to draw; a new figure by default, which is ``ax.figure``.

        Raises:
            ConfigurationError: there is no such setting or measure.
        """
        from rosenblatt.plotting import new_figure
        from rosenblatt.plotting.maps import plot_map, plot_map_of_points

        value = self._default_measure() if value is None else value
        xs, ys, means, lost = self.grid(x, y, value, where=where)
        if ax is None:
            ax = new_figure(panel_size=(4.4, 3.4))[1][0]
        how: dict[str, Any] = {
            "xlabel": in_words(x),
            "ylabel": in_words(y),
            "label": in_words(value),
            "is_share": is_share(value),
            "is_log": "loss" in value or "eigenvalue" in value or value == "trace",
        }
        has = np.isfinite(means) | (lost > 0)
        if has.mean() < LEAST_FILLED and min(means.shape) > 1:
            # Settings that were drawn, and not combined.
            lines, columns = np.nonzero(has)
            points = np.array(xs)[columns], np.array(ys)[lines]
            plot_map_of_points(ax, *points, means[has], lost=lost[has], **how)
        else:
            plot_map(ax, xs, ys, means, lost=lost, **how)
        return ax

    def plot_curves(
        self,
        x: str,
        *,
        value: str | None = None,
        by: str | None = None,
        where: Mapping[str, Any] | None = None,
        ax: "Axes | None" = None,
    ) -> "Axes":
        """Draw a measure against a setting: the mean over networks, with its 95 % interval.

        Args:
            x: the setting of the horizontal axis.
            value: the measure, as for :meth:`plot_map`.
            by: another setting, of which each value has a curve of its own.
            where: values of other settings; by default all networks count.
            ax: where to draw; a new figure by default, which is ``ax.figure``.

        Raises:
            ConfigurationError: there is no such setting or measure.
        """
        from scipy.stats import t

        from rosenblatt.plotting import new_figure
        from rosenblatt.plotting.maps import plot_setting_curves

        value = self._default_measure() if value is None else value
        self._setting(x)
        values, counts = self._measure(value), self._where(where or {})
        xs = _axis(self._settings[x])
        curves = {}
        lines: list[Any] = [None]
        if by is not None:
            self._setting(by)
            lines = _axis(self._settings[by])
        column = np.array([xs.index(one) for one in self._settings[x]])
        for line in lines:
            mine = counts if by is None else counts & self._where({by: line})
            means, halves = np.full(len(xs), math.nan), np.full(len(xs), math.nan)
            for i in range(len(xs)):
                numbers = _finite(values[mine & (column == i)])
                if len(numbers):
                    means[i] = numbers.mean()
                if len(numbers) > 1:
                    error = numbers.std(ddof=1) / math.sqrt(len(numbers))
                    halves[i] = error * t.ppf(0.975, len(numbers) - 1)
            if not (mine & np.isfinite(values)).any():
                continue
            curves["" if line is None else f"{in_words(str(by))} {short(line)}"] = means, halves
        if ax is None:
            ax = new_figure(panel_size=(4.4, 3.2))[1][0]
        plot_setting_curves(
            ax,
            xs,
            curves,
            xlabel=in_words(x),
            ylabel=in_words(value),
            is_share=is_share(value),
        )
        return ax

    def _default_measure(self) -> str:
        for metric in ("accuracy", "loss"):
            for part in ("validation", "test", "train"):
                name = f"{part}_{metric}"
                if name in self._measured and np.isfinite(self._measured[name]).any():
                    return name
        return self.measures[0]

    def __repr__(self) -> str:
        over = ", ".join(f"{name}: {len(_axis(self._settings[name]))}" for name in self.settings)
        seeds = len(set(self._settings["seed"]))
        lost = f", {self.n_diverged} diverged" if self.n_diverged else ""
        missing = self.n_missing
        rest = f", {missing} not computed" if missing else ""
        return f"Sweep({len(self)} networks; {over}; seeds: {seeds}{lost}{rest})"


def is_share(measure: str) -> bool:
    """Return whether a measure is a fraction."""
    return "accuracy" in measure and not measure.startswith("first_epoch")


def _finite(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)]


def _axis(values: Sequence[Any]) -> list[Any]:
    """Return the distinct values of a setting: numbers sorted, others in their order."""
    distinct = list(dict.fromkeys(values))
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in distinct):
        return sorted(distinct)
    return distinct


def short(value: Any) -> str:
    """Return a value of a setting as a legend shows it."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def in_words(name: str) -> str:
    """Return a column's name as an axis shows it.

    >>> in_words("learning_rate"), in_words("first_epoch(test_accuracy>=0.9)")
    ('learning rate', 'first epoch with test accuracy ≥ 0.9')
    """
    if name.startswith("first_epoch("):
        return f"first epoch with {in_words(name[12:-1])}"
    if name.startswith("best("):
        return f"best {in_words(name[5:-1])}"
    return name.replace("_", " ").replace(">=", " ≥ ").replace("<=", " ≤ ")
