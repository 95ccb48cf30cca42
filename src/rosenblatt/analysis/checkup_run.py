"""The check-up of a run: why does it not learn, and what to do."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.checkup_result import Checkup, Finding, Severity, in_order
from rosenblatt.analysis.checkup_trials import (
    N_RATES,
    N_SHUFFLED,
    RATES,
    TEN,
    epochs_for,
    fit_ten,
    take,
    train_rates,
    train_shuffled,
    train_wider,
    trial_samples,
    with_rate,
)
from rosenblatt.analysis.hessian.vectors import of_layer
from rosenblatt.checks import check_is
from rosenblatt.engines import Job, ReferenceEngine, Samples, State
from rosenblatt.layers import Activation, Array, Params
from rosenblatt.losses import (
    CategoricalCrossEntropy,
    Loss,
    PerceptronCriterion,
    Poisson,
    SigmoidCrossEntropy,
)
from rosenblatt.models import backpropagate
from rosenblatt.optimizers.schedules import rates_of
from rosenblatt.random import Key
from rosenblatt.training.run import Run, plan_of, trajectory_of

# The limits of findings. Each function below says where its limit comes from.
MUCH_ABOVE_CHANCE = 3.0
UNLEARNED, LEARNED = 0.95, 0.5
LARGE_INPUT, SMALL_INPUT = 10.0, 0.1
HALF_DEAD = 0.5
HALF_SATURATED = 0.5
FLAT = 0.05
VANISHING = 1e-3
LITTLE_PROGRESS, HALF_PROGRESS = 0.05, 0.5
RATES_ALIKE = 3.0
LEAST_EPOCHS, LEAST_UPDATES = 30, 300
"""Trials are at least as long, so that the beginning of a run is not taken for all of it."""
TEN_FITTED = 0.1
SIGNIFICANT = 0.05
IMBALANCED, UNEVEN = 10.0, 3.0
WIDER_IS_BETTER, FAILS = 0.1, 0.9

Progress = Callable[[int, int], None]


def checkup(run: Run, *, progress: Progress | None = None) -> Checkup:
    """Return what keeps a run from learning, with what was measured and what to do.

    It measures the weights at the start and the end of the run on the training set, and trains
    anew from the run's initial weights, on at most 1000 samples: with 64 constant learning rates
    from 1e-6 to 100, on ten samples, on shuffled labels, and, where the run has learned little, a
    wider network. Nothing of the run changes. The functions of this module say where the limit of
    each finding comes from; :class:`rosenblatt.analysis.Checkup` lists the measurements.

    Args:
        run: a run of :func:`rosenblatt.train`.
        progress: called with the number of steps done and of all; what it raises ends the check-up.

    Raises:
        ConfigurationError: the run was not made by :func:`rosenblatt.train`.

    >>> import rosenblatt as rb
    >>> data = rb.data.moons(200, noise=0.2, seed=0)
    >>> model = rb.MLP(2, [8], 2, activation="tanh")
    >>> slow = rb.train(model, data, optimizer=rb.SGD(1e-6), epochs=50, batch_size=10)
    >>> checkup = rb.checkup(slow)
    >>> [finding.id for finding in checkup.findings if finding.severity == "error"]
    ['rate_too_low']
    >>> print(checkup.findings[0].python)  # doctest: +ELLIPSIS
    rb.train(..., optimizer=rb.SGD(learning_rate=...))
    """
    check_is("run", run, Run)
    report = progress or (lambda done, of: None)
    patient = _Patient.of(run)
    measures: dict[str, Any] = {}
    findings: list[Finding] = []
    with np.errstate(all="ignore"):
        for done, part in enumerate(PARTS):
            report(done, len(PARTS))
            findings += part(patient, measures)
    report(len(PARTS), len(PARTS))
    return Checkup(in_order(_without_consequences(findings)), measures)


@dataclass
class _Patient:
    """A run with what the parts of a check-up need of it.

    ``done`` is how many epochs it has trained, ``epochs`` how many a trial is to have.
    """

    run: Run
    job: Job
    first: State
    last: State
    done: float
    epochs: int
    samples: Samples
    trial: Job
    ten_fit: bool = True
    trial_epochs: int = 1
    best_rate: float = math.nan

    @classmethod
    def of(cls, run: Run) -> "_Patient":
        trajectory = trajectory_of(run)
        job = trajectory.job
        first = trajectory.saved[0].load().state
        last = trajectory.last.state
        samples = trial_samples(job, run.seed)
        trial = replace(
            job,
            data=samples,
            batch_size=min(job.batch_size, len(samples))
            if job.batch_size < len(job.data)
            else len(samples),
            order=None,
        )
        updates = last.update - first.update
        per_epoch = job.updates_per_epoch
        epochs = max(round(updates / per_epoch), LEAST_EPOCHS, -(-LEAST_UPDATES // per_epoch))
        return cls(run, job, first, last, updates / per_epoch, epochs, samples, trial)

    @property
    def optimizer(self) -> str:
        return type(self.job.optimizer).__name__


# Data


def _data(patient: _Patient, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on the inputs and the classes.

    Initialisers are made for inputs whose mean square is about 1 (He et al., *Delving deep into
    rectifiers*, ICCV 2015, section 2.2): outputs grow in proportion to the inputs. A factor of ten
    to either side is the limit here, to the lower one for more than half of the features: others
    may be rare, as pixels at the edge. The limit of imbalance is 10 to 1, where always saying the
    larger of two classes is right for 91 % of the samples.
    """
    x, plan = patient.job.data.x.astype(np.float64), plan_of(patient.run)
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
            _unless_learned(measures),
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


# Losses


def _outcome(patient: _Patient, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on the loss at the start and at the end.

    A network that knows nothing should give equal probabilities, whose loss is ln C (Karpathy, *A
    recipe for training neural networks*, 2019, "verify loss @ init"). He's initialisation gives
    logits of variance 2, which is ln C plus at most 1; three times ln C is clearly more. For
    regression the yardstick is the mean of the targets, and its loss. A run whose loss ends above
    95 % of what the best constant output has, has not learned from its inputs.
    """
    run, job = patient.run, patient.job
    first = _loss(job, patient.first.params)
    last = _loss(job, patient.last.params)
    chance, constant = _chance(job)
    accuracy = _accuracy(job, patient.last.params)
    measures.update(start=first, chance=chance, constant=constant, end=last, accuracy=accuracy)
    if run.diverged or not math.isfinite(last):
        yield Finding(
            "diverged",
            "error",
            "The run diverged.",
            f"{(run.stopped or 'the loss is not finite').capitalize()}.",
            "Each update went too far, and the next from there still further.",
            "Train with a smaller learning rate.",
            _use_rate(patient, _own_rate(patient) / 10),
        )
    if chance and first > MUCH_ABOVE_CHANCE * chance:
        is_regression = job.loss.task == "regression"
        yield Finding(
            "targets_not_scaled" if is_regression else "start_loss",
            _unless_learned(measures),
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


def _unless_learned(measures: dict[str, Any]) -> Severity:
    """Return "warning"; "note" where the run has halved the loss of a constant output anyway."""
    constant = measures["constant"]
    has_learned = constant is not None and measures["end"] < LEARNED * constant
    return "note" if has_learned else "warning"


def _chance(job: Job) -> tuple[float | None, float | None]:
    """Return the loss of knowing nothing, and the smallest loss of a constant output.

    None for a loss that has no such yardstick.
    """
    loss, data, k = job.loss, job.data, job.model.n_outputs
    weight = data.sample_weight
    mean = np.average(data.targets.astype(np.float64), axis=0, weights=weight)
    tiny = 1e-12
    if isinstance(loss, PerceptronCriterion):
        return None, None
    uniform: Array | None = np.zeros(k)
    if isinstance(loss, CategoricalCrossEntropy):
        uniform, best = np.full(k, 1 / k), np.maximum(mean, tiny)
    elif isinstance(loss, SigmoidCrossEntropy):
        best = np.log(np.maximum(mean, tiny)) - np.log(np.maximum(1 - mean, tiny))
    elif loss.task == "classification":
        best = np.log(np.maximum(mean, tiny))
    else:
        uniform = None
        best = np.log(np.maximum(mean, tiny)) if isinstance(loss, Poisson) else mean
    constant = _loss_of_constant(loss, data, best)
    chance = constant if uniform is None else _loss_of_constant(loss, data, uniform)
    return chance, constant


def _loss_of_constant(loss: Loss, data: Samples, output: Array) -> float:
    outputs = np.tile(output, (len(data), 1))
    return loss.over_batch(outputs, data.targets.astype(np.float64), data.sample_weight)[0]


def _loss(job: Job, params: Params) -> float:
    return ReferenceEngine().evaluate(job.model, job.loss, params, job.data).loss


def _accuracy(job: Job, params: Params) -> float:
    """Return the training accuracy, for regression R² of the loss's predictions."""
    if job.loss.task == "classification":
        return ReferenceEngine().evaluate(job.model, job.loss, params, job.data).accuracy
    outputs, _ = job.model.forward(params, job.data.x)
    return _fit(job.loss, outputs, job.data.targets)


def _fit(loss: Loss, outputs: Array, targets: Array) -> float:
    """Return R² over all outputs."""
    predicted = np.asarray(loss.predict(outputs)).reshape(targets.shape)
    total = ((targets - targets.mean(axis=0)) ** 2).sum()
    return float(1 - ((targets - predicted) ** 2).sum() / total) if total > 0 else math.nan


# Layers


def _layers(patient: _Patient, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on gradients and on initial weights that are all alike.

    Gradients that shrink from layer to layer keep the first layers from learning (Hochreiter,
    1991; Glorot and Bengio, *Understanding the difficulty of training deep feedforward neural
    networks*, AISTATS 2010, section 4.2): the limit is a thousandth between the first layer and the
    last, per weight. Units with equal weights in and out have equal gradients, and stay equal
    (Goodfellow, Bengio and Courville, *Deep Learning*, 2016, section 8.4).
    """
    model = patient.job.model
    rows = []
    moments = (("start", patient.first), ("end", patient.last))
    found = {name: _norms(patient.job, state) for name, state in moments}
    for i, layer in enumerate(model.layers):
        if layer.shapes:
            row: dict[str, Any] = {"layer": i, "name": type(layer).__name__}
            for moment, norms in found.items():
                row |= {f"{name}_{moment}": value for name, value in norms[i].items()}
            rows.append(row)
    measures["layers"] = rows
    equal = _symmetric(model, patient.first.params)
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
    """Return the hidden layers whose units all have the same weights, in and out."""
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


# Activations


def _activations(patient: _Patient, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on units that are dead or saturated over the training set.

    A unit is dead where its slope is 0 for every sample, as of ReLU below 0: no gradient reaches
    its weights, and it stays as it is (Lu et al., *Dying ReLU and initialization*, 2020). An
    output of a bounded activation is saturated where its slope is below 5 % of the largest (Glorot
    and Bengio, AISTATS 2010, section 3): tanh beyond ±0.975. From half of a layer on, it is a
    warning; a layer that is dead as a whole passes nothing back.
    """
    rows = []
    found = {
        moment: _shares(patient.job, state.params)
        for moment, state in (("start", patient.first), ("end", patient.last))
    }
    for i in found["start"]:
        row: dict[str, Any] = {"layer": i, "name": type(patient.job.model.layers[i]).__name__}
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


USUAL_BOUND = 1e3
"""An activation that stays below this at ±1e6 is bounded."""


# Learning rates


def _rates(patient: _Patient, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on the learning rate, compared with 63 others.

    The range is that of Smith, *Cyclical learning rates for training neural networks*, WACV 2017,
    section 3.3, with a training of its own for each rate in place of one whose rate grows. Progress
    is (L₀ − L) / (L₀ − L_best): the fall of the loss relative to that with the best rate, after as
    many epochs, at least 30 and 300 updates. Below a half, at a rate more than three times away
    from the best, the rate costs more than any other choice; below a twentieth, nothing is learned.
    """
    rates = np.geomspace(*RATES, N_RATES - 1)
    own = _own_rate(patient)
    patient.trial_epochs = epochs = epochs_for(patient.trial, N_RATES, patient.epochs)
    trial = train_rates(patient.trial, patient.first.params, [*rates, own], epochs)
    start = _loss(patient.trial, patient.first.params)
    order = np.argsort([*rates, own], kind="stable")
    all_rates, losses = np.array([*rates, own])[order], trial.losses[order]
    diverged = trial.diverged[order]
    found: dict[str, Any] = {
        "rate": all_rates,
        "loss": losses,
        "diverged": diverged,
        "own": own,
        "best": None,
        "progress": None,
        "epochs": epochs,
        "accuracy": float(np.nanmax(np.r_[trial.accuracies, -1.0])),
    }
    measures["rates"] = found
    if np.isnan(losses).all():
        yield Finding(
            "no_rate_works",
            "error",
            "Training diverges with every learning rate.",
            f"All of {N_RATES} rates from {RATES[0]:g} to {RATES[1]:g} diverge.",
            "It is not the learning rate: inputs, targets or initial weights are too large.",
            "Standardise inputs and targets, and take a usual initialisation.",
        )
        return
    # Of nearly equal rates the smallest: it is the safest.
    fall = start - np.nanmin(losses)
    best = float(all_rates[np.nanargmax(losses <= np.nanmin(losses) + 0.02 * max(fall, 0.0))])
    patient.best_rate = best
    own_loss = trial.losses[-1]
    found["best"] = best
    if fall <= LITTLE_PROGRESS * abs(start):
        if measures["accuracy"] >= FAILS or _unless_learned(measures) == "note":
            return  # There was nothing to learn any more.
        yield Finding(
            "no_rate_works",
            "error",
            "The network learns with no learning rate.",
            f"After {epochs} epochs the smallest loss of {N_RATES} learning rates is "
            f"{np.nanmin(losses):.4g}, and it was {start:.4g} before.",
            "It is not the learning rate.",
            "See the other findings for the cause.",
        )
        return
    progress = (start - own_loss) / fall
    found["progress"] = progress
    begun = (measures["start"] - measures["end"]) / fall
    if begun < HALF_PROGRESS <= progress and patient.done < epochs:
        yield Finding(
            "too_few_epochs",
            "warning" if patient.done >= 1 else "note",
            "The run is too short.",
            f"After {patient.done:.3g} epochs its loss is {measures['end']:.4g}; the same settings "
            f"have {own_loss:.4g} after {epochs}.",
            "It learns, and has not had the time.",
            "Train longer.",
            f"rb.train(..., epochs={epochs})",
        )
    too_far = max(own / best, best / own) > RATES_ALIKE
    if math.isnan(own_loss) or (too_far and progress < HALF_PROGRESS):
        low = own < best and not math.isnan(own_loss)
        text = "it diverges" if math.isnan(own_loss) else f"the loss is {own_loss:.4g}"
        severity: Severity = "warning"
        if math.isnan(own_loss) or progress < LITTLE_PROGRESS:
            severity = "error"
        yield Finding(
            "rate_too_low" if low else "rate_too_high",
            severity,
            "The learning rate is too low." if low else "The learning rate is too high.",
            f"After {epochs} epochs at {own:.3g} {text}; at {best:.3g} it is "
            f"{np.nanmin(losses):.4g}. It was {start:.4g} before.",
            "The steps are too short to get anywhere in this time."
            if low
            else "The steps go past the minimum, and the loss jumps or grows.",
            f"Train with a learning rate near {best:.2g}.",
            _use_rate(patient, best),
        )


def _own_rate(patient: _Patient) -> float:
    """Return the learning rate of the run; of a schedule the median over its updates."""
    first, count = patient.first.update, patient.last.update - patient.first.update
    optimizer = patient.job.optimizer
    rate = float(np.median(rates_of(optimizer.learning_rate, first, min(max(count, 1), 10_000))))
    return rate if 0 < rate < math.inf else RATES[0]


def _use_rate(patient: _Patient, rate: float) -> str:
    return f"rb.train(..., optimizer=rb.{patient.optimizer}(learning_rate={rate:.2g}))"


# Trials


def _ten_samples(patient: _Patient, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding where the network cannot fit ten samples.

    A network that works can fit a handful of samples by heart (Karpathy, *A recipe for training
    neural networks*, 2019, "overfit one batch"). It has 1000 updates of Adam with each of 16 rates,
    and has to get all ten right, or a tenth of the loss of the best constant output.
    """
    rows = _ten_rows(patient.trial)
    ten = replace(patient.trial, data=take(patient.trial.data, rows))
    trial = fit_ten(patient.trial, patient.first.params, rows)
    loss = float(np.nanmin(np.r_[trial.losses, math.inf]))
    accuracy = float(np.nanmax(np.r_[trial.accuracies, -1.0]))
    _, constant = _chance(ten)
    is_classifier = patient.job.loss.task == "classification"
    fitted = (is_classifier and accuracy == 1.0) or (
        constant is not None and loss <= TEN_FITTED * constant
    )
    if constant == 0:
        fitted = True
    patient.ten_fit = fitted
    measures["ten_samples"] = {
        "rows": rows,
        "loss": loss,
        "accuracy": accuracy if is_classifier else None,
        "constant": constant,
        "fitted": fitted,
    }
    if not fitted:
        right = f"{round(accuracy * len(rows))} of {len(rows)} right, " if is_classifier else ""
        yield Finding(
            "cannot_fit_ten",
            "error",
            "The network cannot fit ten samples.",
            f"After 1000 updates of Adam with its best of 16 rates: {right}loss {loss:.4g}.",
            "It is too small for its task, its units are dead or equal, the inputs are not scaled, "
            "or equal samples have different labels.",
            "Add units or a hidden layer, and see the other findings.",
            "rb.MLP(n_inputs, [16, 16], n_outputs)",
        )


def _ten_rows(job: Job) -> npt.NDArray[np.int64]:
    """Return ten rows, spread over the classes, or over the set in regression."""
    n = len(job.data)
    if job.loss.task == "regression":
        return np.unique(np.linspace(0, n - 1, min(TEN, n)).astype(np.int64))
    labels = np.asarray(job.loss.predict(job.data.targets))
    if labels.ndim != 1:
        return np.unique(np.linspace(0, n - 1, min(TEN, n)).astype(np.int64))
    # The first of each class, then the second of each class, and so on.
    rank = np.zeros(n, np.int64)
    for label in np.unique(labels):
        rank[labels == label] = np.arange(int((labels == label).sum()))
    return np.sort(np.argsort(rank, kind="stable")[:TEN])


def _shuffled(patient: _Patient, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding where the labels are fitted no better than shuffled ones.

    A permutation test: p = (1 + number of shuffled labels that are fitted as well) / (1 + 63)
    (Phipson and Smyth, *Permutation p-values should never be zero*, 2010). Of labels that have
    nothing to do with the inputs, one in twenty has p of at most 0.05.
    """
    rate = patient.best_rate
    if not math.isfinite(rate):
        rate = _own_rate(patient)
    job = replace(patient.trial, optimizer=with_rate(patient.trial.optimizer, rate))
    epochs = min(patient.trial_epochs, epochs_for(job, N_SHUFFLED + 1, patient.epochs))
    trial = train_shuffled(job, patient.first.params, epochs, patient.run.seed)
    losses = np.where(np.isnan(trial.losses), math.inf, trial.losses)
    p = float((1 + (losses[1:] <= losses[0]).sum()) / (1 + N_SHUFFLED))
    measures["shuffled"] = {
        "loss": float(losses[0]),
        "losses": losses[1:],
        "p": p,
        "rate": rate,
        "epochs": epochs,
    }
    if p > SIGNIFICANT and patient.ten_fit:
        yield Finding(
            "labels_like_noise",
            "warning",
            "The labels are learned no better than shuffled ones.",
            f"After {epochs} epochs the loss is {losses[0]:.4g}; shuffled labels have "
            f"{np.median(losses[1:]):.4g} in the median, and {round(p * (1 + N_SHUFFLED)) - 1} of "
            f"{N_SHUFFLED} have no more (p = {p:.2g}).",
            "The network finds nothing in the inputs that tells the labels: they may be mixed up, "
            "or the features do not have it.",
            "Look whether each row has its own label, above all after sorting or joining tables.",
        )


def _wider(patient: _Patient, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding where a network with four times the units does clearly better.

    It is trained only where the run has learned little: accuracy (or R²) below 0.9. Both have as
    many epochs, and their best of the same 16 rates. Ten points of accuracy are the limit; fewer
    may be the luck of the initial weights.
    """
    measures["wider"] = None
    own_best = measures["rates"]["accuracy"]
    is_classifier = patient.job.loss.task == "classification"
    if not is_classifier or max(measures["accuracy"], own_best) >= FAILS:
        return
    rates = np.geomspace(1e-4, 10.0, 16)
    epochs = min(patient.trial_epochs, epochs_for(patient.trial, 16 * 16, patient.epochs))
    own = train_rates(patient.trial, patient.first.params, rates.tolist(), epochs)
    wide = train_wider(patient.trial, rates.tolist(), epochs)
    if wide is None:
        return
    best = [float(np.nanmax(np.r_[trial.accuracies, -1.0])) for trial in (own, wide)]
    low = [float(np.nanmin(np.r_[trial.losses, math.inf])) for trial in (own, wide)]
    measures["wider"] = {
        "accuracy": best[1],
        "own_accuracy": best[0],
        "loss": low[1],
        "own_loss": low[0],
        "epochs": epochs,
    }
    if best[1] >= best[0] + WIDER_IS_BETTER:
        yield Finding(
            "too_small",
            "warning",
            "The network is too small.",
            f"After {epochs} epochs the best of 16 learning rates has {100 * best[0]:.1f} % of the "
            f"training samples right; with four times the units {100 * best[1]:.1f} %.",
            "The network does not have enough units for the border between the classes.",
            "Add units to the hidden layers, or a layer.",
            "rb.MLP(n_inputs, [32, 32], n_outputs)",
        )


def _without_consequences(findings: list[Finding]) -> list[Finding]:
    """Leave out what only follows from another finding."""
    names = {finding.id for finding in findings}
    errors = {finding.id for finding in findings if finding.severity == "error"}
    broken = errors & {"dead_units", "symmetric_weights"}
    follows = {
        "labels_like_noise": broken | errors & {"cannot_fit_ten"},
        "no_rate_works": broken | names & {"labels_like_noise"},
        "too_small": broken,
        "not_learned": names & {"too_few_epochs"},
    }
    return [finding for finding in findings if not follows.get(finding.id)]


PARTS: tuple[Callable[[_Patient, dict[str, Any]], Iterator[Finding]], ...] = (
    _outcome,
    _data,
    _layers,
    _activations,
    _rates,
    _ten_samples,
    _shuffled,
    _wider,
)
"""The parts of a check-up in order; later ones use what earlier ones have measured."""
