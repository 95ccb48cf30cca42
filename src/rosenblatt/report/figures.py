"""All figures of the report by number: 1 to 12 as in the source, then the supplementary ones."""

from matplotlib.figure import Figure

from rosenblatt.plotting import new_figure
from rosenblatt.report.parts import ReportFigure, Results
from rosenblatt.report.sections import SECTIONS


def _order(figure: ReportFigure) -> tuple[bool, int]:
    supplementary = figure.number.startswith("S")
    return supplementary, int(figure.number.removeprefix("S"))


FIGURES: dict[str, ReportFigure] = {
    figure.number: figure
    for figure in sorted(
        (figure for section in SECTIONS.values() for figure in section.figures), key=_order
    )
}
"""Every figure by its number, in the order of the numbers."""


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
