"""Judges of the claims on how noisy training is at a batch size, E6: seed by seed."""

import numpy as np

from rosenblatt.experiments.e6_batch_size import noise_of
from rosenblatt.report.e6_batch_size import cuts
from rosenblatt.report.e6_batch_size.cuts import BySize
from rosenblatt.report.e6_batch_size.loss_judges import (
    LARGE,
    LARGEST,
    MEDIUM,
    SMALL,
    SMALLEST,
    ratio,
)
from rosenblatt.report.evidence import (
    POINT,
    listed,
    number_interval,
    number_of_value,
    pairs,
    points_interval,
    points_of,
    times_interval,
    times_of,
)
from rosenblatt.report.format import number, scientific
from rosenblatt.report.parts import Results, Values
from rosenblatt.report.rows import runs
from rosenblatt.report.verdicts import Effect, Finding, effect, judged

TWICE = float(np.log10(2))


def _noisier(results: Results, of: int, to: int) -> Effect | None:
    noise = cuts.ends(results, "noise")
    return effect(ratio(noise, of=of, to=to), above=TWICE, no_effect=0.0)


def noisy(results: Results, *, of: int, to: int) -> Finding:
    """Is the loss curve of one batch size at least twice as noisy as that of another?"""
    noise = cuts.ends(results, "noise")
    found = _noisier(results, of, to)
    means = {f"B = {size}": scientific(float(np.median(values))) for size, values in noise.items()}
    return judged(
        found,
        f"The noise of the test loss at B = {of} is {times_interval(found)} that at B = {to}. "
        "Noise is the standard deviation around a nearly straight curve, from second differences "
        f"of evaluations in the second half; its median over seeds is {pairs(means)}.",
        times_of,
    )


def stable_updates(results: Results) -> Finding:
    """Are all large batch sizes less noisy than batch size 1?"""
    found = {f"B = {size}": _noisier(results, SMALLEST, size) for size in LARGE}
    return judged(
        found,
        f"The noise of the test loss at B = 1 as a multiple: {listed(found, times_interval)}.",
        times_of,
    )


def small_unstable(results: Results) -> Finding:
    """Are small batch sizes noisier than the medium ones?"""
    found = {f"at B = {size}": _noisier(results, size, MEDIUM[0]) for size in SMALL}
    return judged(
        found,
        f"The noise of the test loss as a multiple of that at B = {MEDIUM[0]}: "
        f"{listed(found, times_interval)}.",
        times_of,
    )


def small_oscillations(results: Results) -> Finding:
    """Has the accuracy curve of batch size 1 many changes of direction, and small ones?"""
    curves = runs(results["E6"].tables["own_curves"], batch_size=SMALLEST, rates="fixed")
    steps = [np.diff(_second_half(curve["test_accuracy"])) for curve in curves]
    turns = [_share_of_turns(step) for step in steps]
    sizes = [float(np.mean(np.abs(step[step != 0]))) if np.any(step) else 0.0 for step in steps]
    found = {
        "that they are many": effect(turns, above=0.25, no_effect=0.0),
        "that they are small": effect(sizes, below=2 * POINT),
    }
    others = {
        f"B = {size}": number(float(np.mean(_turns(results, size))), 2) for size in (10, 100, 800)
    }
    many, small = found.values()
    return judged(
        found,
        "In the second half of training the test accuracy at B = 1 changes its direction at "
        f"{number_interval(many, 2)} of the evaluations, in the mean over seeds ({pairs(others)}); "
        f"a change has {points_interval(small)} in the mean.",
        number_of_value,
    )


def _turns(results: Results, size: int) -> list[float]:
    curves = runs(results["E6"].tables["own_curves"], batch_size=size, rates="fixed")
    return [_share_of_turns(np.diff(_second_half(curve["test_accuracy"]))) for curve in curves]


def _second_half(curve: Values) -> Values:
    return curve[len(curve) // 2 :]


def _share_of_turns(steps: Values) -> float:
    """Return at which share of the evaluations the direction is another than before."""
    moves = np.sign(steps[steps != 0])
    return float(np.sum(moves[1:] != moves[:-1])) / max(1, len(steps) - 1)


def smoother_accuracy(results: Results) -> Finding:
    """Is the accuracy curve of large batches smoother than that of batch size 1?"""
    noise = {size: _accuracy_noise(results, size) for size in (SMALLEST, *LARGE)}
    found = {
        f"B = {size}": effect(noise[SMALLEST] - noise[size], above=0.1 * POINT, no_effect=0.0)
        for size in LARGE
    }
    return judged(
        found,
        "The noise of the test accuracy (as that of the loss, from second differences) at B = 1 "
        f"less that of a large batch: {listed(found, points_interval)}.",
        points_of,
    )


def _accuracy_noise(results: Results, size: int) -> Values:
    curves = runs(results["E6"].tables["own_curves"], batch_size=size, rates="fixed")
    return np.array([noise_of(_second_half(curve["test_accuracy"])) for curve in curves])


def hindered(results: Results) -> Finding:
    """Does the noise of batch size 1 keep its training loss above that of B = 10?"""
    found = {
        name: effect(ratio(values, of=SMALLEST, to=10), above=float(np.log10(1.05)), no_effect=0.0)
        for name, values in _losses(results).items()
    }
    return judged(
        found,
        "The training loss of B = 1 as a multiple of that of B = 10: "
        f"{listed(found, times_interval)}.",
        times_of,
    )


def _losses(results: Results) -> dict[str, BySize]:
    return {
        "at equal epochs": cuts.ends(results, "train_loss"),
        "with the learning rate scaled": cuts.ends(results, "train_loss", "scaled"),
    }


def small_balance(results: Results) -> Finding:
    """Is B = 10 much less noisy than B = 1, and comes nearly as far?"""
    losses = cuts.ends(results, "train_loss")
    found = {
        "in stability": _noisier(results, SMALLEST, 10),
        "in the loss reached": effect(
            ratio(losses, of=10, to=SMALLEST), below=float(np.log10(1.1))
        ),
    }
    return judged(
        found,
        "B = 1 against B = 10, the noise of the test loss; and B = 10 against B = 1, the training "
        f"loss at equal epochs: {listed(found, times_interval)}.",
        times_of,
    )


def medium_balance(results: Results) -> Finding:
    """Are the medium sizes less noisy than the small ones, and faster than the large ones?"""
    losses = cuts.ends(results, "train_loss")
    found: dict[str, Effect | None] = {}
    for size in MEDIUM:
        found[f"in stability, B = {size} against 10"] = _noisier(results, 10, size)
        found[f"in speed, B = {size} against 800"] = effect(
            ratio(losses, of=LARGEST, to=size), above=float(np.log10(1.05)), no_effect=0.0
        )
    small = effect(ratio(losses, of=MEDIUM[0], to=10))
    return judged(
        found,
        "How many times the noise of the test loss is that of the medium size, and the training "
        f"loss at equal epochs: {listed(found, times_interval)}. That balance has a price: at "
        f"B = {MEDIUM[0]} the training loss is {times_interval(small)} that at B = 10.",
        times_of,
    )
