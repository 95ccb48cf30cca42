"""The page of a report: one file of HTML, without scripts and without other files."""

import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from rosenblatt.check.numbers.compare import wrong_entries
from rosenblatt.check.numbers.compared_arrays import MOST, ComparedArrays, Part
from rosenblatt.check.report.heatmap import has_dots, heatmap, largest, legend, style_sheet
from rosenblatt.check.report.texts import EXAMPLES, FORMULAS, NUDGES, OTHER_NUDGE, TITLES
from rosenblatt.errors import ConfigurationError

if TYPE_CHECKING:
    from rosenblatt.check.report.report import Finding, Report

AROUND = 3
"""Lines of the file that are shown before and after the wrong one."""

MOST_COLUMNS = 160
"""Characters of a line that are shown."""

MOST_ROWS = 50
"""Entries in a table."""

FEW_ROWS = 12
"""Entries of a table that is shown unfolded."""


@dataclass(frozen=True)
class Line:
    """A line of the file."""

    number: int
    text: str
    is_wrong: bool


@dataclass(frozen=True)
class Picture:
    """An array with its title."""

    title: str
    svg: Markup


@dataclass(frozen=True)
class Row:
    """An entry of the table; a number that is not there is ""."""

    entry: str
    analytic: str
    numeric: str
    difference: str
    is_wrong: bool


@dataclass(frozen=True)
class Arrays:
    """What the page shows of two arrays that were compared."""

    pictures: list[Picture]
    legend: Markup
    caption: str
    rows: list[Row]
    which: str
    are_few: bool


@dataclass(frozen=True)
class Section:
    """A finding as the page tells it; what the level of hints excludes is empty."""

    id: str
    name: str
    nudge: str
    place: str = ""
    numbers: str = ""
    lines: tuple[Line, ...] = ()
    arrays: Arrays | None = None
    title: str = ""
    mistake: str = ""
    text: str = ""
    formula: str = ""
    example: str = ""


def render_page(report: "Report", hints: int = 3) -> str:
    """Return the page of a report.

    Args:
        report: of :func:`rosenblatt.check.checking.check_file` or of an object.
        hints: how much the page has: 1 a nudge, 2 the place, the numbers and the pictures, 3 the
            answer.

    Raises:
        ConfigurationError: ``hints`` is not 1, 2 or 3.
    """
    if hints not in (1, 2, 3):
        raise ConfigurationError(f"hints: {hints!r} is not 1, 2 or 3")
    environment = Environment(
        loader=PrefixLoader(
            {name: PackageLoader("rosenblatt", f"{name}/templates") for name in ("check", "report")}
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=printable,
    )
    sections = [
        section_of(finding, report, number, hints)
        for number, finding in enumerate(report.findings, 1)
    ]
    css = Markup("\n").join(
        Markup(environment.get_template(name).render())
        for name in ("report/style.css", "check/check.css")
    )
    return environment.get_template("check/check.html.j2").render(
        report=report,
        name=report.file or next(iter(report.checked), "code"),
        sections=sections,
        css=css + "\n" + style_sheet(),
        hints=hints,
    )


def printable(value: Any) -> Any:
    r"""Return text in which characters that are not visible, or turn others around, are named.

    >>> printable("a\x00b\u202ec")
    'a<U+0000>b<U+202E>c'
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    return "".join(
        f"<U+{ord(c):04X}>" if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in value
    )


def section_of(finding: "Finding", report: "Report", number: int, hints: int) -> Section:
    """Return what the page tells of a finding."""
    values: dict[str, Any] = {
        "id": f"finding-{number}",
        "name": finding.where,
        "nudge": NUDGES.get(finding.mistake, OTHER_NUDGE),
    }
    if hints >= 2:
        if finding.parameter is not None:
            values["name"] = f"{finding.where}, {finding.parameter}"
        lines = lines_around(report.source, finding.line)
        if finding.line is not None:
            values["place"] = f"{report.file}, line {finding.line}".removeprefix(", ")
        values["lines"] = lines
        values["numbers"] = _numbers(finding)
        if finding.gradients is not None:
            values["arrays"] = arrays_of(finding.gradients, finding.entry)
    if hints >= 3:
        values["title"] = TITLES.get(finding.mistake, finding.mistake)
        values["mistake"] = finding.mistake
        values["text"] = finding.text
        values["formula"] = FORMULAS.get(finding.mistake, "")
        values["example"] = EXAMPLES.get(finding.mistake, "")
    return Section(**values)


def lines_around(source: str, line: int | None) -> tuple[Line, ...]:
    r"""Return the lines of a text around one, from 1; none where the text has no such line.

    >>> [one.text for one in lines_around("a\nb\nc", 1)]
    ['a', 'b', 'c']
    """
    # Lines as Python's tokenizer counts them: a form feed or U+2028 begins no new one.
    texts = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if line is None or not 1 <= line <= len(texts) or not source:
        return ()
    first, last = max(1, line - AROUND), min(len(texts), line + AROUND)
    shown = [(number, texts[number - 1].expandtabs(4)) for number in range(first, last + 1)]
    while not shown[-1][1].strip() and shown[-1][0] > line:
        shown.pop()
    return tuple(
        Line(number, text[:MOST_COLUMNS] + "…" * (len(text) > MOST_COLUMNS), number == line)
        for number, text in shown
    )


def arrays_of(arrays: ComparedArrays, entry: tuple[int, ...] | None) -> Arrays:
    """Return pictures and table of two arrays; ``entry`` is the first wrong one."""
    analytic, numeric = arrays.analytic, arrays.numeric
    parts = {"Your code": analytic, "What it should be": numeric}
    wrong = None
    if arrays.have_one_shape:
        with np.errstate(all="ignore"):
            difference = analytic.values - numeric.values
        parts["Difference"] = Part(difference, analytic.shape, analytic.first)
        wrong = wrong_entries(analytic.values, numeric.values)
        rows, which = _rows_of_one_shape(analytic, numeric, wrong)
    else:
        rows, which = _rows_of_two_shapes(analytic, numeric)
    end = largest(*(part.values for part in parts.values()))
    marked = analytic.position(entry) if wrong is not None and entry is not None else None
    pictures = []
    for title, part in parts.items():
        dotted = wrong if title == "Difference" else None
        svg = heatmap(part, end, _description(title, part), marked, dotted)
        pictures.append(Picture(title, svg))
    caption = _caption(list(parts.values()), wrong, marked is not None)
    scale = legend(end, number(end, 3))
    return Arrays(pictures, scale, caption, rows, which, len(rows) <= FEW_ROWS)


def _caption(parts: list[Part], wrong: Any, has_frame: bool) -> str:
    analytic, numeric = parts[0], parts[1]
    sentences = []
    if wrong is None:
        sentences.append(
            f"Your array has the shape {_shape(analytic)}; it should have {_shape(numeric)}."
        )
    else:
        known = int((~np.isnan(numeric.values)).sum())
        sentences.append(f"{int(wrong.sum())} of {known} entries are wrong.")
    if has_frame:
        sentences.append("The frame marks the first wrong entry.")
    if wrong is not None and has_dots(analytic):
        sentences.append("Dots mark every wrong entry.")
    if any(np.isnan(part.values).any() for part in parts):
        sentences.append("A cross is an entry that was not compared, or is not a number.")
    if any(np.isinf(part.values).any() for part in parts):
        sentences.append("Infinite entries have the strongest colour.")
    if not (analytic.is_whole and numeric.is_whole):
        sentences.append(
            f"The array has the shape {_shape(analytic)}; of more than {MOST} rows or columns, a "
            "part is shown."
        )
    if len(analytic.shape) > 2:
        sentences.append("All axes but the last are rows.")
    return " ".join(sentences)


def number(value: float, digits: int = 4) -> str:
    """Return a number as the page writes it.

    >>> number(-0.25), number(1e-7), number(float("inf"))
    ('−0.25', '1e−07', '∞')
    """
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    # Adding 0 makes 0 of -0.
    return f"{value + 0.0:.{digits}g}".replace("-", "−")


def _numbers(finding: "Finding") -> str:
    if finding.analytic is None or finding.numeric is None:
        return ""
    entry = f" at entry [{', '.join(map(str, finding.entry))}]" if finding.entry else ""
    return (
        f"First wrong value{entry}: it is {number(finding.analytic, 6)}, it should be "
        f"{number(finding.numeric, 6)}; the difference is "
        f"{number(finding.analytic - finding.numeric, 3)}."
    )


def _shape(part: Part) -> str:
    return f"({', '.join(map(str, part.shape))}{',' * (len(part.shape) == 1)})"


def _description(title: str, part: Part) -> str:
    rows, columns = part.values.shape
    finite = part.values[np.isfinite(part.values)]
    span = f", from {number(finite.min())} to {number(finite.max())}" if finite.size else ""
    sizes = (f"{n} {word}{'s' * (n != 1)}" for n, word in ((rows, "row"), (columns, "column")))
    return f"{title}: {' and '.join(sizes)}{span}"


def _index(part: Part, row: int, column: int) -> str:
    return f"[{', '.join(map(str, part.entry(row, column)))}]"


def _rows_of_one_shape(analytic: Part, numeric: Part, is_wrong: Any) -> tuple[list[Row], str]:
    """Return the rows, in order, and which ones they are: wrong entries come before right ones."""
    places = list(np.ndindex(analytic.values.shape))
    chosen = sorted(places, key=lambda place: not is_wrong[place])[:MOST_ROWS]
    rows = []
    for row, column in sorted(chosen):
        a, b = float(analytic.values[row, column]), float(numeric.values[row, column])
        difference = number(a - b, 3) if math.isfinite(a) and math.isfinite(b) else "–"
        index = _index(analytic, row, column)
        rows.append(Row(index, number(a), number(b), difference, bool(is_wrong[row, column])))
    total = math.prod(analytic.shape)
    if len(rows) == total:
        return rows, f"All {total} entries as numbers" if total > 1 else "The number"
    return rows, f"{len(rows)} of {total} entries as numbers, wrong ones first"


def _rows_of_two_shapes(analytic: Part, numeric: Part) -> tuple[list[Row], str]:
    rows = []
    for part in (analytic, numeric):
        for row, column in list(np.ndindex(part.values.shape))[: MOST_ROWS // 2]:
            value = number(float(part.values[row, column]))
            both = (value, "") if part is analytic else ("", value)
            rows.append(Row(_index(part, row, column), *both, difference="", is_wrong=False))
    return rows, f"The first entries as numbers, at most {MOST_ROWS // 2} of each array"
