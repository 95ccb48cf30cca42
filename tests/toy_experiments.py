"""Experiments that take no time, for the tests of what runs them; other processes import them too.

``folder`` is where tasks leave a trace of having been computed.
"""

import os
import secrets
import signal
import time
from functools import partial
from pathlib import Path

import pyarrow as pa

from rosenblatt.experiments.base import Experiment, Task, prefixed

AWKWARD = [
    {"kind": "plain", "value": 1.0, "seed": 0, "good": True, "note": "ü\n"},
    {"kind": "int", "value": 1, "seed": None, "good": None, "note": None},
    {"kind": "none", "value": None, "seed": -(2**63), "good": False, "note": ""},
    {"kind": "bool", "value": True, "seed": 2**63 - 1, "good": False, "note": "None"},
    {"kind": "nan", "value": float("nan"), "seed": 3, "good": True, "note": "nan"},
    {"kind": "zero", "value": -0.0, "seed": 4, "good": True, "note": "0"},
    {"kind": "text", "value": "1", "seed": 5, "good": True, "note": "1"},
]


def leave_trace(folder):
    (Path(folder) / secrets.token_hex(8)).touch()


def count(folder):
    """Return how many tasks were computed."""
    return len(list(Path(folder).iterdir()))


def squares(folder, i, seconds=0.0):
    leave_trace(folder)
    time.sleep(seconds)
    return {"squares": [{"i": i, "square": i * i / 7}], "empty": [], "awkward": AWKWARD}


def fails_at_first(folder, marker):
    if not Path(marker).exists():
        Path(marker).touch()
        raise ZeroDivisionError("on purpose")
    return squares(folder, 100)


def dies_at_first(folder, marker):
    """End the process that computes this, without a word, unless ``marker`` exists."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return squares(folder, 100)


def dies(folder):
    os.kill(os.getpid(), signal.SIGKILL)


def waits_for(marker):
    """End when ``marker`` exists, without a trace."""
    deadline = time.monotonic() + 60
    while not Path(marker).exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    return {"squares": [{"i": 100, "square": 0.0}], "empty": [], "awkward": AWKWARD}


def counts_others(folder, i, tries):
    """Return how many other tasks are computed meanwhile, by the files that each leaves."""
    own = Path(folder) / f"{os.getpid()}-{i}"
    own.touch()
    seen = 0
    for _ in range(tries):
        seen = max(seen, count(folder) - 1)
        if seen:
            break
        time.sleep(0.01)
    time.sleep(0.05)
    own.unlink()
    return {"others": [{"i": i, "others": seen}]}


def threads(folder):
    from rosenblatt import cores

    variable = os.environ.get("OMP_NUM_THREADS", "")
    return {"threads": [{"variable": variable, "available": cores.available()}]}


def collect(outputs):
    return {
        "all": [
            row
            for key, tables in outputs.items()
            for row in prefixed(tables["squares"], key=str(key))
        ],
        "awkward": next(iter(outputs.values()))["awkward"][:1],
        "empty": [],
    }


def experiment(name, tasks, collect=collect):
    return Experiment(name, "a title", "a question?", {"a": 1}, tasks, collect)


def tasks_of_squares(folder, first, seeds, *, seconds=0.0, n=8):
    """Return tasks whose order by cost is not their order, one of them the same as another."""
    how = {"folder": str(folder)} | ({"seconds": seconds} if seconds else {})
    return [
        *(
            Task(("square", i), squares, {**how, "i": first + i % 7}, cost=0.1 + i % 3)
            for i in range(n)
        ),
        *(Task(("seed", s), squares, {**how, "i": 1000 + s}, cost=0.2) for s in range(seeds)),
    ]


def two_experiments(folder):
    """Return A and B: seven squares each, and one more per seed that both share."""
    return {
        name: experiment(name, partial(tasks_of_squares, folder, first))
        for name, first in (("A", 0), ("B", 50))
    }


def one_more(folder, task):
    """Return A with a task that is the first to be computed or, if it costs more, the last."""

    def tasks(seeds):
        return [*tasks_of_squares(folder, 0, seeds), task]

    return {"A": experiment("A", tasks)}


def two_alone(folder):
    """Return A, of six tasks, two of which are to be computed alone."""

    def tasks(seeds):
        planned = []
        for i in range(6):
            alone = i in (1, 4)
            # The others wait for company.
            how = {"folder": str(folder), "i": i, "tries": 10 if alone else 500}
            planned.append(Task((i,), counts_others, how, 1.0, alone=alone))
        return planned

    def collect(outputs):
        return {"others": [row for tables in outputs.values() for row in tables["others"]]}

    return {"A": experiment("A", tasks, collect)}


def texts(results):
    """Return all that must not differ between runs, as text that keeps NaN equal to NaN."""
    return {
        name: (
            result.settings,
            {table: _text(rows) for table, rows in result.tables.items()},
        )
        for name, result in results.items()
    }


def _text(table: pa.Table):
    return f"{table.schema}\n{table.to_pylist()!r}"
