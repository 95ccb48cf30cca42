"""Links between files of the repository, which become links between pages of the site."""

import posixpath
import re

from extension.pages import REPOSITORY_FILES

_LINK = re.compile(r"(?<=\]\()(?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))")


def rewrite(app: object, docname: str, source: list[str]) -> None:
    """Make the links of a page in ``docs/`` lead to pages of the site."""
    if not docname.startswith("generated/"):
        source[0] = rewritten(source[0], "docs", docname)


def rewritten(text: str, folder: str, docname: str) -> str:
    """Return a page's text with its links as the site has them.

    Args:
        text: the page in Markdown.
        folder: the folder of the file, seen from the root of the repository.
        docname: the page's name in the site.
    """
    here = posixpath.dirname(docname)

    def replaced(match: re.Match[str]) -> str:
        target = match["target"]
        if ":" in target or target.startswith("/"):
            return match[0]
        path = posixpath.normpath(posixpath.join(folder, target))
        page = place_of(path)
        if page is None:
            return match[0]
        return posixpath.relpath(page, here or ".") + (match["anchor"] or "")

    return _LINK.sub(replaced, text)


def place_of(path: str) -> str | None:
    """Return where the site has a file of the repository, from the site's root, or None.

    >>> place_of("docs/runs.md"), place_of("ARCHITECTURE.md"), place_of("Makefile")
    ('runs.md', 'generated/architecture.md', None)
    """
    if path in REPOSITORY_FILES:
        return f"generated/{REPOSITORY_FILES[path]}"
    return path.removeprefix("docs/") if path.startswith("docs/") else None
