"""The table of a sweep: a row for each network, and what can be read from it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, nearest
from rosenblatt.sweeps.grid import named
from rosenblatt.sweeps.labels import axis_values
from rosenblatt.sweeps.measures import is_better_high

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from matplotlib.axes import Axes

FINISHED, DIVERGED, MISSING, STOPPED = "finished", "diverged", "not computed", "stopped"
EPOCHS = "epochs_trained"


@dataclass(frozen=True)
class Intervals:
    """A measure of cells.

    Attributes:
        cells: the values of the settings of each.
        means: of the networks that have a number, (cells,); NaN where none has.
        halves: half the widths of 95 % intervals, (cells,); NaN with fewer than two numbers.
        lost: the share of networks that have diverged, (cells,).
    """

    cells: list[tuple[Any, ...]]
    means: npt.NDArray[np.float64]
    halves: npt.NDArray[np.float64]
    lost: npt.NDArray[np.float64]


class SweepTable:
    """The networks of a sweep with their settings and measures.

    Args:
        settings: the settings of each network by name, then "seed", perhaps "run_seed".
        names: the settings that the sweep goes over.
        diverged: whether each network has diverged, (networks,).
        measured: the measures of each network by name, (networks,); NaN where it has diverged.
        computed: whether each network was computed, (networks,); all by default.
        epochs: the epochs that each has trained, (networks,), where some stopped early.
        all_epochs: those of networks that did not.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> sweep = rb.sweep(
    ...     rb.MLP(2, [4], 2), data, epochs=5, over={"learning_rate": [0.01, 0.1]}, seeds=range(3)
    ... )
    >>> sweep.table.column_names[:3]
    ['network', 'learning_rate', 'seed']
    """

    def __init__(
        self,
        settings: Mapping[str, Sequence[Any]],
        names: Sequence[str],
        diverged: npt.NDArray[np.bool_],
        measured: Mapping[str, npt.NDArray[np.float64]],
        computed: npt.NDArray[np.bool_] | None = None,
        epochs: npt.NDArray[np.int64] | None = None,
        all_epochs: int | None = None,
    ) -> None:
        self._settings = dict(settings)
        self.settings = tuple(names)
        self.measures = tuple(measured)
        self._diverged, self._measured = diverged, dict(measured)
        self._computed = np.ones(len(diverged), bool) if computed is None else computed
        self._epochs = epochs
        self._is_short = np.zeros(len(diverged), bool)
        if epochs is not None:
            self._is_short = epochs < (epochs.max() if all_epochs is None else all_epochs)

    def __len__(self) -> int:
        return len(self._diverged)

    @property
    def n_diverged(self) -> int:
        """The number of networks that have diverged."""
        return int(self._diverged.sum())

    @property
    def n_stopped(self) -> int:
        """The number of networks that halving stopped early, those that diverged included."""
        return int((self._is_short & self._computed).sum())

    @property
    def n_missing(self) -> int:
        """The number of networks that a folder does not have yet."""
        return int((~self._computed).sum())

    @cached_property
    def table(self) -> "pa.Table":
        """A row for each network: its number, its settings, its seed, its status, its measures.

        The status is "finished", "diverged", or "stopped" of a network that halving stopped early;
        of one that has diverged, measures are NaN. With halving, "epochs_trained" says after how
        many epochs each network was measured.
        """
        import pyarrow as pa

        status = np.where(self._is_short, STOPPED, FINISHED)
        status = np.where(self._diverged, DIVERGED, status)
        status = np.where(self._computed, status, MISSING)
        columns: dict[str, Any] = {"network": pa.array(np.arange(len(self)))}
        for name, values in self._settings.items():
            kind = pa.uint64() if name in ("seed", "run_seed") else None
            columns[name] = pa.array(values, type=kind)
        columns["status"] = pa.array(status.tolist(), type=pa.string())
        if self._epochs is not None:
            columns[EPOCHS] = pa.array(self._epochs)
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
        if name == EPOCHS and self._epochs is not None:
            return self._epochs
        known = [*self._settings, *self._measured]
        raise ConfigurationError(
            f'the sweep has no column "{name}"{nearest(name, known)}; known: {", ".join(known)}'
        )

    def best(self, measure: str, *, highest: bool | None = None) -> dict[str, Any]:
        """Return the row with the best value of a measure: its number is under "network".

        Networks that halving stopped early do not count, unless none has trained to the end.

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
        counts = np.isfinite(values)
        if (counts & ~self._is_short).any():
            counts &= ~self._is_short
        ranked = np.where(counts, values if highest else -values, -math.inf)
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

        ``networks`` counts those that are computed, ``diverged`` those that have diverged. Each
        measure has its mean under its own name, and its standard deviation (with n − 1) under that
        name and "_std"; networks without a number do not count.
        """
        import pyarrow as pa

        cells, rows = self._cells(self.settings)
        first = [of_cell[0] for of_cell in rows]
        columns: dict[str, Any] = {
            name: pa.array([self._settings[name][i] for i in first]) for name in self.settings
        }
        columns["networks"] = pa.array([int(self._computed[one].sum()) for one in rows])
        columns["diverged"] = pa.array([int(self._diverged[one].sum()) for one in rows])
        if self._epochs is not None:
            columns[EPOCHS] = pa.array([int(self._epochs[one].max()) for one in rows])
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
        xs, ys = axis_values(self._settings[x]), axis_values(self._settings[y])
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

    def intervals(
        self, settings: Sequence[str], value: str, *, where: Mapping[str, Any] | None = None
    ) -> "Intervals":
        """Return the mean of a measure for each combination of settings, with its 95 % interval.

        The interval is Student's, x̄ ± t(0.975, n − 1) s / √n, over the n networks with a number.

        Raises:
            ConfigurationError: there is no such setting or measure.
        """
        from scipy.stats import t

        for name in settings:
            self._setting(name)
        values, counts = self._measure(value), self._where(where or {})
        cells, rows = self._cells(settings, counts & self._computed)
        means, halves = np.full((2, len(rows)), math.nan)
        for i, of_cell in enumerate(rows):
            numbers = _finite(values[of_cell])
            if len(numbers):
                means[i] = numbers.mean()
            if len(numbers) > 1:
                error = numbers.std(ddof=1) / math.sqrt(len(numbers))
                halves[i] = error * t.ppf(0.975, len(numbers) - 1)
        lost = np.array([self._diverged[of_cell].mean() for of_cell in rows])
        return Intervals(cells, means, halves, lost)

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

        Where all networks have diverged, the map is hatched. Where some have, the mean is that of
        the others, and a cross says so, in maps of at most 64 values an axis.

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
        from rosenblatt.sweeps.pictures import draw_map

        value = self.default_measure() if value is None else value
        return draw_map(self, x, y, value, where, ax)

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

        The interval is Student's, x̄ ± t(0.975, n − 1) s / √n, of the networks that have a number. A
        hollow point is a mean without those that have diverged; where all have, a cross stands at
        the foot.

        Args:
            x: the setting of the horizontal axis.
            value: the measure, as for :meth:`plot_map`.
            by: another setting, of which each value has a curve of its own.
            where: values of other settings; by default all networks count.
            ax: where to draw; a new figure by default, which is ``ax.figure``.

        Raises:
            ConfigurationError: there is no such setting or measure.
        """
        from rosenblatt.sweeps.pictures import draw_curves

        value = self.default_measure() if value is None else value
        return draw_curves(self, x, value, by, where, ax)

    def plot_parallel(
        self,
        settings: Sequence[str] | None = None,
        *,
        value: str | None = None,
        where: Mapping[str, Any] | None = None,
        ax: "Axes | None" = None,
    ) -> "Axes":
        """Draw parallel coordinates: an axis for each setting, a line for each cell.

        The last axis is the mean of the measure over the networks of the cell, which also gives the
        line its colour: the better, the darker. A cell whose networks have all diverged is a dashed
        line that ends beneath it.

        Args:
            settings: the settings in the order of their axes; by default those of the sweep with
                more than one value. Cells that differ in other settings are averaged.
            value: the measure, as for :meth:`plot_map`.
            where: values of other settings; by default all networks count.
            ax: where to draw; a new figure by default, which is ``ax.figure``.

        Raises:
            ConfigurationError: there is no such setting or measure.
        """
        from rosenblatt.sweeps.pictures import draw_parallel

        value = self.default_measure() if value is None else value
        return draw_parallel(self, settings, value, where, ax)

    def default_measure(self) -> str:
        """Return the measure that figures show: an accuracy, or else a loss."""
        for metric in ("accuracy", "loss"):
            for part in ("validation", "test", "train"):
                name = f"{part}_{metric}"
                if name in self._measured and np.isfinite(self._measured[name]).any():
                    return name
        return self.measures[0]

    def __repr__(self) -> str:
        over = ", ".join(
            f"{name}: {len(axis_values(self._settings[name]))}" for name in self.settings
        )
        seeds = len(set(self._settings["seed"]))
        lost = f", {self.n_diverged} diverged" if self.n_diverged else ""
        lost += f", {self.n_stopped} stopped early" if self.n_stopped else ""
        missing = self.n_missing
        rest = f", {missing} not computed" if missing else ""
        return f"Sweep({len(self)} networks; {over}; seeds: {seeds}{lost}{rest})"


def _finite(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)]
