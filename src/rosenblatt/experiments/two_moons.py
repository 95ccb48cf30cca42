"""Training of the MLP 2-20-2 on the two moons, for E4, E5 and E6."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from rosenblatt.analysis.hessian import gradient_noise_scale, hessian, perturbed_loss
from rosenblatt.data import Dataset, moons
from rosenblatt.engines import ENGINES, Samples
from rosenblatt.experiments import replay
from rosenblatt.experiments.base import Row
from rosenblatt.layers import Normal, Params
from rosenblatt.models import MLP, Model, loss_and_grads
from rosenblatt.optimizers import SGD
from rosenblatt.training import Callback, Run, train, train_many

EPOCHS = 1500
EVAL_EVERY = 10
LEARNING_RATE = 0.01
NOISE = 0.2
N_FRESH = 100_000
FRESH_SEED = 2**32 - 1
"""Points that no run has seen, to measure on."""
PERTURBATION = 0.05
"""The standard deviation of random changes of the weights, whose effect on the loss is measured."""
SETTINGS = {
    "model": "MLP 2-20-2, ReLU, weights N(0, 1), biases 0",
    "loss": "mean softmax cross-entropy",
    "data": "two moons, 1000 points, noise 0.2, 800 train and 200 test",
    "learning rate": LEARNING_RATE,
    "epochs": EPOCHS,
    "evaluated": f"every {EVAL_EVERY} epochs",
    "fresh points": N_FRESH,
}
COLUMNS = ("epoch", "updates", "train_loss", "test_loss", "train_accuracy", "test_accuracy")


def network(std: float = 1.0) -> Model:
    """Return the MLP 2-20-2 whose initial weights are N(0, std²)."""
    return MLP(2, [20], 2, activation="relu", init=Normal(std))


@cache
def drawn(draw: int) -> tuple[Dataset, Dataset]:
    """Return (train, test): draw 0 is the data of the source, the others are drawn alike."""
    if draw == 0:
        return replay.moons()
    return moons(1000, noise=NOISE, seed=draw).split(test_size=0.2, seed=draw)


@cache
def fresh_points() -> Dataset:
    """Return a large test set of the same distribution."""
    return moons(N_FRESH, noise=NOISE, seed=FRESH_SEED)


def train_replay(
    *,
    seed: int,
    network_number: int,
    batch_size: int | None = None,
    callbacks: Sequence[Callback] = (),
) -> Run:
    """Return a run from the replayed initial weights of the ``network_number``-th model drawn."""
    data, test = drawn(0)
    model = network()
    return train(
        model,
        data,
        test=test,
        optimizer=SGD(LEARNING_RATE),
        epochs=EPOCHS,
        batch_size=batch_size,
        seed=seed,
        eval_every=EVAL_EVERY,
        engine="reference" if batch_size is None else "compiled",
        init_params=replay.initial_params(model, seed, network_number),
        callbacks=callbacks,
    )


def train_seeds(
    first: int,
    stop: int,
    *,
    draw: int = 0,
    std: float = 1.0,
    batch_size: int | None = None,
    learning_rate: float = LEARNING_RATE,
    epochs: int = EPOCHS,
    eval_every: int = EVAL_EVERY,
    callbacks: Sequence[Callback] = (),
) -> list[Run]:
    """Return the runs of the seeds from ``first`` to before ``stop``.

    A seed's initial weights and orders are the same whatever the batch size and learning rate. The
    engine is named, so that the bits of a result do not hang on what is compiled yet.
    """
    data, test = drawn(draw)
    runs = train_many(
        network(std),
        data,
        test=test,
        seeds=range(first, stop),
        optimizer=SGD(learning_rate),
        epochs=epochs,
        batch_size=batch_size,
        eval_every=eval_every,
        engine="compiled",
        callbacks=callbacks,
    )
    return list(runs)


def curve(run: Run) -> list[Row]:
    """Return the rows of a run's history that its figures draw."""
    return [{name: row[name] for name in COLUMNS} for row in run.history]


def start_and_end(run: Run, **first: Any) -> Row:
    """Return one row: accuracies before the first update, and all measures after the last."""
    start, end = run.history[0], run.history[-1]
    return {
        **first,
        "start_test_accuracy": start["test_accuracy"],
        "start_train_accuracy": start["train_accuracy"],
        **{name: end[name] for name in COLUMNS if name not in ("epoch", "updates")},
    }


def on_fresh(runs: Sequence[Run]) -> list[Row]:
    """Return loss and accuracy of each run's weights on the fresh points."""
    model, loss = runs[0].model, runs[0].loss
    metrics = ENGINES["compiled"]().evaluate_many(
        model, loss, [run.params for run in runs], _fresh_samples()
    )
    return [{"fresh_loss": one.loss, "fresh_accuracy": one.accuracy} for one in metrics]


@cache
def _fresh_samples() -> Samples:
    model = network()
    return Samples.of(model, model.default_loss, fresh_points(), "float64")


def gradient_norm(model: Model, params: Params, data: Dataset) -> float:
    """Return ‖∇L‖ on ``data``."""
    _, grads = loss_and_grads(model, params, data.X, data.y)
    squares = sum(float((gradient**2).sum()) for gradient in grads.values())
    return float(squares**0.5)


def spectrum(model: Model, params: Params, data: Dataset) -> Row:
    """Return the ends and the sum of the eigenvalues of the Hessian of the loss on ``data``."""
    import numpy as np

    values = np.linalg.eigvalsh(hessian(model, params, data.X, data.y))
    return {
        "smallest_eigenvalue": float(values[0]),
        "largest_eigenvalue": float(values[-1]),
        "trace": float(values.sum()),
    }


def sharpness(model: Model, params: Params, data: Dataset) -> Row:
    """Return three measures of how sharp a minimum is, and how noisy the gradient is there."""
    moved = perturbed_loss(model, params, data.X, data.y, scale=PERTURBATION, n_draws=50)
    noise = gradient_noise_scale(model, params, data.X, data.y)
    return {
        **spectrum(model, params, data),
        "perturbed_loss": moved.mean,
        "noise_scale": noise.value,
        "gradient_norm": noise.squared_norm**0.5,
    }


def first_reaching(run: Run, column: str, at_least: float) -> Mapping[str, float] | None:
    """Return the first row of the history whose column is at least that, or None."""
    return next((row for row in run.history if row[column] >= at_least), None)
