"""Comparisons of runs: their final metrics over the seeds, and their curves."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError
from rosenblatt.runs.listed_run import read_settings
from rosenblatt.runs.recovery import Rows
from rosenblatt.runs.stored_histories import kept_row, read_histories
from rosenblatt.training.storage.config import RunConfig
from rosenblatt.training.storage.folder import RunFolder

if TYPE_CHECKING:
    import pyarrow as pa

MEASURED = tuple(
    f"{name}_{measurement}"
    for name in ("train", "validation", "test")
    for measurement in ("loss", "accuracy")
)


@dataclass(frozen=True, eq=False)
class ComparedRun:
    """A run, a population, or runs that differ in nothing but their seeds.

    Attributes:
        name: what tables and legends call it.
        folders: where it is kept.
        seeds: the seed of each member.
        histories: the evaluations of each member, a column each.
        kept: for each member the row of its history that measured the weights that it kept.
        config: what was asked; of several runs, the first.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = rb.train(rb.MLP(2, [2], 2), data, epochs=2, seed=3, run_dir=f"{folder}/a")
    ...     compared = rb.runs.compare([f"{folder}/a"]).runs[0]
    >>> compared.name, compared.seeds, compared.histories[0]["epoch"].tolist()
    ('a', (3,), [0.0, 1.0, 2.0])
    """

    name: str
    folders: tuple[Path, ...]
    seeds: tuple[int, ...]
    histories: tuple[Rows, ...]
    kept: tuple[int, ...]
    config: RunConfig

    def final(self, column: str) -> npt.NDArray[np.float64]:
        """Return a column's value at the end of each member: that of the weights that it kept.

        It is NaN for a member that was never measured.
        """
        ends = zip(self.histories, self.kept, strict=True)
        return np.array([_value(rows, column, at) for rows, at in ends])

    def first(self, column: str) -> npt.NDArray[np.float64]:
        """Return a column's value at the start of each member, as :meth:`final` at the end."""
        return np.array([_value(rows, column, 0) for rows in self.histories])

    def curves(
        self, column: str, along: str = "epoch"
    ) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """Return a column of all members at the same places, (E,) and (members, E).

        Args:
            column: what was measured.
            along: "epoch" or "updates", the column that says where.

        A member that ended before another keeps its last value.
        """
        measured = [rows for rows in self.histories if len(rows[along])]
        if not measured:
            return np.empty(0), np.empty((0, 0))
        places = np.unique(np.concatenate([rows[along] for rows in measured]))
        return places, np.array([np.interp(places, rows[along], rows[column]) for rows in measured])


@dataclass(frozen=True, eq=False)
class RunComparison:
    """What :func:`compare` returns; :func:`plot_comparison` draws it.

    Attributes:
        runs: what is compared, in the order given.
        notes: what makes them hard to compare, in sentences.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, rate in {"slow": 0.01, "fast": 1.0}.items():
    ...         rule, place = rb.SGD(rate), f"{folder}/{name}"
    ...         _ = rb.train(rb.MLP(2, [2], 2), data, optimizer=rule, epochs=9, run_dir=place)
    ...     comparison = rb.runs.compare([f"{folder}/slow", f"{folder}/fast"])
    >>> slow, fast = comparison.table["train_loss"].to_pylist()
    >>> comparison.table["run"].to_pylist(), fast < slow
    (['slow', 'fast'], True)
    """

    runs: tuple[ComparedRun, ...]
    notes: tuple[str, ...] = ()

    @property
    def table(self) -> "pa.Table":
        """A row for each run: of every measurement at the end the mean and the standard deviation.

        The standard deviation over n seeds is that of a sample (divided by n - 1); where there is
        one seed only, there is none.
        """
        import pyarrow as pa

        columns: dict[str, list[Any]] = {
            "run": [run.name for run in self.runs],
            "seeds": [len(run.seeds) for run in self.runs],
            "epoch": [_mean(run.final("epoch")) for run in self.runs],
            "updates": [_mean(run.final("updates")) for run in self.runs],
        }
        for name in MEASURED:
            columns[name] = [_mean(run.final(name)) for run in self.runs]
            columns[f"{name}_sd"] = [_deviation(run.final(name)) for run in self.runs]
        types = {"run": pa.string(), "seeds": pa.int64()}
        return pa.table(
            {name: pa.array(v, types.get(name, pa.float64())) for name, v in columns.items()}
        )

    def __repr__(self) -> str:
        return f"RunComparison({len(self.runs)} runs)"


def compare(run_dirs: Sequence[str | os.PathLike[str]], *, pool: bool = False) -> RunComparison:
    """Compare runs.

    Args:
        run_dirs: the folders of the runs; see :func:`find`.
        pool: take runs that differ in nothing but their seeds for one with several seeds.

    Raises:
        FileError: no run in a folder, or neither its history nor a checkpoint can be read.
        ConfigurationError: no runs, or one of them twice.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in ("a", "b"):
    ...         run = rb.train(rb.MLP(2, [2], 2), data, epochs=2, run_dir=f"{folder}/{name}")
    ...     [run.name for run in compare([f"{folder}/a", f"{folder}/b"]).runs]
    ['a', 'b']
    """
    paths = [Path(path) for path in run_dirs]
    if not paths:
        raise ConfigurationError("there is nothing to compare: name at least one run")
    resolved = [path.resolve() for path in paths]
    twice = next((p for i, p in enumerate(paths) if resolved[i] in resolved[:i]), None)
    if twice is not None:
        raise ConfigurationError(f"{twice} is named more than once")
    names = [path.resolve().name for path in paths]
    names = [
        name if names.count(name) == 1 else str(path)
        for name, path in zip(names, paths, strict=True)
    ]
    runs = [_read(path, name) for path, name in zip(paths, names, strict=True)]
    if pool:
        runs = _pooled(runs)
    return RunComparison(tuple(runs), tuple(_notes(runs)))


def _read(path: Path, name: str) -> ComparedRun:
    folder = RunFolder(path)
    config = read_settings(folder)
    histories = read_histories(folder, config)
    return ComparedRun(
        name=name,
        folders=(path,),
        seeds=tuple(config.training.seeds),
        histories=tuple(histories),
        kept=tuple(kept_row(config, rows) for rows in histories),
        config=config,
    )


def _pooled(runs: Iterable[ComparedRun]) -> list[ComparedRun]:
    """Return runs with those that differ in their seeds only as one, where the first of them is."""
    alike: dict[str, list[ComparedRun]] = {}
    for run in runs:
        alike.setdefault(_without_seeds(run), []).append(run)
    return [_together(group) for group in alike.values()]


def _together(group: list[ComparedRun]) -> ComparedRun:
    if len(group) == 1:
        return group[0]
    first, last = group[0], group[-1]
    return ComparedRun(
        name=f"{first.name} … {last.name}",
        folders=tuple(folder for run in group for folder in run.folders),
        seeds=tuple(seed for run in group for seed in run.seeds),
        histories=tuple(rows for run in group for rows in run.histories),
        kept=tuple(row for run in group for row in run.kept),
        config=first.config,
    )


def _without_seeds(run: ComparedRun) -> str:
    """Return what a run was asked to do, but for its seeds and what they do not depend on."""
    plain = run.config.model_dump(exclude={"made", "callbacks", "fork"})
    for name in ("seeds", "population", "asked_engine"):
        del plain["training"][name]
    stopping = [
        callback.settings for callback in run.config.callbacks if callback.name == "EarlyStopping"
    ]
    return json.dumps([plain, stopping], sort_keys=True, default=str)


def _notes(runs: Sequence[ComparedRun]) -> list[str]:
    notes = []
    for name in ("train", "validation", "test"):
        sets = {run.config.data[name].hash if name in run.config.data else None for run in runs}
        if len(sets) > 1:
            notes.append(f"the runs do not have the same {name} set")
    if len({json.dumps(run.config.loss, sort_keys=True, default=str) for run in runs}) > 1:
        notes.append("the runs do not have the same loss")
    unequal = [run.name for run in runs if len({h["epoch"][-1:].sum() for h in run.histories}) > 1]
    if unequal:
        notes.append(f"not all seeds of {', '.join(unequal)} were trained equally long")
    return notes


def _value(rows: Rows, column: str, at: int) -> float:
    values = rows.get(column, ())
    return float(values[at]) if len(values) else np.nan


def mean_and_deviation(values: npt.ArrayLike) -> dict[str, float | None]:
    """Return the mean of those that are numbers, and their standard deviation if there are more."""
    numbers = np.asarray(values, np.float64)
    return {"mean": _mean(numbers), "sd": _deviation(numbers)}


def _mean(values: npt.NDArray[np.float64]) -> float | None:
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else None


def _deviation(values: npt.NDArray[np.float64]) -> float | None:
    there = values[~np.isnan(values)]
    return float(there.std(ddof=1)) if len(there) > 1 else None
