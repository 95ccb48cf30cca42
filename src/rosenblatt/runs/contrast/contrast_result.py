"""The result of contrasting two runs: columns, tables, a figure and a text."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.runs.contrast.distance import ALL
from rosenblatt.runs.contrast.first_difference import FirstDifference

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
        first_difference: the first update at which the weights differ, or None where they never do.
        differences: the settings in which the runs differ, each with both of its values.
        epochs: the epochs that were compared, (E,).
        updates: how many updates each of the runs had done, (E, 2).
        distances: by parameter, and under "all" of all weights, (E,).
        relative: the same; ∞ where W_a is 0 and W_b is not, and 0 where both are.
        cosines: the same; NaN up to the first difference, and where a run has not moved since.
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

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [4], 2), data, epochs=6)
    >>> found = rb.contrast(run, run.fork(epoch=3, optimizer=rb.SGD(0.5)))
    >>> found.epochs.tolist(), found.distances["all"][:4].tolist()
    ([0, 1, 2, 3, 4, 5, 6], [0.0, 0.0, 0.0, 0.0])
    >>> list(found.differences)
    ['learning rate']
    """

    first_difference: FirstDifference | None
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
    def first_difference_epoch(self) -> float | None:
        """The first difference in epochs of the first run, or None."""
        if self.first_difference is None:
            return None
        return self.first_difference.epoch + self.first_difference.batch / self.updates_per_epoch

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
        """Draw distances, disagreement and losses against the epoch, with the first difference.

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
            first_difference_epoch=self.first_difference_epoch,
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
            first_difference_epoch=self.first_difference_epoch,
            title="Predictions",
        )
        plot_two_losses(
            losses,
            self.epochs,
            self.predictions["loss_a"],
            self.predictions["loss_b"],
            names=names or _names(self.differences),
            first_difference_epoch=self.first_difference_epoch,
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
        where = (
            "nowhere: their weights are the same"
            if self.first_difference is None
            else self.first_difference
        )
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


def _listed(differences: Mapping[str, tuple[Any, Any]]) -> str:
    """Return the differences in one line."""
    texts = [
        f"{name} {_short(value_a)} and {_short(value_b)}"
        for name, (value_a, value_b) in differences.items()
    ]
    return ", ".join(texts)


def _short(value: object) -> str:
    text = value if isinstance(value, str) else given(value)
    return f"{text[:24]}..." if len(text) > 28 else text


def _names(differences: Mapping[str, tuple[Any, Any]]) -> tuple[str, str]:
    """Return what a figure calls the runs: a and b, and the setting that differs, if it is one."""
    if len(differences) != 1:
        return "a", "b"
    ((name, (value_a, value_b)),) = differences.items()
    return f"a ({name} {_short(value_a)})", f"b ({name} {_short(value_b)})"
