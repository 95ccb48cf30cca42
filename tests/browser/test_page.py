"""The page itself: accessible, at both widths, by keyboard alone, after a lost connection."""

import pytest

from browser.conftest import NARROW, WIDE
from waiting import pause, until

TABS = ["Network", "Seeds", "Branches", "Classes", "Microscope", "Check-up", "Landscape", "Code"]


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")], ids=["wide light", "narrow dark"]
)
def test_nothing_serious_for_axe_and_nothing_wider_than_the_page(visit, size, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = visit(size=size, scheme=scheme)
    pause(page)
    found = []
    for number, name in enumerate(TABS):
        page.get_by_role("tab", name=name).click()
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        part = f"#panel-{number}" if number else None
        results = axe.run(page, part, {"resultTypes": ["violations"]})
        found += [
            (name, one["id"], one["nodes"][0]["html"][:120])
            for one in results.response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
    assert found == []


def test_nothing_jumps_while_it_trains_and_screen_readers_get_the_numbers(visit):
    page = visit()
    places = """[...document.querySelectorAll(
        'canvas.surface, .training-bar, #time, .network-box, .curves, .settings')]
        .map(e => { const b = e.getBoundingClientRect(); return [b.x, b.y, b.width, b.height]; })"""
    before = page.evaluate(places)
    until(page, "Number(document.querySelector('#time').max) > 500")
    assert page.evaluate(places) == before
    until(page, "document.querySelector('[aria-live=polite]').textContent.includes('loss')")
    for canvas in page.locator("canvas[role=img]").all():
        assert canvas.get_attribute("aria-label")


def test_by_keyboard_alone(visit):
    page = visit()
    pause(page)
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                """() => { const e = document.activeElement;
                const outline = getComputedStyle(e);
                return [e.getAttribute('aria-label') ?? e.textContent.slice(0, 30) ?? e.id,
                        outline.outlineStyle !== 'none' && outline.outlineWidth !== '0px']; }"""
            )
        )
    names = [name for name, _ in seen]
    assert any("Predictions of the network" in name for name in names)
    assert "Play" in names
    assert "Network" in names
    assert all(visible for name, visible in seen if name)
    page.get_by_role("tab", name="Network").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="Seeds").get_attribute("aria-selected") == "true"
    page.keyboard.press("ArrowLeft")
    assert page.locator(".network-canvas").is_visible()


def test_two_pages_show_one_session(visit, serve):
    served = serve()
    first = visit(served=served)
    second = visit(served=served)
    first.get_by_role("button", name="Add a unit to layer 1").click()
    until(second, "document.querySelector('.layer-width').value === '9'")


def test_reconnects_when_the_connection_was_lost(visit, serve):
    served = serve()
    page = visit(served=served)
    page.get_by_role("button", name="Add a unit to layer 1").click()
    until(page, "document.querySelector('.layer-width').value === '9'")
    pause(page)
    served.stop_listening()
    until(page, "document.querySelector('.studio').classList.contains('lost')")
    assert page.locator(".connection").inner_text() == "connecting …"
    served.listen_again()
    until(page, "!document.querySelector('.studio').classList.contains('lost')")
    until(page, "document.querySelector('.notice').textContent.startsWith('Connected again')")
    assert page.locator(".layer-width").first.input_value() == "9"
    # The browser itself writes refused connections to the console.
    visit.complaints.clear()


@pytest.mark.slow
def test_another_server_on_the_same_port_says_what_to_do(visit, serve):
    served = serve()
    page = visit(served=served)
    page.get_by_role("button", name="Add a unit to layer 1").click()
    until(page, "location.hash.includes('hidden=9,8')")
    fragment = page.evaluate("location.hash")
    served.close()
    until(page, "document.querySelector('.studio').classList.contains('lost')")
    other = serve(port=served.port)
    until(page, "document.querySelector('.connection').textContent.startsWith('A new server')")
    visit.complaints.clear()
    again = visit(served=other, link=fragment, train=False)
    until(again, "document.querySelector('.layer-width')?.value === '9'")
    visit.complaints.clear()
