"""The estimators next to scikit-learn's, on the same work: ``python -m benchmarks.estimators``.

Both fit the same samples from the same random_state for the same epochs, each with its default
``engine``: in one process, in pairs of turns, and as scripts in processes of their own.
``--out FOLDER`` writes ESTIMATORS.md there, ``--readme FILE`` puts its short tables into that file,
``--only NAME`` takes the rows whose names contain NAME, and ``--turns`` says how many pairs there
are.
"""

import argparse
import importlib
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits, make_moons

from benchmarks.machine import describe_machine, machine_in_words
from benchmarks.process import ROOT
from rosenblatt import estimators
from rosenblatt.engines.compiled.cache import VARIABLE as CACHE_VARIABLE
from rosenblatt.files import atomic_write
from rosenblatt.progress_bar import Bar

SECONDS = 1.0
"""scikit-learn's turn takes roughly so long; ours has as many epochs."""
FEW = 5
"""Epochs after which the weights of both are compared."""


@dataclass(frozen=True)
class Case:
    """Samples, and the settings of both estimators.

    ``asked`` is how many times as fast ours has to be at least. ``epochs`` is the length of a fit,
    of which a turn then has several; without it a turn is one long fit, of at least ``fewest``.
    """

    name: str
    n: int
    d: int
    n_classes: int
    how: dict[str, Any] = field(default_factory=dict)
    kind: str = "MLPClassifier"
    asked: float = 1.0
    epochs: int | None = None
    fewest: int = 10

    @property
    def module(self) -> str:
        """The module of scikit-learn's estimator."""
        return f"sklearn.{'linear_model' if self.kind == 'Perceptron' else 'neural_network'}"

    def data(self) -> tuple[Any, Any]:
        """Return X (n, d) and y (n,): the moons, the digits, or classes by distance and noise."""
        if self.d == 2:
            return make_moons(self.n, noise=0.2, random_state=0)
        if self.d == 64:
            X, y = load_digits(return_X_y=True)
            return X[: self.n] / 16, y[: self.n]
        rng = np.random.default_rng(0)
        X = rng.normal(size=(self.n, self.d))
        score = ((X - rng.normal(size=self.d)) ** 2).sum(axis=1) + rng.normal(size=self.n)
        edges = np.quantile(score, np.linspace(0, 1, self.n_classes + 1)[1:-1])
        return X, np.digitize(score, edges)

    def settings(self, epochs: int) -> dict[str, Any]:
        """Return settings by which both visit the samples this many times, whatever the loss."""
        forever = {"random_state": 0, "n_iter_no_change": 10**6, "tol": 0.0}
        return {**forever, "max_iter": epochs, **self.how}


SMALL = {"hidden_layer_sizes": (20,)}
SGD = SMALL | {"solver": "sgd"}
CASES = (
    Case("2-20-2, adam, B = 1", 800, 2, 2, SMALL | {"batch_size": 1}, asked=20),
    Case("2-20-2, adam, B = 10", 800, 2, 2, SMALL | {"batch_size": 10}, asked=20),
    Case("2-20-2, adam, B = 32", 800, 2, 2, SMALL | {"batch_size": 32}, asked=20),
    Case("2-20-2, sgd, B = 1", 800, 2, 2, SGD | {"batch_size": 1}, asked=20),
    Case("2-20-2, sgd, B = 10", 800, 2, 2, SGD | {"batch_size": 10}, asked=20),
    Case("2-20-2, sgd, B = 32", 800, 2, 2, SGD | {"batch_size": 32}, asked=20),
    Case("2-20-2, 100 rows, fits of 200 epochs", 100, 2, 2, SMALL, epochs=200),
    Case("2-20-2, 100 000 rows", 100_000, 2, 2, SMALL),
    Case("64-100-10, digits", 1797, 64, 10, asked=5),
    Case("64-100-10, digits, early stopping", 1797, 64, 10, {"early_stopping": True}),
    Case("20-100-100-2, 10 000 rows", 10_000, 20, 2, {"hidden_layer_sizes": (100, 100)}),
    Case("784-512-256-10, 2 000 rows", 2000, 784, 10, {"hidden_layer_sizes": (512, 256)}),
    Case("14-100-2, 1 000 rows", 1000, 14, 2),
    Case("100-100-10, 1 000 rows", 1000, 100, 10),
    Case("14-100-2, 30 000 rows", 30_000, 14, 2),
    Case("54-100-7, 30 000 rows", 30_000, 54, 7),
    Case("28-100-2, 200 000 rows", 200_000, 28, 2, fewest=3),
    Case("100-100-10, 200 000 rows", 200_000, 100, 10, fewest=3),
    Case("perceptron, 800 rows, 2 inputs", 800, 2, 2, kind="Perceptron"),
    Case("perceptron, digits, 10 classes", 1797, 64, 10, kind="Perceptron"),
)
FIRST_USE = "Scripts as whole processes, imports included, first with nothing compiled before:"
"""What stands between the table and that of the scripts."""


class Script(NamedTuple):
    """A script for a process of its own, and the same with scikit-learn, if it can do that."""

    name: str
    ours: str
    theirs: str | None


_DIGITS = "from sklearn.datasets import load_digits\nX, y = load_digits(return_X_y=True)\n"
_MOONS = (
    "from sklearn.datasets import make_moons\nX, y = make_moons(1000, noise=0.2, random_state=0)\n"
)
_OURS = "from rosenblatt.estimators import MLPClassifier\n"
_THEIRS = "from sklearn.neural_network import MLPClassifier\n"
_FIT_DIGITS = _DIGITS + "MLPClassifier(random_state=0).fit(X / 16, y)\n"
_FIT_TABLE = """\
import numpy as np
rng = np.random.default_rng(0)
X = rng.normal(size=(30_000, 14))
y = X @ rng.normal(size=14) + rng.normal(size=30_000) > 0
MLPClassifier(max_iter=50, n_iter_no_change=50, random_state=0).fit(X, y)
"""
_FIT_MOONS = _MOONS + "MLPClassifier((20,), random_state=0).fit(X, y)\n"
_POPULATION = """\
import rosenblatt as rb
train, test = rb.data.moons(1000, noise=0.2, seed=0).split(seed=0)
rb.train_many(rb.MLP(2, [20], 2), train, test=test, seeds=range(64), epochs=300, batch_size=10)
"""
SCRIPTS = (
    Script("`MLPClassifier().fit(digits)`", _OURS + _FIT_DIGITS, _THEIRS + _FIT_DIGITS),
    Script("`MLPClassifier((20,)).fit(1000 moons)`", _OURS + _FIT_MOONS, _THEIRS + _FIT_MOONS),
    Script("30 000 × 14, default network, 50 epochs", _OURS + _FIT_TABLE, _THEIRS + _FIT_TABLE),
    Script("64 runs of 2-20-2, 300 epochs, B = 10", _POPULATION, None),
)
"""What users do first, timed as whole processes."""
PROCESSES = 3
"""How many times each script runs in each condition."""


class Process(NamedTuple):
    """Seconds of a process from its start to its end, and of the fit that it makes."""

    whole: float
    fit: float


class Row(NamedTuple):
    """What was found: seconds per epoch in every turn, and how far the weights are apart.

    ``first`` and ``later`` are processes with ours that find nothing compiled, and that find what
    the one before has compiled; ``scripts`` are scikit-learn's.
    """

    case: Case
    ours: list[float]
    theirs: list[float]
    apart: float
    first: list[Process]
    later: list[Process]
    scripts: list[Process]

    @property
    def ratios(self) -> list[float]:
        """How many times as long as ours scikit-learn's turn took, in each pair."""
        return [b / a for a, b in zip(self.ours, self.theirs, strict=True)]

    def times_first(self, which: str) -> float:
        """Return how many times as long as ours scikit-learn's process, or its fit, took."""
        ours, theirs = (
            [getattr(one, which) for one in processes] for processes in (self.first, self.scripts)
        )
        return statistics.median(b / a for a, b in zip(ours, theirs, strict=True))


class ScriptTimes(NamedTuple):
    """Seconds of whole processes: scikit-learn's, ours with nothing compiled, and ours later."""

    script: Script
    theirs: list[float]
    first: list[float]
    later: list[float]


def fit(case: Case, kind: Any, epochs: int, data: tuple[Any, Any]) -> Any:
    """Return an estimator of that kind, fitted."""
    return kind(**case.settings(epochs)).fit(*data)


def seconds_of(work: Callable[[], Any]) -> float:
    """Return how long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def repeat(case: Case, kind: Any, epochs: int, data: tuple[Any, Any], fits: int) -> None:
    """Fit this many times."""
    for _ in range(fits):
        fit(case, kind, epochs, data)


def measure(case: Case, turns: int) -> Row:
    """Let both take turns, the first of a pair being now one and now the other."""
    ours = getattr(estimators, case.kind)
    theirs = getattr(importlib.import_module(case.module), case.kind)
    data, tried = case.data(), case.epochs or 3
    fit(case, theirs, tried, data)
    in_time = math.ceil(SECONDS / seconds_of(lambda: fit(case, theirs, tried, data)))
    epochs, fits = (case.epochs, in_time) if case.epochs else (max(case.fewest, tried * in_time), 1)
    fit(case, ours, epochs, data)
    times: dict[Any, list[float]] = {ours: [], theirs: []}
    for turn in range(turns):
        for kind in (ours, theirs) if turn % 2 else (theirs, ours):
            spent = seconds_of(lambda kind=kind: repeat(case, kind, epochs, data, fits))  # type: ignore[misc]
            times[kind].append(spent / (fits * epochs))
    weights = (weights_of(fit(case, kind, FEW, data)) for kind in (ours, theirs))
    apart = max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(*weights, strict=True))
    return Row(case, times[ours], times[theirs], apart, *measure_processes(case, epochs, data))


def weights_of(fitted: Any) -> list[Any]:
    """Return the arrays of weights of an estimator."""
    return fitted.coefs_ if hasattr(fitted, "coefs_") else [fitted.coef_]


_FIT = """\
import time
import numpy as np
from {module} import {kind}
with np.load({path!r}) as file:
    X, y = file["X"], file["y"]
estimator = {kind}(**{settings!r})
started = time.perf_counter()
estimator.fit(X, y)
print(time.perf_counter() - started)
"""


def measure_processes(
    case: Case, epochs: int, data: tuple[Any, Any]
) -> tuple[list[Process], list[Process], list[Process]]:
    """Time one fit in processes of ours, the first and a later one, and of scikit-learn's."""
    found: tuple[list[Process], list[Process], list[Process]] = ([], [], [])
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/data.npz"
        np.savez(path, X=data[0], y=data[1])
        ours, theirs = (
            _FIT.format(module=module, kind=case.kind, path=path, settings=case.settings(epochs))
            for module in ("rosenblatt.estimators", case.module)
        )
        for turn in range(PROCESSES):
            cache = f"{folder}/{turn}"
            for processes, code in zip(found, (ours, ours, theirs), strict=True):
                processes.append(run_script(code, cache))
    return found


def measure_script(script: Script) -> ScriptTimes:
    """Time a script in processes that find nothing compiled, and in later ones.

    Every first process has an empty folder for compiled code, which the later one then finds full.
    """
    theirs, first, later = [], [], []
    for _ in range(PROCESSES):
        with tempfile.TemporaryDirectory() as folder:
            if script.theirs is not None:
                theirs.append(run_script(script.theirs, folder).whole)
            first.append(run_script(script.ours, folder).whole)
            later.append(run_script(script.ours, folder).whole)
    return ScriptTimes(script, theirs, first, later)


def run_script(code: str, cache: str) -> Process:
    """Run code in a process with a folder for compiled code; it may print the seconds of a fit.

    Python may keep its bytecode of both packages: an installation would have made it.
    """
    variables = {**os.environ, CACHE_VARIABLE: cache, "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-W", "ignore", "-c", code]
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, check=True)
    return Process(time.perf_counter() - started, float(done.stdout or "nan"))


def page(rows: Sequence[Row], scripts: Sequence[ScriptTimes], machine: dict[str, Any]) -> str:
    """Return ESTIMATORS.md."""
    details = [
        "| work | ours, µs per epoch | scikit-learn's | times as fast | lowest – highest | asked "
        "| weights apart |",
        "|---|---|---|---|---|---|---|",
    ]
    in_processes = [
        "| work | first fit, s | later | scikit-learn's | whole script, s | later "
        "| scikit-learn's |",
        "|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        ours, theirs = (1e6 * statistics.median(times) for times in (row.ours, row.theirs))
        ratio = statistics.median(row.ratios)
        short = "" if ratio >= row.case.asked else ", falls short"
        details.append(
            f"| {row.case.name} | {in_figures(ours)} | {in_figures(theirs)} | {in_figures(ratio)} "
            f"| {in_figures(min(row.ratios))} – {in_figures(max(row.ratios))} "
            f"| {row.case.asked:g}{short} | {row.apart:.0e} |"
        )
        seconds = [
            statistics.median(getattr(one, which) for one in processes)
            for which in ("fit", "whole")
            for processes in (row.first, row.later, row.scripts)
        ]
        in_processes.append(f"| {row.case.name} | {' | '.join(map(in_figures, seconds))} |")
    parts = [
        "# Estimators next to scikit-learn's",
        f"Written by `python -m benchmarks.estimators --out benchmarks` on {machine['date']}, "
        f"{len(rows[0].ours) if rows else 0} pairs of turns.",
        short_table(rows),
        FIRST_USE,
        script_table(scripts),
        "## How it was measured",
        "Both fit the same samples from the same `random_state`, with the same settings and for "
        "the same epochs, in one process, in pairs of turns; ours with the default "
        '`engine="auto"`. A turn is a call of `fit` that takes scikit-learn about a second, or, '
        "where the row says so, several short fits; `tol=0` keeps both from stopping. Each may use "
        "all cores. “Times as fast” is the median over the pairs of the ratio within a pair. "
        "“Weights apart” is the largest difference after five epochs, relative to the largest "
        "weight of its array. The widths are a network's as the data has them: with two classes "
        "both have one logistic output. B = 200 where it is not given, which is the default. One "
        "fit before the turns compiles what ours needs, and is not counted.",
        "\n".join(details),
        "## In processes of their own",
        "The same fit, one call that takes scikit-learn about a second, as a script that reads the "
        "samples from a file: the seconds of `fit` alone, and of the process from its start to its "
        f"end. Medians of {PROCESSES} processes. Ours first has an empty folder for compiled code; "
        "later it finds the code there.",
        "\n".join(in_processes),
        "## The machine",
        machine_in_words(machine),
    ]
    return "\n\n".join(parts) + "\n"


def short_table(rows: Sequence[Row]) -> str:
    """Return the table that stands in the README, too."""
    lines = [
        "| times as fast as scikit-learn | fit | first fit in a fresh process | whole script |",
        "|---|---|---|---|",
    ]
    for row in rows:
        ratios = statistics.median(row.ratios), row.times_first("fit"), row.times_first("whole")
        lines.append(f"| {row.case.name} | {' | '.join(map(in_figures, ratios))} |")
    return "\n".join(lines)


def script_table(scripts: Sequence[ScriptTimes]) -> str:
    """Return the table of first uses, which stands in the README, too."""
    lines = ["| script | scikit-learn | first time | after that |", "|---|---|---|---|"]
    for times in scripts:
        theirs, first, later = map(_range_of_seconds, times[1:])
        lines.append(f"| {times.script.name} | {theirs} | {first} | {later} |")
    return "\n".join(lines)


def _range_of_seconds(seconds: Sequence[float]) -> str:
    """Return the shortest and the longest time, or one where they are alike."""
    if not seconds:
        return "–"
    shortest, longest = in_figures(min(seconds)), in_figures(max(seconds))
    return f"{shortest} s" if shortest == longest else f"{shortest}–{longest} s"


def with_table(text: str, table: str) -> str:
    """Return a page with a table in the place of the one with the same header that it has."""
    header, rule = map(re.escape, table.splitlines()[:2])
    return re.sub(rf"{header}\n{rule}(\n\|.*)*", lambda _: table, text)


def in_figures(number: float) -> str:
    """Return a number with two figures at least."""
    if number >= 99.5:
        return f"{number:,.0f}"
    return f"{number:.1f}" if number >= 9.95 else f"{number:.2f}"


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    with atomic_write(path) as file:
        file.write(text.encode())


def main() -> None:
    """Measure, and print or write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="")
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--readme", type=Path)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    machine = describe_machine()
    cases = [case for case in CASES if asked.only in case.name]
    scripts = [script for script in SCRIPTS if asked.only in script.name]
    rows: list[Row] = []
    script_times: list[ScriptTimes] = []
    total = len(cases) + len(scripts)
    with Bar(total, lambda done: f"{done:.0f} of {total}") as progress:
        for case in cases:
            progress.show(len(rows), case.name)
            rows.append(measure(case, asked.turns))
        for script in scripts:
            progress.show(len(rows) + len(script_times), script.name)
            script_times.append(measure_script(script))
    text = page(rows, script_times, machine)
    if asked.out:
        write(asked.out / "ESTIMATORS.md", text)
    if asked.readme:
        readme = with_table(asked.readme.read_text("utf-8"), short_table(rows))
        write(asked.readme, with_table(readme, script_table(script_times)))
    print(text)


if __name__ == "__main__":
    main()
