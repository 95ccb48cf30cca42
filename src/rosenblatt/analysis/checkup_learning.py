"""Findings on how a run's network learns, from short trainings of its own."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.checkup_result import Finding, Severity
from rosenblatt.analysis.checkup_subject import (
    CheckedRun,
    chance_and_constant,
    loss_of,
    own_rate,
    unless_learned,
    use_rate,
)
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
    with_rate,
)
from rosenblatt.engines import Job

# The limits of findings. Each function below says where its limit comes from.
LITTLE_PROGRESS, HALF_PROGRESS = 0.05, 0.5
RATES_ALIKE = 3.0
TEN_FITTED = 0.1
SIGNIFICANT = 0.05
WIDER_IS_BETTER, FAILS = 0.1, 0.9


def rate_findings(checked: CheckedRun, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield findings on the learning rate, compared with 63 others.

    The range is that of Smith, *Cyclical learning rates for training neural networks*, WACV 2017,
    section 3.3, with a training of its own for each rate in place of one whose rate grows. Progress
    is (L₀ − L) / (L₀ − L_best): the fall of the loss relative to that with the best rate, after as
    many epochs, at least 30 and 300 updates. Below a half, at a rate more than three times away
    from the best, the rate costs more than any other choice; below a twentieth, nothing is learned.
    """
    rates = np.geomspace(*RATES, N_RATES - 1)
    own = own_rate(checked)
    checked.trial_epochs = epochs = epochs_for(checked.trial, N_RATES, checked.epochs)
    trial = train_rates(checked.trial, checked.first.params, [*rates, own], epochs)
    start = loss_of(checked.trial, checked.first.params)
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
    checked.best_rate = best
    own_loss = trial.losses[-1]
    found["best"] = best
    if fall <= LITTLE_PROGRESS * abs(start):
        if measures["accuracy"] >= FAILS or unless_learned(measures) == "note":
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
    if begun < HALF_PROGRESS <= progress and checked.done < epochs:
        yield Finding(
            "too_few_epochs",
            "warning" if checked.done >= 1 else "note",
            "The run is too short.",
            f"After {checked.done:.3g} epochs its loss is {measures['end']:.4g}; the same settings "
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
            use_rate(checked, best),
        )


def ten_sample_findings(checked: CheckedRun, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding where the network cannot fit ten samples.

    A network that works can fit a handful of samples by heart (Karpathy, *A recipe for training
    neural networks*, 2019, "overfit one batch"). It has 1000 updates of Adam with each of 16 rates,
    and has to get all ten right, or a tenth of the loss of the best constant output.
    """
    rows = _ten_rows(checked.trial)
    ten = replace(checked.trial, data=take(checked.trial.data, rows))
    trial = fit_ten(checked.trial, checked.first.params, rows)
    loss = float(np.nanmin(np.r_[trial.losses, math.inf]))
    accuracy = float(np.nanmax(np.r_[trial.accuracies, -1.0]))
    _, constant = chance_and_constant(ten)
    is_classifier = checked.job.loss.task == "classification"
    fitted = (is_classifier and accuracy == 1.0) or (
        constant is not None and loss <= TEN_FITTED * constant
    )
    if constant == 0:
        fitted = True
    checked.ten_fit = fitted
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


def shuffled_findings(checked: CheckedRun, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding where the labels are fitted no better than shuffled ones.

    A permutation test: p = (1 + number of shuffled labels that are fitted as well) / (1 + 63)
    (Phipson and Smyth, *Permutation p-values should never be zero*, 2010). Of labels that have
    nothing to do with the inputs, one in twenty has p of at most 0.05.
    """
    rate = checked.best_rate
    if not math.isfinite(rate):
        rate = own_rate(checked)
    job = replace(checked.trial, optimizer=with_rate(checked.trial.optimizer, rate))
    epochs = min(checked.trial_epochs, epochs_for(job, N_SHUFFLED + 1, checked.epochs))
    trial = train_shuffled(job, checked.first.params, epochs, checked.run.seed)
    losses = np.where(np.isnan(trial.losses), math.inf, trial.losses)
    p = float((1 + (losses[1:] <= losses[0]).sum()) / (1 + N_SHUFFLED))
    measures["shuffled"] = {
        "loss": float(losses[0]),
        "losses": losses[1:],
        "p": p,
        "rate": rate,
        "epochs": epochs,
    }
    if p > SIGNIFICANT and checked.ten_fit:
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


def width_findings(checked: CheckedRun, measures: dict[str, Any]) -> Iterator[Finding]:
    """Yield a finding where a network with four times the units does clearly better.

    It is trained only where the run has learned little: accuracy (or R²) below 0.9. Both have as
    many epochs, and their best of the same 16 rates. Ten points of accuracy are the limit; fewer
    may be the luck of the initial weights.
    """
    measures["wider"] = None
    own_best = measures["rates"]["accuracy"]
    is_classifier = checked.job.loss.task == "classification"
    if not is_classifier or max(measures["accuracy"], own_best) >= FAILS:
        return
    rates = np.geomspace(1e-4, 10.0, 16)
    epochs = min(checked.trial_epochs, epochs_for(checked.trial, 16 * 16, checked.epochs))
    own = train_rates(checked.trial, checked.first.params, rates.tolist(), epochs)
    wide = train_wider(checked.trial, rates.tolist(), epochs)
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
