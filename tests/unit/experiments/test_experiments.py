"""Every experiment runs, whatever the number of processes, and its rows say what they claim."""

import inspect
import json
import sys
from pathlib import Path

import pytest

from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments import (
    EXPERIMENTS,
    catalogue,
    e4_full_batch,
    e6_batch_size,
    reference_numbers,
    run_experiments,
)
from rosenblatt.experiments.base import Task, chunks


@pytest.mark.slow
def test_results_do_not_depend_on_the_number_of_processes() -> None:
    one, two = (run_experiments(["E5"], seeds=2, jobs=jobs)["E5"] for jobs in (1, 2))
    assert one.tables == two.tables
    assert one.settings == two.settings


@pytest.mark.slow
def test_experiments_are_reproducible_and_complete() -> None:
    fractions = []
    results = run_experiments(
        ["e1", "E4"], seeds=2, jobs=1, on_progress=lambda _, done: fractions.append(done)
    )
    assert list(results) == ["E1", "E4"]
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)
    for result in results.values():
        seeds = result.tables["own_curves"].column("seed").unique().to_pylist()
        assert seeds == [0, 1]
        protocols = result.tables["summary"].column("protocol").to_pylist()
        draws = e4_full_batch.DRAWS if result.experiment == "E4" else 1
        assert protocols == ["replay", *["own"] * 2 * draws]
    epochs = results["E4"].tables["replay_curve"].column("epoch").to_pylist()
    assert epochs == list(range(0, 1501, 10))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": ["E99"]}, r"unknown experiment 'E99'; known: E1, E2"),
        ({"seeds": 0}, "seeds must be a whole number of at least 1, got 0"),
        ({"jobs": 0}, "jobs, if not -1 for one per core, must be a whole number of at least 1"),
    ],
)
def test_bad_settings_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        run_experiments(**arguments)


@pytest.mark.parametrize("name", EXPERIMENTS)
@pytest.mark.parametrize("seeds", [1, 2, 120])
def test_tasks_are_plain_values_that_know_their_cost(name: str, seeds: int) -> None:
    tasks = EXPERIMENTS[name].tasks(seeds)
    assert all(isinstance(task, Task) and task.cost > 0 for task in tasks)
    assert len({task.key for task in tasks}) == len(tasks)
    for task in tasks:
        assert json.loads(json.dumps(dict(task.arguments))) == task.arguments
        assert getattr(sys.modules[task.function.__module__], task.function.__name__)
        inspect.signature(task.function).bind(**task.arguments)


def covered(name: str, seeds: int, function: str, **how: object) -> list[int]:
    """Return the seeds of those tasks, in their order."""
    return [
        seed
        for task in EXPERIMENTS[name].tasks(seeds)
        if task.function.__name__ == function and how.items() <= task.arguments.items()
        for seed in range(task.arguments["first"], task.arguments["stop"])
    ]


@pytest.mark.parametrize("seeds", [1, 49, 50, 51, 120])
def test_every_seed_is_in_one_task_and_costly_cuts_have_fewer(seeds: int) -> None:
    for size in e6_batch_size.BATCH_SIZES:
        for function, how, most in (
            ("own", {"rates": "fixed"}, seeds),
            ("own", {"rates": "scaled"}, e6_batch_size.MOST_SCALED),
            ("at_equal_loss", {}, e6_batch_size.MOST_SHARP),
            ("early", {}, seeds if size in e6_batch_size.EARLY_EPOCHS else 0),
        ):
            found = covered("E6", seeds, function, batch_size=size, **how)
            assert found == list(range(min(seeds, most)))
    for draw in range(e4_full_batch.DRAWS):
        assert covered("E4", seeds, "own", draw=draw) == list(range(seeds))
    assert covered("E4", seeds, "plateau") == list(range(min(seeds, e4_full_batch.MOST_PLATEAUS)))
    assert covered("E5", seeds, "starts") == list(range(10 * seeds))
    for m in reference_numbers.TABLE_1:
        assert covered("E2", seeds, "accuracies", mean=m) == list(range(2 * seeds))


def test_e3_readings_agree_where_variance_and_deviation_do() -> None:
    tasks = {task.key: task for task in EXPERIMENTS["E3"].tasks(1)}
    first = tasks["variance", 100.0, 0].arguments
    assert first == tasks["standard deviation", 10.0, 0].arguments
    assert first["variance"] == 100


def test_chunks_are_all_seeds_in_order() -> None:
    for seeds in (1, 4, 5, 6, 11):
        parts = chunks(seeds, at_once=5)
        assert [i for part in parts for i in range(part["first"], part["stop"])] == [*range(seeds)]
        assert all(0 < part["stop"] - part["first"] <= 5 for part in parts)


def test_two_experiments_of_one_id_are_refused(monkeypatch):
    source = Path(catalogue.__file__).read_text(encoding="utf-8")
    first = '    "rosenblatt.experiments.e1_perceptron",\n'
    assert source.count(first) == 1
    with pytest.raises(ConfigurationError, match="has the id E1 of another experiment"):
        exec(compile(source.replace(first, first * 2), "catalogue.py", "exec"), {})
