"""E6: what does the batch size change? (Figures 3 to 8.)

Every seed has data, initial weights and orders of its own, so an interval over seeds covers all of
these sources of variation. All batch sizes of a seed share them, so they are compared in pairs.
"""

import math
import tracemalloc
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines import ENGINES, Job, Samples
from rosenblatt.experiments import replay
from rosenblatt.experiments.base import (
    Experiment,
    Row,
    Tables,
    Task,
    chunks,
    joined,
    mean_and_sd,
    prefixed,
)
from rosenblatt.experiments.timing import seconds_per_epoch
from rosenblatt.experiments.two_moons import (
    EPOCHS,
    LEARNING_RATE,
    SETTINGS,
    curve,
    drawn,
    first_reaching,
    network,
    on_fresh,
    sharpness,
    train_replay,
    train_seeds,
)
from rosenblatt.experiments.until import Until
from rosenblatt.optimizers import SGD
from rosenblatt.training import Run

BATCH_SIZES = (1, 10, 100, 200, 400, 800)
NETWORKS = {1: 3, 10: 4, 100: 5, 200: 6, 400: 7, 800: 8}
"""Which network drawn from the generator each of the source's curves starts from.

Those of 100 and above are known; 3 and 4 continue the count downwards. The report's orders of the
samples are not known, so only the full batch can be replayed to the digit.
"""
RATES = ("fixed", "scaled")
RATE_PER_SAMPLE = 0.001
"""The scaled learning rate, per sample of the batch."""
EARLY_EPOCHS = {1: 2, 10: 20}
"""Small batches have made the full batch's number of updates after few epochs; they are measured
after each of these."""
SOLVED = 0.95
"""The test accuracy whose first epoch and update are noted."""
MOST_SHARP = 20
"""Largest number of seeds whose sharpness is measured: a Hessian takes a while."""
MOST_ON_SOURCE_DATA = 10
"""Largest number of seeds trained on the data of the source, to be compared with other code."""
MOST_SCALED = 50
"""Largest number of seeds whose learning rate is scaled."""
EQUAL_LOSS = 0.1
"""The training loss at which sharpness is compared, whatever the number of updates."""
EPOCHS_TO_EQUAL_LOSS = 25
"""Epochs for each sample of a batch that are enough to reach that loss."""


def rate_of(rates: str, batch_size: int) -> float:
    """Return the learning rate, "fixed" or "scaled" with the batch size."""
    return LEARNING_RATE if rates == "fixed" else RATE_PER_SAMPLE * batch_size


def replayed(batch_size: int) -> Tables:
    """Return the run from the network that the replay of that batch size began with."""
    run = train_replay(seed=replay.SEED, network_number=NETWORKS[batch_size], batch_size=batch_size)
    return {"curves": prefixed(curve(run), batch_size=batch_size)}


def own(rates: str, batch_size: int, first: int, stop: int) -> Tables:
    """Return curves and ends of runs of our own, and for the first seeds how sharp they end."""
    rate = rate_of(rates, batch_size)
    runs = _runs(first, stop, batch_size=batch_size, learning_rate=rate)
    how = {"rates": rates, "batch_size": batch_size}
    ends = [
        {**how, "seed": run.seed, **_end(run), **fresh}
        for run, fresh in zip(runs, on_fresh(runs), strict=True)
    ]
    sharp = [
        {**how, "seed": run.seed, **sharpness(run.model, run.params, drawn(run.seed)[0])}
        for run in runs
        if run.seed < MOST_SHARP
    ]
    curves = [row for run in runs for row in prefixed(curve(run), **how, seed=run.seed)]
    return {"curves": curves, "ends": ends, "sharpness": sharp}


def on_source_data(batch_size: int, seeds: int) -> Tables:
    """Return the ends of runs on the data of the source, and how sharp they are."""
    data, _ = drawn(0)
    runs = train_seeds(0, seeds, batch_size=batch_size)
    return {
        "ends": [
            {
                "batch_size": batch_size,
                "seed": run.seed,
                **curve(run)[-1],
                **fresh,
                **sharpness(run.model, run.params, data),
            }
            for run, fresh in zip(runs, on_fresh(runs), strict=True)
        ]
    }


def _runs(first: int, stop: int, **how: Any) -> list[Run]:
    """Return the runs of some seeds, each on the draw of the data that has its number."""
    return [
        run for seed in range(first, stop) for run in train_seeds(seed, seed + 1, draw=seed, **how)
    ]


def _end(run: Run) -> Row:
    solved = first_reaching(run, "test_accuracy", SOLVED)
    losses = run.history["test_loss"]
    return {
        **curve(run)[-1],
        "epochs_to_95": None if solved is None else solved["epoch"],
        "updates_to_95": None if solved is None else solved["updates"],
        "noise": noise_of(losses[len(losses) // 2 :]),
    }


def noise_of(curve: npt.NDArray[np.float64]) -> float:
    """Return the standard deviation of independent noise around a curve that is nearly straight.

    Second differences of noise of variance σ² have mean square (1 + 4 + 1) σ², and leave out what
    is straight (Gasser, Sroka and Jennen-Steinmetz, *Residual variance and residual pattern in
    nonlinear regression*, Biometrika 73, 1986). NaN for fewer than three values.

    >>> noise_of(np.array([1.0, 2.0, 3.0, 4.0]))
    0.0
    """
    if len(curve) < 3:
        return math.nan
    return float(np.sqrt(np.mean(np.diff(curve, n=2) ** 2) / 6))


def early(batch_size: int, first: int, stop: int) -> Tables:
    """Return the first epochs of the runs, measured after each."""
    epochs = EARLY_EPOCHS[batch_size]
    runs = _runs(first, stop, batch_size=batch_size, epochs=epochs, eval_every=1)
    how = {"batch_size": batch_size}
    return {"curves": [row for run in runs for row in prefixed(curve(run), **how, seed=run.seed)]}


def at_equal_loss(batch_size: int, first: int, stop: int) -> Tables:
    """Return how sharp the loss is where each run first has the same training loss."""
    epochs = EPOCHS_TO_EQUAL_LOSS * batch_size
    every = max(1, epochs // 200)
    runs = _runs(
        first,
        stop,
        batch_size=batch_size,
        epochs=epochs,
        eval_every=every,
        callbacks=[Until("train_loss", at_most=EQUAL_LOSS)],
    )
    rows: list[Row] = []
    for run in runs:
        end = run.history[-1]
        if end["train_loss"] <= EQUAL_LOSS:
            where = {name: end[name] for name in ("epoch", "updates", "train_loss")}
            measured = sharpness(run.model, run.params, drawn(run.seed)[0])
            rows.append({"batch_size": batch_size, "seed": run.seed, **where, **measured})
    return {"sharpness": rows}


def timed(moment: int) -> Tables:
    """Return the seconds of an epoch and of an update of one run, and the memory of an update.

    Measured at two moments, before everything else and after it: a machine that it shares, or one
    that grows warm, has another speed minutes later, which no number of rounds shows.
    """
    data, _ = drawn(0)
    model = network()
    samples = Samples.of(model, model.default_loss, data, "float64")
    engine = ENGINES["compiled"]()
    jobs = {
        size: Job(model, model.default_loss, SGD(LEARNING_RATE), samples, size, True, seed=0)
        for size in BATCH_SIZES
    }

    def training(job: Job) -> Callable[[int], object]:
        state = engine.start(job, model.init(0))
        return lambda epochs: engine.run(job, state, range(1, epochs + 1))

    timings = seconds_per_epoch({size: training(job) for size, job in jobs.items()})
    return {
        "timing": [
            {
                "batch_size": size,
                "moment": moment,
                "round": i,
                "epochs": timing.epochs,
                "seconds_per_epoch": per_epoch,
                "seconds_per_update": per_epoch * size / len(data),
                "bytes_of_an_update": held,
            }
            for size, timing in timings.items()
            for held in (_bytes_of_an_update(jobs[size]),)
            for i, per_epoch in enumerate(timing.seconds_per_epoch.tolist())
        ]
    }


def _bytes_of_an_update(job: Job) -> int:
    """Return the most memory that one forward and backward pass in NumPy holds."""
    from rosenblatt.models import backpropagate

    batch = job.data.rows(0, job.batch_size)
    params = job.model.init(0)
    tracemalloc.start()
    backpropagate(job.model, job.loss, params, batch.x, batch.targets)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def tasks(seeds: int) -> list[Task]:
    """Return, for each batch size, the replay, runs of our own, and measurements."""
    planned = [
        Task(("timed", moment), timed, {"moment": moment}, cost=8.0, alone=True)
        for moment in range(2)
    ]
    for size in BATCH_SIZES:
        per_run = EPOCHS * 800 * (5e-8 if size > 10 else 6e-8)
        planned += [
            Task(("replay", size), replayed, {"batch_size": size}, 0.3 + 2 * per_run),
            Task(
                ("source data", size),
                on_source_data,
                {"batch_size": size, "seeds": min(seeds, MOST_ON_SOURCE_DATA)},
                MOST_ON_SOURCE_DATA * (per_run + 0.08),
            ),
        ]
        for part in chunks(seeds):
            n, first = part["stop"] - part["first"], part["first"]
            for rates in RATES if first < MOST_SCALED else ("fixed",):
                how = {"rates": rates, "batch_size": size, **part}
                cost = n * per_run + 0.08 * max(0, min(part["stop"], MOST_SHARP) - first)
                planned.append(Task(("own", rates, size, first), own, how, cost))
            if size in EARLY_EPOCHS:
                how = {"batch_size": size, **part}
                planned.append(Task(("early", size, first), early, how, 0.002 * n))
        for part in chunks(min(seeds, MOST_SHARP), at_once=8):
            how = {"batch_size": size, **part}
            cost = (part["stop"] - part["first"]) * (0.1 + EPOCHS_TO_EQUAL_LOSS * size * 2.2e-5)
            planned.append(Task(("equal loss", size, part["first"]), at_equal_loss, how, cost))
    return planned


def collect(outputs: Mapping[tuple[Any, ...], Tables]) -> Tables:
    """Return all curves, ends and measurements, and the ends summarised over seeds."""
    ends = joined(outputs, "own", "ends")
    replays = joined(outputs, "replay", "curves")
    return {
        "replay_curves": replays,
        "own_curves": joined(outputs, "own", "curves"),
        "early_curves": joined(outputs, "early", "curves"),
        "ends": ends,
        "sharpness": joined(outputs, "own", "sharpness"),
        "equal_loss": joined(outputs, "equal loss", "sharpness"),
        "source_data": joined(outputs, "source data", "ends"),
        "timing": joined(outputs, "timed", "timing"),
        "summary": [
            _summary(
                size,
                [row for row in replays if row["batch_size"] == size][-1],
                [row for row in ends if row["batch_size"] == size and row["rates"] == "fixed"],
            )
            for size in BATCH_SIZES
        ],
    }


def _summary(batch_size: int, replayed: Row, ends: list[Row]) -> Row:
    row: Row = {"batch_size": batch_size, "updates": replayed["updates"], "seeds": len(ends)}
    for name in ("train_loss", "test_loss", "train_accuracy", "test_accuracy"):
        row[f"{name}_mean"], row[f"{name}_sd"] = mean_and_sd(end[name] for end in ends)
        row[f"replay_{name}"] = replayed[name]
    row["fresh_accuracy_mean"], row["fresh_accuracy_sd"] = mean_and_sd(
        end["fresh_accuracy"] for end in ends
    )
    return row


EXPERIMENT = Experiment(
    id="E6",
    title="The batch size",
    question="What changes when an update is made after 1, 10, 100, 200, 400 or all 800 points?",
    settings={
        **SETTINGS,
        "batch sizes": list(BATCH_SIZES),
        "learning rates": f"{LEARNING_RATE:g}, and {RATE_PER_SAMPLE:g} times the batch size",
        "draws of the data": "one for each seed; seed 0 has that of the source",
        "order": "reshuffled every epoch",
        "engine": "compiled",
        "equal training loss": EQUAL_LOSS,
        "seeds with a scaled rate": f"at most {MOST_SCALED}",
        "seeds with a Hessian": f"at most {MOST_SHARP}",
    },
    tasks=tasks,
    collect=collect,
)
