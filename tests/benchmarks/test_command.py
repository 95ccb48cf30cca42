import json
from pathlib import Path
from typing import NamedTuple

import pytest

import benchmarks.__main__ as command
from benchmarks.machine import describe_machine
from benchmarks.results import ContenderResult, ImportCost, Results, RowResult
from benchmarks.works import WORKS


class Answer(NamedTuple):
    status: int
    out: str
    err: str


@pytest.fixture
def run(capsys):
    def call(text):
        status = command.main(text.split())
        return Answer(status, *capsys.readouterr())

    return call


@pytest.fixture
def refused(run):
    """Run a command that must end with one line on stderr and status 2; return that line."""

    def call(text):
        answer = run(text)
        assert (answer.status, answer.out) == (2, "")
        assert answer.err.startswith("benchmarks: error: ")
        assert answer.err.count("\n") == 1
        return answer.err

    return call


@pytest.fixture
def here(tmp_path, monkeypatch):
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
                RowResult(
                    WORKS[0],
                    [
                        ContenderResult(
                            "compiled", "rosenblatt, compiled", rounds=[115.0], times_ours=1.0
                        ),
                        ContenderResult("jax", "JAX", failure="not installed", asked=6.0),
                    ],
                )
            ],
            startup=ImportCost(0.005, [], 0.15),
        )
        on_row(results)
        return results

    monkeypatch.setattr(command, "run_bench", run_bench)
    return asked


def test_a_line_for_each_contender(run, calls, here):
    answer = run("--quick")
    assert answer.status == 0
    assert calls == [(None, (), True)]
    lines = answer.out.splitlines()
    assert lines[1].split()[:5] == ["one-b1", "rosenblatt,", "compiled", "115", "1.00"]
    assert lines[2].endswith("not installed")
    assert "import rosenblatt takes 5.0 ms" in lines[3]
    assert list(here.iterdir()) == []


@pytest.mark.parametrize("words", ["--only one-b1 --only adam", "--only one-b1,adam"])
def test_rows_can_be_chosen(run, calls, words):
    run(words)
    assert calls == [(("one-b1", "adam"), (), False)]


def test_contenders_can_be_left_out(run, calls, refused):
    run("--without pytorch --without sklearn")
    assert calls == [(None, ("pytorch", "sklearn"), False)]


def test_the_same_as_json_and_files_where_they_are_asked_for(run, calls, here):
    found = json.loads(run("--json --out results").out)
    assert found["command"] == "benchmarks"
    assert found["rows"][0]["entries"][1]["failure"] == "not installed"
    assert {Path(file).name for file in found["files"]} == {
        path.name for path in (here / "results").iterdir()
    }


def test_progress_goes_to_stderr(run, calls, monkeypatch):
    monkeypatch.setattr("rosenblatt.progress_bar.SECONDS_BETWEEN_LINES", 0.0)
    assert run("").err == "row 1/16: one run, B = 1: JAX alone\n"
    assert run("--quiet").err == ""


def test_what_cannot_be_asked_for_is_refused(refused, here):
    assert 'did you mean "one-b1"' in refused("--only one-b2")
    assert '"one-b1" is named twice' in refused("--only one-b1,one-b1")
    assert "--without needs a name" in refused("--without ,")
    assert "cannot be left out" in refused("--without compiled")
    (here / "file").touch()
    assert "cannot make the folder file" in refused("--only import --out file")


def test_ctrl_c_is_one_line_and_a_status_of_its_own(run, monkeypatch):
    def interrupt(*args, **settings):
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "run_bench", interrupt)
    answer = run("--quiet")
    assert (answer.status, answer.out, answer.err) == (130, "", "benchmarks: interrupted\n")
