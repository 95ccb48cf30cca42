"""The seed, the data and the numbers of one student."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from rosenblatt import data
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments.replay import initial_params
from rosenblatt.files import atomic_write
from rosenblatt.grading.questions import Array
from rosenblatt.grading.questions_part1 import CLOSEST, trained
from rosenblatt.grading.questions_part2 import gradients
from rosenblatt.layers import Linear, ReLU, Softmax
from rosenblatt.models import Sequential
from rosenblatt.optimizers import SGD
from rosenblatt.training import train

NUMBERS = {
    "part1": ("weight_1", "weight_2", "bias", "test_accuracy"),
    "part2": ("first_test_accuracy", "last_test_accuracy", "last_train_loss", "last_test_loss"),
    "part3": ("last_train_loss", "last_test_loss", "last_test_accuracy"),
}
"""The numbers of ``answers.json`` that a student reports, for each part."""

DIGITS_TOLERANCE = 5e-6
"""The largest relative difference of a reported number: half a unit of its sixth digit, at most.

Two right programs differ by 1e-12 after 1500 updates: the digits that are asked for decide.
"""

RATE = 0.01
PERCEPTRON_EPOCHS = 1000
MLP_EPOCHS = 1500
SGD_EPOCHS = 50
SGD_BATCH = 100
HIDDEN = 20


def student_seed(student: str) -> int:
    """Return the seed of a student, from 0 to 2³¹ − 1: the first bits of SHA-256 of the name.

    Upper and lower case and blanks around it are the same name.

    Raises:
        ConfigurationError: the name is empty.

    >>> student_seed("ada") == student_seed(" Ada"), student_seed("ada") == student_seed("bob")
    (True, False)
    """
    name = student.strip().lower()
    if not name:
        raise ConfigurationError("the student's name is empty; give the one that the course uses")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def student_data(part: str, student: str) -> tuple[Dataset, Dataset]:
    """Return (train, test) of a student for a part: Gaussians for part 1, moons for the others.

    >>> train, test = student_data("part2", "ada")
    >>> len(train), len(test)
    (800, 200)
    """
    seed = student_seed(student)
    if part != "part1":
        return data.moons(1000, noise=0.2, seed=seed).split(test_size=0.2, seed=seed)
    while True:
        drawn = data.gaussians(100, ((0, 0), (2, 2)), 1.0, seed=seed, classes=(-1, 1))
        train_set, test_set = drawn.split(test_size=0.2, seed=seed, stratify=True)
        if trained(train_set.X, _signs(train_set), RATE, PERCEPTRON_EPOCHS)[2] > CLOSEST * RATE:
            return train_set, test_set
        seed += 1


def write_student_data(folder: Path, student: str) -> list[Path]:
    """Write ``partN/datasets/`` for a student: train.csv, test.csv, student.json; return the files.

    Raises:
        ConfigurationError: the name is empty.
        FileError: they cannot be written.
    """
    written = []
    for part in NUMBERS:
        place = folder / part / "datasets"
        place.mkdir(parents=True, exist_ok=True)
        for name, dataset in zip(("train", "test"), student_data(part, student), strict=True):
            data.save(dataset, place / f"{name}.csv")
            written.append(place / f"{name}.csv")
        with atomic_write(place / "student.json") as file:
            values = {"student": student.strip(), "seed": student_seed(student)}
            file.write(json.dumps(values).encode() + b"\n")
        written.append(place / "student.json")
    return written


def epoch_order(seed: int, epoch: int, samples: int) -> Array:
    """Return the order of an epoch's samples in part 3, as the handout's script draws it."""
    return np.random.RandomState(seed + epoch).permutation(samples)


@lru_cache(maxsize=4096)
def right_numbers(part: str, student: str) -> dict[str, float]:
    """Return the numbers that a student should report, computed with the package."""
    train_set, test_set = student_data(part, student)
    seed = student_seed(student)
    if part == "part1":
        w, b, _ = trained(train_set.X, _signs(train_set), RATE, PERCEPTRON_EPOCHS)
        labels = np.where(test_set.X @ w + b >= 0, 1, -1)
        accuracy = float(np.mean(labels == _signs(test_set)))
        return {"weight_1": w[0], "weight_2": w[1], "bias": b, "test_accuracy": accuracy}
    layers = [Linear(2, HIDDEN), ReLU(), Linear(HIDDEN, 2)]
    model = Sequential(layers)
    params = initial_params(model, seed)
    epochs = MLP_EPOCHS
    if part == "part3":
        params, epochs = _after_sgd(Sequential([*layers, Softmax()]), params, train_set, seed), 1
    run = train(
        model,
        train_set,
        test=test_set,
        optimizer=SGD(RATE),
        epochs=epochs,
        eval_every=epochs,
        init_params=params,
    )
    rows = run.history
    # Part 3 has made its updates already: its numbers are those before the first one here.
    first, last = rows[0], rows[-1 if part == "part2" else 0]
    result = {
        f"last_{name}": float(last[name]) for name in ("train_loss", "test_loss", "test_accuracy")
    }
    if part == "part2":
        result["first_test_accuracy"] = float(first["test_accuracy"])
    return result


def _after_sgd(
    model: Sequential, params: dict[str, Array], train_set: Dataset, seed: int
) -> dict[str, Array]:
    """Return the parameters after the epochs of part 3."""
    x, y = train_set.X, np.eye(2)[np.asarray(train_set.y, dtype=int)]
    for epoch in range(SGD_EPOCHS):
        order = epoch_order(seed, epoch, len(x))
        for start in range(0, len(x), SGD_BATCH):
            chosen = order[start : start + SGD_BATCH]
            _, grads, _ = gradients(model, params, x[chosen], y[chosen])
            params = {name: value - RATE * grads[name] for name, value in params.items()}
    return params


def _signs(dataset: Dataset) -> Array:
    return np.asarray(dataset.labels, dtype=float)
