"""The benchmark of the check: its programs, and how answers are counted."""

import ast

import pytest

from benchmarks.check import PROGRAMS, main, programs_of
from rosenblatt.check.report.texts import TITLES

FOLDERS = sorted(path for path in PROGRAMS.iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_program_has_a_label_and_every_label_a_program(folder):
    programs = programs_of(folder)
    assert {p.path for p in programs} == set(folder.glob("*.py"))
    for program in programs:
        ast.parse(program.path.read_text(encoding="utf-8"))
        assert {program.mistake, *program.fair} <= {*TITLES, "", "other", "unexplained"}
        assert (program.line is None) == (program.mistake == "")


def test_there_are_programs_enough():
    programs = [program for folder in FOLDERS for program in programs_of(folder)]
    assert sum(bool(p.mistake) for p in programs) >= 120
    assert sum(not p.mistake for p in programs) >= 60


@pytest.mark.slow
def test_a_page_is_written(tmp_path, capsys):
    assert main(["--quick", "--only", "perceptr", "--out", str(tmp_path)]) == 0
    page = (tmp_path / "CHECK.md").read_text(encoding="utf-8")
    assert "| open |" in page
    assert page in capsys.readouterr().out
