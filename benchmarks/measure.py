"""One row: every contender tried alone, checked, and then timed in turns with the others."""

import math
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.contenders import CONTENDERS, OURS, REFERENCE
from benchmarks.material import write_samples
from benchmarks.process import CannotError, Worker, WorkerError
from benchmarks.results import ContenderResult, RowResult
from benchmarks.works import Work
from rosenblatt import cores
from rosenblatt.engines.compiled.cache import VARIABLE as CACHE_VARIABLE

TOLERANCES: Mapping[str, float] = {"float64": 1e-7, "float32": 1e-3}
"""Largest relative difference of weights that are the same, by dtype."""
PAUSE = 0.05
"""Seconds between turns, in which the threads of the last one go to sleep."""
INSTALL = "not installed; pip install 'rosenblatt[bench]'"

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class Thoroughness:
    """How thoroughly to measure.

    Attributes:
        rounds: turns of each contender.
        stretch: how long turns are, as a multiple of what the works say.
        thorough: try all ways of a contender, and compile for each row anew; else the first way,
            and compiled code of earlier runs.
    """

    rounds: int = 7
    stretch: float = 1.0
    thorough: bool = True


@dataclass(frozen=True)
class Trial:
    """A contender before its turns: its fastest way, and the work of one turn."""

    way: str
    epochs: int
    repeats: int
    members: int
    compile_seconds: float | None


def measure_row(
    work: Work,
    contenders: Sequence[str],
    settings: Thoroughness,
    on_step: OnStep = lambda what: None,
) -> RowResult:
    """Return the times of every contender for ``work``, or why it failed.

    Args:
        work: the row.
        contenders: their ids, in the order of the table.
        settings: how thoroughly.
        on_step: called before each step with what it is.
    """
    entries = {
        name: ContenderResult(name, CONTENDERS[name].title, asked=work.asked.get(name))
        for name in contenders
    }
    if work.threads > cores.available():
        for entry in entries.values():
            entry.failure = f"needs {work.threads} cores, this process has {cores.available()}"
        return RowResult(work, list(entries.values()))
    with tempfile.TemporaryDirectory() as name:
        bench = _Bench(work, settings, Path(name))
        trials = {}
        # The reference first: the others' weights are compared with its.
        for name in sorted(contenders, key=lambda name: name != REFERENCE):
            on_step(f"{work.title}: {CONTENDERS[name].title} alone")
            trial = bench.try_alone(entries[name])
            if trial is not None:
                trials[name] = trial
        on_step(f"{work.title}: in turns")
        bench.take_turns(entries, trials)
    return RowResult(work, list(entries.values()))


class _Bench:
    """One work on its way through trials and turns."""

    def __init__(self, work: Work, settings: Thoroughness, folder: Path) -> None:
        self._work = work
        self._settings = settings
        self._folder = folder
        self._samples = folder / "samples.npz"
        write_samples(work, self._samples)

    def try_alone(self, entry: ContenderResult) -> Trial | None:
        """Find a contender's fastest way, check its weights; None, and the reason, if it fails."""
        if not CONTENDERS[entry.contender].is_installed:
            entry.failure = INSTALL
            return None
        try:
            with self._start(entry.contender) as worker:
                trial = self._fastest(worker, self._ways(worker, entry.contender))
                entry.way, entry.compile_seconds = trial.way, trial.compile_seconds
                self._check(worker, entry)
        except CannotError as error:
            entry.failure = f"cannot: {error}"
            return None
        except WorkerError as error:
            entry.failure = str(error)
            return None
        return trial

    def take_turns(
        self, entries: Mapping[str, ContenderResult], trials: Mapping[str, Trial]
    ) -> None:
        """Time all contenders, one after the other, in several rounds."""
        with ExitStack() as stack:
            workers = {}
            for name, trial in trials.items():
                worker = stack.enter_context(self._start(name))
                try:
                    self._ways(worker, name)
                    worker.ask("load", way=trial.way)
                    worker.ask("time", epochs=trial.epochs, repeats=1)
                    workers[name] = worker
                except WorkerError as error:
                    entries[name].failure = str(error)
            for _ in range(self._settings.rounds):
                for name in [name for name in entries if name in workers]:
                    self._take_turn(entries[name], workers, trials[name])
            for name, worker in workers.items():
                self._ask_memory(entries[name], worker)
        _compare_times(entries)

    def _start(self, contender: str) -> Worker:
        """Start a worker; compilers keep what they make in a folder that is empty at first."""
        variables = {"TORCHINDUCTOR_CACHE_DIR": str(self._folder / "inductor")}
        if self._settings.thorough and contender == OURS:
            variables[CACHE_VARIABLE] = str(self._folder / "kernels")
        return Worker(self._work.threads or cores.available(), variables)

    def _ways(self, worker: Worker, contender: str) -> list[str]:
        work, samples = self._work.as_json(), str(self._samples)
        ways: list[str] = worker.ask("ways", contender=contender, work=work, samples=samples)[
            "ways"
        ]
        return ways if self._settings.thorough else ways[:1]

    def _fastest(self, worker: Worker, ways: Sequence[str]) -> Trial:
        """Return the trial of the fastest way, and leave the worker prepared for it."""
        trials, failures = [], []
        for way in ways:
            try:
                trials.append(self._try_way(worker, way))
            except WorkerError as error:
                # One way of several, such as a compiler that is not installed, may be missing.
                failures.append(error)
        if not trials:
            raise failures[0]
        fastest, _ = min(trials, key=lambda pair: pair[1])
        if len(trials) > 1:
            worker.ask("load", way=fastest.way)
        return fastest

    def _try_way(self, worker: Worker, way: str) -> tuple[Trial, float]:
        """Return a trial whose turns are as long as they should be, and its seconds per epoch."""
        loaded = worker.ask("load", way=way)
        work = self._work
        wanted = work.slice_seconds * self._settings.stretch
        if work.epochs:
            epochs = work.epochs
            per_epoch = min(worker.ask("time", epochs=epochs, repeats=2)["seconds"]) / epochs
            repeats = max(1, math.ceil(wanted / (per_epoch * epochs)))
        else:
            epochs, per_epoch = calibrate(worker, loaded["epochs_at_once"], wanted)
            repeats = 1
        trial = Trial(way, epochs, repeats, loaded["members"], loaded["compile_seconds"])
        return trial, per_epoch

    def _check(self, worker: Worker, entry: ContenderResult) -> None:
        """Compare the weights after some epochs with those of the reference engine."""
        path = self._folder / f"{entry.contender}.npz"
        worker.ask("final", epochs=self._work.check_epochs, path=str(path))
        right = self._folder / f"{REFERENCE}.npz"
        if right.exists():
            entry.difference = largest_difference(path, right)
            entry.same = entry.difference <= TOLERANCES[self._work.dtype]

    def _take_turn(self, entry: ContenderResult, workers: dict[str, Worker], trial: Trial) -> None:
        time.sleep(PAUSE)
        try:
            answer = workers[entry.contender].ask(
                "time", epochs=trial.epochs, repeats=trial.repeats
            )
        except WorkerError as error:
            entry.failure = str(error)
            entry.rounds.clear()
            del workers[entry.contender]
            return
        samples = self._work.rows * trial.epochs * trial.members * trial.repeats
        entry.rounds.append(1e9 * sum(answer["seconds"]) / samples)
        entry.epochs = trial.epochs

    def _ask_memory(self, entry: ContenderResult, worker: Worker) -> None:
        try:
            memory = worker.ask("memory")
        except WorkerError as error:
            entry.failure = str(error)
            return
        if memory["peak_bytes"] is not None:
            entry.peak_bytes = memory["peak_bytes"] - memory["shuffle_bytes"]


def calibrate(worker: Worker, at_once: int, wanted: float) -> tuple[int, float]:
    """Return how many epochs take ``wanted`` seconds, and the seconds of one of them.

    Args:
        worker: a loaded one.
        at_once: the epochs are a multiple of it.
        wanted: seconds, which are exceeded where fewer epochs than ``at_once`` take them.
    """
    count = 1
    while True:
        seconds = min(worker.ask("time", epochs=count * at_once, repeats=2)["seconds"])
        if seconds >= wanted / 4:
            per_call = seconds / count
            return at_once * max(1, round(wanted / per_call)), per_call / at_once
        # Not by more than 64 at once: what the first call costs besides may deceive.
        count = max(2 * count, int(count * min(64.0, 0.5 * wanted / max(seconds, 1e-9))))


def largest_difference(path: Path, right: Path) -> float:
    """Return the largest difference of weights, relative to the largest weight of their array.

    Over all arrays and members: max |θ − θ_right| / max |θ_right|, NaN counting as infinite.
    """
    worst = 0.0
    with np.load(path) as mine, np.load(right) as theirs:
        for name in theirs.files:
            a, b = mine[name].astype(np.float64), theirs[name].astype(np.float64)
            axes = tuple(range(1, b.ndim))
            scale = np.abs(b).max(axis=axes)
            difference = np.abs(a - b).max(axis=axes)
            # A parameter that stayed at 0 counts absolutely.
            relative = float((difference / np.where(scale > 0, scale, 1.0)).max())
            worst = max(worst, relative if math.isfinite(relative) else math.inf)
    return worst


def _compare_times(entries: Mapping[str, ContenderResult]) -> None:
    """Fill in how many times as long as ours each contender took, round by round."""
    ours = entries[OURS].rounds if OURS in entries else []
    for entry in entries.values():
        entry.times_ours = median_ratio(entry.rounds, ours)


def median_ratio(theirs: Sequence[float], ours: Sequence[float]) -> float | None:
    """Return the median over rounds of their time as a multiple of ours; None without both."""
    if not ours or len(theirs) != len(ours):
        return None
    return statistics.median(a / b for a, b in zip(theirs, ours, strict=True))
