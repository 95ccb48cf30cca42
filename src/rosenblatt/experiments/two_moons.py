"""What E4, E5 and E6 share: the MLP 2-20-2 on the two moons."""

from typing import Any

from rosenblatt.experiments import replay
from rosenblatt.experiments.base import Row
from rosenblatt.models import MLP
from rosenblatt.optimizers import SGD
from rosenblatt.training import Run, train

EPOCHS = 1500
EVAL_EVERY = 10
LEARNING_RATE = 0.01
SETTINGS = {
    "model": "MLP 2-20-2, ReLU, weights N(0, 1), biases 0",
    "loss": "mean softmax cross-entropy",
    "data": "two moons, 1000 points, noise 0.2, 800 train and 200 test",
    "learning rate": LEARNING_RATE,
    "epochs": EPOCHS,
    "evaluated": f"every {EVAL_EVERY} epochs",
}
COLUMNS = ("epoch", "updates", "train_loss", "test_loss", "train_accuracy", "test_accuracy")


def train_mlp(
    *,
    seed: int,
    batch_size: int | None = None,
    network: int | None = None,
    epochs: int = EPOCHS,
    engine: str = "reference",
) -> Run:
    """Return a run on the report's moons.

    Args:
        seed: of the run; with ``network``, that of the legacy generator as well.
        batch_size: samples per update; None is the full batch.
        network: start from the as-published weights of the ``network``-th model drawn; None starts
            from standard-normal weights of the run's own stream.
        epochs: how many.
        engine: named, not "auto", so that the bits of a result do not hang on what is compiled yet.
    """
    data, test = replay.moons()
    model = MLP(2, [20], 2, activation="relu", init="normal")
    return train(
        model,
        data,
        test=test,
        optimizer=SGD(LEARNING_RATE),
        epochs=epochs,
        batch_size=batch_size,
        seed=seed,
        engine=engine,
        eval_every=EVAL_EVERY,
        init_params=None if network is None else replay.initial_params(model, seed, network),
    )


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
        **{
            name: end[name]
            for name in ("test_accuracy", "train_accuracy", "train_loss", "test_loss")
        },
    }
