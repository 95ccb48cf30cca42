"""Waiting for what a page shows; Playwright's own way needs ``eval``, which the page refuses."""

import time

PATIENCE = 20
"""Seconds that a test waits for what must come."""


def until(page, condition, arg=None, *, patience=PATIENCE):
    """Wait until a JavaScript expression, or a function of ``arg``, is true in the page."""
    end = time.monotonic() + patience
    while not page.evaluate(condition, arg):
        if time.monotonic() > end:
            raise AssertionError(f"did not come: {condition}")
        page.wait_for_timeout(25)


def pause(page):
    """Pause training by key, wait until the page stands still, and return its update."""
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    update = None
    while update != (update := page.locator("#time").input_value()):
        page.wait_for_timeout(250)
    return int(update)
