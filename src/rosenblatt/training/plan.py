"""Settings of a training call, and the plan that they make with a model and data."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from os import PathLike
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import check_is, real_number, whole_number
from rosenblatt.data import Dataset, as_dataset
from rosenblatt.engines import Engine, Job, Samples, State, choose_engine
from rosenblatt.errors import ConfigurationError, given
from rosenblatt.layers import Params
from rosenblatt.losses import Loss, as_loss
from rosenblatt.losses.base import are_distributions
from rosenblatt.models import Model
from rosenblatt.models.base import check_loss
from rosenblatt.optimizers import SGD, Optimizer, as_optimizer
from rosenblatt.random import check_seed
from rosenblatt.training.in_progress import Callback, PositionLog, RunInProgress

DTYPES = ("float64", "float32")
CHECKPOINT_EVERY = 0.5
"""Seconds between checkpoints; more where writing one takes long. Recomputing a position takes at
most the time between two."""
DEFAULT_OPTIMIZER = SGD()
FROM_SEED = "from the seed"
"""``TrainSettings.start`` where each member's seed determines its initial weights."""

Edit = Callable[[Params], Any] | Mapping[str, npt.ArrayLike]
"""A change of weights: a function of the weights by name, or new values by name."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainSettings:
    """The keywords of :func:`rosenblatt.train`, which says what each means.

    ``start`` says in words where initial weights come from.

    >>> TrainSettings(epochs=20, batch_size=10).eval_every
    1
    """

    test: Dataset | None = None
    validation: Dataset | None = None
    loss: Loss | str | None = None
    optimizer: Optimizer | str | None = None
    epochs: int = 100
    batch_size: int | None = None
    shuffle: bool = True
    eval_every: int = 1
    engine: str = "auto"
    init_params: Mapping[str, npt.ArrayLike] | None = None
    dtype: npt.DTypeLike = "float64"
    callbacks: Sequence[Callback] = ()
    run_dir: str | PathLike[str] | None = None
    checkpoint_every: float = CHECKPOINT_EVERY
    start: str = FROM_SEED


@dataclass(frozen=True, eq=False)
class Plan:
    """The work of a call: checked settings, data as arrays, the chosen engine.

    ``job`` is the first member's; the others differ in their seeds. ``init_params`` are the initial
    weights, None if the seeds determine them. ``before_edit`` are the weights of a branch before an
    edit.
    """

    job: Job
    seeds: tuple[int, ...]
    train: Dataset
    test: Dataset | None
    validation: Dataset | None
    test_samples: Samples | None
    validation_samples: Samples | None
    engine: Engine
    settings: TrainSettings
    init_params: Params | None = None
    before_edit: Params | None = None

    def members(self, states: Iterable[State] | None = None) -> list[RunInProgress]:
        """Return the members at these states; by default before their first update.

        They begin with the initial weights of the settings, or with those of their seeds.
        """
        settings = vars(self.job)
        jobs = [Job(**{**settings, "seed": seed}) for seed in self.seeds]
        if states is None:
            dtype, given_params = self.job.data.x.dtype, self.init_params
            params = [
                job.model.init(job.seed, dtype) if given_params is None else dict(given_params)
                for job in jobs
            ]
            states = self.engine.start_many(jobs, params)
        return [
            RunInProgress(
                job=job,
                engine=self.engine,
                test=self.test_samples,
                validation=self.validation_samples,
                epochs=self.settings.epochs,
                eval_every=self.settings.eval_every,
                callbacks=tuple(self.settings.callbacks),
                state=state,
                position_log=PositionLog(job.population),
            )
            for job, state in zip(jobs, states, strict=True)
        ]

    def summary(self) -> dict[str, Any]:
        """Return the settings that the members share, as plain values."""
        job, settings = self.job, self.settings
        sets = {"train": self.train, "test": self.test, "validation": self.validation}
        return {
            "model": repr(job.model),
            "loss": repr(job.loss),
            "optimizer": repr(job.optimizer),
            "epochs": settings.epochs,
            "eval_every": settings.eval_every,
            "batch_size": job.batch_size,
            "shuffle": job.shuffle,
            "init_params": settings.start,
            "dtype": str(job.data.x.dtype),
            "engine": self.engine.name,
            "asked_engine": settings.engine,
            **{name: None if data is None else data.content_hash for name, data in sets.items()},
        }


def make_plan(
    model: Model, data: Dataset, seeds: Sequence[int], arguments: Mapping[str, Any]
) -> Plan:
    """Check the settings among the arguments of a call, and return its plan.

    Raises:
        ConfigurationError: a setting cannot work.
        DataError: labels do not fit the model, or a set has labels that the training set has not.
        ShapeError: data or initial weights do not fit the model.
    """
    names = [field.name for field in fields(TrainSettings) if field.name in arguments]
    settings = TrainSettings(**{name: arguments[name] for name in names})
    check_is("model", model, Model)
    check_callbacks(settings.callbacks)
    loss = default_loss(model, data) if settings.loss is None else as_loss(settings.loss)
    optimizer = (
        DEFAULT_OPTIMIZER if settings.optimizer is None else as_optimizer(settings.optimizer)
    )
    if optimizer.layer_rates:
        optimizer.check_layers(model.shapes)
    check_loss(model, loss)
    other_sets: dict[str, Any] = {
        name: None if samples is None else as_dataset(samples, name=name)
        for name, samples in (("test", settings.test), ("validation", settings.validation))
    }
    settings = replace(
        settings,
        **other_sets,
        loss=loss,
        optimizer=optimizer,
        epochs=whole_number(settings.epochs, "epochs", at_least=1),
        eval_every=whole_number(settings.eval_every, "eval_every", at_least=1),
        dtype=_dtype_name(settings.dtype),
        checkpoint_every=real_number(settings.checkpoint_every, "checkpoint_every", at_least=0),
        start=settings.start if settings.init_params is None else "given",
    )
    samples = Samples.of(model, loss, data, settings.dtype)
    job = Job(
        model=model,
        loss=loss,
        optimizer=optimizer,
        data=samples,
        batch_size=model.batch_size(settings.batch_size, len(samples)),
        shuffle=settings.shuffle,
        seed=check_seed(seeds[0]),
        population=len(seeds),
    )
    other_samples = {
        name: None if other is None else samples_like(job, data, other)
        for name, other in other_sets.items()
    }
    return Plan(
        job=job,
        seeds=tuple(check_seed(seed) for seed in seeds),
        train=data,
        **other_sets,
        test_samples=other_samples["test"],
        validation_samples=other_samples["validation"],
        engine=choose_engine(settings.engine, job, settings.epochs * len(seeds)),
        settings=settings,
        init_params=None
        if settings.init_params is None
        else model.check_params(settings.init_params, job.data.x.dtype),
    )


def default_loss(model: Model, data: Dataset) -> Loss:
    """Return the loss where none is named: one for classes, or for values to predict."""
    if data.classes is not None or are_distributions(data.y):
        return model.default_loss
    loss = model.default_regression_loss
    if loss.task == "regression" and data.y.ndim == 1 and model.n_outputs > 1:
        raise ConfigurationError(
            f"y holds real values to predict, one per sample, but the model has {model.n_outputs} "
            "outputs; give it 1 output, or pass class labels: whole numbers or text"
        )
    return loss


def check_callbacks(callbacks: Sequence[Callback]) -> None:
    """Raise ConfigurationError unless this is a sequence of callbacks."""
    check_is("callbacks", callbacks, Sequence)
    for callback in callbacks:
        check_is("a callback", callback, Callback)


def _dtype_name(dtype: npt.DTypeLike) -> str:
    """Return "float64" or "float32" for a name or a NumPy type."""
    try:
        name = np.dtype(dtype).name if dtype is not None else ""
    except TypeError:
        name = ""
    if name not in DTYPES:
        raise ConfigurationError(f"dtype must be one of {', '.join(DTYPES)}, got {given(dtype)}")
    return name


def samples_like(job: Job, train: Dataset, data: Dataset) -> Samples:
    """Return a set with the columns and the class indices of the training set."""
    data = data.order_as(train.feature_names, "the training set")
    if train.classes is not None:
        data = data.encode_as(train.classes)
    return Samples.of(job.model, job.loss, data, job.data.x.dtype)
