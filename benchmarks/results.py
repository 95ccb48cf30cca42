"""Results of the benchmark, as values that JSON holds."""

import statistics
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.works import Work


@dataclass
class ContenderResult:
    """One contender in one row.

    Attributes:
        contender: its id.
        title: its name in tables.
        failure: why there are no numbers, or None.
        way: in which of its ways it trained.
        rounds: nanoseconds per sample and member, one number for each round.
        times_ours: how many times as long as this engine it takes: the median over the rounds of
            the ratio within a round.
        asked: how many times that ought to be at least, or None.
        compile_seconds: what its first run took more than its second; None if it does not compile.
        peak_bytes: the most memory of a process that does nothing but this work.
        difference: the largest relative difference of its weights from the reference engine's.
        same: whether that is within the tolerance.
        epochs: epochs in a turn.
    """

    contender: str
    title: str
    failure: str | None = None
    way: str = ""
    rounds: list[float] = field(default_factory=list)
    times_ours: float | None = None
    asked: float | None = None
    compile_seconds: float | None = None
    peak_bytes: int | None = None
    difference: float | None = None
    same: bool | None = None
    epochs: int | None = None

    @property
    def nanoseconds(self) -> float:
        """The median of the rounds."""
        return statistics.median(self.rounds)

    @property
    def falls_short(self) -> bool:
        """Whether more was asked for."""
        if self.asked is None or self.times_ours is None:
            return False
        return self.times_ours < self.asked


@dataclass
class RowResult:
    """One work, trained by all contenders."""

    work: Work
    entries: list[ContenderResult]


@dataclass
class GrowthCurve:
    """Time or memory against a size.

    Attributes:
        id: its name.
        label: its name in the figure's legend.
        panel: "rows", "epochs", "members" or "memory".
        x: the sizes.
        y: seconds, or bytes.
        exponent: the slope of log y against log x over the last two decades.
    """

    id: str
    label: str
    panel: str
    x: list[float]
    y: list[float]
    exponent: float


@dataclass
class ExperimentTimes:
    """Seconds of E6 by batch size, with its seeds, epochs and cores."""

    seeds: int
    epochs: int
    cores: int
    seconds: dict[str, float]
    asked_seconds: float | None

    @property
    def total(self) -> float:
        """Seconds in all."""
        return sum(self.seconds.values())


@dataclass
class StorageCost:
    """Seconds of E6 in each round: in memory (``plain``), and in folders (``kept``)."""

    seeds: int
    epochs: int
    plain: list[float]
    kept: list[float]
    asked_share: float

    @property
    def share(self) -> float:
        """The extra time in folders, as a share of that in memory: the median over the rounds."""
        return median(b / a for a, b in zip(self.plain, self.kept, strict=True)) - 1


@dataclass
class ImportCost:
    """Time of ``import rosenblatt``, and the heavy libraries that it loads."""

    seconds: float
    loads: list[str]
    asked_seconds: float


@dataclass
class Results:
    """All results of one run of the benchmark."""

    machine: Mapping[str, Any]
    settings: Mapping[str, Any]
    rows: list[RowResult] = field(default_factory=list)
    experiment: ExperimentTimes | None = None
    keeping: StorageCost | None = None
    scaling: list[GrowthCurve] = field(default_factory=list)
    startup: ImportCost | None = None
    failures: dict[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return everything as JSON holds it, medians included."""
        values = asdict(self)
        for row, values_of_row in zip(self.rows, values["rows"], strict=True):
            for entry, values_of_entry in zip(row.entries, values_of_row["entries"], strict=True):
                median = entry.nanoseconds if entry.rounds else None
                values_of_entry["nanoseconds"] = median
        if self.experiment is not None:
            values["experiment"]["total_seconds"] = self.experiment.total
        if self.keeping is not None:
            values["keeping"]["share"] = self.keeping.share
        return values
