"""The page of a check in a real browser: wide and narrow, light and dark."""

import numpy as np
import pytest

from rosenblatt.check.numbers.compare import first_wrong
from rosenblatt.check.numbers.compared_arrays import from_plain
from rosenblatt.check.report.report import Finding, Report


@pytest.fixture(scope="module")
def html():
    rng = np.random.default_rng(0)
    findings = []
    for shape in ((5, 4), (90, 100), (40,)):
        right = rng.normal(size=shape)
        found = first_wrong(-right, right)
        found = {
            **found,
            "entry": tuple(found["entry"]),
            "gradients": from_plain(found["gradients"]),
        }
        findings.append(Finding("sign", "Linear.backward", "The sign.", "W", line=2, **found))
    source = "first\n" + "self.dW = x" * 40 + "\nlast\n"
    return Report(tuple(findings), ("Linear",), file="modules.py", source=source).to_html()


@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (390, "dark")])
def test_nothing_for_axe_and_nothing_wider_than_the_page(browser, html, width, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )
    page = context.new_page()
    page.set_content(html)
    page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    pictures = "[...document.querySelectorAll('svg')].map(e => e.getBoundingClientRect().right)"
    assert max(page.evaluate(pictures)) <= width
    results = axe.run(page, None, {"resultTypes": ["violations"]})
    context.close()
    assert [one["id"] for one in results.response["violations"]] == []
