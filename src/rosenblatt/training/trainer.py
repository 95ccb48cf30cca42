"""Training: from a model and data to runs."""

from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy.typing as npt

from rosenblatt.checks import real_number
from rosenblatt.data import Dataset
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.carry_out import carry_out, carry_out_in
from rosenblatt.training.plan import FROM_SEED, check_init_params, make_plan
from rosenblatt.training.run import Run, Runs

CHECKPOINT_EVERY = 0.5
"""Seconds between checkpoints by default, so that no moment of a run is further from one."""


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
    run_dir: str | PathLike[str] | None = None,
    checkpoint_every: float = CHECKPOINT_EVERY,
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
            expected to end first. They agree up to rounding; one engine gives the same bits on the
            same type of processor, with the same versions of the libraries.
        init_params: initial weights by name, in place of those that the seed gives.
        dtype: "float64" or "float32".
        callbacks: what watches the run, called in this order.
        run_dir: a folder for the run, where it survives the process: its settings, its data,
            checkpoints, history and model. :func:`rosenblatt.resume` goes on with it.
        checkpoint_every: seconds between checkpoints.

    Returns:
        The run. If the loss stops being finite, or ends beyond 1e30 times its start, the run has
        diverged and ends there: ``run.diverged`` is True, ``run.stopped`` says where, and
        ``params`` and ``history`` are those of the last evaluation before; the initial weights and
        an empty history, where there was none.

    Raises:
        ConfigurationError: a setting that cannot work.
        DataError: labels that do not fit the model, or in ``test`` one that is not in ``train``.
        ShapeError: data or initial weights that do not fit the model.
        FileError: ``run_dir`` cannot be written, or there is a run in it.
        KeyboardInterrupt: Ctrl-C was pressed; with a ``run_dir``, after a last checkpoint.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(100, means=[(2, 2), (-2, -2)], seed=0)
    >>> run = rb.train(rb.MLP(2, [], 2), data, epochs=20, optimizer=rb.SGD(0.5))
    >>> run.history[-1]["train_accuracy"] > 0.95
    True
    """
    runs = train_seeds(
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
        run_dir=run_dir,
        checkpoint_every=checkpoint_every,
    )
    run: Run = runs[0]
    return run


def train_seeds(
    model: Model,
    train: Dataset,
    seeds: Sequence[int],
    *,
    init_params: Mapping[str, npt.ArrayLike] | None,
    run_dir: str | PathLike[str] | None,
    checkpoint_every: float,
    **settings: Any,
) -> Runs:
    """Train once for each seed, all at the same time; the arguments are those of :func:`train`.

    Callbacks see all the runs. Those that remember one run need a call for each seed.
    """
    every = real_number(checkpoint_every, "checkpoint_every", at_least=0)
    initial = FROM_SEED if init_params is None else "given"
    plan = make_plan(model, train, seeds, initial=initial, **settings)
    first = check_init_params(plan, init_params)
    if run_dir is None:
        return carry_out(plan, plan.begin(first))
    return carry_out_in(run_dir, plan, lambda: plan.begin(first), every=every)
