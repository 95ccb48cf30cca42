"""The bug lab: every bug is real and found, repairs are confirmed, no answer is in a folder."""

import csv
import json

import numpy as np
import pytest

from check_corpus.corpus import check_text
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.lab import all_bugs, check_repair, choose, new_exercise, read_exercise
from rosenblatt.lab.bugs import right_source
from rosenblatt.lab.measuring import measure
from rosenblatt.lab.sheet import seed_of, write_sheet
from rosenblatt.lab.symptoms import describe_symptoms, draw_symptoms, measure_right
from rosenblatt.lab.verdict import compare

PROGRAMS = ("classes", "functions", "layers")


def measured(text, tmp_path):
    return measure(text.encode(), tmp_path / "program.py")


@pytest.fixture(scope="module")
def all_measured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lab")
    return [measured(bug.source, folder) for bug in all_bugs()]


def test_each_bug_applies_once_to_its_program():
    assert len(all_bugs()) == len(set(all_bugs())) == 40
    for bug in all_bugs():
        assert right_source(bug.program).count(bug.old) == 1, bug
        assert bug.source != right_source(bug.program)


@pytest.mark.slow
def test_each_bug_runs_and_changes_numbers_beyond_rounding(all_measured):
    for bug, numbers in zip(all_bugs(), all_measured, strict=True):
        verdict = compare(numbers, measure_right(bug.program))
        assert verdict.reason is None, bug
        assert not verdict.repaired, bug
        wrong = [part.difference for part in verdict.parts if not part.right]
        assert max(wrong) > 1e-4, bug


def test_each_bug_has_a_symptom_that_the_right_program_has_not(all_measured):
    for bug, numbers in zip(all_bugs(), all_measured, strict=True):
        healthy = describe_symptoms(measure_right(bug.program), bug.program)
        assert describe_symptoms(numbers, bug.program) != healthy, bug


@pytest.mark.slow
def test_check_finds_a_bug_of_the_lab():
    """One: a check takes seconds. ``rosenblatt.lab.guide`` checks all 40 and writes how many."""
    bug = next(bug for bug in all_bugs() if bug.mistake == "relu-mask-of-gradient")
    assert check_text(bug.source)["findings"][0]["mistake"] == bug.mistake


def test_the_right_programs_equal_themselves_and_gradients_agree(tmp_path):
    for program in PROGRAMS:
        numbers = measured(right_source(program), tmp_path)
        assert compare(numbers, measure_right(program)).repaired
        for name, numeric in numbers["numeric"].items():
            np.testing.assert_allclose(numbers["analytic"][name], numeric, rtol=0, atol=1e-7)


def test_another_right_way_of_writing_is_a_repair_and_another_bug_is_not(tmp_path):
    text = right_source("layers")
    other = text.replace("dz.sum(axis=0)", "np.ones(len(dz)) @ dz")
    assert other != text
    assert compare(measured(other, tmp_path), measure_right("layers")).repaired
    wrong = text.replace("dz.sum(axis=0)", "dz.sum(axis=0) * 1.001")
    verdict = compare(measured(wrong, tmp_path), measure_right("layers"))
    assert [part.name for part in verdict.parts if not part.right][:1] == ["gradients"]


@pytest.mark.parametrize("text", ["import nothing_of_this_name", "exit()", "x = (", "x = 1"])
def test_a_program_that_fails_is_told_and_drawn(text, tmp_path):
    numbers = measured(text, tmp_path)
    assert numbers["reason"]
    assert not compare(numbers, measure_right("layers")).repaired
    draw_symptoms(numbers, "layers", tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "n_hidden, rng):\n        self.layers",
            "n_hidden, rng):\n        n_hidden = 7\n        self.layers",
        ),
        ('self.params = {"W"', 'self.params = {"V": np.zeros(2), "W"'),
        ("        if watch:\n            watch(network)\n    return", "    return"),
    ],
)
def test_a_program_of_another_shape_is_not_repaired_but_described(old, new, tmp_path):
    text = right_source("layers")
    assert old in text
    numbers = measured(text.replace(old, new), tmp_path)
    assert not compare(numbers, measure_right("layers")).repaired
    assert describe_symptoms(numbers, "layers")
    draw_symptoms(numbers, "layers", tmp_path / "a.png")


@pytest.mark.slow
def test_an_exercise_from_writing_to_repair(tmp_path):
    exercise = new_exercise(tmp_path / "a", seed=4, difficulty=2)
    assert read_exercise(tmp_path / "a") == exercise
    bug = exercise.bug
    for name in ("README.md", "lab.json", "symptoms.png"):
        content = (tmp_path / "a" / name).read_bytes()
        for secret in (bug.mistake, bug.new, bug.old, bug.explanation):
            assert secret.encode() not in content
    assert exercise.program.read_text() == bug.source
    assert not check_repair(exercise).repaired
    exercise.program.write_text(right_source(bug.program))
    assert check_repair(exercise).repaired


def test_the_bugs_of_seeds_are_spread():
    chosen = {choose(seed) for seed in range(400)}
    assert len(chosen) == 40
    assert {choose(seed, 3).difficulty for seed in range(20)} == {3}
    for wrong in ((-1, None), (1.5, None), (0, 4), (0, True)):
        with pytest.raises(ConfigurationError):
            choose(*wrong)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"seed": "a", "difficulty": 1}', '{"seed": 1}', "[" * 999, "\xff"]
)
def test_a_folder_that_is_no_exercise_is_refused(text, tmp_path):
    with pytest.raises(FileError, match="lab"):
        read_exercise(tmp_path)
    (tmp_path / "lab.json").write_text(text, encoding="latin-1")
    with pytest.raises(FileError, match="lab"):
        read_exercise(tmp_path)
    with pytest.raises(ConfigurationError, match="not an empty folder"):
        new_exercise(tmp_path, 0)


def test_hints_name_more_with_each_level():
    bug = choose(0)
    assert bug.place in bug.hint(1)
    assert str(bug.line) in bug.hint(3)
    with pytest.raises(ConfigurationError, match="1, 2 or 3"):
        bug.hint(4)


def test_the_sheet_of_a_class(tmp_path, monkeypatch):
    from rosenblatt.lab import exercise

    monkeypatch.setattr(exercise, "draw_symptoms", lambda *_: None)
    monkeypatch.setattr(exercise, "measure_file", lambda *_: None)
    shown = []
    write_sheet(
        ["Ada", "Bo"],
        tmp_path / "class",
        tmp_path / "answers.csv",
        difficulty=1,
        show=lambda done, student: shown.append((done, student)),
    )
    assert shown == [(1, "Ada"), (2, "Bo")]
    with (tmp_path / "answers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        written = read_exercise(tmp_path / "class" / row["student"])
        assert written.seed == int(row["seed"]) == seed_of(row["student"])
        assert written.bug.mistake == row["mistake"]
    with pytest.raises(ConfigurationError, match="twice"):
        write_sheet(["Ada", "ada"], tmp_path / "x", tmp_path / "b.csv")
    with pytest.raises(ConfigurationError, match="name of a folder"):
        write_sheet(["../a"], tmp_path / "x", tmp_path / "b.csv")
    with pytest.raises(ConfigurationError, match="elsewhere"):
        write_sheet(["Ada"], tmp_path / "x", tmp_path / "x" / "b.csv")


@pytest.mark.slow
def test_the_commands(tmp_path, capsys):
    from rosenblatt.cli import main

    folder = str(tmp_path / "a")

    def run(*words):
        status = main(["lab", *words, "--json"])
        return status, json.loads(capsys.readouterr().out)

    assert run("new", "--seed", "1", "--out", folder) == (0, {"folder": folder, "seed": 1})
    status, verdict = run("check", folder)
    assert (status, verdict["repaired"], verdict["explanation"]) == (1, False, None)
    assert choose(1).place in run("hint", folder)[1]["hint"]
    assert run("give-up", folder)[1]["line"] == choose(1).line
    assert sum(run("list")[1]["bugs"].values()) == 40
    (tmp_path / "a" / "program.py").write_text(right_source(choose(1).program))
    status, verdict = run("check", folder)
    assert (status, verdict["explanation"]) == (0, choose(1).explanation)
