"""Accessibility of the built site: ``python docs/checks/accessibility.py build/site``.

One page of each kind is opened in a browser, wide and narrow, light and dark. axe-core must find
nothing, and nothing may be wider than the page. The browser is Chromium, or the one that
``ROSENBLATT_BROWSER`` names.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = (
    "index.html",
    "start.html",
    "students.html",
    "analysis.html",
    "lessons.html",
    "check.html",
    "migration.html",
    "results.html",
    "reproduce.html",
    "search.html",
    "genindex.html",
    "generated/architecture.html",
    "generated/changelog.html",
    "generated/benchmarks/engines.html",
    "generated/gallery/index.html",
    "generated/gallery/optimization/plot_*.html",
    "generated/mathematics/losses.html",
    "generated/mathematics/optimizers.html",
    "generated/reference/index.html",
    "generated/reference/rosenblatt.html",
    "generated/reference/rosenblatt.analysis.html",
    "generated/report.html",
    "generated/results/index.html",
    "generated/results/lottery.html",
)
"""Pages of each kind; of a pattern, the first that fits."""

WIDTHS = (1400, 390)
SCHEMES = ("light", "dark")


def problems(browser: "Browser", site: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield each page as it is checked, with a line for each finding.

    Args:
        browser: an open browser.
        site: the folder of the built site.
    """
    for pattern in PAGES:
        paths = sorted(site.glob(pattern))
        if paths:
            yield paths[0].relative_to(site).as_posix(), page_problems(browser, paths[0])
        else:
            yield pattern, ["the site has no such page"]


def page_problems(browser: "Browser", path: Path) -> list[str]:
    """Return a line for each finding on a page, by width and colour scheme.

    Args:
        browser: an open browser.
        path: the page.
    """
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    for width in WIDTHS:
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto(path.resolve().as_uri())
            where = f"{width} px, {scheme}"
            widest = page.evaluate("document.documentElement.scrollWidth")
            if widest > width:
                found.append(f"{where}: the page is {widest} px wide")
            results = axe.run(page, None, {"resultTypes": ["violations"]})
            for violation in results.response["violations"]:
                targets = ", ".join(str(node["target"][0]) for node in violation["nodes"][:3])
                found.append(f"{where}: {violation['id']}: {violation['help']}: {targets}")
            context.close()
    return found


def main(folder: str = "build/site") -> int:
    """Print each page with its findings, and return the exit status: 1 if there is a finding."""
    from playwright.sync_api import sync_playwright

    site = Path(folder)
    if not (site / "index.html").exists():
        print(f"{site} has no index.html; build the site with make docs", file=sys.stderr)
        return 2
    # Without one on the path, the browser that Playwright has installed.
    path = shutil.which(os.environ.get("ROSENBLATT_BROWSER", "chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        every: list[str] = []
        for number, (page, found) in enumerate(problems(browser, site), start=1):
            every += found
            print(
                f"{number}/{len(PAGES)} {page}: {_count(found)}", *found, sep="\n    ", flush=True
            )
        browser.close()
    print(f"All {len(PAGES)} pages: {_count(every)}.")
    return 1 if every else 0


def _count(found: list[str]) -> str:
    return f"{len(found) or 'no'} finding{'' if len(found) == 1 else 's'}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
