"""Training: from a model and data to runs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.data import Dataset
from rosenblatt.engines import Job, Samples, choose_engine
from rosenblatt.errors import ConfigurationError
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.models.gradients import check_loss
from rosenblatt.optimizers import SGD, Optimizer
from rosenblatt.random import check_seed
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.history import History
from rosenblatt.training.run import Run
from rosenblatt.training.samples import prepare
from rosenblatt.training.training import Training, train_together

DTYPES = ("float64", "float32")


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
        engine: "reference" (NumPy), "compiled" (machine code), or "auto", the one that is
            expected to end first. They agree to rounding; the same engine gives the same bits.
        init_params: initial weights by name, in place of those that the seed gives.
        dtype: "float64" or "float32".
        callbacks: what watches the run, called in this order.

    Returns:
        The run. If the loss stops being finite, the run ends there: ``run.diverged`` is True,
        ``run.stopped`` says where, and ``params`` and ``history`` are those of the last evaluation
        before; the initial weights and an empty history, where there was none.

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
    (run,) = train_seeds(
        model,
        train,
        (seed,),
        test=test,
        loss=loss,
        optimizer=optimizer,
        epochs=epochs,
        batch_size=batch_size,
        shuffle=shuffle,
        eval_every=eval_every,
        engine=engine,
        init_params=init_params,
        dtype=dtype,
        callbacks=callbacks,
    )
    return run


def train_seeds(
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
    init_params: Mapping[str, npt.ArrayLike] | None,
    dtype: str,
    callbacks: Sequence[Callback],
) -> list[Run]:
    """Train once for each seed, all at the same time; the arguments are those of :func:`train`.

    Callbacks see all the runs. Those that remember one run, as early stopping does, need a call for
    each seed.
    """
    _check_is("model", model, Model)
    _check_is("train", train, Dataset)
    _check_is("callbacks", callbacks, Sequence)
    for callback in callbacks:
        _check_is("a callback", callback, Callback)
    epochs = whole_number(epochs, "epochs", at_least=1)
    eval_every = whole_number(eval_every, "eval_every", at_least=1)
    job = _job(model, train, loss, optimizer, batch_size, shuffle, dtype)
    test_samples = None if test is None else _test_samples(job, train, test, dtype)
    if init_params is not None:
        init_params = model.check_params(init_params, dtype)
    chosen_engine = choose_engine(engine, job, epochs * len(seeds))
    jobs = [replace(job, seed=check_seed(seed), population=len(seeds)) for seed in seeds]
    first = [
        model.init(one.seed, np.dtype(dtype)) if init_params is None else dict(init_params)
        for one in jobs
    ]
    members = [
        Training(
            job=own,
            engine=chosen_engine,
            test=test_samples,
            epochs=epochs,
            eval_every=eval_every,
            callbacks=tuple(callbacks),
            state=state,
        )
        for own, state in zip(jobs, chosen_engine.start_many(jobs, first), strict=True)
    ]
    train_together(members)
    settings = {
        "model": repr(model),
        "loss": repr(job.loss),
        "optimizer": repr(job.optimizer),
        "epochs": epochs,
        "eval_every": eval_every,
        "batch_size": job.batch_size,
        "shuffle": shuffle,
        "init_params": "given" if init_params is not None else "from the seed",
        "dtype": dtype,
        "engine": engine,
        "train": train.content_hash,
        "test": None if test is None else test.content_hash,
    }
    return [_run_of(member, train.classes, settings) for member in members]


def _job(
    model: Model,
    train: Dataset,
    loss: Loss | None,
    optimizer: Optimizer | None,
    batch_size: int | None,
    shuffle: bool,
    dtype: str,
) -> Job:
    """Return what all members train, with seed 0; checked."""
    loss = model.default_loss if loss is None else loss
    optimizer = SGD() if optimizer is None else optimizer
    _check_is("loss", loss, Loss)
    _check_is("optimizer", optimizer, Optimizer)
    check_loss(model, loss)
    if dtype not in DTYPES:
        raise ConfigurationError(f"dtype must be one of {', '.join(DTYPES)}, got {dtype!r}")
    return Job(
        model=model,
        loss=loss,
        optimizer=optimizer,
        data=prepare(model, loss, train, dtype),
        batch_size=model.batch_size(batch_size, len(train)),
        shuffle=shuffle,
        seed=0,
    )


def _test_samples(job: Job, train: Dataset, test: Dataset, dtype: str) -> Samples:
    """Return the test set with the class indices of the training set."""
    _check_is("test", test, Dataset)
    if train.classes is not None:
        test = test.encode_as(train.classes)
    return prepare(job.model, job.loss, test, dtype)


def _run_of(member: Training, classes: tuple[Any, ...] | None, settings: Mapping[str, Any]) -> Run:
    return Run(
        model=member.job.model,
        loss=member.job.loss,
        params=member.params,
        history=History(member.rows),
        seed=member.seed,
        classes=classes,
        row=member.row_of_params,
        stopped=member.stopped,
        diverged=member.diverged,
        settings={**settings, "seed": member.seed},
        selected=member.selected,
    )


def _check_is(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        given = f"the class {value.__name__}" if isinstance(value, type) else type(value).__name__
        raise ConfigurationError(f"{name} must be of type {kind.__name__}, got {given}")
