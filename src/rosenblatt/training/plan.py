"""What a call of ``train`` is going to do, checked: everything that its members have in common."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import check_is, whole_number
from rosenblatt.data import Dataset
from rosenblatt.engines import Engine, Job, Samples, State, choose_engine
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.models.gradients import check_loss
from rosenblatt.optimizers import SGD, Optimizer
from rosenblatt.random import check_seed
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.samples import prepare
from rosenblatt.training.training import Training

DTYPES = ("float64", "float32")
FROM_SEED = "from the seed"
"""``Plan.initial`` where each member's seed determines its first weights."""


@dataclass(frozen=True, eq=False)
class Plan:
    """What members of a call train, on what, how and for how long.

    ``job`` is the first member's; the others' differ in their seeds. ``asked`` is the name of the
    engine that was asked for, ``engine`` the one that was chosen. ``initial`` says where the first
    weights come from, and ``before`` has those of a branch as they were before an edit.
    """

    job: Job
    seeds: tuple[int, ...]
    train: Dataset
    test: Dataset | None
    test_samples: Samples | None
    epochs: int
    eval_every: int
    asked: str
    engine: Engine
    callbacks: tuple[Callback, ...] = ()
    initial: str = FROM_SEED
    before: Params | None = None

    @property
    def jobs(self) -> list[Job]:
        """The job of each member."""
        return [replace(self.job, seed=seed) for seed in self.seeds]

    def members(self, states: Iterable[State]) -> list[Training]:
        """Return the members of the call, at these states."""
        return self._members(self.jobs, states)

    def _members(self, jobs: Sequence[Job], states: Iterable[State]) -> list[Training]:
        return [
            Training(
                job=job,
                engine=self.engine,
                test=self.test_samples,
                epochs=self.epochs,
                eval_every=self.eval_every,
                callbacks=self.callbacks,
                state=state,
            )
            for job, state in zip(jobs, states, strict=True)
        ]

    def begin(self, init_params: Params | None) -> list[Training]:
        """Return the members before their first update, each with weights of its own."""
        jobs, dtype = self.jobs, self.job.data.x.dtype
        first = [
            job.model.init(job.seed, dtype) if init_params is None else dict(init_params)
            for job in jobs
        ]
        return self._members(jobs, self.engine.start_many(jobs, first))

    def settings(self) -> dict[str, Any]:
        """Return what the members have in common as plain values."""
        job = self.job
        return {
            "model": repr(job.model),
            "loss": repr(job.loss),
            "optimizer": repr(job.optimizer),
            "epochs": self.epochs,
            "eval_every": self.eval_every,
            "batch_size": job.batch_size,
            "shuffle": job.shuffle,
            "init_params": self.initial,
            "dtype": str(job.data.x.dtype),
            "engine": self.engine.name,
            "asked_engine": self.asked,
            "train": self.train.content_hash,
            "test": None if self.test is None else self.test.content_hash,
        }


def make_plan(
    model: Model,
    train: Dataset,
    seeds: Sequence[int],
    *,
    test: Dataset | None,
    loss: Loss | None,
    optimizer: Optimizer | None,
    epochs: int,
    batch_size: int | None,
    shuffle: bool,
    eval_every: int,
    engine: str,
    dtype: str,
    callbacks: Sequence[Callback],
    initial: str = FROM_SEED,
) -> Plan:
    """Check the arguments of :func:`rosenblatt.train`, and return what they ask for."""
    check_is("model", model, Model)
    check_is("train", train, Dataset)
    check_callbacks(callbacks)
    epochs = whole_number(epochs, "epochs", at_least=1)
    eval_every = whole_number(eval_every, "eval_every", at_least=1)
    loss = model.default_loss if loss is None else loss
    optimizer = SGD() if optimizer is None else optimizer
    check_is("loss", loss, Loss)
    check_is("optimizer", optimizer, Optimizer)
    check_loss(model, loss)
    if dtype not in DTYPES:
        raise ConfigurationError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    job = Job(
        model=model,
        loss=loss,
        optimizer=optimizer,
        data=prepare(model, loss, train, dtype),
        batch_size=model.batch_size(batch_size, len(train)),
        shuffle=shuffle,
        seed=check_seed(seeds[0]),
        population=len(seeds),
    )
    return Plan(
        job=job,
        seeds=tuple(check_seed(seed) for seed in seeds),
        train=train,
        test=test,
        test_samples=None if test is None else _test_samples(job, train, test, dtype),
        epochs=epochs,
        eval_every=eval_every,
        asked=engine,
        engine=choose_engine(engine, job, epochs * len(seeds)),
        callbacks=tuple(callbacks),
        initial=initial,
    )


def check_callbacks(callbacks: Sequence[Callback]) -> None:
    """Refuse what is no sequence of callbacks."""
    check_is("callbacks", callbacks, Sequence)
    for callback in callbacks:
        check_is("a callback", callback, Callback)


def check_init_params(plan: Plan, init_params: Mapping[str, npt.ArrayLike] | None) -> Params | None:
    """Return given initial weights as arrays of the run's type, checked against the model."""
    if init_params is None:
        return None
    return plan.job.model.check_params(init_params, plan.job.data.x.dtype)


def _test_samples(job: Job, train: Dataset, test: Dataset, dtype: npt.DTypeLike) -> Samples:
    """Return the test set with the columns and the class indices of the training set."""
    check_is("test", test, Dataset)
    test = test.order_as(train.feature_names, "the training set")
    if train.classes is not None:
        test = test.encode_as(train.classes)
    return prepare(job.model, job.loss, test, np.dtype(dtype))
