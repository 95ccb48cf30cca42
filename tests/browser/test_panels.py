"""Seeds, microscope, check-up, landscape, lessons, and what leaves the page."""

import pytest

from rosenblatt.lab.bugs import choose, right_source
from waiting import pause, until

SMALL = {
    "data": "moons",
    "n": 60,
    "hidden": [4],
    "activation": "tanh",
    "learning_rate": 0.1,
    "batch_size": 10,
}


def open_tab(page, name):
    page.get_by_role("tab", name=name).click()


def test_many_seeds(visit):
    page = visit(SMALL)
    open_tab(page, "Seeds")
    page.locator("#seeds").select_option("16")
    page.get_by_role("button", name="Train them").click()
    until(page, "document.querySelectorAll('.small-surface:not([hidden])').length === 16")
    until(page, "/of 16 failed/.test(document.querySelector('.many .panel-text').textContent)")
    assert "Number of seeds" in page.locator(".histogram").get_attribute("aria-label")
    page.get_by_role("button", name="Seed 3:").click()
    until(page, "document.querySelector('#setting-seed').value === '3'")


def test_microscope_of_a_sample_on_the_plane(visit):
    page = visit(SMALL)
    pause(page)
    box = page.locator("canvas.surface").bounding_box()
    open_tab(page, "Microscope")
    page.get_by_label("Sample", exact=True).fill("7")
    page.get_by_role("button", name="Explain it").click()
    until(page, "document.querySelector('.step-said').textContent.startsWith('1 of')")
    text = page.locator(".explanation").inner_text()
    assert "Forward: layer 0, Linear" in text
    assert "Update of 0.weight" in text
    assert "agrees with the finite differences" in text
    page.get_by_role("button", name="Step →").click()
    assert page.locator(".step-said").inner_text().startswith("2 of")
    page.get_by_role("button", name="The next batch").click()
    until(page, "/(10|8) samples/.test(document.querySelector('.explanation').textContent)")
    open_tab(page, "Network")
    for x in range(3, 40):
        page.mouse.click(box["x"] + box["width"] * x / 40, box["y"] + box["height"] / 2)
        if page.get_by_role("tab", name="Microscope").get_attribute("aria-selected") == "true":
            break
    until(page, "document.querySelector('.explanation').textContent.includes('1 sample,')")


def test_check_up(visit):
    page = visit(SMALL | {"learning_rate": 1e-6})
    until(page, "Number(document.querySelector('#time').max) > 100")
    pause(page)
    open_tab(page, "Check-up")
    page.get_by_role("button", name="Examine this run").click()
    until(page, "document.querySelectorAll('.finding').length > 0")
    assert "learning rate" in page.locator(".findings").inner_text().lower()
    assert page.locator(".rates").is_visible()


def test_landscape_and_curvature(visit):
    page = visit(SMALL)
    until(page, "Number(document.querySelector('#time').max) > 100")
    pause(page)
    open_tab(page, "Landscape")
    for directions in ("random", "trajectory"):
        page.get_by_label("Plane", exact=True).select_option(directions)
        page.get_by_role("button", name="Compute", exact=True).click()
        until(
            page, "/^Loss from/.test(document.querySelector('.landscape .panel-text').textContent)"
        )
        assert page.locator(".landscape-map").is_visible()
    page.get_by_role("button", name="Curvature along the run").click()
    until(page, "document.querySelector('.sharpness').ariaLabel.includes('Largest eigenvalue')")


def test_classes_and_calibration(visit):
    page = visit(SMALL)
    open_tab(page, "Classes")
    until(page, "document.querySelectorAll('.confusion tbody tr').length === 2")
    page.get_by_role("button", name="Measure the calibration").click()
    until(page, "document.querySelector('.calibration').ariaLabel.includes('calibration error')")


def test_code(visit):
    page = visit(SMALL)
    pause(page)
    open_tab(page, "Code")
    for form, expected in (
        ("Python", "import rosenblatt"),
        ("Command", "rosenblatt train mlp"),
        ("Link", "http://127.0.0.1"),
        ("TOML", 'data = "moons"'),
    ):
        page.get_by_role("button", name=form, exact=True).click()
        until(page, "e => document.querySelector('.code').textContent.includes(e)", expected)


def test_pictures_and_a_recording(visit, tmp_path):
    page = visit(SMALL)
    open_tab(page, "Code")
    with page.expect_download() as png:
        page.get_by_role("button", name="Boundary as PNG").click()
    png.value.save_as(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    with page.expect_download() as svg:
        page.get_by_role("button", name="Loss as SVG").click()
    svg.value.save_as(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text().startswith("<svg")
    page.get_by_role("button", name="Record WebM").click()
    page.wait_for_timeout(500)
    with page.expect_download() as video:
        page.get_by_role("button", name="Stop recording").click()
    video.value.save_as(tmp_path / "a.webm")
    assert (tmp_path / "a.webm").stat().st_size > 1000


def test_save_and_open(visit, serve, tmp_path):
    served = serve(SMALL, runs=tmp_path)
    page = visit(served=served)
    until(page, "Number(document.querySelector('#time').max) > 50")
    pause(page)
    open_tab(page, "Code")
    page.get_by_label("Name of the run").fill("mine")
    page.get_by_role("button", name="Save", exact=True).click()
    until(page, "document.querySelector('.notice').textContent.startsWith('Saved')")
    assert (tmp_path / "mine").is_dir()
    until(page, "document.querySelector('#runs').options.length === 1")


@pytest.mark.slow
def test_a_lesson(visit):
    page = visit(SMALL)
    page.get_by_role("button", name="Lessons").click()
    page.get_by_role("button", name="XOR needs a hidden layer").click()
    page.get_by_role("heading", name="XOR needs a hidden layer").wait_for()
    until(page, "document.querySelector('.about').textContent.includes('xor')")
    assert page.locator("#data").is_disabled()
    assert page.locator("#setting-momentum").is_hidden()
    question = page.locator("form.question").first
    question.get_by_label("above 95 %").check()
    question.get_by_role("button", name="Check").click()
    question.locator(".answer.wrong").wait_for()
    question.get_by_label("at most 80 %").check()
    question.get_by_role("button", name="Check").click()
    question.locator(".answer.right").wait_for()
    page.get_by_role("button", name="Leave").click()
    until(page, "document.querySelector('.lesson').hidden")
    assert page.locator("#setting-momentum").is_visible()


@pytest.mark.slow
def test_the_bug_lab(visit):
    bug = choose(7, 2)
    page = visit(SMALL)
    page.get_by_role("button", name="Lessons").click()
    page.get_by_role("button", name="Find the bug").click()
    lab = page.locator("dialog.bug-lab")
    lab.get_by_label("Difficulty").select_option("2")
    lab.get_by_label("Seed").fill("7")
    lab.get_by_role("button", name="Open it").click()
    until(page, "document.querySelector('.bug-symptoms img').naturalWidth > 0", patience=60)
    assert lab.locator(".bug-symptoms li").count() > 0
    assert lab.locator(".line-numbers").inner_text().split()[-1] == str(len(bug.source.split("\n")))
    lab.get_by_role("button", name="Hint").click()
    until(
        page,
        "text => document.querySelector('.bug-hints').textContent === text",
        bug.hint(1),
        patience=60,
    )
    assert lab.locator(".bug-answer").is_hidden()
    lab.get_by_label("The program").fill(bug.source + "\nraise ValueError('mine')")
    lab.get_by_role("button", name="Check the repair").click()
    until(
        page,
        "/ValueError/.test(document.querySelector('.bug-lab .answer.wrong')?.textContent)",
        patience=60,
    )
    assert lab.locator(".bug-symptoms img").is_hidden()
    lab.get_by_label("The program").fill(right_source(bug.program))
    lab.get_by_role("button", name="Check the repair").click()
    until(page, "document.querySelector('.bug-lab .answer.right') !== null", patience=60)
    assert lab.locator(".bug-answer").inner_text().startswith(f"line {bug.line}, in {bug.place}")
    lab.get_by_role("button", name="Leave").click()
    until(page, "!document.querySelector('.bug-lab').open")


@pytest.mark.slow
def test_a_link_restores_the_run(visit):
    first = visit(SMALL | {"hidden": [5, 3]})
    pause(first)
    until(first, "location.hash.includes('hidden=5,3')")
    fragment = first.evaluate("location.hash")
    second = visit(SMALL, link=fragment, train=False)
    until(
        second,
        "JSON.stringify([...document.querySelectorAll('.layer-width')]"
        ".map(b => b.value)) === JSON.stringify(['5', '3'])",
    )
