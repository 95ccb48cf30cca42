"""Training, time and branches as a person uses them."""

import re

from waiting import pause, until

SHOWN = "document.querySelector('.tree rect[aria-label$=shown]').ariaLabel.includes('{}')"
"""Whether a branch is the shown one."""


def number_of(page, name):
    """Return a number of the readout."""
    text = page.locator(f".figure.{name} b").first.inner_text()
    return float(re.sub(r"[^\d.]", "", text))


def wait_for_update(page, condition):
    until(page, f"(u => {condition})(Number(document.querySelector('#time').value))")


def boundary(page):
    """Return the picture of the plane."""
    return page.evaluate("document.querySelector('canvas.surface').toDataURL()")


def test_trains_on_arrival_and_the_boundary_moves(visit):
    page = visit()
    first = boundary(page)
    until(page, "Number(document.querySelector('#time').max) > 400")
    assert boundary(page) != first
    assert number_of(page, "train_accuracy") > 60
    assert page.get_by_role("button", name="Pause").is_visible()


def test_space_pauses_and_arrows_step(visit):
    page = visit()
    update = pause(page)
    page.keyboard.press("ArrowRight")
    wait_for_update(page, f"u === {update + 1}")
    page.keyboard.press("ArrowLeft")
    wait_for_update(page, f"u === {update}")
    page.keyboard.press("Shift+ArrowRight")
    wait_for_update(page, f"u > {update} && u % 40 === 0")
    page.keyboard.press("Home")
    wait_for_update(page, "u === 0")


def test_any_update_again_to_the_same_picture(visit):
    page = visit()
    until(page, "Number(document.querySelector('#time').max) > 200")
    pause(page)
    slider = page.locator("#time")
    pictures = []
    for update in (100, 20, 100):
        slider.evaluate(
            "(s, u) => { s.value = u; s.dispatchEvent(new Event('input'));"
            " s.dispatchEvent(new Event('change')); }",
            update,
        )
        until(page, f"document.querySelector('.figure.update b').textContent === '{update}'")
        page.wait_for_timeout(150)
        pictures.append(boundary(page))
    assert pictures[0] == pictures[2] != pictures[1]


def test_slider_by_keys(visit):
    page = visit()
    update = pause(page)
    page.locator("#time").focus()
    page.keyboard.press("ArrowLeft")
    wait_for_update(page, f"u === {update - 1}")
    assert f"update {update - 1}" in page.locator("#time").get_attribute("aria-valuetext")


def test_speed_and_stop(visit):
    page = visit()
    page.locator("#speed").focus()
    page.keyboard.press("End")
    assert page.locator("#speed").get_attribute("aria-valuetext") == "as fast as it goes"
    page.get_by_label("Stop at epoch").fill("3000")
    page.keyboard.press("Enter")
    until(page, "document.querySelector('.figure.epoch b').textContent.includes('3')")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    assert number_of(page, "epoch") == 3000


def test_a_change_of_the_optimizer_is_a_branch_and_undo_returns(visit):
    page = visit()
    rate = page.locator("#setting-learning_rate")
    rate.fill("0.5")
    rate.press("Enter")
    until(page, "document.querySelectorAll('.tree rect').length === 2")
    page.get_by_role("tab", name="Branches").click()
    page.get_by_role("button", name="Compare").click()
    until(page, "document.querySelector('.branches .panel-text').textContent.includes('0.5')")
    page.get_by_role("button", name="Branch start").click()
    until(page, SHOWN.format("start"))
    page.get_by_role("button", name="Branch learning rate 0.5").click()
    until(page, SHOWN.format("0.5"))
    page.get_by_role("button", name="Undo (Ctrl Z)").click()
    until(page, SHOWN.format("start"))


def test_curves_zoom_and_scales(visit):
    page = visit()
    page.wait_for_selector(".plot canvas")
    page.get_by_role("button", name="log").click()
    page.get_by_role("button", name="updates", exact=True).click()
    over = page.locator(".plot .u-over").first
    # The buttons draw the curves anew, so that the place of the old ones may be gone.
    over.drag_to(over, source_position={"x": 20, "y": 40}, target_position={"x": 110, "y": 40})
    page.wait_for_timeout(150)
    over.dblclick(position={"x": 40, "y": 60})
    assert page.get_by_role("button", name="updates", exact=True).get_attribute("aria-pressed")
