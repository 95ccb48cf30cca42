"""The estimators next to scikit-learn's, on the same work: ``python -m benchmarks.estimators``.

Both fit the same samples from the same random_state for the same epochs, in pairs of turns, each
with its default ``engine``. ``--out FOLDER`` writes ESTIMATORS.md there, ``--readme FILE`` puts its
short tables into that file, ``--only NAME`` takes the rows whose names contain NAME, and
``--turns`` says how many pairs there are.
"""

import argparse
import json
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import sklearn
import sklearn.linear_model
import sklearn.neural_network
from sklearn.datasets import load_digits, make_moons

from benchmarks.machine import describe_machine
from benchmarks.process import ROOT
from rosenblatt import estimators
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
    of which a turn then has several; without it a turn is one long fit.
    """

    name: str
    n: int
    d: int
    n_classes: int
    how: dict[str, Any] = field(default_factory=dict)
    kind: str = "MLPClassifier"
    asked: float = 1.0
    epochs: int | None = None

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
    Case("perceptron, 800 rows, 2 inputs", 800, 2, 2, kind="Perceptron"),
    Case("perceptron, digits, 10 classes", 1797, 64, 10, kind="Perceptron"),
)
FIRST_USE = (
    "The table leaves out the first use, which compiles. Whole processes, imports included, with "
    "nothing compiled before:"
)
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
_FIT_MOONS = _MOONS + "MLPClassifier((20,), random_state=0).fit(X, y)\n"
_POPULATION = """\
import rosenblatt as rb
train, test = rb.data.moons(1000, noise=0.2, seed=0).split(seed=0)
rb.train_many(rb.MLP(2, [20], 2), train, test=test, seeds=range(64), epochs=300, batch_size=10)
"""
SCRIPTS = (
    Script("`MLPClassifier().fit(digits)`", _OURS + _FIT_DIGITS, _THEIRS + _FIT_DIGITS),
    Script("`MLPClassifier((20,)).fit(1000 moons)`", _OURS + _FIT_MOONS, _THEIRS + _FIT_MOONS),
    Script("64 runs of 2-20-2, 300 epochs, B = 10", _POPULATION, None),
)
"""What users do first, timed as whole processes."""
PROCESSES = 3
"""How many times each script runs in each condition."""
KINDS_OF_WORK = (CASES[0], CASES[2], CASES[8], CASES[11], CASES[12])
"""Each has kernels of its own."""


class Row(NamedTuple):
    """What was found: seconds per epoch in every turn, and how far the weights are apart."""

    case: Case
    ours: list[float]
    theirs: list[float]
    apart: float

    @property
    def ratios(self) -> list[float]:
        """How many times as long as ours scikit-learn's turn took, in each pair."""
        return [b / a for a, b in zip(self.ours, self.theirs, strict=True)]


class FirstUse(NamedTuple):
    """Seconds that a first fit takes more than a second: to load, or to compile, what it needs."""

    case: Case
    loading: float
    compiling: float


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
    module = sklearn.linear_model if case.kind == "Perceptron" else sklearn.neural_network
    ours, theirs = getattr(estimators, case.kind), getattr(module, case.kind)
    data, tried = case.data(), case.epochs or 3
    fit(case, theirs, tried, data)
    in_time = math.ceil(SECONDS / seconds_of(lambda: fit(case, theirs, tried, data)))
    epochs, fits = (case.epochs, in_time) if case.epochs else (max(10, tried * in_time), 1)
    fit(case, ours, epochs, data)
    times: dict[Any, list[float]] = {ours: [], theirs: []}
    for turn in range(turns):
        for kind in (ours, theirs) if turn % 2 else (theirs, ours):
            spent = seconds_of(lambda kind=kind: repeat(case, kind, epochs, data, fits))  # type: ignore[misc]
            times[kind].append(spent / (fits * epochs))
    weights = (weights_of(fit(case, kind, FEW, data)) for kind in (ours, theirs))
    apart = max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(*weights, strict=True))
    return Row(case, times[ours], times[theirs], apart)


def weights_of(fitted: Any) -> list[Any]:
    """Return the arrays of weights of an estimator."""
    return fitted.coefs_ if hasattr(fitted, "coefs_") else [fitted.coef_]


def measure_first_use(case: Case) -> FirstUse:
    """Fit in a process that finds compiled code on the disk, and in one that finds none."""

    def in_a_process(**environment: str) -> float:
        words = ["-m", "benchmarks.estimators", "--first-use", case.name]
        return float(json.loads(_run_python(words, environment)))

    with tempfile.TemporaryDirectory() as folder:
        compiling = in_a_process(ROSENBLATT_CACHE=folder)
        return FirstUse(case, in_a_process(ROSENBLATT_CACHE=folder), compiling)


def measure_script(script: Script) -> ScriptTimes:
    """Time a script in processes that find nothing compiled, and in later ones.

    Every first process has an empty folder for compiled code, which the later one then finds full.
    """
    theirs, first, later = [], [], []
    for _ in range(PROCESSES):
        if script.theirs is not None:
            theirs.append(_seconds_of_process(script.theirs))
        with tempfile.TemporaryDirectory() as folder:
            first.append(_seconds_of_process(script.ours, ROSENBLATT_CACHE=folder))
            later.append(_seconds_of_process(script.ours, ROSENBLATT_CACHE=folder))
    return ScriptTimes(script, theirs, first, later)


def _seconds_of_process(code: str, **environment: str) -> float:
    """Return how long a process takes, from its start to its end."""
    return seconds_of(lambda: _run_python(["-W", "ignore", "-c", code], environment))


def _run_python(words: Sequence[str], environment: Mapping[str, str]) -> bytes:
    """Return the output of a process of Python."""
    command = [sys.executable, *words]
    variables = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, check=True).stdout


def first_use(case: Case) -> float:
    """Return how many seconds a first fit in this process takes more than a second."""
    kind, data, epochs = getattr(estimators, case.kind), case.data(), 50
    first = seconds_of(lambda: fit(case, kind, epochs, data))
    return first - seconds_of(lambda: fit(case, kind, epochs, data))


def page(
    rows: Sequence[Row],
    scripts: Sequence[ScriptTimes],
    first_uses: Sequence[FirstUse],
    machine: dict[str, Any],
) -> str:
    """Return ESTIMATORS.md."""
    details = [
        "| work | ours, µs per epoch | scikit-learn's | times as fast | lowest – highest | asked "
        "| weights apart |",
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
    uses = ["| kind of work | loading, s | compiling, s |", "|---|---|---|"]
    uses += [f"| {one.case.name} | {one.loading:.2f} | {one.compiling:.1f} |" for one in first_uses]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
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
        "fit before the turns loads or compiles what ours needs, and is not counted.",
        "\n".join(details),
        "## First use",
        "What a first fit takes more than a second one: in a process that finds the compiled code "
        "on the disk, and once on a machine, where it has to be compiled. Importing the libraries "
        "is not in it, but llvmlite, which the compiled engine imports itself.",
        "\n".join(uses),
        "## The machine",
        f"{machine['processor']}, {machine['cores_used']} cores, {machine['blas']}, "
        f"{machine['system']}, {machine['python']}; {versions}; load before: "
        f"{machine['load']:.1f}.",
    ]
    return "\n\n".join(parts) + "\n"


def short_table(rows: Sequence[Row]) -> str:
    """Return the table that stands in the README, too."""
    lines = ["| work | times as fast as scikit-learn |", "|---|---|"]
    lines += [f"| {row.case.name} | {in_figures(statistics.median(row.ratios))} |" for row in rows]
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
    parser.add_argument("--first-use", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    if asked.first_use:
        print(json.dumps(first_use(next(one for one in CASES if one.name == asked.first_use))))
        return
    machine = describe_machine()
    cases = [case for case in CASES if asked.only in case.name]
    kinds = [case for case in KINDS_OF_WORK if case in cases]
    scripts = [script for script in SCRIPTS if asked.only in script.name]
    rows: list[Row] = []
    first_uses: list[FirstUse] = []
    script_times: list[ScriptTimes] = []
    total = len(cases) + len(kinds) + len(scripts)
    with Bar(total, lambda done: f"{done:.0f} of {total}") as progress:
        for case in cases:
            progress.show(len(rows), case.name)
            rows.append(measure(case, asked.turns))
        for case in kinds:
            progress.show(len(rows) + len(first_uses), f"first use of {case.name}")
            first_uses.append(measure_first_use(case))
        for script in scripts:
            done = len(rows) + len(first_uses) + len(script_times)
            progress.show(done, f"first use: {script.name}")
            script_times.append(measure_script(script))
    text = page(rows, script_times, first_uses, machine)
    if asked.out:
        write(asked.out / "ESTIMATORS.md", text)
    if asked.readme:
        readme = with_table(asked.readme.read_text("utf-8"), short_table(rows))
        write(asked.readme, with_table(readme, script_table(script_times)))
    print(text)


if __name__ == "__main__":
    main()
