"""Names for links and buttons that the theme and the gallery show as pictures alone.

A cell without text in the first row of a table is no heading.
"""

import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

_TOGGLE = re.compile(r'<summary>(?=<span class="toctree-toggle")')
_THUMBNAIL = re.compile(
    r'(<p><a class="reference internal")( href="[^"]*"><span class="doc">([^<]*)</span></a></p>\s*'
    r'<div class="sphx-glr-thumbnail-title">)'
)
_EMPTY_HEADING = re.compile(r'<th class="(head[^"]*)">(<p></p>)?</th>')


def name_all(app: "Sphinx", error: Exception | None) -> None:
    """Add the names to the pages that were built."""
    if error is None:
        for path in Path(app.outdir).rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            if (changed := named(text)) != text:
                path.write_text(changed, encoding="utf-8")


def named(html: str) -> str:
    """Return a page with names for screen readers.

    >>> named('<summary><span class="toctree-toggle"></span></summary>')
    '<summary aria-label="show or hide pages"><span class="toctree-toggle"></span></summary>'
    """
    html = _EMPTY_HEADING.sub(r'<td class="\1"></td>', html)
    html = _TOGGLE.sub('<summary aria-label="show or hide pages">', html)
    return _THUMBNAIL.sub(r'\1 aria-label="\3"\2', html)
