"""What is measured of a program of the lab: gradients, training and large weights.

A program is measured alike whether it is right, has a bug, or was repaired.
"""

import copy
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

SEEDS = (0, 1, 2)
EPOCHS = 30
_STEP = 1e-5
"""Step of the central differences: their error is about 1e-10 for losses near 1."""
_LARGE = 1e4
"""Factor of the weights that brings exp and log to their limits."""

Values = dict[str, Any]


class _Program:
    """The functions of a program under common names, for networks that are objects or dicts."""

    def __init__(self, namespace: Values) -> None:
        self.names = namespace
        self.of_functions = "Network" not in namespace

    def train(self, X: Any, y: Any, epochs: int, seed: int, watch: Any = None) -> Any:
        result = self.names["train"](X, y, epochs=epochs, seed=seed, watch=watch)
        return result[0] if isinstance(result, tuple) else result

    def layers(self, model: Any) -> list[Any]:
        every = model.layers if hasattr(model, "layers") else [model.first, model.second]
        return [layer for layer in every if layer.params]

    def parameters(self, model: Any) -> dict[str, Any]:
        """Return the model's own arrays by name: a change of them changes the model."""
        if self.of_functions:
            return dict(model)
        return {
            f"layer {i} {name}": value
            for i, layer in enumerate(self.layers(model), 1)
            for name, value in layer.params.items()
        }

    def outputs(self, model: Any, X: Any) -> Any:
        return self.names["forward"](model, X)[0] if self.of_functions else model.forward(X)

    def hidden(self, model: Any, X: Any) -> Any:
        """Return the outputs of the hidden units."""
        if self.of_functions:
            return self.names["forward"](model, X)[1]["a1"]
        first, second = model.layers[:2] if hasattr(model, "layers") else (model.first, model.relu)
        return second.forward(first.forward(X))

    def loss(self, model: Any, X: Any, y: Any) -> float:
        outputs = self.outputs(model, X)
        if self.of_functions:
            return float(self.names["compute_loss"](outputs, y))
        return float(model.loss.forward(outputs, y))

    def gradients(self, model: Any, X: Any, y: Any) -> dict[str, Any]:
        if self.of_functions:
            return dict(self.names["backward"](model, self.names["forward"](model, X)[1], y))
        model.loss.forward(model.forward(X), y)
        model.backward()
        return {
            f"layer {i} {name}": layer.grads[name]
            for i, layer in enumerate(self.layers(model), 1)
            for name in layer.params
        }

    def accuracy(self, model: Any, X: Any, y: Any) -> float | None:
        """Return the fraction of right predictions; None for a regression."""
        if "accuracy" not in self.names:
            return None
        return float(self.names["accuracy"](self.outputs(model, X), y))


def measure(source: bytes, path: Path) -> Values:
    """Return the measurements of a program as plain values, or ``{"reason": …}`` if it fails."""
    namespace: Values = {"__name__": "program", "__file__": str(path)}
    try:
        with np.errstate(all="ignore"):
            exec(compile(source, path.name, "exec"), namespace)
            program = _Program(namespace)
            return {
                **_one_pass(program),
                "curves": [_curve(program, seed) for seed in SEEDS],
            }
    except (Exception, SystemExit) as error:
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == path.name]
        where = f" in line {lines[-1]}" if lines else ""
        return {"reason": f"{type(error).__name__}{where}: {error}"}


def _one_pass(program: _Program) -> Values:
    """Measure outputs, loss and gradients for ten samples at weights that have moved a little."""
    X, y = program.names["make_data"](seed=0)
    model = program.train(X, y, epochs=0, seed=0)
    rng = np.random.default_rng(1)
    start = {name: value.copy() for name, value in program.parameters(model).items()}
    for value in program.parameters(model).values():
        value += rng.normal(0, 0.3, value.shape)
    X10, y10 = X[:10], y[:10]
    first = _copies(program.gradients(model, X10, y10))
    again = _copies(program.gradients(model, X10, y10))
    numeric = {
        name: _differences(lambda: program.loss(model, X10, y10), value)
        for name, value in program.parameters(model).items()
    }
    return {
        "data": {"inputs": _plain(X), "targets": _plain(y)},
        "start": {name: _plain(value) for name, value in start.items()},
        "outputs": _plain(program.outputs(model, X10)),
        "loss": program.loss(model, X10, y10),
        "analytic": {name: _plain(first[name]) for name in numeric},
        "again": {name: _plain(again[name]) for name in numeric},
        "numeric": {name: _plain(value) for name, value in numeric.items()},
        "large": _large(program, model, X10, y10),
    }


def _large(program: _Program, model: Any, X: Any, y: Any) -> float:
    """Return the loss for very large weights, where exp overflows and probabilities are 0 or 1."""
    model = copy.deepcopy(model)
    for value in program.parameters(model).values():
        value *= _LARGE
    return program.loss(model, X, y)


def _curve(program: _Program, seed: int) -> Values:
    """Train with one seed; return what is measured before training and after each epoch."""
    X, y = program.names["make_data"](seed=seed)
    rows: dict[str, list[Any]] = {"loss": [], "accuracy": [], "hidden": [], "gradients": []}

    def watch(model: Any) -> None:
        # A copy, so that measuring cannot change what is trained.
        model = copy.deepcopy(model)
        rows["loss"].append(program.loss(model, X, y))
        rows["accuracy"].append(program.accuracy(model, X, y))
        rows["hidden"].append(float(np.sqrt(np.mean(program.hidden(model, X) ** 2))))
        norms = {
            name: float(np.linalg.norm(value))
            for name, value in program.gradients(model, X, y).items()
        }
        rows["gradients"].append(norms)

    model = program.train(X, y, epochs=EPOCHS, seed=seed, watch=watch)
    if len(rows["loss"]) != EPOCHS + 1:
        raise ValueError(
            f"train called watch {len(rows['loss'])} times in {EPOCHS} epochs; it is called "
            "before training and after each epoch"
        )
    end = {name: _plain(value) for name, value in program.parameters(model).items()}
    silent = np.mean(np.all(program.hidden(model, X) == 0, axis=0))
    return {**rows, "end": end, "silent": float(silent)}


def _differences(loss: Callable[[], float], values: Any) -> Any:
    """Return the central differences of a loss by each entry of an array, which it depends on."""
    result = np.empty_like(values)
    for entry in np.ndindex(values.shape):
        value = values[entry]
        values[entry] = value + _STEP
        above = loss()
        values[entry] = value - _STEP
        below = loss()
        values[entry] = value
        result[entry] = (above - below) / (2 * _STEP)
    return result


def _copies(arrays: dict[str, Any]) -> dict[str, Any]:
    return {name: np.array(value) for name, value in arrays.items()}


def _plain(array: Any) -> list[Any]:
    return list(np.asarray(array, dtype=float).tolist())
