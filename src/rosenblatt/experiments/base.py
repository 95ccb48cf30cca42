"""What every experiment is: independent tasks, and the rows that their outputs make."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rosenblatt.data import Dataset
from rosenblatt.training import Run

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """A piece of an experiment that needs no other: ``function(**arguments)``.

    ``key`` tells the experiment which piece an output is; ``cost`` is roughly its seconds, to plan
    by.
    """

    key: tuple[Any, ...]
    function: Callable[..., Any]
    arguments: Mapping[str, Any]
    cost: float


@dataclass(frozen=True)
class Findings:
    """What an experiment makes of its tasks' outputs: tables of rows, and runs worth drawing."""

    tables: Mapping[str, Sequence[Row]]
    runs: Mapping[str, Run] = field(default_factory=dict)


@dataclass(frozen=True)
class Experiment:
    """One question.

    ``tasks(seeds)`` are its pieces for that many seeds; ``collect(outputs)`` makes findings of
    their outputs, a dict from key to output in the order of the tasks.
    """

    id: str
    title: str
    question: str
    settings: Mapping[str, Any]
    tasks: Callable[[int], list[Task]]
    collect: Callable[[Mapping[tuple[Any, ...], Any]], Findings]


@dataclass(frozen=True)
class Result:
    """An experiment that was run.

    Attributes:
        experiment: its id, "E1" to "E6".
        settings: what it ran with, as plain values.
        tables: rows, as Arrow tables by name.
        runs: trained models by name.
        seconds: the time that its tasks took, added up over processes.
    """

    experiment: str
    settings: Mapping[str, Any]
    tables: Mapping[str, "pa.Table"]
    runs: Mapping[str, Run]
    seconds: float


def mean_and_sd(values: Iterable[float]) -> tuple[float, float]:
    """Return the mean and the sample standard deviation (NaN for one value).

    >>> mean_and_sd([1.0, 2.0, 3.0])
    (2.0, 1.0)
    """
    values = list(values)
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
