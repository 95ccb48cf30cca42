"""Measures of the networks of a sweep: columns of its table."""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.sweeps.analysis_measures import Curvature, ExpectedAccuracy, GradientNoise
from rosenblatt.sweeps.grid import naming_network
from rosenblatt.sweeps.trained import Column, Measure, Trained, TrainedNetwork

SETS = ("train", "test", "validation")
METRICS = tuple(f"{name}_{metric}" for name in SETS for metric in ("loss", "accuracy"))


@dataclass(frozen=True)
class Final(Measure):
    """A loss or an accuracy after the last epoch."""

    name: str

    def of(self, trained: Trained) -> Column:
        return trained.final[self.name]


@dataclass(frozen=True)
class Best(Measure):
    """The lowest loss or the highest accuracy of all evaluations."""

    column: str

    @property
    def on_the_way(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"best({self.column})"

    def of(self, trained: Trained) -> Column:
        values = trained.history[self.column]
        with np.errstate(invalid="ignore"):
            best = np.nanmax if is_better_high(self.column) else np.nanmin
            found = np.asarray(best(np.r_[values, trained.final[self.column][np.newaxis]], axis=0))
        return np.where(trained.diverged, np.nan, found)


@dataclass(frozen=True)
class FirstEpoch(Measure):
    """The first epoch at which a column is at least, or at most, a number; NaN if there is none."""

    column: str
    relation: str
    threshold: float

    @property
    def on_the_way(self) -> tuple[str, ...]:
        return (self.column,)

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"first_epoch({self.column}{self.relation}{self.threshold:g})"

    def of(self, trained: Trained) -> Column:
        values = trained.history[self.column]
        is_there = values >= self.threshold if self.relation == ">=" else values <= self.threshold
        first = trained.epochs[is_there.argmax(axis=0)].astype(np.float64)
        return np.where(is_there.any(axis=0), first, np.nan)


@dataclass(frozen=True)
class Convergence(Measure):
    """How fast the training loss falls, or grows, by all evaluations but the last.

    See :func:`rosenblatt.analysis.trainability.convergence`. Networks that have diverged have it.
    """

    name: str = "convergence"

    @property
    def on_the_way(self) -> tuple[str, ...]:
        return ("train_loss",)

    def of(self, trained: Trained) -> Column:
        from rosenblatt.analysis.trainability import convergence

        return convergence(trained.history["train_loss"][trained.epochs < trained.last_epoch])


@dataclass(frozen=True)
class Distance(Measure):
    """The Euclidean distance of the final weights from the initial ones."""

    name: str = "distance"

    def of(self, trained: Trained) -> Column:
        with np.errstate(all="ignore"):
            moved = trained.params.astype(np.float64) - trained.start
            # A row for each network: its sum is then rounded alike, however many there are.
            found = np.sqrt(np.ascontiguousarray((moved**2).T).sum(axis=1))
        return np.where(trained.diverged, np.nan, found)


@dataclass(frozen=True)
class Custom(Measure):
    """A function of a user's own, of a :class:`TrainedNetwork`."""

    function: Callable[[TrainedNetwork], float]

    @property
    def name(self) -> str:  # type: ignore[override]
        return getattr(self.function, "__name__", type(self.function).__name__)

    @property
    def identity(self) -> str:
        """The name with a digest of the code: an edited function computes again."""
        code = getattr(self.function, "__code__", None)
        if code is None:
            return self.name
        parts = code.co_code, repr(code.co_consts), code.co_names, self.function.__defaults__
        return f"{self.name} {hashlib.blake2b(repr(parts).encode(), digest_size=8).hexdigest()}"

    def of(self, trained: Trained) -> Column:
        found = np.full(len(trained.seeds), np.nan)
        for i in np.flatnonzero(~trained.diverged).tolist():
            cell = trained.cells[i]
            network = TrainedNetwork(
                cell.job.model,
                cell.job.loss,
                trained.weights(trained.params, i),
                classes=cell.sets.train.classes,
                feature_names=cell.sets.train.feature_names,
                settings=cell.settings,
                row={
                    **cell.settings,
                    "seed": trained.seeds[i],
                    **{name: float(column[i]) for name, column in trained.final.items()},
                },
                start=trained.weights(trained.start, i),
                train=cell.sets.train,
                test=cell.sets.test,
            )
            with naming_network(cell.settings, trained.seeds[i]):
                value = self.function(network)
            try:
                found[i] = float(value)
            except (TypeError, ValueError):
                raise ConfigurationError(
                    f"the measure {self.name} returned {given(value)}, and no number"
                ) from None
        return found


CURVATURE = ("largest_eigenvalue", "smallest_eigenvalue", "trace")
_BEST = re.compile(r"best\((\w+)\)")
_FIRST = re.compile(r"first_epoch\((\w+)\s*(>=|<=)\s*([-+.\deE]+)\)")


def measures_of(wanted: object, columns: Sequence[str]) -> list[Measure]:
    """Return the measures of a sweep: losses and accuracies at the end, and those that are wanted.

    Args:
        wanted: names, or functions of a :class:`TrainedNetwork`.
        columns: the losses and accuracies that there are.

    Raises:
        ConfigurationError: a measure that there is not.

    >>> [m.name for m in measures_of(["first_epoch(train_loss<=0.1)"], ["train_loss"])]
    ['train_loss', 'first_epoch(train_loss<=0.1)']
    """
    if isinstance(wanted, str) or callable(wanted):
        wanted = [wanted]
    if not isinstance(wanted, Sequence):
        raise ConfigurationError(f"measure must be a list of measures, got {given(wanted)}")
    found: dict[str, Measure] = {column: Final(column) for column in columns}
    for one in wanted:
        measure = _measure_of(one, columns)
        if measure.name in found and not isinstance(found[measure.name], type(measure)):
            raise ConfigurationError(f"there are two measures of the name {measure.name!r}")
        found[measure.name] = measure
    return list(found.values())


def _measure_of(one: object, columns: Sequence[str]) -> Measure:
    if callable(one):
        return Custom(one)
    if isinstance(one, Measure):
        return one
    text = str(one).strip()
    if text in columns:
        return Final(text)
    if text in CURVATURE:
        return Curvature(text)
    if text == "gradient_noise":
        return GradientNoise()
    if text == "expected_accuracy":
        return ExpectedAccuracy()
    if text == "distance":
        return Distance()
    if text == "convergence":
        return Convergence()
    if match := _BEST.fullmatch(text):
        return Best(_column(match[1], columns))
    if match := _FIRST.fullmatch(text):
        try:
            return FirstEpoch(_column(match[1], columns), match[2], float(match[3]))
        except ValueError:
            pass
    if text in METRICS:
        _column(text, columns)
    examples = ["best(train_loss)", "first_epoch(train_accuracy>=0.9)"]
    named = [*CURVATURE, "gradient_noise", "expected_accuracy", "distance", "convergence"]
    known = [*columns, *named, *examples]
    raise ConfigurationError(
        f"there is no measure {given(one)}{nearest(text, known)}; known: {', '.join(known)}, or a "
        "function of your own"
    )


def _column(name: str, columns: Sequence[str]) -> str:
    if name in columns:
        return name
    if name in METRICS:
        part = name.partition("_")[0]
        why = (
            f"there is no {part} set; give {part}=..."
            if f"{part}_loss" not in columns
            else "values to predict have no accuracy"
        )
        raise ConfigurationError(f"{name} cannot be measured: {why}")
    raise ConfigurationError(
        f"{given(name)} is no column of a history{nearest(name, columns)}; known: "
        f"{', '.join(columns)}"
    )


def is_better_high(measure: str) -> bool:
    """Return whether a larger number is better: of accuracies, where epochs do not count."""
    return "accuracy" in measure and not measure.startswith("first_epoch")
