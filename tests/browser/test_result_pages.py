"""The pages of ``rosenblatt reproduce`` in a real browser: wide and narrow, light and dark."""

import pytest

from rosenblatt.reproductions import reproduce

SCROLLING = """[...document.querySelectorAll('.scroll')]
    .filter(box => box.scrollWidth > box.clientWidth)
    .map(box => box.getAttribute('aria-labelledby'))"""
UNLABELLED = """[...document.querySelectorAll('.published td')]
    .filter(cell => getComputedStyle(cell, '::before').content.length < 5).length"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    out = tmp_path_factory.mktemp("pages")
    reproduce(["capacity"], out, seeds=1, jobs=1)
    return out


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
@pytest.mark.parametrize("name", ["index.html", "capacity/index.html"])
def test_nothing_for_axe_and_nothing_wider_than_the_page(browser, pages, name, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    page.goto((pages / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(SCROLLING) == []
    # On a narrow page, the columns have no heads: each cell has its own.
    assert width > 1000 or page.evaluate(UNLABELLED) == 0
    results = axe.run(page, None, {"resultTypes": ["violations"]})
    context.close()
    assert [one["id"] for one in results.response["violations"]] == []
