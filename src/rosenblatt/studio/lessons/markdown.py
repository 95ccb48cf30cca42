"""Markdown of lessons as HTML: no tags of the text's own, formulas as MathML."""

import html
import re
from xml.etree import ElementTree

from rosenblatt.report.mathml import mathml

_FORMULA = re.compile(
    r"\$\$(?P<block>.+?)\$\$|(?<![\\\w$])\$(?P<inline>[^$\n]+?)\$(?!\d)", re.DOTALL
)
_MARK = "\ue000{}\ue001"
"""Stands for a formula while Markdown is read: two letters that no text has."""
_MARKS = re.compile("\ue000(\\d+)\ue001")


_ELEMENTS = (
    *("math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "msub", "msup", "msubsup", "mfrac"),
    *("msqrt", "mroot", "mstyle", "mover", "munder", "munderover", "mtable", "mtr", "mtd"),
    *("mpadded", "mphantom", "menclose"),
)
_REFUSED = ("href", "class", "style", "id")
"""Attributes by which LaTeX could do more than be read; those of events begin with "on"."""


def html_of(text: str, *, inline: bool = False) -> str:
    """Return a Markdown text as HTML.

    Tags in the text are shown as text, and links lead to ``http``, ``https`` and within the page
    alone, so that a lesson from anywhere cannot do more than be read. Images are not loaded.

    >>> html_of("a *b* <script>", inline=True)
    'a <em>b</em> &lt;script&gt;'
    """
    from markdown_it import MarkdownIt

    formulas: list[str] = []

    def mark(match: re.Match[str]) -> str:
        formulas.append(_formula(match["block"] or match["inline"], match["block"] is not None))
        return _MARK.format(len(formulas) - 1)

    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    parser.validateLink = _is_harmless  # type: ignore[method-assign]
    marked = _FORMULA.sub(mark, text.replace("\ue000", "").replace("\ue001", ""))
    rendered: str = parser.renderInline(marked) if inline else parser.render(marked)
    return _MARKS.sub(lambda match: formulas[int(match[1])], rendered)


def _formula(latex: str, block: bool) -> str:
    """Return a formula as MathML; one that is no LaTeX, or more than LaTeX, as it was written."""
    try:
        element = mathml(latex, block=block)
        # latex2mathml lets tags within \text pass.
        if all(map(_is_formula, ElementTree.fromstring(element).iter())):
            return element
    # It has a dozen exceptions without a common base, and XML refuses some signs.
    except Exception:
        pass
    return f"<code>{html.escape(latex)}</code>"


def _is_formula(node: ElementTree.Element) -> bool:
    """Return whether an element and its attributes draw, and do nothing else."""
    harmless = all(name not in _REFUSED and not name.startswith("on") for name in node.attrib)
    return node.tag in _ELEMENTS and harmless


def _is_harmless(url: str) -> bool:
    return url.startswith(("https://", "http://", "#"))
