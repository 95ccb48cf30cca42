"""Rubrics: what they say, and what is refused with its place."""

import pytest

from rosenblatt.errors import ConfigurationError
from rosenblatt.grading.rubric import ASSIGNMENTS, criteria_of, parse_rubric, read_rubric

TASK = '[[task]]\nquestion = "relu"\npoints = 4\n'


def test_the_rubrics_of_the_package_ask_every_question():
    assert [read_rubric(part).points for part in ASSIGNMENTS] == [25, 55, 17]
    for part in ASSIGNMENTS:
        assert {task.question for task in read_rubric(part).tasks} == set(criteria_of(part))


def test_a_task_without_criteria_weighs_all_of_them_equally():
    rubric = parse_rubric(f'part = "part2"\n{TASK}')
    assert rubric.tasks[0].criteria == {"forward": 1, "backward": 1, "at-zero": 1}
    assert rubric.imports == ("numpy",)


def test_an_edited_copy_is_read_and_counts(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(f'part = "part2"\nseed = 7\n{TASK}criteria = {{ backward = 3, forward = 1 }}\n')
    rubric = read_rubric("part2", path)
    assert rubric.tasks[0].criteria == {"backward": 3, "forward": 1}
    assert rubric.digest != read_rubric("part2").digest
    with pytest.raises(ConfigurationError, match='a rubric of "part2", not of "part1"'):
        read_rubric("part1", path)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("= 3", "is no TOML"),
        ('part = "part9"\n' + TASK, "part must be one of part1, part2, part3"),
        ('part = "part2"', r"has no \[\[task\]\]"),
        ('part = "part2"\nmarks = 3\n' + TASK, 'unknown key "marks"'),
        ('part = "part1"\n' + TASK, "the questions of part1 are perceptron-forward"),
        ('part = "part2"\n' + TASK.replace("4", '"4"'), "points must be a number"),
        ('part = "part2"\n' + TASK.replace("4", "-1"), "points must be a number from 0"),
        ('part = "part2"\n' + TASK.replace("4", "nan"), "points must be a number from 0"),
        ('part = "part2"\n' + TASK + "criteria = {speed = 1}", "weights of forward, backward"),
        ('part = "part2"\n' + TASK + "criteria = {forward = 0}", "one of them above 0"),
        ('part = "part2"\n' + TASK + "criteria = {forward = -1, at-zero = 3}", "at least 0"),
        ('part = "part2"\n' + TASK + TASK, '"relu" stands in two tasks'),
        ('part = "part2"\nseed = "a"\n' + TASK, "seed must be a whole number"),
        ('part = "part2"\nimports = "numpy"\n' + TASK, "imports must be a list"),
        ('part = "part2"\ntask = [3]', "a task is a table"),
    ],
)
def test_what_does_not_fit_the_format_is_refused(text, told):
    with pytest.raises(ConfigurationError, match=told):
        parse_rubric(text)
