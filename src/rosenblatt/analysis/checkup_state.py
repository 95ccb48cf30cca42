"""Findings on the data, the losses and the weights of a run, without further training."""

import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.checkup_result import Finding
from rosenblatt.analysis.checkup_subject import (
    CheckedRun,
    accuracy_of,
    chance_and_constant,
    loss_of,
    own_rate,
    unless_learned,
    use_rate,
)
from rosenblatt.analysis.hessian.vectors import of_layer
from rosenblatt.engines import Job, State
from rosenblatt.layers import Activation, Nested, Params
from rosenblatt.models import backpropagate
from rosenblatt.random import Key
from rosenblatt.training.run import plan_of

# The limits of findings. Each function below says where its limit comes from.
MUCH_ABOVE_CHANCE = 3.0
UNLEARNED = 0.95
LARGE_INPUT, SMALL_INPUT = 10.0, 0.1
HALF_DEAD = 0.5
HALF_SATURATED = 0.5
FLAT = 0.05
VANISHING = 1e-3
IMBALANCED, UNEVEN = 10.0, 3.0
USUAL_BOUND = 1e3
"""An activation that stays below this at ±1e6 is bounded."""


def data_findings(checked: CheckedRun, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on the inputs and the classes.

    Initialisers are made for inputs whose mean square is about 1 (He et al., *Delving deep into
    rectifiers*, ICCV 2015, section 2.2): outputs grow in proportion to the inputs. A factor of ten
    to either side is the limit here, to the lower one for more than half of the features: others
    may be rare, as pixels at the edge. The limit of imbalance is 10 to 1, where always saying the
    larger of two classes is right for 91 % of the samples.
    """
    x, plan = checked.job.data.x.astype(np.float64), plan_of(checked.run)
    rms = np.sqrt((x**2).mean(axis=0))
    spread = x.std(axis=0)
    measures["inputs"] = {"rms": rms, "mean": x.mean(axis=0), "std": spread}
    names = plan.train.feature_names or tuple(f"x{i}" for i in range(len(rms)))
    large, small = rms > LARGE_INPUT, (spread > 0) & (rms < SMALL_INPUT)
    wrong = large | small if 2 * small.sum() > len(small) else large
    if wrong.any():
        worst = int(np.argmax(np.where(wrong, np.abs(np.log(np.maximum(rms, 1e-300))), -1)))
        yield Finding(
            "unscaled_inputs",
            unless_learned(measures),
            "The inputs are not scaled.",
            f"The root mean square of feature {names[worst]} is {rms[worst]:.3g}; "
            f"{int(wrong.sum())} of {len(rms)} features are outside {SMALL_INPUT} to "
            f"{LARGE_INPUT:g}.",
            "Initial weights are made for inputs of size 1. Larger ones saturate units and need a "
            "smaller learning rate; smaller ones hardly move the weights.",
            "Standardise the features with the mean and standard deviation of the training set.",
            "standardizer = rb.data.Standardizer.fit(train)\n"
            "train, test = standardizer.apply(train), standardizer.apply(test)",
        )
    classes = plan.train.classes
    if classes is None:
        measures["classes"] = None
        return
    counts = np.bincount(plan.train.y.astype(int), minlength=len(classes))
    measures["classes"] = counts
    present = counts[counts > 0]
    ratio = float(present.max() / present.min())
    if ratio >= UNEVEN:
        rarest = plan.train.class_names[int(np.argmin(np.where(counts > 0, counts, counts.max())))]
        yield Finding(
            "imbalanced_classes",
            "warning" if ratio >= IMBALANCED else "note",
            "The classes are imbalanced.",
            f"The largest class has {counts.max()} samples, class {rarest} has {present.min()}: "
            f"{ratio:.3g} times as many.",
            f"A network that always says the largest class is right for "
            f"{100 * counts.max() / counts.sum():.1f} % of the samples. Accuracy hides that.",
            "Give samples of rare classes larger weights, and look at the confusion matrix.",
            "weights = len(train) / np.bincount(train.y)[train.y]\n"
            "train = train.replace(sample_weight=weights)",
        )


def outcome_findings(checked: CheckedRun, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on the loss at the start and at the end.

    A network that knows nothing should give equal probabilities, whose loss is ln C (Karpathy, *A
    recipe for training neural networks*, 2019, "verify loss @ init"). He's initialisation gives
    logits of variance 2, which is ln C plus at most 1; three times ln C is clearly more. For
    regression the yardstick is the mean of the targets, and its loss. A run whose loss ends above
    95 % of what the best constant output has, has not learned from its inputs.
    """
    run, job = checked.run, checked.job
    first = loss_of(job, checked.first.params)
    last = loss_of(job, checked.last.params)
    chance, constant = chance_and_constant(job)
    accuracy = accuracy_of(job, checked.last.params)
    measures.update(start=first, chance=chance, constant=constant, end=last, accuracy=accuracy)
    if run.diverged or not math.isfinite(last):
        yield Finding(
            "diverged",
            "error",
            "The run diverged.",
            f"{(run.stopped or 'the loss is not finite').capitalize()}.",
            "Each update went too far, and the next from there still further.",
            "Train with a smaller learning rate.",
            use_rate(checked, own_rate(checked) / 10),
        )
    if chance and first > MUCH_ABOVE_CHANCE * chance:
        is_regression = job.loss.task == "regression"
        yield Finding(
            "targets_not_scaled" if is_regression else "start_loss",
            unless_learned(measures),
            "The targets are not scaled." if is_regression else "The first loss is too large.",
            f"The loss before the first update is {first:.4g}; "
            + (
                f"predicting the mean has {chance:.4g}."
                if is_regression
                else f"equal probabilities have {chance:.4g}."
            ),
            "The first updates go into getting the size of the outputs right."
            if is_regression
            else "The network is sure of itself before it has seen anything: the initial weights "
            "or the inputs are too large. The first updates only undo this.",
            "Standardise the targets, or scale them to about 1."
            if is_regression
            else "Take the initialisation that belongs to the activation, and standardise the "
            "inputs.",
            "y = (y - y.mean()) / y.std()"
            if is_regression
            else 'rb.MLP(..., init="glorot")  # "he" for ReLU',
        )
    has_diverged = run.diverged or not math.isfinite(last)
    if constant and last > UNLEARNED * constant and not has_diverged:
        yield Finding(
            "not_learned",
            "error",
            "The run has not learned from its inputs.",
            f"The training loss at the end is {last:.4g}; the best constant output has "
            f"{constant:.4g}.",
            "The predictions are no better than those that do not look at the sample.",
            "See the other findings for the cause.",
        )


def layer_findings(checked: CheckedRun, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on gradients and on initial weights that are all alike.

    Gradients that shrink from layer to layer keep the first layers from learning (Hochreiter,
    1991; Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural
    networks*, AISTATS 2010, section 4.2): the limit is a thousandth between the first layer and the
    last, per weight. Units with equal weights in and out have equal gradients, and stay equal
    (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 8.4).
    """
    model = checked.job.model
    rows = []
    moments = (("start", checked.first), ("end", checked.last))
    found = {name: _norms(checked.job, state) for name, state in moments}
    for i, layer in enumerate(model.layers):
        if layer.shapes:
            row: dict[str, Any] = {"layer": i, "name": type(layer).__name__}
            for moment, norms in found.items():
                row |= {f"{name}_{moment}": value for name, value in norms[i].items()}
            rows.append(row)
    measures["layers"] = rows
    equal = _symmetric(model, checked.first.params)
    if equal:
        yield Finding(
            "symmetric_weights",
            "error",
            "Units begin with equal weights.",
            f"All units of layer {', '.join(map(str, equal))} have the same weights before the "
            "first update.",
            "Equal units have equal gradients, so they stay equal: the layer has one unit in "
            "effect. Weights of 0 also pass no gradient back.",
            "Begin with random weights.",
            'rb.MLP(..., init="glorot")  # "he" for ReLU',
        )
    sizes = [row["gradient_rms_start"] for row in rows]
    if len(sizes) > 1 and not equal and sizes[-1] > 0 and 0 < sizes[0] < VANISHING * sizes[-1]:
        yield Finding(
            "vanishing_gradients",
            "warning",
            "The gradient vanishes on its way back.",
            f"Before the first update the gradient of a weight is {sizes[0]:.2g} in the first "
            f"layer and {sizes[-1]:.2g} in the last.",
            "The first layers hardly learn. Saturated units, small weights or many layers do this.",
            "Take tanh with Glorot's or ReLU with He's initialisation, and fewer layers.",
            'rb.MLP(..., activation="relu", init="he")',
        )


def _norms(job: Job, state: State) -> dict[int, dict[str, float]]:
    """Return the sizes of weights, gradient and next update of each layer with parameters.

    The gradient is that of all training samples, and so is the update.
    """
    key = Key.of(job.seed, "dropout").fold(state.update) if job.model.is_random else None
    data = job.data
    _, _, _, grads = backpropagate(
        job.model, job.loss, state.params, data.x, data.targets, data.sample_weight, key
    )
    new, _ = job.optimizer.update(state.params, grads, state.slots, state.update)
    norms = {}
    for i, layer in enumerate(job.model.layers):
        if not layer.shapes:
            continue
        gradient = _flat(of_layer(grads, i))
        before = _flat(of_layer(state.params, i))
        change = _flat(of_layer(new, i)) - before
        weight = float(np.linalg.norm(before))
        norms[i] = {
            "gradient_norm": float(np.linalg.norm(gradient)),
            "gradient_rms": float(np.sqrt((gradient**2).mean())),
            "weight_norm": weight,
            "update_ratio": float(np.linalg.norm(change)) / weight if weight else math.inf,
        }
    return norms


def _flat(params: Params) -> npt.NDArray[np.float64]:
    return np.concatenate([np.ravel(value).astype(np.float64) for value in params.values()])


def _symmetric(model: Any, params: Params) -> list[int]:
    """Return the hidden layers whose units all have the same weights, in and out.

    None, where there are short-cuts: the units of a layer then have more weights than one matrix.
    """
    if any(isinstance(layer, Nested) for layer in model.layers):
        return []
    weights = [
        (i, params[f"{i}.weight"])
        for i, layer in enumerate(model.layers)
        if "weight" in layer.shapes
    ]
    equal = []
    for (i, into), (_, out_of) in pairwise(weights):
        if into.shape[1] > 1 and (into == into[:, :1]).all() and (out_of == out_of[:1]).all():
            bias = params.get(f"{i}.bias")
            if bias is None or (bias == bias[0]).all():
                equal.append(i)
    return equal


def activation_findings(checked: CheckedRun, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on units that are dead or saturated over the training set.

    A unit is dead where its slope is 0 for every sample, as of ReLU below 0: no gradient reaches
    its weights, and it stays as it is (Lu et al., *Dying ReLU and initialization*, 2020). An
    output of a bounded activation is saturated where its slope is below 5 % of the largest (Glorot
    and Bengio, AISTATS 2010, section 3): tanh beyond ±0.975. From half of a layer on, it is a
    warning; a layer that is dead as a whole passes nothing back.
    """
    rows = []
    found = {
        moment: _shares(checked.job, state.params)
        for moment, state in (("start", checked.first), ("end", checked.last))
    }
    for i in found["start"]:
        row: dict[str, Any] = {"layer": i, "name": type(checked.job.model.layers[i]).__name__}
        for moment, shares in found.items():
            row |= {f"{name}_{moment}": value for name, value in shares[i].items()}
        rows.append(row)
    measures["activations"] = rows
    worst = max(rows, key=lambda row: max(row["dead_start"], row["dead_end"]), default=None)
    if worst is not None and (dead := max(worst["dead_start"], worst["dead_end"])) > 0:
        width = worst["width_start"]
        yield Finding(
            "dead_units",
            "error" if dead == 1 else "warning" if dead > HALF_DEAD else "note",
            "All units of a layer are dead." if dead == 1 else "Units are dead.",
            f"In layer {worst['layer']} ({worst['name']}), {round(worst['dead_start'] * width)} of "
            f"{width} units have slope 0 for every training sample at the start, and "
            f"{round(worst['dead_end'] * width)} at the end.",
            "No gradient reaches the weights of a dead unit, so it stays dead: the network is "
            "smaller than it looks.",
            "Take LeakyReLU or tanh, biases of 0, He's initialisation, or a smaller learning rate.",
            'rb.MLP(..., activation="leaky_relu", init="he")',
        )
    worst = max(rows, key=lambda row: row["saturated_start"], default=None)
    if worst is not None and worst["saturated_start"] > HALF_SATURATED:
        yield Finding(
            "saturated_units",
            "warning",
            "Units are saturated from the start.",
            f"In layer {worst['layer']} ({worst['name']}), {100 * worst['saturated_start']:.0f} % "
            f"of the outputs have a slope below {100 * FLAT:.0f} % of the largest before the first "
            "update.",
            "Where the activation is flat, hardly any gradient passes. The weights or the inputs "
            "are too large.",
            "Take Glorot's initialisation, and standardise the inputs.",
            'rb.MLP(..., activation="tanh", init="glorot")',
        )


def _shares(job: Job, params: Params) -> dict[int, dict[str, Any]]:
    """Return the shares of dead units and of saturated outputs of each activation layer."""
    shares = {}
    x = job.data.x
    grid = np.linspace(-8, 8, 1601)[:, np.newaxis]
    for i, layer in enumerate(job.model.layers):
        own = of_layer(params, i)
        y, cache = layer.forward(own, x)
        if isinstance(layer, Activation):
            slope = np.abs(layer.backward({}, cache, np.ones_like(y))[0])
            ends, on_grid = layer.forward({}, grid)
            largest = np.abs(layer.backward({}, on_grid, np.ones_like(ends))[0]).max()
            far, _ = layer.forward({}, np.array([[-1e6], [1e6]]))
            is_bounded = bool(np.abs(far).max() < USUAL_BOUND)
            shares[i] = {
                "width": y.shape[1],
                "dead": 0.0 if is_bounded else float((slope == 0).all(axis=0).mean()),
                "saturated": float((slope < FLAT * largest).mean()) if is_bounded else 0.0,
            }
        x = y
    return shares
