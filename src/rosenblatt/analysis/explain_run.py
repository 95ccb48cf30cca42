"""The explanation of an update: forward pass, loss, backward pass and step, in numbers."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.explain_formulas import Equation
from rosenblatt.analysis.explain_result import (
    Differences,
    Explanation,
    Formula,
    LayerExplanation,
    LossExplanation,
    ParameterUpdate,
    Quantity,
)
from rosenblatt.analysis.hessian.vectors import of_layer
from rosenblatt.checks import whole_number
from rosenblatt.data import Dataset
from rosenblatt.engines import Job, Samples, State
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Array, Layer, Params, RandomLayer
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer, Slots
from rosenblatt.random import Key, epoch_order
from rosenblatt.training.run import Run, RunAt, run_at, trajectory_of

STEP = 1e-5
"""h of a central difference, for a parameter of size up to 1; larger ones have it in proportion.
The error of the difference grows with h², and that of rounding with 1/h: near ε^{1/3} their sum is
smallest (Press et al., *Numerical Recipes*, 3rd edition, section 5.7)."""

ROUNDINGS = 64
"""Rounding errors of a loss, in units of its last place, that the bound of a difference allows."""

KINK = 0.75
"""Of a smooth loss, the gap between the differences to both sides falls to a half with h, of a kink
it stays. Above this share it counts as a kink."""

ON_THE_WAY = "a result on the way"

MOST_DIFFERENCES = 1000
"""Gradient entries that are compared with differences, each of which takes four forward passes."""


def explain(
    run: Run | RunAt,
    samples: Any = None,
    y: npt.ArrayLike | None = None,
    *,
    differences: int = MOST_DIFFERENCES,
) -> Explanation:
    """Return every number of one update: forward, loss, backward and step, with formulas.

    It is the update that follows, of the given samples as its batch: from the weights of the run
    there (of a :class:`Run`, of its end) and the optimizer's memory. Without samples they are those
    of the run's next batch, and the weights afterwards are those of the run's next update. Nothing
    of the run changes.

    Each formula is the one that layer, loss or optimizer give as their ``formulas``; what has none
    is explained by its numbers alone. Gradients of parameters are compared with central
    differences D(h) = (L(θ + h) − L(θ − h)) / 2h in float64, with h = 1e-5 · max(1, |θ|). Their
    bound is |D(2h) − D(h)|, three times the estimated error of order h² (Press et al., *Numerical
    Recipes*, 3rd edition, section 5.7), and 64 roundings of the losses and outputs divided by h.

    Args:
        run: a run, or a run at one moment.
        samples: rows of the training set, one or several; or samples (D,) or (N, D) of their own;
            by default the run's next batch.
        y: labels or values of samples of their own, (N,). Without them only the forward pass is
            explained.
        differences: the largest number of gradient entries to compare with differences, spread
            evenly over all; 0 for none.

    Raises:
        ConfigurationError: the run was not made by :func:`rosenblatt.train`, or has no such sample.
        DataError: a label that was not in the training data, or a value that is not finite.
        ShapeError: samples do not fit the model.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(100, noise=0.2, seed=0)
    >>> run = rb.train(rb.MLP(2, [3], 2, activation="tanh"), data, epochs=5, batch_size=10)
    >>> explanation = run.at(update=7).explain(17)
    >>> explanation
    Explanation(update=7, n_samples=1)
    >>> explanation.layers[0].forward[0].formula.text
    'y_j = Σ_i x_i W_ij + b_j'
    >>> explanation.gradients["0.weight"].values.shape, explanation.agrees
    ((2, 3), True)
    """
    moment = run if isinstance(run, RunAt) else run_at(run, trajectory_of(run).last)
    if moment.run is None:
        raise ConfigurationError("this moment was not made by run.at, so its data is unknown")
    job, state = trajectory_of(moment.run).job, moment.state
    places, batch, has_labels = _samples_of(moment, moment.run, samples, y)
    key = Key.of(job.seed, "dropout").fold(state.update) if job.model.is_random else None
    passes = _Passes(job.model, job.loss, state.params, batch, key)
    count = whole_number(differences, "differences", at_least=0)
    eta = job.optimizer.rate(state.update)
    loss: LossExplanation | None = None
    updates: tuple[ParameterUpdate, ...] = ()
    compared: dict[str, Differences] = {}
    if has_labels:
        compared = _differences(passes, count)
        rates = job.optimizer.rates(state.update, state.params)
        new, slots = job.optimizer.update(state.params, passes.grads, state.slots, state.update)
        updates = tuple(
            _update_of(
                job.optimizer, name, rates[name], state, passes.grads[name], new[name], slots
            )
            for name in state.params
        )
        loss = _loss_explanation(passes, passes.value(new))
    layers = tuple(
        _layer_explanation(passes, i, compared, has_labels) for i in range(len(job.model.layers))
    )
    return Explanation(
        update=state.update,
        epoch=moment.epoch,
        learning_rate=eta,
        samples=places,
        x=batch.x,
        y=batch.targets if has_labels else None,
        layers=layers,
        loss=loss,
        updates=updates,
        steps=_in_words(job, state.update, eta, places, batch, layers, loss, updates),
    )


class _Passes:
    """A forward and a backward pass, with all that layers take and give on the way."""

    def __init__(
        self, model: Model, loss: Loss, params: Params, batch: Samples, key: Key | None
    ) -> None:
        self.model, self.loss, self.params, self.batch, self.key = model, loss, params, batch, key
        self.outputs, self.caches = self._forward(params)
        # The input of each layer is the output of the one before it.
        self.inputs = [batch.x]
        for i, layer in enumerate(model.layers):
            self.inputs.append(self._one_layer(i, layer, self.inputs[-1]))
        self.share = loss.shares(self.outputs, batch.targets, batch.sample_weight)
        self.losses = loss.per_sample(self.outputs, batch.targets)
        _, self.dl = loss.value_and_gradient(self.outputs, batch.targets)
        total, self.dz = loss.over_batch(self.outputs, batch.targets, batch.sample_weight)
        self.total = total
        self.dy: list[Array] = [self.dz]
        self.layer_grads: list[Params] = []
        dy = self.dz
        for i, layer in reversed(list(enumerate(model.layers))):
            dy, grads = layer.backward(of_layer(params, i), self.caches[i], dy)
            self.dy.insert(0, dy)
            self.layer_grads.insert(0, grads)
        self.grads: Params = {
            f"{i}.{name}": grads[name]
            for i, (layer, grads) in enumerate(zip(model.layers, self.layer_grads, strict=True))
            for name in layer.shapes
        }

    def value(self, params: Params, batch: Samples | None = None) -> float:
        """Return L of the same samples with other weights."""
        batch = self.batch if batch is None else batch
        with np.errstate(over="ignore", invalid="ignore"):
            outputs, _ = self._forward(params, batch.x)
            return self.loss.over_batch(outputs, batch.targets, batch.sample_weight)[0]

    def _forward(self, params: Params, x: Array | None = None) -> tuple[Array, list[Any]]:
        x = self.batch.x if x is None else x
        return self.model.forward(params, x, training=self.key is not None, key=self.key)

    def _one_layer(self, i: int, layer: Layer, x: Array) -> Array:
        own = of_layer(self.params, i)
        if isinstance(layer, RandomLayer):
            key = None if self.key is None else self.key.fold(i)
            return layer.forward(own, x, training=key is not None, key=key)[0]
        return layer.forward(own, x)[0]


def _samples_of(
    moment: RunAt, run: Run, samples: Any, y: npt.ArrayLike | None
) -> tuple[tuple[int, ...] | None, Samples, bool]:
    """Return the rows of the training set, the samples, and whether they have labels."""
    job = trajectory_of(run).job
    if samples is None:
        return _rows(job, next_batch(job, moment.epoch, moment.batch))
    array = np.asarray(samples)
    if array.dtype.kind in "iu" and array.ndim <= 1 and y is None:
        places = np.atleast_1d(array)
        if not places.size:
            raise ConfigurationError("samples are rows of the training set, at least one")
        for place in places.tolist():
            whole_number(place, "a row of samples", at_least=0, at_most=len(job.data) - 1)
        return _rows(job, places)
    dtype = job.data.x.dtype
    X = job.model.check_inputs(np.atleast_2d(array), dtype)
    if y is None:
        return None, Samples(X, np.zeros((len(X), job.model.n_outputs), dtype)), False
    data = Dataset(X, np.atleast_1d(np.asarray(y)))
    if run.classes is not None:
        data = data.encode_as(run.classes)
    return None, Samples.of(job.model, job.loss, data, dtype), True


def _rows(job: Job, places: npt.NDArray[Any]) -> tuple[tuple[int, ...], Samples, bool]:
    data = job.data
    weight = None if data.sample_weight is None else data.sample_weight[places]
    batch = Samples(data.x[places], data.targets[places], weight)
    return tuple(int(place) for place in places), batch, True


def next_batch(job: Job, epoch: int, batch: int) -> npt.NDArray[np.int64]:
    """Return the rows of the batch that follows ``epoch`` epochs and ``batch`` batches."""
    n, size = len(job.data), job.batch_size
    order = np.arange(n)
    if size < n and job.order is not None:
        order = job.order(epoch + 1)
    elif size < n and job.shuffle:
        order = epoch_order(job.seed, epoch + 1, n)
    return order[batch * size : (batch + 1) * size]


def _layer_explanation(
    passes: _Passes, i: int, compared: dict[str, Differences], has_labels: bool
) -> LayerExplanation:
    layer = passes.model.layers[i]
    kept = layer.formula_values(passes.caches[i])
    code = {name: ("drawn by the layer", value) for name, value in kept.items()}
    code["y"] = ("the output of the layer", passes.inputs[i + 1])
    numbers: dict[str, Any] = {**settings_of(layer), **of_layer(passes.params, i), **kept}
    numbers["x"] = passes.inputs[i]
    if has_labels:
        numbers["dy"] = passes.dy[i + 1]
        code["dx"] = ("∂L/∂x, passed back to what comes before the layer", passes.dy[i])
        for name in layer.shapes:
            code[f"d{name}"] = (f"the gradient of {name}", passes.layer_grads[i][name])
    equations = {equation.name: equation for equation in map(Equation.parse, layer.formulas)}
    if not has_labels:
        # Without dy, nothing after y can be computed.
        names = [*equations]
        equations = (
            {name: equations[name] for name in names[: names.index("y") + 1]} if names else {}
        )
    forward: list[Quantity] = []
    backward: list[Quantity] = []
    side = forward
    for name in kept | equations | code:
        equation = equations.get(name)
        if name in code or equation is None:
            meaning, value = code[name]
        else:
            meaning, value = ON_THE_WAY, equation.array(numbers)
        of_parameter = compared.get(f"{i}.{name[1:]}") if name.startswith("d") else None
        side.append(_quantity(name, meaning, value, equation, numbers, of_parameter))
        numbers[name] = value
        if name == "y":
            side = backward
    return LayerExplanation(i, type(layer).__name__, repr(layer), tuple(forward), tuple(backward))


def _loss_explanation(passes: _Passes, after: float) -> LossExplanation:
    loss, z, y = passes.loss, passes.outputs, passes.batch.targets
    numbers: dict[str, Any] = {**settings_of(loss), "z": z, "y": y, "K": z.shape[1]}
    given_values = {"l": passes.losses, "dl": passes.dl}
    meanings = {"l": "the loss of each sample", "dl": "its gradient by the outputs"}
    forward: list[Quantity] = []
    backward: list[Quantity] = []
    equations = {equation.name: equation for equation in map(Equation.parse, loss.formulas)}
    for name in equations | dict.fromkeys(given_values):
        equation = equations.get(name)
        if name in given_values or equation is None:
            value = given_values[name]
        else:
            value = equation.array(numbers)
        meaning = meanings.get(name, ON_THE_WAY)
        (backward if name == "dl" else forward).append(
            _quantity(name, meaning, value, equation, numbers)
        )
        numbers[name] = value
    numbers |= given_values | {"share": passes.share[:, 0]}
    mean = _quantity(
        "L", "the loss: each sample has its share s", np.array(passes.total), _MEAN, numbers
    )
    dz = _quantity("dz", "∂L/∂z, by the outputs of the network", passes.dz, _SHARED, numbers)
    return LossExplanation(
        type(loss).__name__,
        repr(loss),
        passes.total,
        after,
        (*forward, mean),
        (*backward, dz),
    )


_MEAN = Equation.parse("L = sum(n, share[n] * l[n])")
_SHARED = Equation.parse("dz[n, k] = share[n] * dl[n, k]")


def _quantity(
    name: str,
    meaning: str,
    values: Array,
    equation: Equation | None,
    numbers: dict[str, Any],
    differences: Differences | None = None,
) -> Quantity:
    formula, example, fixed = None, None, dict(numbers)
    if equation is not None:
        one_sample = len(numbers["x"] if "x" in numbers else numbers["z"]) == 1
        formula = Formula(
            equation.text(one_sample=one_sample), equation.latex(one_sample=one_sample)
        )
        peak = np.unravel_index(int(np.abs(values).argmax()), values.shape)
        index = tuple(int(i) for i in peak)
        example = equation.worked(fixed, index, result=float(values[index]))
    return Quantity(name, meaning, values, formula, example, differences, equation, fixed)


def _update_of(
    optimizer: Optimizer,
    name: str,
    eta: float,
    state: State,
    gradient: Array,
    new: Array,
    slots: Slots,
) -> ParameterUpdate:
    before = {slot: values[name] for slot, values in state.slots.items() if name in values}
    after = {slot: values[name] for slot, values in slots.items() if name in values}
    equations = tuple(map(Equation.parse, optimizer.formulas(name)))
    arrows = {"theta", "g", *before}
    update = ParameterUpdate(
        name=name,
        before=state.params[name],
        gradient=gradient,
        after=new,
        slots_before=before,
        slots_after=after,
        formulas=tuple(
            Formula(one.text(arrow=one.name in arrows), one.latex(arrow=one.name in arrows))
            for one in equations
        ),
        _equations=equations,
        _settings={**settings_of(optimizer), "eta": eta, "t": float(state.update + 1)},
    )
    if not equations:
        return update
    peak = np.unravel_index(int(np.abs(update.change).argmax()), new.shape)
    return replace(update, example=update.worked([int(i) for i in peak]))


def settings_of(part: object) -> dict[str, float]:
    """Return the numbers among the settings of a layer, a loss or an optimizer, by name."""
    if not is_dataclass(part):
        return {}
    settings = {entry.name: getattr(part, entry.name) for entry in fields(part)}
    return {
        name: float(value)
        for name, value in settings.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }


def _differences(passes: _Passes, most: int) -> dict[str, Differences]:
    """Return the gradients of the parameters by central differences, in float64."""
    params = {name: np.array(value, np.float64) for name, value in passes.params.items()}
    data = passes.batch
    weight = None if data.sample_weight is None else data.sample_weight.astype(np.float64)
    batch = Samples(data.x.astype(np.float64), data.targets.astype(np.float64), weight)
    n_params = sum(value.size for value in params.values())
    chosen = set(np.linspace(0, n_params - 1, min(most, n_params)).astype(int).tolist())
    here = passes.value(params, batch)
    precision = np.finfo(data.x.dtype).eps
    # A loss is as inexact as the outputs that it is computed from, and as numbers near 1 in it.
    scale = max(1.0, float(np.abs(passes.outputs).max()))
    results, first = {}, 0
    for name, array in params.items():
        numeric, bound = np.full((2, array.size), np.nan)
        kinks = np.zeros(array.size, bool)
        entries = array.reshape(-1)
        # The gradient itself is rounded in the dtype of the run.
        rounding = ROUNDINGS * precision * np.abs(passes.grads[name]).max(initial=0.0)
        for place in range(array.size):
            if first + place not in chosen:
                continue
            value = entries[place]
            h = STEP * max(1.0, abs(value))
            losses = []
            for moved in (value + h, value - h, value + 2 * h, value - 2 * h):
                entries[place] = moved
                losses.append(passes.value(params, batch))
            entries[place] = value
            above, below, far_above, far_below = losses
            numeric[place] = (above - below) / (2 * h)
            truncation = abs((far_above - far_below) / (4 * h) - numeric[place])
            largest = max(scale, *map(abs, losses))
            in_losses = ROUNDINGS * np.finfo(np.float64).eps * largest / h
            bound[place] = truncation + in_losses + rounding
            # In a smooth place the gap between one-sided differences halves with h.
            gap, wide = abs(above - 2 * here + below), abs(far_above - 2 * here + far_below)
            kinks[place] = gap > 4 * h * in_losses and 2 * gap > KINK * wide
        first += array.size
        shape = array.shape
        results[name] = Differences(
            numeric.reshape(shape), bound.reshape(shape), kinks.reshape(shape)
        )
    return results


def _in_words(
    job: Job,
    update: int,
    eta: float,
    places: tuple[int, ...] | None,
    batch: Samples,
    layers: Sequence[LayerExplanation],
    loss: LossExplanation | None,
    updates: Sequence[ParameterUpdate],
) -> tuple[str, ...]:
    count = len(batch)
    if places is None:
        samples = "the given sample" if count == 1 else f"the {count} given samples"
    else:
        samples = f"sample {places[0]}" if count == 1 else f"a batch of {count} samples"
    steps = [f"Take {samples} of {batch.x.shape[1]} features."]
    for layer in layers:
        output = layer.forward[-1]
        how = "" if output.formula is None else f": {output.formula.text}"
        width = output.values.shape[1]
        steps.append(f"Layer {layer.number}, {layer.name}, computes {width} outputs{how}.")
    if loss is None:
        steps.append("Without a label there is no loss, and nothing to go back for.")
        return tuple(steps)
    steps.append(
        f"{loss.name} compares the outputs with the targets: the mean loss L is {loss.value:.6g}."
    )
    gradient = loss.backward[0].formula
    steps.append(
        "Its gradient says how L changes with each output"
        + ("." if gradient is None else f": {gradient.text}, times the share of the sample.")
    )
    for layer in reversed(layers):
        names = [quantity.name[1:] for quantity in layer.backward[1:]]
        own = f" and the gradient of its {' and '.join(names)}" if names else ""
        formula = layer.backward[0].formula
        how = "" if formula is None else f" ({formula.text})"
        steps.append(
            f"Back through layer {layer.number}, {layer.name}: "
            f"the gradient of its inputs{how}{own}."
        )
    largest = max(float(np.abs(one.change).max(initial=0.0)) for one in updates)
    steps.append(
        f"{type(job.optimizer).__name__} takes update {update + 1} at learning rate {eta:.4g}: the "
        f"largest change of a parameter is {largest:.3g}."
    )
    direction = "falls" if loss.after < loss.value else "does not fall"
    steps.append(
        f"The loss of the same samples {direction}, from {loss.value:.6g} to {loss.after:.6g}."
    )
    return tuple(steps)
