"""Spaces of the page: no line breaks between a number and its unit, or a word and its number."""

import re

from rosenblatt.report.format import NARROW_SPACE, SPACE

_KEPT = re.compile(
    r"(<style.*?</style>|<svg.*?</svg>|<math.*?</math>|<code.*?</code>|<[^>]*>)", flags=re.DOTALL
)
_RULES = (
    (re.compile(r"(?<=\d) (?=%)"), NARROW_SPACE),
    (re.compile(r"(?<=\d) (?=000\b)"), NARROW_SPACE),
    (re.compile(r"(?<=\b[a-zA-Z]) = (?=[\d\u2212])"), f"{SPACE}={SPACE}"),
    (re.compile(r"(?<=\d) (?=(?:points?|ms|s|\u00b5s|KiB)\b)"), SPACE),
    (re.compile(r"\b([Ff]igures?|[Tt]ables?|[Bb]atch size|[Ss]eed|part) (?=S?\d)"), rf"\1{SPACE}"),
)


def typeset(page: str) -> str:
    """Return a page of HTML with spaces that do not break where a line should not end.

    Formulas, drawings, code and tags stay as they are.

    >>> typeset('<p title="5 %">at m = 5: 5 %</p>').replace(SPACE, "~").replace(NARROW_SPACE, "_")
    '<p title="5 %">at m~=~5: 5_%</p>'
    """
    pieces = _KEPT.split(page)
    for index in range(0, len(pieces), 2):
        for found, written in _RULES:
            pieces[index] = found.sub(written, pieces[index])
    return "".join(pieces)
