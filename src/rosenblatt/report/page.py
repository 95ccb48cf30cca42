"""The page: results in, one self-contained HTML file out."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from jinja2 import ChoiceLoader, DictLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from rosenblatt.experiments import EXPERIMENTS, Experiment
from rosenblatt.plotting import render
from rosenblatt.report import format as written
from rosenblatt.report.contents import CONTENTS
from rosenblatt.report.inline_svg import inline_svg
from rosenblatt.report.mathml import Formulas
from rosenblatt.report.numbering import Contents
from rosenblatt.report.parts import Claim, Column, ReportFigure, ReportTable, Results, csv_bytes
from rosenblatt.report.rows import file_of_rows, noting, rows
from rosenblatt.report.typography import lines, sentence, typeset
from rosenblatt.report.verdicts import VERDICTS, Finding

_NAME = re.compile(r"\b((?:figure|table) S?\d+)\b")

LONGEST_ON_ONE_PAGE = 20
"""Rows of a table that print keeps together."""
REM_PER_INCH = 6.4
"""Panels of 3.6 inches fill the text column two by two."""


@dataclass(frozen=True)
class PageFigure:
    """A figure as the template sees it; ``rows`` are the files of what is drawn."""

    heading: str
    anchor: str
    caption: str
    svgs: list[Markup]
    width: float
    file: str
    rows: list[str]


@dataclass(frozen=True)
class RowGroup:
    """Rows of a table under one heading; no heading for a table without groups."""

    label: str
    cells: list[list[str]]


@dataclass(frozen=True)
class PageTable:
    """A table as the template sees it; ``rows`` are the files that it is made from."""

    heading: str
    anchor: str
    caption: str
    columns: tuple[Column, ...]
    groups: list[RowGroup]
    file: str
    digest: str
    rows: list[str]

    @property
    def is_long(self) -> bool:
        """Whether the table may continue on the next page of print."""
        return sum(len(group.cells) for group in self.groups) > LONGEST_ON_ONE_PAGE


@dataclass(frozen=True)
class Part:
    """An experiment's section as the template sees it."""

    id: str
    title: str
    question: str
    facts: dict[str, Any]
    settings: dict[str, str]
    seconds: float


@dataclass(frozen=True)
class Judged:
    """A claim and what came of it."""

    claim: Claim
    finding: Finding


class Page:
    """Figures, tables and claims of the results at hand, for the templates.

    The claims were judged for the record already: intervals take a while.

    Args:
        results: by experiment.
        record: its claims with their verdicts.
        contents: what the page has, where there are results for it.
        experiments: those of the results, by id.
    """

    def __init__(
        self,
        results: Results,
        record: Mapping[str, Any],
        contents: Contents,
        experiments: Mapping[str, Experiment],
    ) -> None:
        self._results = results
        self._contents = contents
        self._experiments = experiments
        found = {
            judged["id"]: Finding(
                *(judged[name] for name in ("verdict", "evidence", "condition")),
                *(judged[name] for name in ("sensitivity", "typical", "needed")),
            )
            for judged in record["claims"]
        }
        self._claims = [
            Judged(claim, found[claim.id]) for claim in contents.claims if claim.id in found
        ]
        self._figures = {
            key: _page_figure(figure, results, contents)
            for key, figure in contents.figures.items()
            if figure.is_possible(results)
        }
        self._tables = {
            key: _page_table(table, results, contents)
            for key, table in contents.tables.items()
            if table.is_possible(results)
        }

    def claims(self, experiment: str | None = None) -> list[Judged]:
        """Return the claims on one experiment, or on all that were run, with their verdicts."""
        return [judged for judged in self._claims if experiment in (None, judged.claim.experiment)]

    def claims_shown_by(self, key: str) -> list[Judged]:
        """Return the claims whose evidence is this figure or table."""
        return [judged for judged in self._claims if key in judged.claim.figures]

    def tally(self) -> list[tuple[str, int]]:
        """Return how many claims have each verdict."""
        counts = Counter(judged.finding.verdict for judged in self._claims)
        return [(verdict, counts[verdict]) for verdict in VERDICTS if counts[verdict]]

    def figure(self, key: str) -> PageFigure | None:
        """Return the figure of this key, None if its experiment was not run."""
        return self._figures.get(key)

    def table(self, key: str) -> PageTable | None:
        """Return the table of this key, None if its experiments were not run."""
        return self._tables.get(key)

    def tables(self) -> list[PageTable]:
        """Return all tables, in the order of their numbers."""
        return list(self._tables.values())

    def rows(self) -> dict[str, list[str]]:
        """Return the files of all rows of each experiment."""
        return {
            name: [file_of_rows(name, table) for table in result.tables]
            for name, result in self._results.items()
        }

    def link(self, key: str) -> Markup:
        """Return what the text calls a figure or a table, as a link where the page has it."""
        name = self._contents.name_of(key)
        if key not in self._figures and key not in self._tables:
            return Markup(escape(name))
        return Markup('<a href="#{}">{}</a>').format(self._contents.anchor_of(key), name)

    def linked(self, text: str) -> Markup:
        """Return a text of code's making, its figures and tables as links where they are here."""
        named = {self._contents.name_of(key): key for key in (*self._figures, *self._tables)}
        pieces = _NAME.split(self._contents.with_names(text))
        return Markup("").join(
            self.link(named[piece]) if piece in named else escape(piece) for piece in pieces
        )

    def has(self, experiment: str) -> bool:
        """Return whether the page has a section about this experiment."""
        return experiment in self._results

    def parts(self) -> list[Part]:
        """Return the sections, in the order of the page."""
        return [
            Part(
                id=name,
                title=self._experiments[name].title,
                question=self._experiments[name].question,
                facts=section.facts(self._results),
                settings=_settings(self._results[name].settings),
                seconds=self._results[name].seconds,
            )
            for name, section in self._contents.sections.items()
            if name in self._results
        ]


def render_page(results: Results, record: Mapping[str, Any], command: str) -> str:
    """Return the page as HTML.

    Args:
        results: by experiment; the page has a section for each.
        record: what :func:`rosenblatt.report.record.make_record` returned for them.
        command: the command line that makes this page.
    """
    environment = templates(CONTENTS)
    page = Page(results, record, CONTENTS, EXPERIMENTS)
    html = environment.get_template("page.html.j2").render(
        page=page, parts=page.parts(), record=record, command=command, css=style(environment)
    )
    return typeset(html)


def templates(contents: Contents, *packages: str) -> Environment:
    """Return the environment of the report's templates and of the sections' texts.

    Args:
        contents: whose sections can be imported as ``sections/<id>.html.j2``.
        packages: those that have further templates in their folder ``templates``.
    """
    sections = {
        f"sections/{name}.html.j2": section.template()
        for name, section in contents.sections.items()
    }
    loaders = [PackageLoader(package) for package in ("rosenblatt.report", *packages)]
    environment = Environment(
        loader=ChoiceLoader([*loaders, DictLoader(sections)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[Formulas],
    )
    environment.filters.update(_FILTERS)
    return environment


def style(environment: Environment) -> Markup:
    """Return the style sheet of the report's pages."""
    assert environment.loader is not None
    css, _, _ = environment.loader.get_source(environment, "style.css")
    return Markup(css)


def clause(condition: str) -> str:
    """Return the condition of a verdict as it stands after "holds only if".

    >>> clause("m = 10 or m = 5"), clause("at equal epochs or at equal seconds")
    ('m = 10 or m = 5', 'compared at equal epochs or at equal seconds')
    >>> clause("variance 50")
    'the variance is 50'
    """
    condition = re.sub(r"\b(variance|standard deviation) (?=\d)", r"the \1 is ", condition)
    if condition.startswith(("for ", "until ")):
        return f"timed {condition}"
    return f"compared {condition}" if condition.startswith(("at ", "with ")) else condition


_FILTERS = {
    "clause": clause,
    "count": written.count,
    "lines": lines,
    "number": written.number,
    "percent": written.percent,
    "percent_spread": lambda pair: f"{written.percent_spread(*pair)}{written.NARROW_SPACE}%",
    "plain": written.plain,
    "plural": written.plural,
    "scientific": written.scientific,
    "seconds": written.seconds,
    "sentence": sentence,
    "sequence": written.sequence,
}


def _page_figure(figure: ReportFigure, results: Results, contents: Contents) -> PageFigure:
    noted_results, noted = noting(results)
    svgs = []
    drawn = figure.draw_panels(noted_results)
    for place, (panel, one) in enumerate(zip(figure.panels, drawn, strict=True)):
        svg = inline_svg(
            render(one, "svg").decode(),
            prefix=f"f{contents.number_of(figure.key)}p{place}-",
            description=f"{contents.heading_of(figure.key)}: {panel.description}",
        )
        # matplotlib escapes the text it writes into an SVG, and inline_svg its description.
        svgs.append(Markup(svg))
    return PageFigure(
        heading=contents.heading_of(figure.key),
        anchor=contents.anchor_of(figure.key),
        caption=figure.caption(results),
        svgs=svgs,
        width=figure.panel_size[0] * REM_PER_INCH,
        file=f"figures/{contents.file_of(figure.key)}",
        rows=sorted(noted),
    )


def _page_table(table: ReportTable, results: Results, contents: Contents) -> PageTable:
    noted_results, noted = noting(results)
    data = table.rows(noted_results)
    cells = [[column.cell(row) for column in table.columns] for row in rows(data)]
    columns, groups = table.columns, [RowGroup("", cells)]
    if table.grouped:
        columns = table.columns[1:]
        groups = [
            RowGroup(label, [row[1:] for row in members])
            for label, members in groupby(cells, key=lambda row: row[0])
        ]
    return PageTable(
        heading=contents.heading_of(table.key),
        anchor=contents.anchor_of(table.key),
        caption=table.caption(results),
        columns=columns,
        groups=groups,
        file=f"tables/{contents.file_of(table.key)}.csv",
        digest=hashlib.sha256(csv_bytes(data)).hexdigest(),
        rows=sorted(noted),
    )


def _settings(settings: Mapping[str, object]) -> dict[str, str]:
    """Return settings as words: names without underscores, values as short as they can be."""
    return {name.replace("_", " "): written.setting(value) for name, value in settings.items()}
