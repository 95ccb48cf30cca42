"""Every lesson as a pupil takes it."""

import pytest

from browser.conftest import NARROW
from rosenblatt.studio.lessons import shipped_lessons

LESSONS = shipped_lessons()
SMALL = {"data": "moons", "n": 60, "hidden": [4], "batch_size": 10}


def open_lesson(page, lesson):
    """Open a lesson from the list of lessons."""
    page.get_by_role("button", name="Lessons").click()
    page.get_by_role("dialog").get_by_role("button", name=lesson.title).click()
    page.get_by_role("heading", name=lesson.title, exact=True).wait_for()


def wait_for_layout(page):
    """Wait until the page has been laid out again, observers of sizes included."""
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


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
