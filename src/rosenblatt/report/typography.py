"""Typography of the page: spaces that do not break, first letters, and lines of a long list."""

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


_LONGEST_SENTENCE = 3
"""Clauses up to which a sentence is not set as a list."""
_SENTENCE_END = re.compile(r"(?<=\.) (?=[A-Z])")


def sentence(text: str) -> str:
    """Return a text with a capital at its start, unless it starts with a symbol of one letter.

    >>> sentence("fresh samples: 1"), sentence("m = 10: 1")
    ('Fresh samples: 1', 'm = 10: 1')
    """
    return text if re.match(r"\w\b", text) else text[:1].upper() + text[1:]


def lines(text: str) -> list[tuple[str, bool]]:
    """Return the lines of a text, and of each whether it is an item of a list.

    A sentence of more than three clauses with a label each, separated by semicolons, becomes a
    list. What stands in front of the first label is its heading. Other sentences stay together.
    A text that does not begin with an item begins with a capital.

    >>> lines("Epochs: a: 1; b: 2; c: 3; d: 4. All runs learn.")
    [('Epochs:', False), ('a: 1;', True), ('b: 2;', True), ('c: 3;', True), ('d: 4.', True), \
('All runs learn.', False)]
    >>> lines("Epochs: a: 1; b: 2. All runs learn.")
    [('Epochs: a: 1; b: 2. All runs learn.', False)]
    >>> lines("one: 1; two: 2; three: 3; four: 4")[0], lines("one: 1; two: 2")[0]
    (('one: 1;', True), ('One: 1; two: 2', False))
    """
    found: list[tuple[str, bool]] = []
    for part in _SENTENCE_END.split(text):
        clauses = part.split("; ")
        if len(clauses) <= _LONGEST_SENTENCE or not all(": " in clause for clause in clauses):
            if found and not found[-1][1]:
                part = f"{found.pop()[0]} {part}"
            found.append((part, False))
            continue
        heading, _, first = clauses[0].partition(": ")
        if ": " in first:
            found.append((f"{heading}:", False))
            clauses[0] = first
        found += [(f"{clause};", True) for clause in clauses[:-1]]
        found.append((clauses[-1], True))
    if not found[0][1]:
        found[0] = (sentence(found[0][0]), False)
    return found


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
