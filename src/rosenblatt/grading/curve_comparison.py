"""The loss curve of a student's network next to that of the reference, update by update."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.errors import ConfigurationError
from rosenblatt.grading.questions import Array
from rosenblatt.layers import Linear, ReLU
from rosenblatt.models import Sequential
from rosenblatt.optimizers import SGD
from rosenblatt.training import train

TOLERANCE = 1e-9
"""The largest relative difference of two right losses.

Rounding differs by about 1e-16 in each update, and hundreds of updates make up to 1e-12 of it.
"""


@dataclass(frozen=True)
class CurveComparison:
    """Two loss curves from the same weights.

    Attributes:
        losses: the student's loss before each update (U,).
        reference: the same of the reference (U,).
    """

    losses: Array
    reference: Array

    @property
    def differences(self) -> Array:
        """|student − reference| / reference of each update (U,); infinite where it is no number."""
        with np.errstate(all="ignore"):
            relative = np.abs(self.losses - self.reference) / np.abs(self.reference)
        return np.where(np.isfinite(relative), relative, np.inf)

    @property
    def first_difference(self) -> int | None:
        """The first update, from 0, before which the losses differ; None if they never do."""
        wrong = np.flatnonzero(self.differences > TOLERANCE)
        return int(wrong[0]) if len(wrong) else None

    @property
    def verdict(self) -> str:
        """What the comparison shows, in one line."""
        largest, first = float(self.differences.max()), self.first_difference
        if first is None:
            return (
                f"the same curve: over {len(self.losses)} updates the losses differ by at most "
                f"{largest:.1g} of their value, which is rounding"
            )
        where = (
            "before the first update: look at the forward pass and the loss"
            if first == 0
            else f"after {first} update{'s' * (first > 1)}: look at the gradients and the update"
        )
        yours, ours = self.losses[first], self.reference[first]
        return (
            f"another curve: the losses first differ {where}. There yours is {yours:.9g} and the "
            f"reference's {ours:.9g}; the largest difference is {largest:.2g} of the value"
        )

    def draw(self, path: str | Path) -> None:
        """Draw both curves, and their difference below.

        Raises:
            FileError: the figure cannot be written.
        """
        from rosenblatt.plotting import new_figure, save_figure

        figure, (above, below) = new_figure(panels=2)
        updates = np.arange(len(self.losses))
        above.plot(updates, self.reference, color="0.6", linewidth=4, label="reference")
        above.plot(updates, self.losses, color="C0", linewidth=1.2, label="modules.py")
        above.set(xlabel="update", ylabel="training loss", ylim=(0, None))
        above.legend()
        # Rounding has no place at 0 on an axis of powers of ten.
        shown = np.clip(self.differences, 1e-17, 1e3)
        below.semilogy(updates, shown, color="C0", linewidth=1.2)
        below.axhline(TOLERANCE, color="0.6", linestyle="--", label="limit of rounding")
        below.set(xlabel="update", ylabel="relative difference of the loss")
        below.legend()
        save_figure(figure, Path(path))


def compare_with_reference(
    mlp: Any,
    train_epoch: Callable[[Any, Array, Array, float], float],
    x: Array,
    targets: Array,
    *,
    learning_rate: float,
    updates: int,
) -> CurveComparison:
    """Train a student's network and the reference from the same weights, full batch.

    Args:
        mlp: has ``modules``, in which every Linear has ``params`` with "weight" and "bias"; a ReLU
            stands between two of them, and a softmax at the end.
        train_epoch: makes one update of ``mlp`` and returns the loss before it.
        x: samples (N, D).
        targets: one-hot labels (N, C).
        learning_rate: η.
        updates: how many to make, at least 1.

    Raises:
        ConfigurationError: ``mlp`` has other modules, or ``updates`` is below 1.
    """
    if updates < 1:
        raise ConfigurationError(f"updates must be at least 1, got {updates}")
    params: dict[str, Array] = {}
    layers: list[Any] = []
    for number, module in enumerate(mlp.modules[:-1]):
        values = getattr(module, "params", None) or {}
        if number % 2 == 1:
            layers.append(ReLU())
        elif {"weight", "bias"} <= set(values):
            layers.append(Linear(*np.shape(values["weight"])))
            params |= {f"{number}.{name}": np.array(values[name]) for name in ("weight", "bias")}
        else:
            raise ConfigurationError(f"module {number} should be a Linear with a weight and a bias")
    losses = [float(train_epoch(mlp, x, targets, learning_rate)) for _ in range(updates)]
    run = train(
        Sequential(layers),
        (x, targets.argmax(axis=1)),
        optimizer=SGD(learning_rate),
        epochs=updates,
        init_params=params,
    )
    reference = np.full(updates, np.nan)
    rows = run.history["train_loss"][:updates]
    reference[: len(rows)] = rows
    return CurveComparison(np.array(losses), reference)
