"""A figure as bytes or as a file, the same bytes for the same figure."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from rosenblatt.errors import FileError
from rosenblatt.files import atomic_write

FORMATS = ("png", "svg", "pdf")
DPI = 200


def render(figure: Figure, format: str) -> bytes:
    """Return ``figure`` as bytes; the same figure always gives the same bytes.

    Args:
        figure: what to draw.
        format: "png" (200 dots per inch), "svg" (text stays text) or "pdf".

    Raises:
        FileError: for any other format.
    """
    if format not in FORMATS:
        raise FileError(f'cannot draw a figure as "{format}": use one of {", ".join(FORMATS)}')
    metadata = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None}}
    buffer = io.BytesIO()
    with (
        mpl.rc_context({"svg.hashsalt": "rosenblatt", "svg.fonttype": "none"}),
        laid_out_once(figure),
    ):
        figure.savefig(buffer, format=format, dpi=DPI, metadata=metadata.get(format))
    return buffer.getvalue()


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write ``figure`` to ``path``, whole or not at all, in the format its suffix names.

    Raises:
        FileError: for an unknown suffix, or a path that cannot be written.
    """
    path = Path(path)
    content = render(figure, path.suffix.removeprefix(".").lower())
    with atomic_write(path) as file:
        file.write(content)


@contextmanager
def laid_out_once(figure: Figure) -> Iterator[None]:
    """Lay the figure out now and not again while the block runs: it is drawn faster.

    ``savefig`` draws a figure that has a layout engine twice: once for the layout alone.
    """
    engine = figure.get_layout_engine()
    if engine is None:
        yield
        return
    engine.execute(figure)
    figure.set_layout_engine(None)
    try:
        yield
    finally:
        figure.set_layout_engine(engine)
