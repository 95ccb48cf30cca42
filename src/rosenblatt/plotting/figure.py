"""A figure that notebooks show."""

from matplotlib.figure import Figure

from rosenblatt.plotting.render import render

PIXELS_PER_INCH = 96
"""Of a page in a browser: text of a figure is there as large as it is in print."""


class NotebookFigure(Figure):
    """A figure that Jupyter shows when it is the last value of a cell, or by ``display``.

    Matplotlib's own class is shown as an image only after pyplot was imported with its inline
    backend. pyplot knows nothing of this one, so it does not show it a second time.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, axes = new_figure(2)
    >>> isinstance(figure, NotebookFigure), len(axes)
    (True, 2)
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, int]]:
        """Return the figure as PNG, and the size at which to show it."""
        width, height = self.get_size_inches()
        size = {
            "width": round(PIXELS_PER_INCH * width),
            "height": round(PIXELS_PER_INCH * height),
        }
        return render(self, "png"), size
