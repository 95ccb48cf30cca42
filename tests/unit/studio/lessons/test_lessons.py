"""Lessons: their files, their texts as HTML, and answers that are computed."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, FileError, RosenblattError
from rosenblatt.studio.lessons import (
    check_answer,
    check_lesson,
    read_lesson,
    shipped_lessons,
)
from rosenblatt.studio.lessons.answers import measure, train_seeds
from rosenblatt.studio.lessons.lesson import lesson_of
from rosenblatt.studio.lessons.markdown import html_of
from rosenblatt.studio.lessons.quantities import QUANTITIES

LESSONS = shipped_lessons()
DOCUMENT = Path(__file__).parents[4] / "docs" / "lessons.md"
SMALL = """+++
title = "Small"
[settings]
data = "moons"
n = 40
hidden = [3]
[[questions]]
id = "loss"
kind = "number"
text = "How large is the loss?"
measure = { value = "train_loss", epochs = 2 }
tolerance = 0.01
because = "It is {measured}."
hint = "Read it."
[[questions]]
id = "long"
kind = "reach"
text = "Train for ten epochs."
conditions = [{ value = "epochs", at_least = 10 }]
solution = { epochs = 10 }
+++
Text.

{loss}
More.
{long}
"""


def small(old: str = "", new: str = ""):
    assert old in SMALL
    return lesson_of("small", SMALL.replace(old, new, 1), "small.md")


@pytest.mark.cases(1)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_answer_of_a_lesson_is_computed_and_right(lesson):
    assert check_lesson(lesson) == []


@pytest.mark.cases(5)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_choice_does_not_hang_on_rounding_or_on_a_few_seeds(lesson):
    for question in lesson.questions:
        if question.kind == "choice":
            number = measure(lesson, question)
            edges = {choice.at_least for choice in question.choices}
            edges |= {choice.below for choice in question.choices}
            distances = [abs(number - edge) for edge in edges - {None}]
            assert min(distances) > 0.01, (question.id, number)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_shows_no_answer(lesson):
    shown = str(lesson.to_json())
    for question in lesson.questions:
        for text in (question.because, question.hint):
            assert not text or text[:20] not in shown
    assert "solution" not in shown
    assert "measure" not in re.sub(r"<p>.*?</p>", "", shown)


def test_nineteen_lessons_come_with_the_package_in_their_order():
    assert [lesson.name for lesson in LESSONS] == [
        "overlap",
        "xor",
        "one_seed",
        "plateau",
        "batch_size",
        "learning_rate",
        "dead_units",
        "symmetry",
        "overfitting",
        "edge_of_stability",
        "capacity",
        "xor_1986",
        "spirals",
        "slow_and_fast",
        "double_descent",
        "parity",
        "grokking",
        "border_of_trainability",
        "lottery_ticket",
    ]


def test_the_document_has_a_lesson_that_is_one():
    (text,) = re.findall(r"^```\n(\+\+\+.*?)```$", DOCUMENT.read_text("utf-8"), re.S | re.M)
    lesson = lesson_of("xor", text, "lessons.md")
    assert check_lesson(lesson) == []
    assert [question.id for question in lesson.questions] == ["line", "solve"]


def test_the_document_has_all_quantities():
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", DOCUMENT.read_text("utf-8"), re.M))
    labels = {name: quantity.label for name, quantity in QUANTITIES.items()}
    assert {name: rows[name] for name in labels} == labels


def test_a_number_is_right_within_its_tolerance():
    lesson = small()
    measured = measure(lesson, lesson.question("loss"))
    assert check_answer(lesson, "loss", measured + 0.009).right
    wrong = check_answer(lesson, "loss", measured + 0.011)
    assert not wrong.right
    assert "Read it." in wrong.html
    by_hand = train_seeds({"data": "moons", "n": 40, "hidden": [3], "epochs": 2}, 1)[0]
    assert measured == by_hand.history[-1]["train_loss"]
    assert f"It is {measured:.3g}." in check_answer(lesson, "loss", measured).html


def test_what_is_to_be_reached_is_measured_on_the_run_of_the_page():
    data = rb.data.moons(40, seed=0)
    runs = {n: rb.train(rb.MLP(2, [3], 2), data, epochs=n) for n in (9, 10)}
    answer = check_answer(small(), "long", run=runs[9])
    assert not answer.right
    assert answer.measured == 9
    assert "epochs ≥ 10" in answer.html
    assert check_answer(small(), "long", run=runs[10]).right
    with pytest.raises(ConfigurationError, match="there is none"):
        check_answer(small(), "long")


@pytest.mark.parametrize("value", [True, None, "1", [1]])
def test_an_answer_that_is_no_number_is_refused(value):
    with pytest.raises(ConfigurationError, match="an answer to loss is a number"):
        check_answer(small(), "loss", value)


def test_an_unknown_question_is_refused_by_name():
    with pytest.raises(ConfigurationError, match=r"'los'; it has loss, long.*did you mean"):
        check_answer(small(), "los")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("+++\n", "", "a lesson begins with a line"),
        ('title = "Small"\n', "", "title: Field required"),
        ('title = "Small"', 'title = "Small', "after line 1"),
        ("tolerance = 0.01\n", "", "a number needs a tolerance above 0"),
        ("{ epochs = 10 }", "{}", "needs conditions and a solution"),
        ('"train_loss"', '"trainloss"', "there is no quantity 'trainloss'.*train_loss"),
        ('id = "long"', 'id = "loss"', "two questions are called 'loss'"),
        ("{loss}\n", "", "the text needs one line {loss}"),
        ("epochs = 2 }", "epochs = 2, over = 'share' }", "needs either at_least or at_most"),
        ("epochs = 2 }", "epochs = 1000000000 }", "less than or equal to 100000"),
        ("[settings]", "[page]\npanels = ['surfac']\n[settings]", "no panel 'surfac'"),
        ("[settings]", "[page]\ncode = 'print()'\n[settings]", "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(old, new, message):
    with pytest.raises(FileError, match=message):
        small(old, new)


def test_a_lesson_whose_answers_are_wrong_is_found_out():
    (fault,) = check_lesson(small("solution = { epochs = 10 }", "solution = { epochs = 9 }"))
    assert "the solution does not reach it" in fault
    easy = small("at_least = 10", "at_least = 1")
    assert "reach it as they are" in check_lesson(easy)[0]


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(FileError, match=r"none\.md cannot be read"):
        read_lesson(tmp_path / "none.md")
    (tmp_path / "latin.md").write_bytes(b"\xff")
    with pytest.raises(FileError, match="not UTF-8"):
        read_lesson(tmp_path / "latin.md")
    (tmp_path / "large.md").write_bytes(b" " * (2 << 20))
    with pytest.raises(FileError, match="larger"):
        read_lesson(tmp_path / "large.md")


def test_a_text_can_do_no_more_than_be_read():
    html = html_of(
        "<script>alert(1)</script> [a](javascript:alert(1)) ![b](http://x.org/b.png) "
        "[c](data:text/html,x) <img src=x onerror=alert(1)>"
    )
    assert "<script" not in html
    assert "<img" not in html
    assert 'href="javascript' not in html
    assert 'href="data' not in html


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}",
        r"\text{<img src='x' onerror='alert(1)'/>}",
        r"\text{<mi onclick='alert(1)'>x</mi>}",
        r"\href{javascript:alert(1)}{x}",
        r"\class{open}{x}",
    ],
)
def test_a_formula_can_do_no_more_than_be_read(latex):
    assert re.findall(r"<\w+", html_of(f"${latex}$")) == ["<p", "<code"]


@given(st.one_of(st.text(max_size=200), st.text("\\\\frac{}_^&x1$ \n", max_size=40)))
def test_any_text_becomes_html_whose_tags_are_known(text):
    html = html_of(text) + html_of(f"${text}$ and $$x{text}$$")
    tags = set(re.findall(r"<(\w+)", html))
    text_tags = "p em strong code pre a h1 h2 h3 h4 h5 h6 ul ol li blockquote hr br"
    tables = "table thead tbody tr th td"
    formulas = "math mrow mi mo mn mtext msub msup msubsup mfrac msqrt mroot mspace mstyle mover"
    more = "munder munderover mtable mtr mtd mpadded mphantom menclose merror"
    assert tags <= set(f"{text_tags} {tables} {formulas} {more}".split())


@given(st.text(max_size=300))
def test_any_file_is_a_lesson_or_an_error_in_words(text):
    for content in (text, f"+++\n{text}\n+++\n", SMALL.replace("moons", text)):
        try:
            lesson_of("any", content, "any.md").to_json()
        except RosenblattError:
            continue
