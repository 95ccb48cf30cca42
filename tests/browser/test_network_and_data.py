"""The network is rebuilt and rewritten by click, and the data by hand and by file."""

import numpy as np
import pytest

from waiting import pause, until


def widths(page):
    return [int(field.input_value()) for field in page.locator(".layer-width").all()]


def wait_for_widths(page, expected):
    until(
        page,
        "e => JSON.stringify([...document.querySelectorAll('.layer-width')]"
        ".map(b => Number(b.value))) === JSON.stringify(e)",
        arg=expected,
    )


def samples(page):
    """Return the numbers of training and test rows that the page names."""
    text = page.locator(".data-summary").inner_text()
    words = text.split()
    return int(words[0]), int(words[3])


def wait_for_rows(page, total):
    until(
        page,
        "t => { const w = document.querySelector('.data-summary').textContent.split(' ');"
        " return Number(w[0]) + Number(w[3]) === t; }",
        arg=total,
    )


@pytest.mark.slow
def test_units_and_layers_by_click(visit):
    page = visit()
    assert widths(page) == [8, 8]
    page.get_by_role("button", name="Add a unit to layer 1").click()
    wait_for_widths(page, [9, 8])
    page.get_by_role("button", name="Remove a unit of layer 2").click()
    wait_for_widths(page, [9, 7])
    page.get_by_role("button", name="Add a layer after layer 2").click()
    wait_for_widths(page, [9, 7, 7])
    page.get_by_label("Units of layer 3").fill("12")
    page.keyboard.press("Enter")
    wait_for_widths(page, [9, 7, 12])
    page.get_by_label("Activation of layer 1").select_option("relu")
    until(page, "document.querySelectorAll('.tree rect').length === 5")
    page.get_by_role("button", name="Undo (Ctrl Z)").click()
    until(page, "document.querySelector('.activation').value === 'tanh'")


def test_a_weight_is_read_and_typed_over(visit):
    page = visit()
    pause(page)
    box = page.locator(".network-box").bounding_box()
    first = page.locator("button.unit").first.bounding_box()
    x, y = first["x"] - 12, first["y"] + first["height"] / 2
    page.mouse.move(x, y)
    page.get_by_text("last change").wait_for()
    until(page, "!document.querySelector('.tip').textContent.includes('gradient–')")
    page.mouse.click(x, y)
    field = page.locator(".value-editor input")
    field.fill("2.5")
    field.press("Enter")
    until(page, "document.querySelectorAll('.tree rect').length === 2")
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.move(x, y)
    until(page, "document.querySelector('.tip').textContent.includes('2.500')")


def test_a_units_card(visit):
    page = visit()
    page.get_by_role("button", name="hidden layer 2, unit 3").click()
    card = page.get_by_role("dialog", name="Unit")
    card.get_by_text("Layer 2, unit 3").wait_for()
    bias = card.get_by_label("2.bias[2]")
    bias.fill("1.5")
    bias.press("Enter")
    until(page, "document.querySelectorAll('.tree rect').length === 2")
    page.keyboard.press("Escape")
    card.wait_for(state="hidden")


def test_samples_are_drawn_moved_and_deleted(visit):
    page = visit({"data": "moons", "n": 40, "hidden": [4], "batch_size": 8})
    canvas = page.locator("canvas.surface").bounding_box()
    page.get_by_role("button", name="Draw", exact=True).click()
    page.get_by_role("button", name="1", exact=True).click()
    page.mouse.click(canvas["x"] + canvas["width"] * 0.9, canvas["y"] + 30)
    wait_for_rows(page, 41)
    page.get_by_role("button", name="Move", exact=True).click()
    page.mouse.move(canvas["x"] + canvas["width"] * 0.9, canvas["y"] + 30)
    page.mouse.down()
    page.mouse.move(canvas["x"] + canvas["width"] * 0.8, canvas["y"] + 60, steps=4)
    page.mouse.up()
    until(page, "document.querySelectorAll('.tree rect').length >= 3")
    page.get_by_role("button", name="Erase", exact=True).click()
    page.wait_for_timeout(200)
    page.locator("canvas.surface").focus()
    page.get_by_role("button", name="Undo (Ctrl Z)").click()
    page.get_by_role("button", name="Undo (Ctrl Z)").click()
    wait_for_rows(page, 40)


def test_a_sample_by_keys(visit):
    page = visit({"data": "moons", "n": 40, "hidden": [4], "batch_size": 8})
    page.get_by_role("button", name="Draw", exact=True).click()
    page.locator("canvas.surface").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    wait_for_rows(page, 41)


def test_a_setting_that_cannot_work_says_so_and_changes_nothing(visit):
    page = visit()
    field = page.get_by_label("samples", exact=True)
    field.fill("-3")
    field.press("Enter")
    page.wait_for_selector(".notice.shown.error")
    assert page.locator("#time").is_visible()


def test_every_setting_says_what_it_does_with_its_name_in_python(visit):
    page = visit()
    for row in page.locator(".setting label[title]").all():
        title = row.get_attribute("title")
        assert "\n" in title
        assert len(title.split("\n")[0]) > 10


def test_generators_bundled_sets_and_planes(visit):
    page = visit()
    page.locator("#data").select_option("circles")
    until(page, "document.querySelector('.about').textContent.includes('circles')")
    page.locator("#data").select_option("iris")
    page.locator("#axis-0").wait_for()
    page.locator("#axis-0").select_option("2")
    until(page, "document.querySelector('#axis-0').value === '2'")
    held = page.locator(".held input").first
    held.focus()
    page.keyboard.press("ArrowRight")
    page.get_by_label("principal plane").check()
    until(page, "document.querySelector('#axis-0').disabled")
    page.get_by_role("tab", name="Classes").click()
    until(page, "document.querySelectorAll('.confusion tbody tr').length === 3")


def test_a_file_of_ones_own(visit, tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 3))
    lines = ["height,width,depth,kind"]
    lines += [f"{a:.3f},{b:.3f},{c:.3f},{'big' if a + b > 0 else 'small'}" for a, b, c in x]
    path = tmp_path / "boxes.csv"
    path.write_text("\n".join(lines))
    page = visit()
    page.locator("input[type=file]").set_input_files(path)
    wait_for_rows(page, 90)
    page.locator("#axis-1").wait_for()
    assert "boxes" in page.locator(".about").inner_text()
