"""Internal links of the built site: ``python docs/checks/links.py build/site``.

Each must lead to a file of the site, and an anchor to an element of that page. Links to other hosts
are not followed: the site is built, and checked, without network.
"""

import sys
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_TARGETS = ("href", "src", "data", "poster")


class _Page(HTMLParser):
    """The targets of a page's links and pictures, and the anchors that it offers."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.anchors: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if name == "id" or (tag == "a" and name == "name"):
                self.anchors.add(value)
            if name in _TARGETS and (name != "data" or tag == "object"):
                self.targets.append(value)


@cache
def _read(path: Path) -> _Page:
    return _Page(path.read_text(encoding="utf-8"))


def broken_links(site: Path) -> list[str]:
    """Return a line for each internal link that leads nowhere, by page.

    Args:
        site: the folder of the built site.

    Raises:
        FileNotFoundError: there is no site in it.
    """
    if not (site / "index.html").exists():
        raise FileNotFoundError(f"{site} has no index.html; build the site with make docs")
    root = site.resolve()
    broken = []
    for page in sorted(root.rglob("*.html")):
        # What themes bring along there are templates, which no page links to.
        if page.relative_to(root).parts[0] == "_static":
            continue
        for target in sorted(set(_read(page).targets)):
            reason = _why_broken(target, page, root)
            if reason:
                broken.append(f"{page.relative_to(root).as_posix()}: {target}: {reason}")
    return broken


def _why_broken(target: str, page: Path, root: Path) -> str | None:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return None
    if parts.path.startswith("/"):
        return "it begins at the root of the host, and the site may lie in a folder"
    path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if not path.is_relative_to(root):
        return "it leads out of the site"
    if path.is_dir():
        return "it leads to a folder, which a browser does not open as a page from a file"
    if not path.exists():
        return "there is no such file"
    anchor = unquote(parts.fragment)
    if anchor and path.suffix == ".html" and anchor not in _read(path).anchors:
        return f"the page has no #{anchor}"
    return None


def main(site: str = "build/site") -> int:
    """Print the broken links of a site, and return the exit status: 1 if there is one."""
    broken = broken_links(Path(site))
    print("\n".join(broken) or "All internal links of the site lead somewhere.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
