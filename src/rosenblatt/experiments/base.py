"""Experiments: independent tasks, and the tables that their outputs make."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rosenblatt.data import Dataset

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]
"""Rows of plain values (int, float, str, bool, None) by the name of their table."""

AT_ONCE = 50
"""Seeds of one task: enough to fill the lanes of vectors, few enough to share out."""


@dataclass(frozen=True)
class Task:
    """A piece of an experiment that needs no other: ``function(**arguments)``.

    What a task says can be hashed and what it returns kept as Parquet, so that no piece is computed
    twice.

    Attributes:
        key: tells the experiment which piece an output is.
        function: of a module, not of another function; returns tables by name. Their rows hold
            plain values (int, float, str, bool, None), and all rows of a table the same columns.
        arguments: plain values, and lists of them. The output depends on nothing else.
        cost: roughly its seconds on one core, to plan by.
        alone: it measures time, so no other task is computed meanwhile, here or on the cluster.
    """

    key: tuple[Any, ...]
    function: Callable[..., Tables]
    arguments: Mapping[str, Any]
    cost: float
    alone: bool = False


@dataclass(frozen=True)
class Experiment:
    """One question.

    Attributes:
        id: "E1", "E2", ...
        title: a few words.
        question: what it asks, in a sentence.
        settings: what it runs with, as plain values.
        tasks: its pieces for that many seeds, each with a key of its own.
        collect: makes the experiment's tables of the tasks' tables, which it is given by task key,
            in the order of the tasks.
    """

    id: str
    title: str
    question: str
    settings: Mapping[str, Any]
    tasks: Callable[[int], list[Task]]
    collect: Callable[[Mapping[tuple[Any, ...], Tables]], Tables]


@dataclass(frozen=True)
class Result:
    """An experiment that was run.

    Attributes:
        experiment: its id.
        settings: what it ran with, as plain values.
        tables: rows, as Arrow tables by name.
        seconds: the time that its tasks took when they were computed, added up over processes.
    """

    experiment: str
    settings: Mapping[str, Any]
    tables: Mapping[str, "pa.Table"]
    seconds: float


def chunks(seeds: int, at_once: int = AT_ONCE) -> list[dict[str, int]]:
    """Return the seeds 0 ... seeds - 1 in parts, as the arguments of tasks.

    >>> chunks(120)
    [{'first': 0, 'stop': 50}, {'first': 50, 'stop': 100}, {'first': 100, 'stop': 120}]
    """
    starts = range(0, seeds, at_once)
    return [{"first": start, "stop": min(start + at_once, seeds)} for start in starts]


def joined(outputs: Mapping[tuple[Any, ...], Tables], kind: str, table: str) -> list[Row]:
    """Return the rows of one table of all outputs whose key begins with ``kind``."""
    return [row for key, tables in outputs.items() if key[0] == kind for row in tables[table]]


def mean_and_sd(values: Iterable[float]) -> tuple[float, float]:
    """Return the mean and the sample standard deviation (NaN for one value).

    >>> mean_and_sd([1.0, 2.0, 3.0])
    (2.0, 1.0)
    """
    values = [float(value) for value in values]
    return (
        statistics.fmean(values),
        statistics.stdev(values) if len(values) > 1 else float("nan"),
    )


def points(train: Dataset, test: Dataset) -> list[Row]:
    """Return one row per sample of the plane: x1, x2, its label, and which set it is in."""
    return [
        {"x1": x1, "x2": x2, "label": int(label), "split": split}
        for split, data in (("train", train), ("test", test))
        for (x1, x2), label in zip(data.X.tolist(), data.labels, strict=True)
    ]


def prefixed(rows: Iterable[Mapping[str, Any]], **first: Any) -> list[Row]:
    """Return the rows with some columns put first in each, for tables of several runs."""
    return [{**first, **row} for row in rows]
