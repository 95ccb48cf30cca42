"""What the report is made of: figures and tables that know what they need and what they show."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from matplotlib.axes import Axes

from rosenblatt.experiments import Result

Results = Mapping[str, Result]
Row = dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """One axes of a figure.

    Attributes:
        draw: draws the results into an ax.
        description: what a reader who cannot see it should know, in one sentence.
    """

    draw: Callable[[Axes, Results], None]
    description: str


@dataclass(frozen=True)
class ReportFigure:
    """A figure; :mod:`rosenblatt.report.numbering` has its number.

    Attributes:
        key: its name in code and templates.
        title: a few words.
        experiments: the experiments whose results it needs, all of them.
        panels: its axes, from left to right.
        caption: what is seen and by which protocol, its numbers computed from the results.
        panel_size: width and height of a panel in inches.
        number: the number that the source gives it; None for a figure of our own.
    """

    key: str
    title: str
    experiments: tuple[str, ...]
    panels: tuple[Panel, ...]
    caption: Callable[[Results], str]
    panel_size: tuple[float, float] = (3.6, 2.8)
    number: int | None = None

    def is_possible(self, results: Results) -> bool:
        """Return whether ``results`` hold everything this figure needs."""
        return all(needed in results for needed in self.experiments)


@dataclass(frozen=True)
class Column:
    """One column of a table on the page.

    Attributes:
        header: its name, with the unit.
        cell: writes a row's cell.
        is_text: text is aligned left, numbers right.
    """

    header: str
    cell: Callable[[Row], str]
    is_text: bool = False


@dataclass(frozen=True)
class ReportTable:
    """A table: Arrow rows for the file, formatted cells for the page.

    Attributes:
        key: its name in code and templates, "table_" and a word.
        title: a few words.
        experiments: the experiments it can draw from; one is enough.
        rows: the rows of its file, from the results at hand.
        columns: how a row is written on the page; the first column names the row.
        caption: what is in it, its numbers computed from the results.
        grouped: rows with the same first cell stand under it as a heading; the second column then
            names the row.
    """

    key: str
    title: str
    experiments: tuple[str, ...]
    rows: Callable[[Results], pa.Table]
    columns: tuple[Column, ...]
    caption: Callable[[Results], str]
    grouped: bool = False

    def is_possible(self, results: Results) -> bool:
        """Return whether ``results`` hold anything for this table."""
        return any(source in results for source in self.experiments)


@dataclass(frozen=True)
class Section:
    """The part of the page about one experiment; its prose is ``templates/sections/<id>.html.j2``.

    Attributes:
        experiment: "E1" to "E6".
        figures: its figures.
        facts: the numbers that its prose speaks of, by name, computed from the results.
    """

    experiment: str
    figures: tuple[ReportFigure, ...]
    facts: Callable[[Results], dict[str, Any]]
