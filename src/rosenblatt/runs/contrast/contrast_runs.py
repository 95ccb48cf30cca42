"""The contrast of two runs: their first difference and their distance."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from rosenblatt.checks import whole_number
from rosenblatt.data import Dataset
from rosenblatt.data.names import match_columns
from rosenblatt.engines import Samples
from rosenblatt.errors import ConfigurationError, DataError, ShapeError, given
from rosenblatt.runs.contrast.contrast_result import PREDICTIONS, Contrast
from rosenblatt.runs.contrast.distance import (
    answers_of,
    compare_answers,
    compare_weights,
    kind_of_answers,
)
from rosenblatt.runs.contrast.first_difference import (
    Replay,
    departures,
    find_first_difference,
)
from rosenblatt.training import Run
from rosenblatt.training.run import RunAt, plan_of, run_at, trajectory_of


def contrast(
    a: Run, b: Run, *, data: Dataset | None = None, epochs: Iterable[int] | None = None
) -> Contrast:
    """Say where and how far two runs part, in weights and in predictions.

    The first place at which the weights differ at all is looked for at the end of every epoch, and
    then update by update within the first epoch at whose end they differ: runs that part within an
    epoch and are the same again at its end, to the last bit, are not told apart. Both runs are
    computed again from what was kept of them, which takes about as long as training them.

    Runs with different batch sizes have moments to compare at the ends of epochs only. A branch
    (``run.fork``) is compared from where it branched off; before, it is the run that it branched
    off, which is known by the history they share.

    Args:
        a: a run.
        b: another, of a model whose parameters have the same shapes.
        data: where predictions are compared; by default ``a``'s test set, or its training set.
        epochs: which epochs to compare; by default those that were evaluated in both runs, and the
            first and the last that both were at.

    Returns:
        A value with columns, tables and a figure.

    Raises:
        ConfigurationError: runs that :func:`rosenblatt.train` made no part of, that were at no
            epoch in common, or at none of ``epochs``; or that predict different things.
        ShapeError: models with parameters of different shapes, or data that does not fit them.
        DataError: labels or features that were not in the training data.
        FileError: a run in a folder whose checkpoints are damaged.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, epochs=10, batch_size=10)
    >>> branch = run.fork(epoch=4, optimizer=rb.SGD(0.5))
    >>> print(contrast(run, branch).first_difference)
    after batch 1 of epoch 5 (update 41)
    """
    replays = _replay("a", a), _replay("b", b)
    _check_alike(a, b)
    replays[1].columns = match_columns(b.feature_names, a.feature_names, owner="run a")
    measured_on, samples = _samples(a, b, data)
    kind = kind_of_answers(a.loss, b.loss, a.model.n_outputs)
    shared = _shared_epochs(a, b)
    first_difference = find_first_difference(*replays, shared)
    starts = None if first_difference is None else departures(*replays, first_difference)

    places = _epochs(replays, shared, epochs)
    updates, weights, predictions = [], [], []
    for epoch in places:
        moments = [_moment(replays, which, epoch) for which in (0, 1)]
        first, second = (moment.state for moment in moments)
        before = first_difference is None or (epoch, 0) < (
            first_difference.epoch,
            first_difference.batch,
        )
        answers_a, answers_b = (
            answers_of(moment, of_run, kind)
            for moment, of_run in zip(moments, samples, strict=True)
        )
        updates.append((first.update, second.update))
        params = replays[0].by_column(first.params), replays[1].by_column(second.params)
        weights.append(compare_weights(*params, None if before else starts))
        predictions.append(
            (
                *compare_answers(answers_a, answers_b, kind),
                *(answers_a.loss, answers_b.loss),
                *(answers_a.accuracy, answers_b.accuracy),
            )
        )
    distances, relative, cosines = (
        {name: np.array([row[name][i] for row in weights]) for name in weights[0]} for i in range(3)
    )
    return Contrast(
        first_difference=first_difference,
        differences=_differences(a, b),
        epochs=np.array(places, dtype=np.int64),
        updates=np.array(updates, dtype=np.int64),
        distances=distances,
        relative=relative,
        cosines=cosines,
        predictions=dict(zip(PREDICTIONS, np.array(predictions).T, strict=True)),
        changed=kind,
        measured_on=measured_on,
        n_samples=len(samples[0]),
        updates_per_epoch=replays[0].per_epoch,
    )


def _replay(which: str, run: Run) -> Replay:
    """Return the path of a run, to be walked."""
    if not isinstance(run, Run):
        raise ConfigurationError(
            f"{which} must be of type Run, got {type(run).__name__}: give one run, of "
            "rosenblatt.train, load_run or fork, or one of a population"
        )
    try:
        return Replay(run, trajectory_of(run))
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{which}: {error}; give a run that rosenblatt.train, load_run or fork returned"
        ) from error


def _check_alike(a: Run, b: Run) -> None:
    """Refuse runs whose weights or predictions cannot be held against each other."""
    shapes = a.model.shapes, b.model.shapes
    for name in [*shapes[0], *shapes[1]]:
        if shapes[0].get(name) != shapes[1].get(name):
            of_a, of_b = (str(shape_of.get(name, "not there")) for shape_of in shapes)
            raise ShapeError(
                f"parameter {name} is {of_a} in a and {of_b} in b; contrast runs of models whose "
                "parameters have the same shapes"
            )
    if a.classes != b.classes or a.loss.task != b.loss.task:
        of_a, of_b = (
            "values" if run.classes is None else f"the classes {given(list(run.classes))}"
            for run in (a, b)
        )
        raise DataError(
            f"a predicts {of_a} and b {of_b}; contrast runs that were trained on the same classes"
        )


def _samples(a: Run, b: Run, data: Dataset | None) -> tuple[str, tuple[Samples, Samples]]:
    """Return what predictions are compared on, and its samples as each of the runs takes them."""
    name = "data given"
    if data is None:
        plan = plan_of(a)
        name = "training set" if plan.test is None else "test set"
        data = plan.train if plan.test is None else plan.test
    if not isinstance(data, Dataset):
        raise ConfigurationError(
            f"data must be of type Dataset, got {type(data).__name__}; make one of arrays by "
            "rosenblatt.data.Dataset(X, y)"
        )
    if a.classes is not None:
        data = data.encode_as(a.classes)
    samples_a, samples_b = (
        Samples.of(
            run.model,
            run.loss,
            # Each in the order of the columns that its weights belong to.
            data.order_as(run.feature_names, f"the model of {which}"),
            np.result_type(*run.params.values()),
        )
        for which, run in (("a", a), ("b", b))
    )
    return name, (samples_a, samples_b)


def _shared_epochs(a: Run, b: Run) -> list[int]:
    """Return the epochs that a branch was told of by the run that it branched off.

    Their rows are copies: even the seconds are the same, which no two runs measure alike.
    """
    shared: list[int] = []
    told = False
    for row_a, row_b in zip(a.history, b.history, strict=False):
        if repr(row_a) != repr(row_b):
            break
        shared.append(int(row_a["epoch"]))
        told = row_a["seconds"] > 0
    return shared if told else []


def _epochs(
    replays: tuple[Replay, Replay], shared: list[int], requested: Iterable[int] | None
) -> list[int]:
    """Return the epochs to compare, in order.

    Raises:
        ConfigurationError: one of those asked for cannot be, or none are.
    """
    a, b = replays
    both = range(max(a.epochs.start, b.epochs.start), min(a.epochs.stop, b.epochs.stop))
    earlier = range(min(a.epochs.start, b.epochs.start), both.start)
    past = [epoch for epoch in shared if epoch in earlier]
    if requested is None:
        evaluated = [{int(epoch) for epoch in replay.run.history["epoch"]} for replay in replays]
        ends = {both.start, both.stop - 1} if both else set()
        compared = {*past, *(evaluated[0] & evaluated[1]).intersection(both), *ends}
        if not compared:
            raise ConfigurationError(
                "the runs have no end of an epoch in common, where weights and predictions are "
                "compared; contrast runs that overlap by more than a part of an epoch"
            )
        return sorted(compared)
    epochs = sorted({whole_number(epoch, "an epoch", at_least=0) for epoch in requested})
    for epoch in epochs:
        if epoch not in both and epoch not in past:
            raise ConfigurationError(
                f"both runs were at epochs {both.start} to {both.stop - 1}, not at {epoch}"
            )
    if not epochs:
        raise ConfigurationError("epochs names none; leave it out for all that were evaluated")
    return epochs


def _moment(replays: tuple[Replay, Replay], which: int, epoch: int) -> RunAt:
    """Return a run at an epoch. Before a branch begins, it is the run that it branched off."""
    replay = replays[which] if epoch in replays[which].epochs else replays[1 - which]
    return run_at(replay.run, replay.at(epoch))


def _differences(a: Run, b: Run) -> dict[str, tuple[Any, Any]]:
    """Return the settings in which runs differ, each with both values."""
    of_a, of_b = _settings(a), _settings(b)
    names = dict.fromkeys([*of_a, *of_b])
    pairs = {name: (of_a.get(name), of_b.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _settings(run: Run) -> dict[str, Any]:
    plan = plan_of(run)
    job = plan.job
    optimizer: Any = job.optimizer
    return {
        "model": repr(job.model),
        "loss": repr(job.loss),
        "optimizer": type(optimizer).__name__,
        **{
            setting.name.replace("_", " "): getattr(optimizer, setting.name)
            for setting in fields(optimizer)
        },
        "batch size": job.batch_size,
        "shuffle": job.shuffle,
        "seed": run.seed,
        "type": str(job.data.x.dtype),
        "engine": plan.engine.name,
        "training set": plan.train.content_hash,
    }
