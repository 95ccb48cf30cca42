"""``sweep``: training of the networks that settings describe."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from rosenblatt.data import as_dataset
from rosenblatt.errors import ConfigurationError
from rosenblatt.losses import Loss, as_loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer, as_optimizer
from rosenblatt.sweeps.computation import Call, How, compute
from rosenblatt.sweeps.halving import Halving
from rosenblatt.sweeps.proposals import Proposals
from rosenblatt.sweeps.result import Sweep
from rosenblatt.sweeps.trained import TrainedNetwork
from rosenblatt.sweeps.variants import Base, Sets
from rosenblatt.training.calls import Data
from rosenblatt.training.plan import DEFAULT_OPTIMIZER, make_plan

if TYPE_CHECKING:
    import optuna


def sweep(
    model: Model,
    data: Data | npt.ArrayLike,
    y: npt.ArrayLike | None = None,
    *,
    over: Mapping[str, Any] | Sequence[Mapping[str, Any]],
    seeds: Iterable[int] = (0,),
    test: Data | None = None,
    validation: Data | None = None,
    loss: Loss | str | None = None,
    optimizer: Optimizer | str | None = None,
    epochs: int = 100,
    batch_size: int | None = None,
    shuffle: bool = True,
    dtype: npt.DTypeLike = "float64",
    measure: Sequence[str | Callable[[TrainedNetwork], float]] = (),
    eval_every: int = 1,
    halving: Halving | bool = False,
    sampler: "optuna.samplers.BaseSampler | None" = None,
    n: int | None = None,
    objective: str | None = None,
    storage: "str | optuna.storages.BaseStorage | None" = None,
    study: "str | optuna.Study | None" = None,
    paired: bool = True,
    engine: str = "auto",
    folder: str | os.PathLike[str] | None = None,
    executor: Any = "threads",
    max_seconds: float | None = None,
    max_epochs: int | None = None,
    progress: bool = True,
) -> Sweep:
    """Train a network for every combination of settings and every seed.

    Networks of equal shape, batch size and number of rows train together, each with its own
    learning rate, initial scale, momentum and other numbers; no run is kept of each.

    Args:
        model: the network where ``over`` says nothing else.
        data: the training set, as for :func:`rosenblatt.train`.
        y: its labels, if ``data`` is X alone.
        over: settings with their values, by the words of ``rosenblatt train mlp --config``:
            ``{"learning_rate": [0.01, 0.1], "hidden": [[8], [32, 32]], "init_scale": ...}``. Values
            are lists, arrays or ranges, which are combined, or come from
            :func:`rosenblatt.uniform` and :func:`rosenblatt.log_uniform`. Or a list of
            dictionaries, one for each cell.
        seeds: the seeds of each cell.
        test: a set to measure at the end.
        validation: another such set.
        loss: as for :func:`rosenblatt.train`, like the next five.
        optimizer: where ``over`` says nothing else.
        epochs: where ``over`` says nothing else.
        batch_size: where ``over`` says nothing else.
        shuffle: where ``over`` says nothing else.
        dtype: where ``over`` says nothing else.
        measure: measures besides the losses and accuracies at the end: "best(test_accuracy)",
            "first_epoch(test_accuracy>=0.9)", "largest_eigenvalue", "smallest_eigenvalue" and
            "trace" of the Hessian of the training loss, "gradient_noise" (the noise scale of its
            gradient), "expected_accuracy" under the density of a generator, "distance" from the
            initial weights, "convergence" or divergence of the training loss
            (:func:`rosenblatt.analysis.trainability.convergence`), or a function of a
            :class:`rosenblatt.sweeps.TrainedNetwork` that returns a number.
        eval_every: epochs between evaluations, for measures of the way.
        halving: whether cells that do badly stop early: True, or a
            :class:`rosenblatt.sweeps.Halving`. What trains on has the bits of a network that was
            never paused. Cells are compared by their loss on the validation set, or on the training
            set without one, unless it names another measure.
        sampler: one of Optuna, such as ``optuna.samplers.TPESampler(seed=0)``, which chooses ``n``
            cells: numbers between the ends of ranges, and values from lists. ``sweep.study`` is the
            study; a cell is a trial, whose value is the mean over its seeds.
        n: with a sampler, the number of trials, with those that the study has already.
        objective: the measure that it improves, upwards for accuracies and else downwards; by
            default the loss on the validation set, or on the training set without one.
        storage: of the study, as for ``optuna.create_study``: a URL such as "sqlite:///study.db".
        study: a study of Optuna, or its name in the storage, by default "sweep".
        paired: whether all cells of a seed have the same initial draws and orders; otherwise each
            network has streams of its own.
        engine: "compiled", "reference" (one network after the other), or "auto": compiled where
            the network can be.
        folder: a folder for the results, which are written as they come. The same call continues
            after an interruption, and computes only what is new where ``over``, ``seeds`` or
            ``measure`` have changed.
        executor: who trains: "threads" of this process; "processes" of this machine, one for each
            core; or the workers of a Dask cluster, given its client or the address of its
            scheduler. The table is the same to the last bit.
        max_seconds: after this time, networks that are not trained are left out: their status is
            "not computed" and their measures are NaN. What had begun is dropped, but something is
            trained in each call, so that the same call with a folder, repeated, comes to the end.
        max_epochs: the epochs that this call may train, of all networks together.
        progress: whether to show on standard error how far it is.

    Raises:
        ConfigurationError: an unknown setting or measure, an empty list of values, or a value that
            cannot be, with the cell that has it; something in the model, the measures or the data
            that cannot be sent to other processes; a cluster that cannot be used.
        DataError, ShapeError: as :func:`rosenblatt.train`.
        FileError: the folder has another sweep, or cannot be written.
        KeyboardInterrupt: Ctrl-C was pressed; a folder has all results but the last few.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(50, means=[(2, 2), (-2, -2)], seed=0)
    >>> rates = {"learning_rate": [0.01, 0.1, 1.0]}
    >>> sweep = rb.sweep(rb.MLP(2, [4], 2), data, over=rates, seeds=range(2), epochs=20)
    >>> sweep, sweep.best("train_loss")["learning_rate"]
    (Sweep(6 networks; learning_rate: 3; seeds: 2), 1.0)
    """
    sets = Sets(
        as_dataset(data, y),
        None if test is None else as_dataset(test, name="test"),
        None if validation is None else as_dataset(validation, name="validation"),
    )
    # All that rosenblatt.train would refuse.
    checked = make_plan(
        model,
        sets.train,
        (0,),
        {
            "test": sets.test,
            "validation": sets.validation,
            "loss": loss,
            "optimizer": optimizer,
            "epochs": epochs,
            "batch_size": batch_size,
            "shuffle": shuffle,
            "eval_every": eval_every,
            "engine": "reference",
            "dtype": dtype,
        },
    )
    base = Base(
        model,
        sets,
        None if loss is None else as_loss(loss),
        DEFAULT_OPTIMIZER if optimizer is None else as_optimizer(optimizer),
        checked.settings.epochs,
        batch_size,
        shuffle,
        str(checked.settings.dtype),
    )
    call = Call(over, seeds, measure, eval_every, halving, paired, engine)
    proposals: Proposals | None = None
    if sampler is not None or storage is not None or study is not None:
        proposals = Proposals(sampler, n, storage, study, objective)
    elif n is not None or objective is not None:
        raise ConfigurationError("n and objective are for a sampler; give sampler=...")
    how = How(executor, max_seconds, max_epochs, progress)
    return compute(base, call, folder, None, how, proposals)
