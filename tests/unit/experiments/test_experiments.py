"""Every experiment runs, whatever the number of processes, and its rows say what they claim."""

import dataclasses

import pytest

from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments import EXPERIMENTS, e6_batch_size, run_experiments
from rosenblatt.experiments.base import Task
from rosenblatt.experiments.two_gaussians import accuracies_over_seeds, summarise


def test_results_do_not_depend_on_the_number_of_processes() -> None:
    one, two = (run_experiments(["E5"], seeds=2, jobs=jobs)["E5"] for jobs in (1, 2))
    assert one.tables == two.tables
    assert one.settings == two.settings


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
        assert result.tables["summary"].column("protocol").to_pylist() == [
            "as published",
            "own",
            "own",
        ]
    epochs = results["E4"].tables["replay_curve"].column("epoch").to_pylist()
    assert epochs == list(range(0, 1501, 10))


def test_e6_compares_batch_sizes_from_the_same_start() -> None:
    short = [
        dataclasses.replace(task, arguments={**task.arguments, "epochs": 3})
        for task in e6_batch_size.tasks(seeds=2)
    ]
    outputs = {task.key: task.function(**task.arguments) for task in short}
    findings = e6_batch_size.collect(outputs)
    starts = {
        (row["seed"], row["train_loss"])
        for row in findings.tables["own_curves"]
        if row["epoch"] == 0
    }
    assert {seed for seed, _ in starts} == {0, 1}
    assert len(starts) == 2
    updates = [row["updates"] for row in findings.tables["summary"]]
    assert updates == [3 * 800 // size for size in (1, 10, 100, 200, 400, 800)]
    assert all(row["seeds"] == 2 for row in findings.tables["summary"])


def test_e3_readings_agree_where_variance_and_deviation_do() -> None:
    tasks = {task.key: task for task in EXPERIMENTS["E3"].tasks(1)}
    assert tasks["variance", 100.0].arguments == tasks["standard deviation", 10.0].arguments


def test_perceptron_accuracy_agrees_with_reference_statistics() -> None:
    # Means over 200 seeds, computed independently: 67.8 (last) and 74.5 % (pocket) at m = 1, with
    # standard deviations of 9.5 and about 7 points between seeds.
    seeds = 40
    summary = summarise(accuracies_over_seeds(mean=1.0, variance=1.0, seeds=seeds))
    assert summary["last_mean"] == pytest.approx(0.678, abs=3 * 0.095 / seeds**0.5)
    assert summary["pocket_mean"] == pytest.approx(0.745, abs=3 * 0.07 / seeds**0.5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"ids": ["E7"]}, r"unknown experiment 'E7'; known: E1, E2"),
        ({"seeds": 0}, "seeds must be a whole number of at least 1, got 0"),
        ({"jobs": 0}, "jobs, if not -1 for one per core, must be a whole number of at least 1"),
    ],
)
def test_bad_settings_are_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        run_experiments(**arguments)


def test_tasks_know_their_cost() -> None:
    for experiment in EXPERIMENTS.values():
        tasks = experiment.tasks(2)
        assert all(isinstance(task, Task) and task.cost > 0 for task in tasks)
        assert len({task.key for task in tasks}) == len(tasks)
