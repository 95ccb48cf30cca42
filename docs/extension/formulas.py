"""Formulas of the site as MathML, which browsers set without a script."""

from typing import TYPE_CHECKING, Any

from rosenblatt.report.mathml import mathml

if TYPE_CHECKING:
    from sphinx.application import Sphinx


def add_renderer(app: "Sphinx") -> None:
    """Add the renderer that ``html_math_renderer = "mathml"`` chooses."""
    app.add_html_math_renderer("mathml", (_inline, None), (_block, None))


def _inline(writer: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    writer.body.append(mathml(node.astext()))
    raise SkipNode


def _block(writer: Any, node: Any) -> None:
    from docutils.nodes import SkipNode

    # A wide formula scrolls by itself, also by keyboard.
    writer.body.append(
        '<div class="formula" tabindex="0" role="group" aria-label="formula">'
        f"{mathml(node.astext(), block=True)}</div>"
    )
    raise SkipNode
