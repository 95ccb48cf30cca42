"""Training: run the epochs, measure at every evaluation, keep what is asked for."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.data import Dataset
from rosenblatt.engines import Divergence, Engine, Job, Metrics, Samples, State, choose_engine
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.models.gradients import check_loss
from rosenblatt.optimizers import SGD, Optimizer
from rosenblatt.random import check_seed
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.history import History
from rosenblatt.training.run import Run, Runs
from rosenblatt.training.samples import prepare

DTYPES = ("float64", "float32")
NOT_MEASURED = Metrics(math.nan, math.nan)


def train(
    model: Model,
    train: Dataset,
    *,
    test: Dataset | None = None,
    loss: Loss | None = None,
    optimizer: Optimizer | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    seed: int = 0,
    eval_every: int = 1,
    engine: str = "auto",
    init_params: Mapping[str, npt.ArrayLike] | None = None,
    dtype: str = "float64",
    callbacks: Sequence[Callback] = (),
) -> Run:
    """Train ``model`` on ``train`` and return the run.

    Args:
        model: an MLP, a Sequential or a Perceptron.
        train: the training set.
        test: another set to measure at every evaluation, with the same weights as the training set.
        loss: the loss; by default softmax cross-entropy, or the perceptron criterion.
        optimizer: the update rule; ``SGD(0.01)`` by default.
        epochs: how many times every sample is visited, at least 1.
        batch_size: samples per update, from 1 to N; by default all N (a perceptron's rule decides).
            The last batch of an epoch is smaller where N is no multiple of it.
        shuffle: whether each epoch visits the samples in an order of its own.
        seed: where initial weights, orders and dropout masks come from.
        eval_every: epochs between evaluations. Epoch 0, every multiple and the last are evaluated.
        engine: "auto" or "reference".
        init_params: initial weights by name, in place of those that the seed gives.
        dtype: "float64" or "float32".
        callbacks: what watches the run, called in this order.

    Returns:
        The run. If the loss stops being finite, the run ends there: ``run.stopped`` says where, and
        ``params`` and ``history`` are those of the last evaluation before.

    Raises:
        ConfigurationError: a setting that cannot work.
        DataError: labels that do not fit the model, or in ``test`` one that is not in ``train``.
        ShapeError: data or initial weights that do not fit the model.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(100, means=[(2, 2), (-2, -2)], seed=0)
    >>> run = rb.train(rb.MLP(2, [], 2), data, epochs=20, optimizer=rb.SGD(0.5))
    >>> run.history[-1]["train_accuracy"] > 0.95
    True
    """
    optimizer = SGD() if optimizer is None else optimizer
    _check_is("model", model, Model)
    loss = model.default_loss if loss is None else loss
    _check_is("loss", loss, Loss)
    _check_is("optimizer", optimizer, Optimizer)
    _check_is("train", train, Dataset)
    if test is not None:
        _check_is("test", test, Dataset)
    _check_is("callbacks", callbacks, Sequence)
    for callback in callbacks:
        _check_is("a callback", callback, Callback)
    check_loss(model, loss)
    _check_at_least("epochs", epochs, 1)
    _check_at_least("eval_every", eval_every, 1)
    if dtype not in DTYPES:
        raise ConfigurationError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    if test is not None and train.classes is not None:
        test = test.encode_as(train.classes)
    chosen_engine = choose_engine(engine)
    job = Job(
        model=model,
        loss=loss,
        optimizer=optimizer,
        data=prepare(model, loss, train, dtype),
        batch_size=model.batch_size(batch_size, len(train)),
        shuffle=shuffle,
        seed=check_seed(seed),
    )
    if init_params is None:
        params = model.init(seed, np.dtype(dtype))
    else:
        params = model.check_params(init_params, dtype)
    training = Training(
        job=job,
        engine=chosen_engine,
        test=None if test is None else prepare(model, loss, test, dtype),
        epochs=epochs,
        eval_every=eval_every,
        callbacks=tuple(callbacks),
        state=chosen_engine.start(job, params),
    )
    training.go()
    settings = {
        "model": repr(model),
        "loss": repr(loss),
        "optimizer": repr(job.optimizer),
        "epochs": epochs,
        "eval_every": eval_every,
        "batch_size": job.batch_size,
        "shuffle": shuffle,
        "seed": job.seed,
        "init_params": "given" if init_params is not None else "from the seed",
        "dtype": dtype,
        "engine": engine,
        "train": train.content_hash,
        "test": None if test is None else test.content_hash,
    }
    return Run(
        model=model,
        loss=loss,
        params=training.params,
        history=History(training.rows),
        seed=job.seed,
        classes=train.classes,
        stopped=training.stopped,
        settings=settings,
        selected=training.selected,
    )


def train_many(model: Model, train_set: Dataset, *, seeds: Iterable[int], **settings: Any) -> Runs:
    """Train ``model`` once for every seed, all else equal, and return the runs in that order.

    Args:
        model: as for :func:`train`.
        train_set: the training set, the same for all.
        seeds: at least one.
        settings: all keywords of :func:`train` but ``seed``.

    Raises:
        ConfigurationError: there is no seed; else as :func:`train`.
    """
    seeds = list(seeds)
    if not seeds:
        raise ConfigurationError("train_many needs at least one seed")
    return Runs([train(model, train_set, seed=seed, **settings) for seed in seeds])


@dataclass
class Training:
    """A run while it is going on; what callbacks see.

    ``row`` is the newest evaluation and ``params`` the weights it measured.
    """

    job: Job
    engine: Engine
    test: Samples | None
    epochs: int
    eval_every: int
    callbacks: tuple[Callback, ...]
    state: State
    epoch: int = 0
    seconds: float = 0.0
    mistakes: int = 0
    stopped: str | None = None
    params: Params = field(default_factory=dict)
    selected: dict[str, Params] = field(default_factory=dict)
    rows: list[dict[str, float]] = field(default_factory=list)

    @property
    def seed(self) -> int:
        """The run's seed."""
        return self.job.seed

    @property
    def row(self) -> dict[str, float]:
        """The newest evaluation."""
        return self.rows[-1]

    def stop(self, reason: str) -> None:
        """End the run after this evaluation; ``reason`` becomes ``run.stopped``."""
        self.stopped = self.stopped or reason

    def go(self) -> None:
        """Train to the last epoch, or until the run is stopped."""
        started: list[Callback] = []
        try:
            for callback in self.callbacks:
                callback.on_start(self)
                started.append(callback)
            self._evaluate()
            while self.epoch < self.epochs and not self.stopped:
                self._train_to_next_evaluation()
        finally:
            for callback in started:
                callback.on_end(self)

    def _train_to_next_evaluation(self) -> None:
        target = min((self.epoch // self.eval_every + 1) * self.eval_every, self.epochs)
        started = time.perf_counter()
        state, sums = self.engine.run(self.job, self.state, range(self.epoch + 1, target + 1))
        self.seconds += time.perf_counter() - started
        if sums.divergence:
            self.stop(str(sums.divergence))
            return
        self.state, self.epoch = state, target
        self.mistakes += sums.mistakes
        self._evaluate()

    def _evaluate(self) -> None:
        """Measure both sets with the present weights; keep weights and row if all is finite."""
        job, state = self.job, self.state
        selected = {"last": state.params}
        for rule in job.model.selections:
            selected[rule.name] = rule.chosen(state.kept[rule.name])
        params = selected[job.model.selected]
        on_train = self.engine.evaluate(job.model, job.loss, params, job.data)
        if not self.rows or math.isfinite(on_train.loss):
            self.params, self.selected = params, selected
        if not math.isfinite(on_train.loss):
            rate = job.optimizer.rate(max(state.update - 1, 0))
            self.stop(str(Divergence(self.epoch, state.update, rate)))
            return
        on_test = NOT_MEASURED
        if self.test is not None:
            on_test = self.engine.evaluate(job.model, job.loss, params, self.test)
        row: dict[str, float] = {
            "epoch": self.epoch,
            "updates": state.update,
            "examples": self.epoch * len(job.data),
            "seconds": self.seconds,
            "learning_rate": job.optimizer.rate(state.update),
            "train_loss": on_train.loss,
            "train_accuracy": on_train.accuracy,
            "test_loss": on_test.loss,
            "test_accuracy": on_test.accuracy,
        }
        if job.model.selections:
            row["mistakes"] = self.mistakes
        self.rows.append(row)
        for callback in self.callbacks:
            callback.on_evaluation(self)


def _check_is(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        given = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        raise ConfigurationError(f"{name} must be of type {kind.__name__}, got {given}")


def _check_at_least(name: str, value: int, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ConfigurationError(
            f"{name} must be a whole number of at least {least}, got {value!r}"
        )
