"""All figures of the report by key, in the order of the page."""

from matplotlib.figure import Figure

from rosenblatt.plotting import new_figure
from rosenblatt.report.numbering import numbers
from rosenblatt.report.parts import ReportFigure, Results
from rosenblatt.report.sections import SECTIONS

_BY_KEY = {figure.key: figure for section in SECTIONS.values() for figure in section.figures}

FIGURES: dict[str, ReportFigure] = {key: _BY_KEY[key] for key in numbers() if key in _BY_KEY}
"""Every figure by its key, in the order of the page."""


def draw(figure: ReportFigure, results: Results) -> Figure:
    """Return the whole figure, its panels side by side, as it is written to files."""
    drawn, axes = new_figure(len(figure.panels), figure.panel_size)
    for panel, ax in zip(figure.panels, axes, strict=True):
        panel.draw(ax, results)
    return drawn


def draw_panels(figure: ReportFigure, results: Results) -> list[Figure]:
    """Return each panel as a figure of its own, so that a narrow page can stack them."""
    drawn = []
    for panel in figure.panels:
        single, (ax,) = new_figure(1, figure.panel_size)
        panel.draw(ax, results)
        drawn.append(single)
    return drawn
