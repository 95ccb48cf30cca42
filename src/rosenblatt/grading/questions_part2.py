"""Questions about part 2: the modules, the network built of them, and its training."""

from itertools import pairwise
from typing import Any

import numpy as np

from rosenblatt import layers, losses
from rosenblatt.grading.questions import Array, Drawn, Object, question
from rosenblatt.layers import Params
from rosenblatt.models import Sequential

_LOSS = losses.CategoricalCrossEntropy()


def _linear(drawn: Drawn, rng: np.random.Generator, samples: int) -> tuple[Any, Params, Array]:
    layer = layers.Linear(4, 3)
    params = {"weight": rng.normal(size=(4, 3)), "bias": rng.normal(size=3)}
    drawn.call("modules.Linear", 4, 3, name="linear")
    for name, value in params.items():
        drawn.set(f"linear.params.{name}", value)
    return layer, params, rng.normal(size=(samples, 4))


@question("part2", "linear-start", "weight-shape", "bias-zero", "gradients-zero")
def _linear_start(drawn: Drawn, rng: np.random.Generator) -> None:
    inputs, outputs = (int(n) for n in rng.permutation(np.arange(2, 9))[:2])
    drawn.call("modules.Linear", inputs, outputs, name="linear")
    drawn.expect("weight-shape", "linear.params.weight.shape", [inputs, outputs])
    drawn.expect("bias-zero", "linear.params.bias", np.zeros(outputs))
    drawn.expect("gradients-zero", "linear.grads.weight", np.zeros((inputs, outputs)))
    drawn.expect("gradients-zero", "linear.grads.bias", np.zeros(outputs))


@question("part2", "linear-forward", "rows", "one-row")
def _linear_forward(drawn: Drawn, rng: np.random.Generator) -> None:
    layer, params, x = _linear(drawn, rng, 5)
    for criterion, rows in (("rows", x), ("one-row", x[:1])):
        drawn.call("linear.forward", rows, name="y")
        drawn.expect(criterion, "y", layer.forward(params, rows)[0])


@question("part2", "linear-backward", "inputs", "weight", "bias", "again")
def _linear_backward(drawn: Drawn, rng: np.random.Generator) -> None:
    layer, params, x = _linear(drawn, rng, 5)
    dy = rng.normal(size=(5, 3))
    dx, grads = layer.backward(params, layer.forward(params, x)[1], dy)
    drawn.call("linear.forward", x)
    drawn.call("linear.backward", dy, name="dx")
    drawn.expect("inputs", "dx", dx)
    for name in ("weight", "bias"):
        drawn.expect(name, f"linear.grads.{name}", grads[name])
    # A second pass has another number of rows; its gradients must replace those of the first.
    x, dy = rng.normal(size=(2, 4)), rng.normal(size=(2, 3))
    dx, grads = layer.backward(params, layer.forward(params, x)[1], dy)
    drawn.call("linear.forward", x)
    drawn.call("linear.backward", dy, name="dx")
    drawn.expect("again", "dx", dx)
    for name in ("weight", "bias"):
        drawn.expect("again", f"linear.grads.{name}", grads[name])


@question("part2", "relu", "forward", "backward", "at-zero")
def _relu(drawn: Drawn, rng: np.random.Generator) -> None:
    x, dy = rng.normal(size=(6, 4)), rng.normal(size=(6, 4))
    zeros = x.copy()
    zeros[::2, ::2] = 0.0
    drawn.call("modules.ReLU", name="relu")
    for values, forward, backward in ((x, "forward", "backward"), (zeros, None, "at-zero")):
        y, cache = layers.ReLU().forward({}, values)
        drawn.call("relu.forward", values, name="y")
        if forward:
            drawn.expect(forward, "y", y)
        drawn.call("relu.backward", dy, name="dx")
        drawn.expect(backward, "dx", layers.ReLU().backward({}, cache, dy)[0])


@question("part2", "softmax", "forward", "large", "backward")
def _softmax(drawn: Drawn, rng: np.random.Generator) -> None:
    layer = layers.Softmax()
    x, dy = rng.normal(size=(5, 3)) * 2, rng.normal(size=(5, 3))
    large = x + np.array([[1000.0], [-1000.0], [0.0], [2000.0], [-3.0]])
    large[2] += [1000.0, 0.0, -1000.0]
    drawn.call("modules.SoftMax", name="softmax")
    drawn.call("softmax.forward", large, name="p")
    drawn.expect("large", "p", layer.forward({}, large)[0])
    p, cache = layer.forward({}, x)
    drawn.call("softmax.forward", x, name="p")
    drawn.expect("forward", "p", p)
    drawn.call("softmax.backward", dy, name="dx")
    drawn.expect("backward", "dx", layer.backward({}, cache, dy)[0])


@question("part2", "cross-entropy", "forward", "backward")
def _cross_entropy(drawn: Drawn, rng: np.random.Generator) -> None:
    drawn.call("modules.CrossEntropy", name="loss")
    for samples in (6, 1):
        p, y = rng.dirichlet(np.ones(3), size=samples), np.eye(3)[rng.integers(3, size=samples)]
        value, dp = _LOSS.over_batch(p, y)
        drawn.call("loss.forward", p, y, name="value")
        drawn.expect("forward", "value", value)
        drawn.call("loss.backward", p, y, name="dp")
        drawn.expect("backward", "dp", dp)


def network(drawn: Drawn, rng: np.random.Generator, widths: list[int]) -> tuple[Any, Params]:
    """Build an MLP of the submission with drawn weights; return the right one and the weights."""
    drawn.call("mlp_numpy.MLP", widths[0], widths[1:-1], widths[-1], name="mlp")
    stack: list[Any] = []
    for sizes in pairwise(widths):
        stack += [layers.Linear(*sizes), layers.ReLU()]
    stack[-1] = layers.Softmax()
    model = Sequential(stack)
    params = {name: rng.normal(size=shape) for name, shape in model.shapes.items()}
    for name, value in params.items():
        drawn.set("mlp.modules." + name.replace(".", ".params."), value)
    return model, params


def gradients(model: Any, params: Params, x: Array, y: Array) -> tuple[Array, Params, float]:
    """Return ∂L/∂x, the gradients of all parameters, and L, for the mean cross-entropy L."""
    p, caches = model.forward(params, x)
    value, dp = _LOSS.over_batch(p, y)
    dx, grads = model.backward(params, caches, dp)
    return dx, grads, float(value)


def batch(rng: np.random.Generator, samples: int, inputs: int, classes: int) -> tuple[Array, Array]:
    """Return x (N, D) and one-hot y (N, C)."""
    return rng.normal(size=(samples, inputs)), np.eye(classes)[rng.integers(classes, size=samples)]


def expect_params(drawn: Drawn, criterion: str, params: Params) -> None:
    """Compare all parameters of the network of the submission."""
    for name, value in params.items():
        drawn.expect(criterion, "mlp.modules." + name.replace(".", ".params."), value)


@question(
    "part2", "mlp-forward", "initial-weights", "two-hidden-layers", "no-hidden-layer", follows=True
)
def _mlp_forward(drawn: Drawn, rng: np.random.Generator) -> None:
    for seed in ([], [7]):
        drawn.call("mlp_numpy.MLP", 3, [5, 4], 2, *seed, name="new")
        legacy = np.random.RandomState(*(seed or [42]))
        for number, sizes in zip((0, 2, 4), pairwise([3, 5, 4, 2]), strict=True):
            drawn.expect(
                "initial-weights", f"new.modules.{number}.params.weight", legacy.randn(*sizes)
            )
            drawn.expect("initial-weights", f"new.modules.{number}.params.bias", np.zeros(sizes[1]))
    for criterion, widths in (("two-hidden-layers", [3, 5, 4, 2]), ("no-hidden-layer", [3, 2])):
        model, params = network(drawn, rng, widths)
        x, _ = batch(rng, 6, 3, 2)
        drawn.call("mlp.forward", x, name="p")
        drawn.expect(criterion, "p", model.forward(params, x)[0])


@question("part2", "mlp-backward", "last-layer", "first-layers", "inputs", follows=True)
def _mlp_backward(drawn: Drawn, rng: np.random.Generator) -> None:
    model, params = network(drawn, rng, [3, 5, 4, 2])
    x, y = batch(rng, 6, 3, 2)
    dx, grads, _ = gradients(model, params, x, y)
    drawn.call("mlp.forward", x)
    drawn.call("mlp.backward", _LOSS.over_batch(model.forward(params, x)[0], y)[1], name="dx")
    for name, value in grads.items():
        criterion = "last-layer" if name.startswith("4.") else "first-layers"
        drawn.expect(criterion, "mlp.modules." + name.replace(".", ".grads."), value)
    drawn.expect("inputs", "dx", dx)


@question("part2", "mlp-update", "one-step", "two-steps", follows=True)
def _mlp_update(drawn: Drawn, rng: np.random.Generator) -> None:
    model, params = network(drawn, rng, [3, 4, 2])
    x, y = batch(rng, 5, 3, 2)
    rate = float(rng.uniform(0.1, 0.9))
    for criterion in ("one-step", "two-steps"):
        dp = _LOSS.over_batch(model.forward(params, x)[0], y)[1]
        _, grads, _ = gradients(model, params, x, y)
        params = {name: value - rate * grads[name] for name, value in params.items()}
        drawn.call("mlp.forward", x)
        drawn.call("mlp.backward", dp)
        drawn.call("mlp.update", rate)
        expect_params(drawn, criterion, params)


@question("part2", "accuracy", "fraction")
def _accuracy(drawn: Drawn, rng: np.random.Generator) -> None:
    for samples in (7, 3, 1):
        p, y = rng.dirichlet(np.ones(3), size=samples), np.eye(3)[rng.integers(3, size=samples)]
        if samples == 3:
            y = np.eye(3)[p.argmax(axis=1)]
        drawn.call("train_mlp_numpy.accuracy", p, y, name="fraction")
        right = np.mean(p.argmax(axis=1) == y.argmax(axis=1))
        drawn.expect("fraction", "fraction", right)


@question("part2", "train-epoch", "loss", "weights", follows=True)
def _train_epoch(drawn: Drawn, rng: np.random.Generator) -> None:
    model, params = network(drawn, rng, [2, 6, 3])
    x, y = batch(rng, 8, 2, 3)
    rate = float(rng.uniform(0.1, 0.9))
    for _ in range(3):
        _, grads, value = gradients(model, params, x, y)
        params = {name: old - rate * grads[name] for name, old in params.items()}
        drawn.call("train_mlp_numpy.train_epoch", Object("mlp"), x, y, rate, name="loss")
        drawn.expect("loss", "loss", value)
    expect_params(drawn, "weights", params)
