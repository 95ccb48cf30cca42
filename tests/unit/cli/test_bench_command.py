import json
from pathlib import Path

import pytest

from rosenblatt.bench.machine import describe_machine
from rosenblatt.bench.results import Entry, Results, Row, Startup
from rosenblatt.bench.works import WORKS


@pytest.fixture
def calls(monkeypatch):
    """Stand in for the benchmark; see what it was asked for."""
    asked = []

    def run_bench(only, *, without, quick, on_progress, on_row):
        on_progress(0, "one run, B = 1: JAX alone")
        asked.append((only, without, quick))
        results = Results(
            describe_machine(),
            {"quick": quick, "rounds": 7},
            rows=[
                Row(
                    WORKS[0],
                    [
                        Entry("compiled", "rosenblatt, compiled", rounds=[115.0], times_ours=1.0),
                        Entry("jax", "JAX", failure="not installed", asked=6.0),
                    ],
                )
            ],
            startup=Startup(0.005, [], 0.15),
        )
        on_row(results)
        return results

    monkeypatch.setattr("rosenblatt.bench.run.run_bench", run_bench)
    return asked


def test_a_line_for_each_contender(run, calls, here):
    answer = run("bench --quick")
    assert answer.status == 0
    assert calls == [(None, (), True)]
    lines = answer.out.splitlines()
    assert lines[1].split()[:5] == ["one-b1", "rosenblatt,", "compiled", "115", "1.00"]
    assert lines[2].endswith("not installed")
    assert "import rosenblatt takes 5.0 ms" in lines[3]
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("words", ["--only one-b1 --only adam", "--only one-b1,adam"])
def test_rows_can_be_chosen(run, calls, words):
    run(f"bench {words}")
    assert calls == [(("one-b1", "adam"), (), False)]


def test_contenders_can_be_left_out(run, calls, refused):
    run("bench --without pytorch --without sklearn")
    assert calls == [(None, ("pytorch", "sklearn"), False)]


def test_the_same_as_json_and_files_where_they_are_asked_for(run, calls, here):
    found = json.loads(run("bench --json --out results").out)
    assert found["command"] == "bench"
    assert found["rows"][0]["entries"][1]["failure"] == "not installed"
    assert {Path(file).name for file in found["files"]} == {
        path.name for path in (here / "results").iterdir()
    }


def test_progress_goes_to_stderr(run, calls, monkeypatch):
    monkeypatch.setattr("rosenblatt.progress.SECONDS_BETWEEN_LINES", 0.0)
    assert run("bench").err == "row 1/15: one run, B = 1: JAX alone\n"
    assert run("bench --quiet").err == ""


def test_what_cannot_be_asked_for_is_refused(refused, here):
    assert 'did you mean "one-b1"' in refused("bench --only one-b2")
    (here / "file").touch()
    assert "cannot make the folder file" in refused("bench --only import --out file")
