"""Formulas in templates: LaTeX between dollar signs becomes MathML when a template is loaded."""

import re

from jinja2 import TemplateSyntaxError
from jinja2.ext import Extension
from latex2mathml.converter import convert

_FORMULA = re.compile(
    r"\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$]+?)\$(?P<stop>[.,;:)]*)", flags=re.DOTALL
)


def mathml(latex: str, *, block: bool = False) -> str:
    """Return a formula as a MathML element.

    >>> mathml("x < 1")
    '<math display="inline"><mrow><mi>x</mi><mo>&#x0003C;</mo><mn>1</mn></mrow></math>'
    """
    element: str = convert(latex.strip(), display="block" if block else "inline")
    # In a page the namespace goes without saying.
    element = element.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "", 1)
    # Words are names of functions, a stroke in the line is a fraction, bars are brackets: as plain
    # operators they would be set with wide spaces around them.
    element = re.sub(r"<mo>([a-z]{2,})</mo>", r"<mi>\1</mi>", element)
    return re.sub(
        r"<mo>(&#x0002F;|&#x0007C;)</mo>",
        r'<mo stretchy="false" lspace="0" rspace="0">\1</mo>',
        element,
    )


class Formulas(Extension):
    r"""Jinja extension: ``$...$`` is a formula in the line, ``$$...$$`` one on a line of its own.

    The pieces between ``\qquad`` of the latter stand side by side where there is room.
    """

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """Replace the formulas of a template's source, before anything else reads it."""
        if name is None or not name.endswith(".html.j2"):
            return source
        replaced = _FORMULA.sub(_element, source)
        if "$" in replaced:
            line = replaced[: replaced.index("$")].count("\n") + 1
            raise TemplateSyntaxError("a formula is not closed with $", line, name, filename)
        return replaced


def _element(found: re.Match[str]) -> str:
    if found["block"] is not None:
        pieces = (mathml(piece, block=True) for piece in found["block"].split(r"\qquad"))
        return f'<div class="formula">{"".join(pieces)}</div>'
    if found["stop"]:
        return f'<span class="unbroken">{mathml(found["inline"])}{found["stop"]}</span>'
    return mathml(found["inline"])
