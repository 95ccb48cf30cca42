"""Quantities of a run that lessons ask about: numbers, each computed from the run."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from rosenblatt.training import Run


RATES_OF_A_WINDOW = 41
"""Learning rates that are tried around that of a run."""


KEPT_OF_A_TICKET = 0.1
"""The share of the weights that a lottery ticket keeps."""


@dataclass(frozen=True)
class Quantity:
    """A number of a run.

    Attributes:
        label: what people read.
        of: computes it from a run.
    """

    label: str
    of: "Callable[[Run], float]"


def _last(column: str) -> "Callable[[Run], float]":
    """Return a function that gives the newest entry of a column of the history."""

    def of(run: "Run") -> float:
        return float(run.history[-1][column]) if run.history else math.nan

    return of


def _best(column: str) -> "Callable[[Run], float]":
    def of(run: "Run") -> float:
        return float(np.nanmax(run.history[column])) if run.history else math.nan

    return of


def _batch_size(run: "Run") -> float:
    from rosenblatt.training.run import plan_of

    return float(plan_of(run).job.batch_size)


def _gap(run: "Run") -> float:
    """Return by how much the accuracy on the training set exceeds that on the test set."""
    return _last("train_accuracy")(run) - _last("test_accuracy")(run)


def hidden_outputs(run: "Run") -> list[np.ndarray]:
    """Return the outputs of each hidden layer after its activation, (N, H), on the training set."""
    from rosenblatt.layers import Activation
    from rosenblatt.training.run import plan_of

    x = plan_of(run).job.data.x
    outputs = []
    last = max(i for i, layer in enumerate(run.model.layers) if layer.shapes)
    for index, layer in enumerate(run.model.layers[:last]):
        params = {
            name.partition(".")[2]: value
            for name, value in run.params.items()
            if name.partition(".")[0] == str(index)
        }
        x, _ = layer.forward(params, x)
        if isinstance(layer, Activation):
            outputs.append(x)
    return outputs


def _dead_units(run: "Run") -> float:
    """Return the share of hidden units whose output is the same for every training sample."""
    units = [np.ptp(outputs, axis=0) == 0 for outputs in hidden_outputs(run)]
    return float(np.concatenate(units).mean()) if units else 0.0


def _different_units(run: "Run") -> float:
    """Return how many units of the first hidden layer differ from all before them."""
    from rosenblatt.layers import Linear

    first = next(i for i, layer in enumerate(run.model.layers) if isinstance(layer, Linear))
    incoming = np.vstack([run.params[f"{first}.weight"], run.params[f"{first}.bias"][None]])
    return float(len(np.unique(incoming.round(9), axis=1).T))


def _weight_norm(run: "Run") -> float:
    """Return the root of the sum of all squared weights, biases left out."""
    weights = [value for name, value in run.params.items() if name.endswith("weight")]
    return math.sqrt(sum(float(np.sum(value**2)) for value in weights))


def _distance(run: "Run") -> float:
    """Return ‖w − w₀‖₁, over all parameters, w₀ being the initial ones."""
    start = run.at(epoch=0).params
    return float(sum(np.abs(run.params[name] - start[name]).sum() for name in start))


def _largest_eigenvalue(run: "Run") -> float:
    """Return the largest eigenvalue of the Hessian of the training loss."""
    from rosenblatt.analysis.hessian import hessian_extremes
    from rosenblatt.training.run import plan_of

    train = plan_of(run).train
    return float(hessian_extremes(run.model, run.params, train.X, train.y, loss=run.loss).largest)


def _flips(width: float) -> "Callable[[Run], float]":
    """Return a function that counts changes between converging and not, in a window around η.

    Args:
        width: half the width of the window, as a share of the run's η.
    """

    def of(run: "Run") -> float:
        from rosenblatt.sweeps import sweep
        from rosenblatt.training.run import plan_of

        plan, rate = plan_of(run), float(run.history[-1]["learning_rate"])
        found = sweep(
            run.model,
            plan.train,
            seeds=[plan.job.seed],
            loss=run.loss,
            optimizer=plan.job.optimizer,
            epochs=int(run.history[-1]["epoch"]),
            batch_size=plan.job.batch_size,
            shuffle=plan.job.shuffle,
            over={"learning_rate": rate * np.linspace(1 - width, 1 + width, RATES_OF_A_WINDOW)},
            measure=["convergence"],
            progress=False,
        )
        converges = np.asarray(found.column("convergence"), dtype=np.float64) < 0
        return float((converges[1:] != converges[:-1]).sum())

    return of


def _ticket_accuracy(at_random: bool) -> "Callable[[Run], float]":
    """Return a function that trains a tenth of a run's weights again, from their initial values.

    Args:
        at_random: whether the tenth is drawn; else it is the weights that the run made largest.
    """

    def of(run: "Run") -> float:
        from rosenblatt.analysis import pruned
        from rosenblatt.training import train
        from rosenblatt.training.run import plan_of

        plan = plan_of(run)
        optimizer: Any = plan.job.optimizer
        seed = plan.job.seed if at_random else None
        ticket = pruned(run.at(epoch=0).params, KEPT_OF_A_TICKET, by=run.params, seed=seed)
        again = train(
            run.model,
            plan.train,
            test=plan.test,
            init_params=ticket,
            loss=run.loss,
            optimizer=replace(optimizer, keep_zeros=True),
            epochs=int(run.history[-1]["epoch"]),
            batch_size=plan.job.batch_size,
            shuffle=plan.job.shuffle,
            seed=plan.job.seed,
        )
        return _last("test_accuracy")(again)

    return of


def _times_the_edge(run: "Run") -> float:
    """Return η times the largest eigenvalue, divided by 2: 1 at the edge of stability."""
    rate = float(run.history[-1]["learning_rate"])
    return rate * _largest_eigenvalue(run) / 2


QUANTITIES: Mapping[str, Quantity] = {
    "train_loss": Quantity("training loss", _last("train_loss")),
    "test_loss": Quantity("test loss", _last("test_loss")),
    "train_accuracy": Quantity("accuracy on the training set", _last("train_accuracy")),
    "test_accuracy": Quantity("accuracy on the test set", _last("test_accuracy")),
    "best_test_accuracy": Quantity("best accuracy on the test set", _best("test_accuracy")),
    "accuracy_gap": Quantity("accuracy on the training set minus that on the test set", _gap),
    "updates": Quantity("updates", _last("updates")),
    "epochs": Quantity("epochs", _last("epoch")),
    "batch_size": Quantity("samples per update", _batch_size),
    "diverged": Quantity("diverged (1) or not (0)", lambda run: float(run.diverged)),
    "dead_units": Quantity("share of dead hidden units", _dead_units),
    "different_units": Quantity("different units in the first hidden layer", _different_units),
    "weight_norm": Quantity("norm of all weights", _weight_norm),
    "distance": Quantity("distance of the parameters from the initial ones, ‖w − w₀‖₁", _distance),
    "largest_eigenvalue": Quantity("largest eigenvalue of the Hessian", _largest_eigenvalue),
    "times_the_edge": Quantity("η·λ/2, λ the largest eigenvalue", _times_the_edge),
    "ticket_accuracy": Quantity(
        "test accuracy of a tenth of the weights, those that became largest, trained again",
        _ticket_accuracy(at_random=False),
    ),
    "random_ticket_accuracy": Quantity(
        "test accuracy of a random tenth of the weights, trained again",
        _ticket_accuracy(at_random=True),
    ),
    "flips": Quantity("changes between converging and not within 1 % of η", _flips(1e-2)),
    "flips_closer": Quantity("the same within 0.01 % of η", _flips(1e-4)),
}
"""The quantities by name. Accuracies and shares are fractions."""
