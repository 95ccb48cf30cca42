"""The contract of engines: the job and the state that they take, the state that they return."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, DataError, ShapeError, shorten
from rosenblatt.layers import Array, Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer, Slots


@dataclass(frozen=True)
class Samples:
    """Samples as engines take them: one dtype, targets as the loss encodes them.

    ``x`` is (N, D), ``targets`` (N, K), ``sample_weight`` (N,) or None.

    >>> import numpy as np
    >>> samples = Samples(np.eye(3), np.array([[0.0], [1.0], [0.0]]))
    >>> len(samples), samples.rows(0, 2).x.shape
    (3, (2, 3))
    """

    x: Array
    targets: Array
    sample_weight: Array | None = None

    @classmethod
    def of(cls, model: Model, loss: Loss, data: Dataset, dtype: npt.DTypeLike) -> "Samples":
        """Return the samples of a dataset, with targets as ``loss`` encodes them.

        Raises:
            ShapeError: the model takes another number of features.
            DataError: the classes of the data are not those of the model's outputs.
            ConfigurationError: a regression loss on classes, or the reverse.
        """
        n_features = data.X.shape[1]
        if n_features != model.n_inputs:
            raise ShapeError(
                f"the data has {n_features} features and the model {model.n_inputs} inputs; they "
                "must be equal"
            )
        name = type(loss).__name__
        if data.classes is None:
            if loss.task == "classification" and data.y.ndim == 1:
                raise ConfigurationError(f"{name} needs class labels, but y holds real values")
        elif loss.task == "regression":
            raise ConfigurationError(
                f"{name} needs real values, but y holds class labels; pass y as floats for "
                "regression"
            )
        elif len(data.classes) == 1:
            raise DataError(
                f"all labels are {data.classes[0]!r}; a classifier needs at least 2 classes"
            )
        elif loss.n_classes(model.n_outputs) not in (None, len(data.classes)):
            raise DataError(
                f"the data has {len(data.classes)} classes ({shorten(data.class_names)}), but the "
                f"model's outputs are for {loss.n_classes(model.n_outputs)}; give the model as "
                "many outputs as there are classes, or name all classes with "
                "Dataset(X, y, classes=...)"
            )
        weight = None if data.sample_weight is None else data.sample_weight.astype(dtype)
        targets = loss.encode(data.y, model.n_outputs)
        return cls(
            np.ascontiguousarray(model.check_inputs(data.X, dtype)),
            np.ascontiguousarray(targets, dtype=dtype),
            weight,
        )

    def __len__(self) -> int:
        return len(self.x)

    @property
    def weight(self) -> float:
        """The sum of the sample weights, N where there are none."""
        return len(self) if self.sample_weight is None else float(self.sample_weight.sum())

    def rows(self, start: int, stop: int) -> "Samples":
        """Return the samples from row ``start`` to before row ``stop``, without copying them."""
        weight = None if self.sample_weight is None else self.sample_weight[start:stop]
        return Samples(self.x[start:stop], self.targets[start:stop], weight)


Order = Callable[[int], npt.NDArray[Any]]
"""The order of epoch e, a permutation (N,) of whole numbers, as a function of e."""


Segment = tuple[range, range | None]
"""Consecutive updates for one call of an engine: epochs, and the batches of the only epoch if that
epoch is not complete."""


@dataclass(frozen=True)
class Job:
    """The model, the data and the settings of a run; they stay the same throughout the run.

    ``order`` gives the orders of epochs in place of those that ``shuffle`` takes from the seed. A
    ``penalty`` α adds ½ α ‖W‖² / Σ w to the loss of each batch, W being all weight matrices and Σ w
    the batch's sample weights, or its size. With ``sum_losses`` the engine returns the mean losses
    of the epochs. ``population`` is the number of members that train together with this one, itself
    included: an engine may round members of a population differently from a single run, but the
    rounding must not depend on how many of them are still training. With ``own_settings`` the
    rounding must not depend either on the settings that the members have in common: an engine
    treats every number of the model, the loss and the optimizer as one that may differ.

    >>> import numpy as np
    >>> from rosenblatt.losses import HalfSquaredError
    >>> from rosenblatt.models import MLP
    >>> from rosenblatt.optimizers import SGD
    >>> samples = Samples(np.array([[1.0], [3.0], [2.0]]), np.ones((3, 1)))
    >>> model, loss = MLP(1, [], 1), HalfSquaredError()
    >>> job = Job(model, loss, SGD(0.1), samples, batch_size=2, shuffle=False, seed=0)
    >>> job.updates_per_epoch  # a batch of two samples, and one of one
    2
    """

    model: Model
    loss: Loss
    optimizer: Optimizer
    data: Samples
    batch_size: int
    shuffle: bool
    seed: int
    order: Order | None = None
    penalty: float = 0.0
    sum_losses: bool = False
    population: int = 1
    own_settings: bool = False

    @property
    def updates_per_epoch(self) -> int:
        """The number of batches of an epoch."""
        return math.ceil(len(self.data) / self.batch_size)

    def next_segment(self, epoch: int, batch: int, most: int) -> Segment:
        """Return at most ``most`` updates after ``epoch`` epochs and ``batch`` batches.

        The segment has complete epochs, or batches of one epoch.
        """
        per_epoch = self.updates_per_epoch
        if batch == 0 and most >= per_epoch:
            return range(epoch + 1, epoch + 1 + most // per_epoch), None
        return range(epoch + 1, epoch + 2), range(batch, min(per_epoch, batch + most))

    def after_segment(self, epoch: int, epochs: range, batches: range | None) -> tuple[int, int]:
        """Return the epochs and the batches of the next epoch that are done after a segment."""
        if batches is None or batches.stop == self.updates_per_epoch:
            return epochs[-1], 0
        return epoch, batches.stop


@dataclass(frozen=True)
class State:
    """The state of a run after some updates: with the job, all that further training needs.

    ``update`` counts the updates done. ``selection_state`` has the memory of each of the model's
    selections, by name.

    >>> import numpy as np
    >>> from rosenblatt.engines import Job, ReferenceEngine, Samples
    >>> from rosenblatt.losses import HalfSquaredError
    >>> from rosenblatt.models import MLP
    >>> from rosenblatt.optimizers import SGD
    >>> samples, model = Samples(np.ones((2, 1)), np.ones((2, 1))), MLP(1, [], 1)
    >>> rule = SGD(0.1, momentum=0.9)
    >>> job = Job(model, HalfSquaredError(), rule, samples, batch_size=2, shuffle=False, seed=0)
    >>> state = ReferenceEngine().start(job, model.init(0))
    >>> state.update, list(state.params), list(state.slots)
    (0, ['0.weight', '0.bias'], ['velocity'])
    """

    params: Params
    slots: Slots
    update: int = 0
    selection_state: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Divergence:
    """The position at which a loss was not finite, or too large for any use.

    ``update`` counts the updates done by then; ``learning_rate`` is the rate of the last of them;
    ``loss`` is the loss, None where it is not finite.

    >>> Divergence(epoch=3, update=12, learning_rate=10.0)  # the loss was infinite or NaN
    Divergence(epoch=3, update=12, learning_rate=10.0, loss=None)
    """

    epoch: int
    update: int
    learning_rate: float
    loss: float | None = None

    def __str__(self) -> str:
        event = "stopped being finite" if self.loss is None else f"grew to {self.loss:.3g}"
        return (
            f"the loss {event} in epoch {self.epoch}, after update {self.update}, at "
            f"learning rate {self.learning_rate:g}; a smaller learning rate may help"
        )


@dataclass(frozen=True)
class EpochStats:
    """Statistics of the E epochs of a segment.

    ``mistakes`` counts the samples that were misclassified when they were visited; it is counted
    for models with selections (the perceptron), else 0. ``losses`` (E,) are the mean losses of the
    epochs, each batch's from before its update, and ``penalties`` (E,) the means of the job's
    penalty; both are empty unless the job has ``sum_losses``. Of a part of an epoch, they are that
    part's share of the epoch's mean.

    >>> import numpy as np
    >>> from dataclasses import replace
    >>> from rosenblatt.engines import Job, ReferenceEngine, Samples
    >>> from rosenblatt.losses import HalfSquaredError
    >>> from rosenblatt.models import MLP
    >>> from rosenblatt.optimizers import SGD
    >>> samples, model = Samples(np.zeros((2, 1)), np.ones((2, 1))), MLP(1, [], 1)
    >>> job = Job(model, HalfSquaredError(), SGD(1.0), samples, batch_size=2, shuffle=False, seed=0)
    >>> job, engine = replace(job, sum_losses=True), ReferenceEngine()
    >>> state, stats = engine.run(job, engine.start(job, model.init(0)), range(1, 3))
    >>> stats.losses, stats.divergence  # the first update learns the bias
    ((0.5, 0.0), None)
    """

    mistakes: int = 0
    divergence: Divergence | None = None
    losses: tuple[float, ...] = ()
    penalties: tuple[float, ...] = ()


@dataclass(frozen=True)
class Metrics:
    """Mean loss, and accuracy as a fraction (NaN for regression), of one set of samples.

    >>> import numpy as np
    >>> from rosenblatt.engines import ReferenceEngine, Samples
    >>> from rosenblatt.losses import SigmoidCrossEntropy
    >>> from rosenblatt.models import MLP
    >>> samples = Samples(np.ones((2, 1)), np.array([[1.0], [0.0]]))
    >>> model = MLP(1, [], 1, init="zeros")
    >>> metrics = ReferenceEngine().evaluate(model, SigmoidCrossEntropy(), model.init(0), samples)
    >>> round(metrics.loss, 4), metrics.accuracy  # ln 2: a probability of one half for both
    (0.6931, 0.5)
    """

    loss: float
    accuracy: float


class Engine(ABC):
    """The contract of an engine. Every engine gives the same parameters as the reference engine.

    >>> import numpy as np
    >>> from rosenblatt.engines import Job, ReferenceEngine, Samples
    >>> from rosenblatt.losses import HalfSquaredError
    >>> from rosenblatt.models import MLP
    >>> from rosenblatt.optimizers import SGD
    >>> samples, model = Samples(np.array([[1.0], [3.0]]), np.ones((2, 1))), MLP(1, [], 1)
    >>> job = Job(model, HalfSquaredError(), SGD(0.1), samples, batch_size=1, shuffle=True, seed=0)
    >>> engine: Engine = ReferenceEngine()
    >>> start = engine.start(job, model.init(0))
    >>> at_once, _ = engine.run(job, start, range(1, 5))
    >>> half, _ = engine.run(job, start, range(1, 3))
    >>> in_segments, _ = engine.run(job, half, range(3, 5))
    >>> bool((at_once.params["0.weight"] == in_segments.params["0.weight"]).all())
    True
    """

    name: ClassVar[str]

    def missing(self, job: Job) -> list[str]:
        """Return what of a job this engine cannot train, by name; empty where it can train it."""
        return []

    @abstractmethod
    def start(self, job: Job, params: Params) -> State:
        """Return the state before the first update."""

    def start_many(self, jobs: Sequence[Job], members: Sequence[Params]) -> list[State]:
        """Return the state before the first update of each member, in order."""
        return [self.start(job, params) for job, params in zip(jobs, members, strict=True)]

    def load(self, jobs: Sequence[Job], states: Sequence[State]) -> None:
        """Load or compile what these members need, before training starts."""
        self.run_many(jobs, states, range(1, 1))

    @abstractmethod
    def run(
        self, job: Job, state: State, epochs: range, batches: range | None = None
    ) -> tuple[State, EpochStats]:
        """Train through ``epochs`` (counted from 1) and return the state after them.

        Where ``batches`` are given (counted from 0), ``epochs`` is one epoch, and only these of its
        batches are trained on. Training in segments ends with the bits of training at once. Where
        a batch's loss is not finite, training ends there, and the statistics have its position.
        """

    def run_many(
        self,
        jobs: Sequence[Job],
        states: Sequence[State],
        epochs: range,
        batches: range | None = None,
    ) -> list[tuple[State, EpochStats]]:
        """Train members that differ in seed and state only; return their results, in order."""
        pairs = zip(jobs, states, strict=True)
        return [self.run(job, state, epochs, batches) for job, state in pairs]

    @abstractmethod
    def evaluate(self, model: Model, loss: Loss, params: Params, data: Samples) -> Metrics:
        """Return loss and accuracy of ``params`` on all of ``data``."""

    def evaluate_many(
        self, model: Model, loss: Loss, members: Sequence[Params], data: Samples
    ) -> list[Metrics]:
        """Return loss and accuracy of each member's parameters, in order."""
        return [self.evaluate(model, loss, params, data) for params in members]
