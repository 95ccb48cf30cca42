"""Formulas in templates: LaTeX between dollar signs becomes MathML when a template is loaded."""

import re
import unicodedata
from itertools import pairwise
from xml.etree import ElementTree

from jinja2 import TemplateSyntaxError
from jinja2.ext import Extension
from latex2mathml.converter import convert

_FORMULA = re.compile(
    r"\$\$(?P<block>.+?)\$\$|\$(?P<inline>[^$]+?)\$(?P<stop>[.,;:)]*)", flags=re.DOTALL
)


_BARS = ("|", "\u2016")
_LETTERS = ("\u2202", "\u2207")
"""Signs that are written like letters: \N{PARTIAL DIFFERENTIAL} and \N{NABLA}."""
_ROWS = ("math", "mrow")
_THIN_SPACE = "0.167em"


def mathml(latex: str, *, block: bool = False) -> str:
    """Return a formula as a MathML element.

    latex2mathml takes words for operators and some operators for letters, and lets a bar be as high
    as the line. Here words are names of functions, with a thin space before what they apply to;
    signs are operators, which browsers space; and a pair of bars is as high as what it encloses.

    >>> mathml("x < 1")
    '<math display="inline"><mrow><mi>x</mi><mo>&lt;</mo><mn>1</mn></mrow></math>'
    """
    element: str = convert(latex.strip(), display="block" if block else "inline")
    # In a page the namespace goes without saying.
    element = element.replace(' xmlns="http://www.w3.org/1998/Math/MathML"', "", 1)
    root = ElementTree.fromstring(element)
    for node in root.iter():
        _correct_kind(node)
    for row in [node for node in root.iter() if node.tag in _ROWS]:
        _enclose_in_bars(row)
        _space_words(row)
    return ElementTree.tostring(root, encoding="unicode")


def _correct_kind(node: ElementTree.Element) -> None:
    """Make words and letters identifiers, and signs operators with the right spaces."""
    text = node.text or ""
    if node.tag == "mo" and (text.isalpha() or text in _LETTERS):
        node.tag = "mi"
        if len(text) == 1 and text.isalpha():
            node.set("mathvariant", "normal")
    elif node.tag == "mi" and (text in ("\u2308", "\u2309") or _is_sign(text)):
        node.tag = "mo"
    if node.tag != "mo":
        return
    if text == "~":
        node.text = "\u223c"
    elif text in ("/", *_BARS):
        # A stroke in the line is a fraction, a bar a bracket: neither has spaces around it.
        node.attrib.update(stretchy="false", lspace="0", rspace="0")
    elif text == ".":
        node.attrib.update(lspace="0", rspace="0")


def _is_sign(text: str) -> bool:
    return len(text) == 1 and unicodedata.category(text) == "Sm" and text not in _LETTERS


def _enclose_in_bars(row: ElementTree.Element) -> None:
    """Put pairs of bars and what is between them into a row, to which they stretch."""
    children, kept = list(row), list[ElementTree.Element]()
    while children:
        first = children.pop(0)
        close = next(
            (i for i, node in enumerate(children) if _bar_of(node) == _bar_of(first)), None
        )
        if first.text not in _BARS or close is None:
            kept.append(first)
            continue
        inner, last = children[:close], children[close]
        children = children[close + 1 :]
        enclosed = ElementTree.Element("mrow")
        enclosed.append(_bracket(str(first.text), "prefix"))
        enclosed.extend(inner)
        enclosed.append(_bracket(str(first.text), "postfix"))
        if last.tag == "mo":
            kept.append(enclosed)
        else:
            last[0] = enclosed
            kept.append(last)
    row[:] = kept


def _bar_of(node: ElementTree.Element) -> str | None:
    """Return the bar that a node is, also one with an exponent or an index."""
    bar = node if node.tag == "mo" else node[0] if node.tag in ("msup", "msub") else None
    return bar.text if bar is not None and bar.tag == "mo" and bar.text in _BARS else None


def _bracket(text: str, form: str) -> ElementTree.Element:
    bracket = ElementTree.Element("mo", form=form, fence="true", stretchy="true", symmetric="true")
    bracket.attrib.update(lspace="0", rspace="0")
    bracket.text = text
    return bracket


def _space_words(row: ElementTree.Element) -> None:
    """Put thin spaces between the name of a function and what stands next to it."""
    for place, (before, after) in reversed(list(enumerate(pairwise(list(row))))):
        has_word = _is_word(before) or _is_word(after)
        if has_word and not {before.tag, after.tag} & {"mspace", "mo"}:
            row.insert(place + 1, ElementTree.Element("mspace", width=_THIN_SPACE))


def _is_word(node: ElementTree.Element) -> bool:
    name = node[0] if node.tag in ("msub", "munder") else node
    return name.tag == "mi" and len(name.text or "") > 1


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
