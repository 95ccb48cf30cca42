import json
from pathlib import Path

import pytest

from rosenblatt.report import ReportSummary

DEFAULTS = {"seeds": 3, "only": None, "jobs": -1, "dask": None, "fresh": False, "pdf": False}


@pytest.fixture
def calls(monkeypatch):
    """Stand in for the report; see what it was asked for."""
    asked = []

    def build_report(out, **settings):
        progress = settings.pop("progress")
        progress("E4", 0.5)
        asked.append((out, settings))
        names = ("E4",)
        pdf = out / "report.pdf" if settings["pdf"] else None
        return ReportSummary(out, out / "index.html", names, 2, 4, 1, ("index.html",), 1.25, pdf)

    monkeypatch.setattr("rosenblatt.report.build_report", build_report)
    return asked


def test_what_is_asked_for_is_passed_on(run, calls):
    answer = run("report --out r --seeds 2 --only E4,e6 --jobs 1")
    assert calls == [(Path("r"), {**DEFAULTS, "seeds": 2, "only": ("E4", "e6"), "jobs": 1})]
    assert answer.out.splitlines() == [
        "report      r/index.html",
        "contents    E4; figures: 4, tables: 1, seeds: 2",
        "took        1.2 s",
    ]


def test_by_default_everything_is_in_it(run, calls):
    run("report")
    assert calls == [(Path("report"), DEFAULTS)]


def test_a_cluster_or_everything_again_can_be_asked_for(run, calls):
    run("report --dask tcp://127.0.0.1:8786 --fresh")
    (asked,) = calls
    assert asked[1] == {**DEFAULTS, "dask": "tcp://127.0.0.1:8786", "fresh": True}


def test_a_pdf_can_be_asked_for(run, calls):
    answer = run("report --out r --pdf")
    assert calls == [(Path("r"), {**DEFAULTS, "pdf": True})]
    assert "as PDF      r/report.pdf" in answer.out.splitlines()


def test_what_was_done_before_does_not_count_as_speed(run, monkeypatch):
    told = []

    def build_report(out, *, progress, **settings):
        for done in (0.5, 0.6, 0.7):
            progress("E4", done)
        return ReportSummary(out, out / "index.html", ("E4",), 2, 4, 1, ("index.html",), 1.25)

    monkeypatch.setattr("rosenblatt.report.build_report", build_report)
    monkeypatch.setattr(
        "rosenblatt.progress_bar.TimeLeft.skip", lambda self, done: told.append(done)
    )
    assert run("report").status == 0
    assert told == [0.5]


def test_the_same_as_json(run, calls):
    found = json.loads(run("report --json").out)
    assert found["page"] == "report/index.html"
    assert found["files"] == ["index.html"]


def test_progress_is_lines_unless_it_is_a_terminal(run, calls, monkeypatch):
    monkeypatch.setattr("rosenblatt.progress_bar.SECONDS_BETWEEN_LINES", 0.0)
    assert run("report").err == " 50 %: E4\n"
    assert run("report --quiet").err == ""


def test_progress_on_a_terminal_is_a_bar(run, calls, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    answer = run("report")
    assert answer.status == 0
    assert "\x1b[3" not in answer.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--only E9", "unknown experiment"),
        ("--seeds 0", "at least 1"),
        ("--jobs 0", "jobs"),
        ("--dask nobody", "no Dask scheduler"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(refused, here, words, message):
    assert message in refused(f"report --quiet --out r {words}")
