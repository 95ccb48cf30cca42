"""Two runs side by side: where they part, and how far they are from then on.

The question is asked of a run and a branch of it, or of any two runs of models with the same
shapes: other seeds, other batch sizes, other learning rates. Does a change of a single weight by
1e-6 die out, or does it grow? The branch says:

>>> import rosenblatt as rb
>>> data = rb.data.moons(200, noise=0.2, seed=0)
>>> run = rb.train(rb.MLP(2, [8], 2), data, optimizer=rb.SGD(0.1), epochs=60, batch_size=20)
>>> def nudge(params):
...     params["0.weight"][0, 0] += 1e-6
>>> found = rb.contrast(run, run.fork(epoch=20, edit=nudge))
>>> print(found.parting)
after epoch 20 (update 200)
>>> distance = found.distances["all"]
>>> [f"{distance[found.epochs == epoch][0]:.0e}" for epoch in (19, 20)]
['0e+00', '1e-06']
>>> bool(distance[-1] < 1e-4), float(found.predictions["disagreement"][-1])
(True, 0.0)

A branch with other batches parts at once, and where it ends is another place:

>>> found = rb.contrast(run, run.fork(epoch=20, batch_size=200))
>>> found.differences
{'batch size': (20, 200)}
>>> bool(found.relative["all"][-1] > 0.01)
True
>>> figure = found.plot()
>>> [ax.get_xlabel() for ax in figure.axes]
['epoch', 'epoch', 'epoch']
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.data import Dataset
from rosenblatt.engines import Samples
from rosenblatt.errors import ConfigurationError, DataError, ShapeError, given
from rosenblatt.runs.measures import (
    ALL,
    answers_of,
    compare_answers,
    compare_weights,
    kind_of_answers,
)
from rosenblatt.runs.parting import Parting, Walk, departures, find_parting
from rosenblatt.training import Run
from rosenblatt.training.run import RunAt, plan_of, run_at, trajectory_of

if TYPE_CHECKING:
    import pyarrow as pa
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PREDICTIONS = (
    "disagreement",
    "mean_change",
    "max_change",
    "loss_a",
    "loss_b",
    "accuracy_a",
    "accuracy_b",
)


@dataclass(frozen=True, eq=False, repr=False)
class Contrast:
    """What :func:`contrast` returns: columns over the E epochs at which two runs were compared.

    With W_a and W_b the last weights of the runs at an epoch, those that training goes on from,

        distance  ‖W_a − W_b‖, the root of the sum of squares
        relative  ‖W_a − W_b‖ / ‖W_a‖
        cosine    ⟨D_a, D_b⟩ / (‖D_a‖ ‖D_b‖), with D = W − (W where the runs parted)

    for each parameter, and for all of them as one vector. The cosine says whether the two have gone
    the same way since they parted: 1 for one direction, 0 for directions that have nothing in
    common. (Fort, Hu and Lakshminarayanan, *Deep Ensembles: A Loss Landscape Perspective*, 2019,
    compare runs by the cosine of the weights themselves, and by the share of samples on which their
    predicted classes disagree, as here.) Where runs differ from the start or by an edit, each has
    its own weights there.

    Predictions are those of the weights that the model selects (a perceptron's pocket, perhaps), on
    the same samples for both runs.

    Attributes:
        parting: the first place at which the weights differ, or None: they are the same throughout.
        differences: the settings in which the runs differ, each with both of its values.
        epochs: the epochs that were compared, (E,).
        updates: how many updates each of the runs had done, (E, 2).
        distances: by parameter, and under "all" of all weights, (E,).
        relative: the same; ∞ where W_a is 0 and W_b is not, and 0 where both are.
        cosines: the same; NaN up to the parting, and where a run has not moved since.
        predictions: by name, (E,) each:
            "disagreement", the share of samples whose predicted class differs (NaN for regression);
            "mean_change" and "max_change", over samples, of max_c |p_a − p_b|, the largest change
            of a probability, which of two classes is |Δp|; of scores where there are no
            probabilities (perceptron), and of predicted values in regression;
            "loss_a", "loss_b", "accuracy_a" and "accuracy_b".
        changed: what "mean_change" is of: "probability", "score" or "value".
        measured_on: which samples these are.
        n_samples: how many.
        updates_per_epoch: of the first run.
    """

    parting: Parting | None
    differences: Mapping[str, tuple[Any, Any]]
    epochs: Ints
    updates: Ints
    distances: Mapping[str, Floats]
    relative: Mapping[str, Floats]
    cosines: Mapping[str, Floats]
    predictions: Mapping[str, Floats]
    changed: str
    measured_on: str
    n_samples: int
    updates_per_epoch: int

    @property
    def parted(self) -> float | None:
        """The place of the parting in epochs of the first run, or None."""
        if self.parting is None:
            return None
        return self.parting.epoch + self.parting.batch / self.updates_per_epoch

    @property
    def weights_table(self) -> "pa.Table":
        """Distances, relative distances and cosines, a row for each epoch and parameter."""
        import pyarrow as pa

        names = list(self.distances)
        columns: dict[str, Any] = {
            "epoch": np.repeat(self.epochs, len(names)),
            "updates_a": np.repeat(self.updates[:, 0], len(names)),
            "updates_b": np.repeat(self.updates[:, 1], len(names)),
            "parameter": names * len(self.epochs),
        }
        for column, values in (
            ("distance", self.distances),
            ("relative", self.relative),
            ("cosine", self.cosines),
        ):
            columns[column] = np.stack([values[name] for name in names], axis=1).ravel()
        return pa.table(columns)

    @property
    def predictions_table(self) -> "pa.Table":
        """What the predictions were, a row for each epoch."""
        import pyarrow as pa

        columns: dict[str, Any] = {
            "epoch": self.epochs,
            "updates_a": self.updates[:, 0],
            "updates_b": self.updates[:, 1],
        }
        return pa.table({**columns, **self.predictions})

    @overload
    def plot(self, axes: None = None, *, names: tuple[str, str] | None = None) -> "Figure": ...

    @overload
    def plot(
        self, axes: "Sequence[Axes]", *, names: tuple[str, str] | None = None
    ) -> "Figure | None": ...

    def plot(
        self, axes: "Sequence[Axes] | None" = None, *, names: tuple[str, str] | None = None
    ) -> "Figure | None":
        """Draw distances, disagreement and losses against the epoch; see the parting in each.

        Args:
            axes: three axes to draw into; by default those of a new figure.
            names: what the runs are called; by default "a" and "b", and what differs in them.

        Returns:
            The figure, which a notebook shows and ``rb.plotting.save_figure`` writes; None where
            ``axes`` are those of pyplot, which shows their figure itself: it would be there twice.

        Raises:
            ConfigurationError: not three axes.
        """
        from rosenblatt.plotting import new_figure, plot_changes, plot_distances, plot_two_losses

        if axes is None:
            drawn, axes = new_figure(3, panel_size=(3.6, 3.3))
            drawn.set_layout_engine("constrained", w_pad=0.09)
        if len(axes) != 3:
            raise ConfigurationError(f"a contrast is drawn into three axes, got {len(axes)}")
        weights, predictions, losses = axes
        layers = self._of_layers()
        plot_distances(
            weights,
            self.epochs,
            layers,
            together=self.distances[ALL] if len(layers) > 1 else None,
            parted=self.parted,
            title="Weights",
        )
        # Beside samples of another class, the largest change of all says little.
        agree = not np.any(self.predictions["disagreement"] > 0)
        plot_changes(
            predictions,
            self.epochs,
            disagreement=self._drawn("disagreement"),
            mean=self._drawn("mean_change"),
            largest=self._drawn("max_change") if agree else None,
            of=self.changed,
            parted=self.parted,
            title="Predictions",
        )
        plot_two_losses(
            losses,
            self.epochs,
            self.predictions["loss_a"],
            self.predictions["loss_b"],
            names=names or _names(self.differences),
            parted=self.parted,
            title=f"Loss on the {self.measured_on}",
        )
        figure: Figure = weights.figure.get_figure(root=True)
        return figure if figure.canvas.manager is None else None

    def _of_layers(self) -> dict[str, Floats]:
        """Return the distances by layer: of its parameters together."""
        layers: dict[str, Floats] = {}
        for name, distance in self.distances.items():
            if name != ALL:
                layer = f"layer {name.partition('.')[0]}"
                layers[layer] = np.hypot(layers.get(layer, 0.0), distance)
        return layers

    def _drawn(self, name: str) -> Floats | None:
        """Return a column of the predictions, None where it says nothing."""
        column = self.predictions[name]
        return None if np.isnan(column).all() else column

    def __repr__(self) -> str:
        first, last = self.epochs[0], self.epochs[-1]
        lines = [f"Contrast of two runs at {len(self.epochs)} epochs, {first} to {last}"]
        if self.differences:
            lines.append(f"  other settings: {_listed(self.differences)}")
        where = "nowhere: their weights are the same" if self.parting is None else self.parting
        lines.append(f"  they part {where}")
        lines.append(f"  weights at epoch {last}:")
        width = max(len(name) for name in self.distances)
        for name in self.distances:
            lines.append(
                f"    {name:{width}}  distance {self.distances[name][-1]:<9.3g}  "
                f"relative {self.relative[name][-1]:<9.3g}  cosine {self.cosines[name][-1]:.3g}"
            )
        lines.append(
            f"  predictions at epoch {last}, on the {self.measured_on} ({self.n_samples} samples):"
        )
        end = {name: column[-1] for name, column in self.predictions.items()}
        if not math.isnan(end["disagreement"]):
            lines.append(f"    another class for {100 * end['disagreement']:.4g} % of the samples")
        lines.append(
            f"    change of the {self.changed}: mean {end['mean_change']:.3g}, "
            f"largest {end['max_change']:.3g}"
        )
        lines.append(f"    loss {end['loss_a']:.6g} and {end['loss_b']:.6g}")
        if not math.isnan(end["accuracy_a"]):
            lines[-1] += f"; accuracy {100 * end['accuracy_a']:.4g} % and "
            lines[-1] += f"{100 * end['accuracy_b']:.4g} %"
        return "\n".join(lines)


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
        What was found: a value with columns, tables and a figure.

    Raises:
        ConfigurationError: runs that :func:`rosenblatt.train` made no part of, that were at no
            epoch in common, or at none of ``epochs``; or that predict different things.
        ShapeError: models with parameters of different shapes, or data that does not fit them.
        DataError: labels or features that were not in the training data.
        FileError: a run in a folder whose checkpoints are damaged.
    """
    walks = _walk("a", a), _walk("b", b)
    _check_alike(a, b)
    measured_on, samples = _samples(a, b, data)
    kind = kind_of_answers(a.loss, b.loss, a.model.n_outputs)
    shared = _shared_epochs(a, b)
    parting = find_parting(*walks, shared)
    starts = None if parting is None else departures(*walks, parting)

    places = _epochs(walks, shared, epochs)
    updates, weights, predictions = [], [], []
    for epoch in places:
        there = [_moment(walks, which, epoch) for which in (0, 1)]
        first, second = (moment.state for moment in there)
        before = parting is None or (epoch, 0) < (parting.epoch, parting.batch)
        one, other = (
            answers_of(moment, of_run, kind) for moment, of_run in zip(there, samples, strict=True)
        )
        updates.append((first.update, second.update))
        weights.append(compare_weights(first.params, second.params, None if before else starts))
        predictions.append(
            (
                *compare_answers(one, other, kind),
                *(one.loss, other.loss),
                *(one.accuracy, other.accuracy),
            )
        )
    distances, relative, cosines = (
        {name: np.array([row[name][i] for row in weights]) for name in weights[0]} for i in range(3)
    )
    return Contrast(
        parting=parting,
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
        updates_per_epoch=walks[0].per_epoch,
    )


def _walk(which: str, run: Run) -> Walk:
    """Return the path of a run, to be walked."""
    if not isinstance(run, Run):
        raise ConfigurationError(
            f"{which} must be of type Run, got {type(run).__name__}: give one run, of "
            "rosenblatt.train, load_run or fork, or one of a population"
        )
    try:
        return Walk(run, trajectory_of(run))
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{which}: {error}; give a run that rosenblatt.train, load_run or fork returned"
        ) from error


def _check_alike(a: Run, b: Run) -> None:
    """Refuse runs whose weights or predictions cannot be held against each other."""
    shapes = a.model.shapes, b.model.shapes
    for name in [*shapes[0], *shapes[1]]:
        if shapes[0].get(name) != shapes[1].get(name):
            of_a, of_b = (str(own.get(name, "not there")) for own in shapes)
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
    one, other = (
        Samples.of(
            run.model,
            run.loss,
            # Each in the order of the columns that its weights belong to.
            data.order_as(run.feature_names, f"the model of {which}"),
            np.result_type(*run.params.values()),
        )
        for which, run in (("a", a), ("b", b))
    )
    return name, (one, other)


def _shared_epochs(a: Run, b: Run) -> list[int]:
    """Return the epochs that a branch was told of by the run that it branched off.

    Their rows are copies: even the seconds are the same, which no two runs measure alike.
    """
    shared: list[int] = []
    told = False
    for one, other in zip(a.history, b.history, strict=False):
        if repr(one) != repr(other):
            break
        shared.append(int(one["epoch"]))
        told = one["seconds"] > 0
    return shared if told else []


def _epochs(walks: tuple[Walk, Walk], shared: list[int], asked: Iterable[int] | None) -> list[int]:
    """Return the epochs to compare, in order.

    Raises:
        ConfigurationError: one of those asked for cannot be, or none are.
    """
    a, b = walks
    both = range(max(a.epochs.start, b.epochs.start), min(a.epochs.stop, b.epochs.stop))
    known = range(min(a.epochs.start, b.epochs.start), both.start)
    past = [epoch for epoch in shared if epoch in known]
    if asked is None:
        evaluated = [{int(epoch) for epoch in walk.run.history["epoch"]} for walk in walks]
        ends = {both.start, both.stop - 1} if both else set()
        found = {*past, *(evaluated[0] & evaluated[1]).intersection(both), *ends}
        if not found:
            raise ConfigurationError(
                "the runs have no end of an epoch in common, where weights and predictions are "
                "compared; contrast runs that overlap by more than a part of an epoch"
            )
        return sorted(found)
    epochs = sorted({whole_number(epoch, "an epoch", at_least=0) for epoch in asked})
    for epoch in epochs:
        if epoch not in both and epoch not in past:
            raise ConfigurationError(
                f"both runs were at epochs {both.start} to {both.stop - 1}, not at {epoch}"
            )
    if not epochs:
        raise ConfigurationError("epochs names none; leave it out for all that were evaluated")
    return epochs


def _moment(walks: tuple[Walk, Walk], which: int, epoch: int) -> RunAt:
    """Return a run at an epoch. Before a branch begins, it is the run that it branched off."""
    walk = walks[which] if epoch in walks[which].epochs else walks[1 - which]
    return run_at(walk.run, walk.at(epoch))


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
        **{one.name.replace("_", " "): getattr(optimizer, one.name) for one in fields(optimizer)},
        "batch size": job.batch_size,
        "shuffle": job.shuffle,
        "seed": run.seed,
        "type": str(job.data.x.dtype),
        "engine": plan.engine.name,
        "training set": plan.train.content_hash,
    }


def _listed(differences: Mapping[str, tuple[Any, Any]]) -> str:
    """Return the differences in one line."""
    texts = [
        f"{name} {_short(one)} and {_short(other)}" for name, (one, other) in differences.items()
    ]
    return ", ".join(texts)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else given(value)
    return f"{text[:24]}..." if len(text) > 28 else text


def _names(differences: Mapping[str, tuple[Any, Any]]) -> tuple[str, str]:
    """Return what a figure calls the runs: a and b, and the setting that differs, if it is one."""
    if len(differences) != 1:
        return "a", "b"
    ((name, (one, other)),) = differences.items()
    return f"a ({name} {_short(one)})", f"b ({name} {_short(other)})"
