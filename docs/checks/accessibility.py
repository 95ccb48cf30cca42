"""Accessibility of the built site: ``python docs/checks/accessibility.py build/site``.

One page of each kind is opened in a browser, wide and narrow, light and dark. axe-core must find
nothing, and nothing may be wider than the page. The browser is Chromium, or the one that
``ROSENBLATT_BROWSER`` names.
"""

import os
import shutil
import sys
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


def problems(browser: "Browser", site: Path) -> list[str]:
    """Return a line for each thing that is wrong, by page, width and colour scheme.

    Args:
        browser: an open browser.
        site: the folder of the built site.
    """
    from axe_playwright_python.sync_playwright import Axe

    axe, found = Axe(), []
    for pattern in PAGES:
        paths = sorted(site.glob(pattern))
        if not paths:
            found.append(f"{pattern}: the site has no such page")
            continue
        for width in WIDTHS:
            for scheme in SCHEMES:
                context = browser.new_context(
                    viewport={"width": width, "height": 900},
                    color_scheme=scheme,
                    reduced_motion="reduce",
                )
                page = context.new_page()
                page.goto(paths[0].resolve().as_uri())
                where = f"{paths[0].relative_to(site).as_posix()}, {width} px, {scheme}"
                widest = page.evaluate("document.documentElement.scrollWidth")
                if widest > width:
                    found.append(f"{where}: the page is {widest} px wide")
                results = axe.run(page, None, {"resultTypes": ["violations"]})
                for one in results.response["violations"]:
                    places = ", ".join(node["target"][0] for node in one["nodes"][:3])
                    found.append(f"{where}: {one['id']}: {one['help']}: {places}")
                context.close()
    return found


def main(folder: str = "build/site") -> int:
    """Print what is wrong with a site, and return the exit status: 1 if there is anything."""
    from playwright.sync_api import sync_playwright

    site = Path(folder)
    if not (site / "index.html").exists():
        print(f"{site} has no index.html; build the site with make docs", file=sys.stderr)
        return 2
    # Without one on the path, the browser that Playwright has installed.
    path = shutil.which(os.environ.get("ROSENBLATT_BROWSER", "chromium"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        found = problems(browser, site)
        browser.close()
    print("\n".join(found) or f"axe-core finds nothing on {len(PAGES)} pages of the site.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
