"""Searches next to scikit-learn's: ``python -m benchmarks.searches --out benchmarks``.

Each search is a process of its own with nothing compiled before. The two of a row take turns, and
the row is the ratio of their best times.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from benchmarks.machine import describe_machine, machine_in_words
from benchmarks.page_command import page_parser, run_page_command
from rosenblatt.progress_bar import Bar

_SCRIPT = """
import sys, time, warnings
import numpy as np
from sklearn.datasets import load_digits, make_moons
if sys.argv[1] == "ours":
    from rosenblatt.estimators import GridSearchCV, MLPClassifier
else:
    from sklearn.model_selection import GridSearchCV
    from sklearn.neural_network import MLPClassifier
warnings.simplefilter("ignore")
X, y = {data}
grid = {{"learning_rate_init": np.logspace(-4, -1, {rates}), "alpha": np.logspace(-5, 0, {alphas})}}
network = MLPClassifier({settings}random_state=0)
started = time.perf_counter()
GridSearchCV(network, grid, cv=5, n_jobs={jobs}).fit(X, y)
print(time.perf_counter() - started)
"""


@dataclass
class Row:
    """Two searches of the same networks.

    Attributes:
        what: which.
        data: the samples, as code.
        settings: of the network, as code.
        asked: how many times as fast ours should be at least, or None.
        theirs: seconds of scikit-learn's, of each turn.
        ours: seconds of ours.
    """

    what: str
    data: str
    settings: str = ""
    asked: float | None = None
    theirs: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """How many times as fast ours is."""
        return min(self.theirs) / min(self.ours)


MOONS = "make_moons(1000, noise=0.2, random_state=0)"


def rows() -> list[Row]:
    """Return the rows, not measured."""
    return [
        Row("digits, `MLPClassifier()`", "load_digits(return_X_y=True)", asked=6),
        Row("1000 moons, `MLPClassifier()`", MOONS, asked=40),
        Row(
            "1000 moons, `MLPClassifier((20,), batch_size=32)`",
            MOONS,
            "(20,), batch_size=32, ",
        ),
    ]


def seconds(row: Row, who: str, *, full: bool) -> float:
    """Return how long a search takes in a process of its own, imports left out."""
    quick = {"rates": 2, "alphas": 1, "jobs": 1, "settings": f"{row.settings}max_iter=2, "}
    sizes = {"rates": 8, "alphas": 6, "jobs": 2, "settings": row.settings} if full else quick
    code = _SCRIPT.format(data=row.data, **sizes)
    with tempfile.TemporaryDirectory() as cache:
        surroundings = {**os.environ, "ROSENBLATT_CACHE": cache, "PYTHONWARNINGS": "ignore"}
        words = [sys.executable, "-c", code, who]
        output = subprocess.run(
            words, check=True, stdout=subprocess.PIPE, text=True, env=surroundings
        ).stdout
    return float(output.splitlines()[-1])


def measure(turns: int, only: str, *, full: bool) -> list[Row]:
    """Return the rows that are asked for, measured."""
    measured = [row for row in rows() if only in row.what]
    count = turns * len(measured)
    with Bar(count, lambda done: f"{done:.0f} of {count}") as progress:
        for turn in range(turns):
            for number, row in enumerate(measured):
                progress.show(turn * len(measured) + number, row.what)
                row.theirs.append(seconds(row, "theirs", full=full))
                row.ours.append(seconds(row, "ours", full=full))
    return measured


def page_of(measured: Sequence[Row], turns: int) -> str:
    """Return SEARCHES.md."""
    machine = describe_machine()
    lines = [
        "| | asked | times as fast | scikit-learn, s | rosenblatt, s |",
        "|---|---|---|---|---|",
    ]
    for row in measured:
        short = "" if row.asked is None or row.ratio >= row.asked else ", falls short"
        asked = "" if row.asked is None else f"≥ {row.asked:g}"
        lines.append(
            f"| {row.what} | {asked} | **{row.ratio:.3g}**{short} | {min(row.theirs):.3g} | "
            f"{min(row.ours):.3g} |"
        )
    parts = [
        "# Searches",
        f"Written by `python -m benchmarks.searches --out benchmarks` on {machine['date']}.",
        "\n".join(lines),
        "`GridSearchCV` over 8 learning rates × 6 alphas × 5 folds, both with `n_jobs=2`: whole "
        "calls, imports left out, compiling and the fit of the best on all samples included. Each "
        f"is a process of its own with nothing compiled before; the best of {turns} turns counts.",
        machine_in_words(machine),
    ]
    return "\n\n".join(parts) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the page, and write it."""
    parser = page_parser("searches", "SEARCHES.md", "a part of a row's name", turns=1)
    options = parser.parse_args(argv)

    def page() -> str:
        measured = measure(options.turns, options.only, full=not options.quick)
        return page_of(measured, options.turns)

    return run_page_command("searches", "SEARCHES.md", options, page)


if __name__ == "__main__":
    sys.exit(main())
