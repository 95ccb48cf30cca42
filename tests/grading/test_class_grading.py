"""A class is graded whole, whatever one submission is like, and continued where it stopped."""

import csv
import json
import zipfile

import pytest

from rosenblatt.cli import main
from rosenblatt.errors import FileError
from rosenblatt.grading import class_grading
from rosenblatt.grading.class_grading import find_submissions, grade_class
from rosenblatt.grading.rubric import parse_rubric, read_rubric

RUBRIC_TEXT = 'part = "part2"\n[[task]]\nquestion = "relu"\npoints = 4\n'
RUBRIC = parse_rubric(RUBRIC_TEXT)
RELU = """
import numpy as np
class ReLU:
    def forward(self, x):
        self.x = x
        return np.maximum(x, 0)
    def backward(self, dout):
        return dout * (self.x > 0)
"""


@pytest.fixture
def submissions(tmp_path):
    """A right one, a zip file with a mistake, one without files, and a damaged zip file."""
    folder = tmp_path / "submissions"
    (folder / "ada" / "part2").mkdir(parents=True)
    (folder / "ada" / "part2" / "modules.py").write_text(RELU)
    with zipfile.ZipFile(folder / "bob.zip", "w") as archive:
        archive.writestr("bob/part2/modules.py", RELU.replace("> 0", ">= 0"))
    (folder / "=cmd()").mkdir()
    (folder / "dan.zip").write_bytes(b"PK\3\4 and no more")
    return folder


def read(table):
    with table.open(newline="") as file:
        return {row["file"]: row for row in csv.DictReader(file)}


def test_one_bad_submission_does_not_stop_the_others(submissions, tmp_path):
    table, feedback = tmp_path / "grades.csv", tmp_path / "feedback"
    result = grade_class(submissions, RUBRIC, table, feedback=feedback, quiet=True)
    rows = read(table)
    assert result.graded == 4
    points = {name: row["points"] for name, row in rows.items()}
    assert points == {"ada": "4", "bob.zip": "2.67", "'=cmd()": "0", "dan.zip": "0"}
    assert rows["bob.zip"]["student"] == "bob"
    assert rows["bob.zip"]["wrong"] == "relu: at-zero"
    assert "none of the files modules.py" in rows["'=cmd()"]["problem"]
    assert "cannot be unpacked" in rows["dan.zip"]["problem"]
    texts = [feedback / who / "bob.zip.txt" for who in ("students", "teacher")]
    student, teacher = (text.read_text() for text in texts)
    assert "not right: at-zero" in student
    assert "should be" not in student
    assert "should be" in teacher

    # Nothing has changed: only what has no digest to be recognized by is tried again.
    before = table.read_bytes()
    assert grade_class(submissions, RUBRIC, table, feedback=feedback, quiet=True).graded == 1
    assert table.read_bytes() == before

    # One submission has changed.
    (submissions / "ada" / "part2" / "modules.py").write_text(RELU.replace("> 0", "< 0"))
    assert grade_class(submissions, RUBRIC, table, quiet=True).graded == 2
    assert read(table)["ada"]["points"] == "1.33"


def test_an_interrupted_class_is_continued(submissions, tmp_path, monkeypatch):
    table, grade = tmp_path / "grades.csv", class_grading.grade_submission
    (submissions / "eve").mkdir()
    (submissions / "eve" / "modules.py").write_text(RELU)
    monkeypatch.setattr(class_grading.cores, "available", lambda: 1)

    def interrupted(submission, rubric, student):
        if student == "eve":
            raise KeyboardInterrupt
        return grade(submission, rubric, student)

    monkeypatch.setattr(class_grading, "grade_submission", interrupted)
    with pytest.raises(KeyboardInterrupt):
        grade_class(submissions, RUBRIC, table, quiet=True)
    assert set(read(table)) >= {"ada", "bob.zip"}
    monkeypatch.setattr(class_grading, "grade_submission", grade)
    # dan.zip cannot be read and has no digest by which it could be recognized.
    assert grade_class(submissions, RUBRIC, table, quiet=True).graded == 2


def test_a_failure_of_the_grader_is_a_problem_of_one_row(submissions, tmp_path, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("a mistake of ours")

    monkeypatch.setattr(class_grading, "grade_submission", broken)
    rows = grade_class(submissions, RUBRIC, tmp_path / "grades.csv", quiet=True).rows
    assert "ZeroDivisionError: a mistake of ours" in rows["ada"]["problem"]


def test_other_tables_and_empty_folders_are_refused(tmp_path):
    table = tmp_path / "other.csv"
    table.write_text("name,age\nada,36\n")
    (tmp_path / "class" / "ada").mkdir(parents=True)
    with pytest.raises(FileError, match="not a table of grades"):
        grade_class(tmp_path / "class", RUBRIC, table, quiet=True)
    with pytest.raises(FileError, match="has no submissions"):
        find_submissions(tmp_path / "class" / "ada")


def test_the_command_grades_one_and_a_class(submissions, tmp_path, capsys):
    rubric = tmp_path / "rubric.toml"
    rubric.write_text(RUBRIC_TEXT)
    command = ["check", "--assignment", "part2", "--rubric", str(rubric)]
    results = tmp_path / "results.json"
    assert main([*command, str(submissions / "ada"), "--gradescope", str(results)]) == 0
    assert "4 of 4 points" in capsys.readouterr().out
    assert json.loads(results.read_text())["score"] == 4
    assert main([*command, str(submissions / "bob.zip"), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["points"] == 2.67
    assert main([*command, str(submissions / "=cmd()")]) == 2
    capsys.readouterr()
    table = tmp_path / "grades.csv"
    assert main([*command, "--all", str(submissions), "--out", str(table), "--json"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["submissions"], summary["not_gradable"]) == (4, ["=cmd()", "dan.zip"])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("modules.py --student ada", "--student has no effect without --assignment"),
        ("", "give a Python file"),
        ("--assignment part9 x", 'no assignment "part9"'),
        ("--assignment part2", "give the folder or the zip file"),
        ("--assignment part2 --all x", "--all needs --out"),
        ("--assignment part2 x --all y --out z", "leave out a submission"),
        ("--assignment part2 x --out z", "leave out --out"),
        ("--assignment part2 --all x --out z --student ada", "no --student"),
        ("--assignment part2 --otter x --all y", "leave out --all"),
        ("--assignment part2 nowhere", "neither a folder nor a zip file"),
        ("--assignment part2 --rubric nowhere.toml x", "cannot read nowhere.toml"),
        ("--assignment part2 --all nowhere --out z", "cannot read nowhere"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(words, told, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["check", *words.split()]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_names_of_the_columns(submissions, tmp_path):
    # docs/check.md describes them.
    rubric = read_rubric("part3")
    table = tmp_path / "grades.csv"
    (submissions / "ada" / "part2").rename(submissions / "ada" / "nothing")
    for name in ("bob.zip", "dan.zip"):
        (submissions / name).unlink()
    grade_class(submissions, rubric, table, quiet=True)
    assert list(read(table)["ada"]) == [
        *("file", "student", "points", "of", "sgd-batches", "sgd-extremes", "numbers"),
        *("wrong", "problem", "isolation", "submission", "rubric"),
    ]
