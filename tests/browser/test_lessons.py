"""Every lesson as a pupil takes it."""

import pytest

from browser.conftest import NARROW
from rosenblatt.studio.lessons import shipped_lessons
from rosenblatt.studio.lessons.answers import measure
from waiting import until

LESSONS = shipped_lessons()
SMALL = {"data": "moons", "n": 60, "hidden": [4], "batch_size": 10}
LONG = 120
"""Seconds that a test waits for a training of thousands of epochs, or for an answer."""
EPOCH = "Number(document.querySelector('.figure.epoch b').textContent.replace(/[^\\d.]/g, ''))"


def open_lesson(page, lesson):
    """Open a lesson from the list of lessons."""
    page.get_by_role("button", name="Lessons").click()
    page.get_by_role("dialog").get_by_role("button", name=lesson.title).click()
    page.get_by_role("heading", name=lesson.title, exact=True).wait_for()
    until(page, "Number(document.querySelector('#time').max) === 0")


def wait_for_layout(page):
    """Wait until the page has been laid out again, observers of sizes included."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def train(page, epochs):
    """Train from update 0 to the end of an epoch, as fast as it goes."""
    speed = page.get_by_label("Speed", exact=True)
    speed.fill(speed.get_attribute("max"))
    stop = page.get_by_label("Stop at epoch")
    stop.fill(str(epochs))
    stop.press("Enter")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, f"{EPOCH} >= {epochs}", patience=LONG)
    page.get_by_role("button", name="Play", exact=True).wait_for()


def change(page, key, value):
    """Change a setting where the page has it."""
    if key == "hidden":
        change_widths(page, value)
    elif key == "activation":
        for field in page.locator("select.activation").all():
            field.select_option(value)
            until(page, "v => document.querySelector('select.activation').value === v", value)
    else:
        field = page.locator(f"#setting-{key}")
        if field.evaluate("e => e.matches('select')"):
            field.select_option(value)
        else:
            field.fill(str(value))
            field.press("Enter")


def change_widths(page, widths):
    """Change the hidden layers in the picture of the network."""
    fields = page.locator(".layer-width")
    while fields.count() > len(widths):
        layer = fields.count()
        change_width(page, layer, 1)
        page.get_by_role("button", name=f"Remove layer {layer}").click()
        wait_for_layers(page, layer - 1)
    while (layer := fields.count()) < len(widths):
        after = f"layer {layer}" if layer else "the inputs"
        page.get_by_role("button", name=f"Add a layer after {after}").click()
        wait_for_layers(page, layer + 1)
    for layer, width in enumerate(widths, start=1):
        change_width(page, layer, width)


def change_width(page, layer, width):
    page.get_by_label(f"Units of layer {layer}").fill(str(width))
    page.keyboard.press("Enter")
    until(
        page,
        "([i, w]) => document.querySelectorAll('.layer-width')[i].value === w",
        [layer - 1, str(width)],
    )


def wait_for_layers(page, layers):
    until(page, "n => document.querySelectorAll('.layer-width').length === n", layers)


def check(page, form):
    """Press the button of a question, and return whether the answer is called right."""
    form.get_by_role("button", name="Check").click()
    answer = form.locator(".answer.right, .answer.wrong")
    answer.wait_for(timeout=1000 * LONG)
    return "right" in answer.get_attribute("class").split()


def answer_choice(page, form, lesson, question):
    """Give every answer; those in whose range the measured number lies must be right."""
    for number, choice in enumerate(question.choices):
        form.get_by_role("radio").nth(number).check()
        is_right = check(page, form)
        assert is_right == choice.is_right(measure(lesson, question)), (question.id, choice.text)


def answer_number(page, form, lesson, question):
    """Give the measured number, and one that is too large."""
    for error in (0.0, 2 * question.tolerance):
        form.get_by_label("Your answer").fill(str(measure(lesson, question) + error))
        assert check(page, form) == (error == 0), (question.id, error)


def reach(page, form, lesson, question):
    """Train with the settings of the solution; before, the question is not fulfilled."""
    open_lesson(page, lesson)
    assert not check(page, form), question.id
    settings = dict(question.solution)
    epochs = settings.pop("epochs")
    for key, value in settings.items():
        change(page, key, value)
    train(page, epochs)
    assert check(page, form), question.id


ANSWER = {"choice": answer_choice, "number": answer_number, "reach": reach}


@pytest.mark.slow
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_a_lesson_trains_and_tells_right_answers_from_wrong_ones(visit, lesson):
    page = visit(SMALL)
    open_lesson(page, lesson)
    train(page, 2)
    forms = page.locator("form.question")
    assert forms.count() == len(lesson.questions)
    for number, question in enumerate(lesson.questions):
        ANSWER[question.kind](page, forms.nth(number), lesson, question)


@pytest.mark.slow
def test_a_lesson_shows_the_panels_that_it_names(visit):
    page = visit(SMALL)
    for lesson in LESSONS:
        # Another tab is open before.
        page.get_by_role("tab", name="Code").click()
        open_lesson(page, lesson)
        tabs = page.get_by_role("tab").all_inner_texts()
        named = [name for name in lesson.page.panels if name not in ("surface", "curves")]
        assert sorted(tab.replace("-", "").lower() for tab in tabs) == sorted(named), lesson.name
        assert page.get_by_role("tabpanel").count() == bool(tabs), lesson.name
        page.get_by_role("button", name="Leave").click()
        page.get_by_role("tab", name="Code").wait_for()


@pytest.mark.slow
def test_no_lesson_is_wider_than_a_narrow_page(visit):
    page = visit(SMALL, size=NARROW)
    too_wide = {}
    for lesson in LESSONS:
        open_lesson(page, lesson)
        tabs = page.locator("[role=tab]:visible")
        for number in range(tabs.count()):
            tabs.nth(number).click()
            wait_for_layout(page)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > NARROW["width"]:
                too_wide[lesson.name, tabs.nth(number).inner_text()] = width
    assert too_wide == {}
