"""Parts of the report: figures, tables and claims, and the section of an experiment."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from rosenblatt.experiments import Result
from rosenblatt.plotting import new_figure
from rosenblatt.report.verdicts import Finding

Results = Mapping[str, Result]
Row = dict[str, Any]
Values = npt.NDArray[np.float64]


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
    """A figure; :mod:`rosenblatt.report.contents` has its number.

    Attributes:
        key: its name in code and templates.
        title: a few words.
        panels: its axes, from left to right.
        caption: what is seen and by which protocol, its numbers computed from the results.
        panel_size: width and height of a panel in inches.
        number: the number that the source gives it; None for a figure of our own.
        experiments: the experiments whose results it needs, all of them; by default its section's.
    """

    key: str
    title: str
    panels: tuple[Panel, ...]
    caption: Callable[[Results], str]
    panel_size: tuple[float, float] = (3.6, 2.8)
    number: int | None = None
    experiments: tuple[str, ...] = ()

    def is_possible(self, results: Results) -> bool:
        """Return whether ``results`` hold everything this figure needs."""
        return all(needed in results for needed in self.experiments)

    def draw(self, results: Results) -> Figure:
        """Return the whole figure, its panels side by side, as it is written to files."""
        drawn, axes = new_figure(len(self.panels), self.panel_size)
        for panel, ax in zip(self.panels, axes, strict=True):
            panel.draw(ax, results)
        return drawn

    def draw_panels(self, results: Results) -> list[Figure]:
        """Return each panel as a figure of its own, so that a narrow page can stack them."""
        drawn = []
        for panel in self.panels:
            single, (ax,) = new_figure(1, self.panel_size)
            panel.draw(ax, results)
            drawn.append(single)
        return drawn


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
        rows: the rows of its file, from the results at hand.
        columns: how a row is written on the page; the first column names the row.
        caption: what is in it, its numbers computed from the results.
        grouped: rows with the same first cell stand under it as a heading; the second column then
            names the row.
        experiments: the experiments it can draw from, of which one is enough; by default its
            section's.
    """

    key: str
    title: str
    rows: Callable[[Results], pa.Table]
    columns: tuple[Column, ...]
    caption: Callable[[Results], str]
    grouped: bool = False
    experiments: tuple[str, ...] = ()

    def is_possible(self, results: Results) -> bool:
        """Return whether ``results`` hold anything for this table."""
        return any(source in results for source in self.experiments)


def csv_bytes(data: pa.Table) -> bytes:
    """Return the rows of a table as CSV, numbers in full precision, accuracies as fractions."""
    buffer = io.BytesIO()
    pyarrow.csv.write_csv(data, buffer)
    return buffer.getvalue()


def or_dash(write: Callable[[float], str], name: str) -> Callable[[Row], str]:
    """Return a cell that writes the column ``name``, or a dash where it has no value."""
    return lambda row: "–" if row[name] is None else write(row[name])


@dataclass(frozen=True)
class Claim:
    """A claim of the source.

    Attributes:
        id: its name in links.
        says: the claim, in our words.
        where: the section of the source, with the heading under which it stands.
        test: what is measured, and the threshold it is held against.
        judge: returns what the results say.
        figures: the keys of the figures and tables that show it.
        experiment: whose results it is put to; its section's.
    """

    id: str
    says: str
    where: str
    test: str
    judge: Callable[[Results], Finding]
    figures: tuple[str, ...]
    experiment: str = ""


@dataclass(frozen=True)
class Section:
    """The part of the page about one experiment; its text is ``<id>.html.j2`` in its folder.

    Attributes:
        experiment: "E1" to "E6".
        package: the name of its folder's package.
        figures: its figures.
        tables: its tables.
        claims: the source's claims about it, in the order of the source.
        facts: the numbers that its text names, computed from the results.
    """

    experiment: str
    package: str
    figures: tuple[ReportFigure, ...]
    facts: Callable[[Results], dict[str, Any]]
    tables: tuple[ReportTable, ...] = ()
    claims: tuple[Claim, ...] = ()

    def template(self) -> str:
        """Return the source of its text, a template with the macros ``found`` and ``body``."""
        path = files(self.package) / f"{self.experiment.lower()}.html.j2"
        return path.read_text(encoding="utf-8")
