"""Sweeps: ``python -m benchmarks.sweeps --out benchmarks``.

Each figure is measured in several turns, each in a process of its own, compiling included, and the
best counts: what else the machine does slows a turn, and nothing makes it faster.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.machine import describe_machine, machine_in_words
from benchmarks.page_command import page_parser, run_page_command
from benchmarks.studio import Figure, Measured, in_figures, text
from rosenblatt.progress_bar import Bar

MAP = """
n, seeds, epochs = (32, 20, 200) if full else (4, 2, 5)
train, test = rb.data.moons(1000, noise=0.2, seed=42).split(test_size=0.2, seed=42)
model = rb.MLP(2, [20], 2, init="normal")
how = {"test": test, "epochs": epochs, "batch_size": 10}

def train_many():
    started = time.perf_counter()
    count = n * seeds
    rb.train_many(model, train, seeds=range(count), eval_every=epochs, **how)
    return count / (time.perf_counter() - started)

before = train_many()
started = time.perf_counter()
over = {"learning_rate": np.geomspace(0.001, 10, n), "init_scale": np.geomspace(0.01, 10, n)}
sweep = rb.sweep(model, train, over=over, seeds=range(seeds), progress=False, **how)
ax = sweep.plot_map("learning_rate", "init_scale")
rb.plotting.save_figure(ax.figure, folder / "map.png")
seconds = time.perf_counter() - started
rate = len(sweep) / seconds
found = {"map": seconds, "share": 100 * rate / max(before, train_many())}
"""

EIGENVALUES = """
n = 50 if full else 2
train, _ = rb.data.blobs(1000, n_classes=3, n_features=5, seed=1).split(test_size=250, seed=0)

def seconds(**measure):
    started = time.perf_counter()
    over = {"learning_rate": np.geomspace(0.01, 1, n)}
    rb.sweep(
        rb.MLP(5, [16], 3), train, over=over, seeds=range(20), epochs=20, batch_size=10,
        progress=False, **measure
    )
    return time.perf_counter() - started

seconds()
without = seconds()
found = {"eigenvalues": seconds(measure=["largest_eigenvalue"]) - without}
"""

TRAINABILITY = """
from docs.trainability import DETAIL, dimension_of, train_map

started = time.perf_counter()
values = train_map(512 if full else 16, *DETAIL)[-1]
dimension = dimension_of(values).dimension
found = {"trainability": time.perf_counter() - started, "dimension": dimension}
"""

WRITE = """
n, seeds = (100, 10) if full else (5, 2)
over = {"learning_rate": np.geomspace(0.01, 1000, n), "init_scale": np.geomspace(0.01, 100, n)}
rb.sweep(
    rb.MLP(2, [8], 2, activation="tanh", init="normal"), rb.data.moons(72, noise=0.1, seed=0),
    over=over, seeds=range(seeds), epochs=10, folder=folder / "sweep", progress=False,
)
found = {}
"""

READ = """
started = time.perf_counter()
sweep = rb.sweeps.read_sweep(folder / "sweep")
sweep.table
ax = sweep.plot_map("learning_rate", "init_scale")
rb.plotting.save_figure(ax.figure, folder / "map.png")
found = {"read": time.perf_counter() - started}
"""

CLUSTER = """
from distributed import Client, LocalCluster

n = 50 if full else 3
train, test = rb.data.moons(200, noise=0.2, seed=42).split(test_size=100, seed=42)
over = {"learning_rate": np.geomspace(0.001, 10, 2 * n), "init_scale": np.geomspace(0.01, 10, n)}
how = {"test": test, "over": over, "seeds": range(20), "epochs": 50, "batch_size": 10}
with (
    LocalCluster(
        n_workers=2, threads_per_worker=1, processes=full, dashboard_address="127.0.0.1:0"
    ) as cluster,
    Client(cluster) as client,
):
    started = time.perf_counter()
    model = rb.MLP(2, [4], 2, init="normal")
    rb.sweep(model, train, executor=client, progress=False, **how)
    seconds = time.perf_counter() - started
    tasks = len({step[0] for step in cluster.scheduler.transition_log if "on_worker" in step[0]})
found = {"cluster": seconds, "tasks": tasks}
"""

_SCRIPT = """
import json, sys, time
from pathlib import Path
import numpy as np
import rosenblatt as rb
folder, full = Path(sys.argv[1]), sys.argv[2] == "full"
{work}
print(json.dumps(found))
"""

FIGURES: Mapping[str, Figure] = {
    "map": Figure("32 learning rates × 32 initial scales × 20 seeds, with the map", "s"),
    "share": Figure("its rate, relative to that of `train_many`", "%", 75, True),
    "eigenvalues": Figure(
        "largest Hessian eigenvalue of 1000 networks 5-16-3 on 750 rows", "s", 10
    ),
    "trainability": Figure(
        "the border of trainability: 512 × 512 learning rates of two layers, width 8, 72 rows, 100 "
        "full batches, with its dimension",
        "s",
        60,
    ),
    "dimension": Figure("its box-counting dimension", ""),
    "read": Figure("10⁵ networks in a folder: table and map", "s", 2),
    "cluster": Figure("10⁵ networks 2-4-2 on 100 rows through a Dask cluster of two workers", "s"),
    "tasks": Figure("its tasks", "", 100),
}

TURNS = {
    "map": MAP,
    "eigenvalues": EIGENVALUES,
    "trainability": TRAINABILITY,
    "read": READ,
    "cluster": CLUSTER,
}


def run(work: str, folder: Path, *, full: bool) -> dict[str, float]:
    """Return what a piece of work measures, in a process of its own."""
    code = _SCRIPT.replace("{work}", work)
    words = [sys.executable, "-c", code, str(folder), "full" if full else "quick"]
    root = Path(__file__).parents[1]
    output = subprocess.run(words, check=True, stdout=subprocess.PIPE, text=True, cwd=root).stdout
    found: dict[str, float] = json.loads(output.splitlines()[-1])
    return found


def measure(turns: int, only: str, *, full: bool) -> dict[str, Measured]:
    """Return the figures that are asked for."""
    names = [name for name in TURNS if only in name]
    measured: dict[str, Measured] = {}
    with (
        tempfile.TemporaryDirectory() as place,
        Bar(turns * len(names), lambda done: f"{done:.0f} of {turns * len(names)}") as progress,
    ):
        folder = Path(place)
        if "read" in names:
            run(WRITE, folder, full=full)
        for turn in range(turns):
            for number, name in enumerate(names):
                progress.show(turn * len(names) + number, name)
                for key, value in run(TURNS[name], folder, full=full).items():
                    measured.setdefault(key, Measured(FIGURES[key])).turns.append(value)
    return measured


def page_of(measured: Mapping[str, Measured], turns: int) -> str:
    """Return SWEEPS.md."""
    machine = describe_machine()
    lines = ["| | asked | measured | all turns |", "|---|---|---|---|"]
    for key, one in measured.items():
        figure = FIGURES[key]
        bound = "≥" if figure.at_least else "≤"
        asked = "" if figure.asked is None else f"{bound} {text(figure.asked, figure.unit)}"
        short = "" if one.is_reached else ", falls short"
        all_turns = ", ".join(map(in_figures, one.turns))
        best = f"**{text(one.best, figure.unit)}**{short}"
        lines.append(f"| {figure.what} | {asked} | {best} | {all_turns} |")
    parts = [
        "# Sweeps",
        f"Written by `python -m benchmarks.sweeps --out benchmarks` on {machine['date']}.",
        "\n".join(lines),
        f"Whole calls, imports left out and compiling included; the best of {turns} turns counts. "
        "The first two are of 2-20-2 on 800 rows of the two moons, B = 10, 200 epochs; "
        "`train_many` trains 640 of these networks before and after, and the faster counts.",
        machine_in_words(machine),
    ]
    return "\n\n".join(parts) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print the page, and write it."""
    parser = page_parser("sweeps", "SWEEPS.md", f"one of: {', '.join(TURNS)}", turns=3)
    options = parser.parse_args(argv)

    def page() -> str:
        measured = measure(options.turns, options.only, full=not options.quick)
        return page_of(measured, options.turns)

    return run_page_command("sweeps", "SWEEPS.md", options, page)


if __name__ == "__main__":
    sys.exit(main())
