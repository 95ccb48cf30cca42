"""A figure as bytes or as a file, the same bytes for the same figure."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.text import Text

from rosenblatt.errors import FileError, shorten
from rosenblatt.files import atomic_write

FORMATS = ("png", "svg", "pdf")
DPI = 200

_EAST_ASIAN = 0x2E80
"""Where the signs of East Asia begin, which Matplotlib's own font does not have."""

_FONTS = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Source Han Sans",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
)
"""Fonts that have them, on Linux, macOS and Windows."""


def render(figure: Figure, format: str) -> bytes:
    """Return ``figure`` as bytes; the same figure always gives the same bytes.

    Args:
        figure: what to draw.
        format: "png" (200 dots per inch), "svg" (text stays text) or "pdf".

    Raises:
        FileError: for any other format.

    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> render(figure, "png")[1:4]
    b'PNG'
    """
    if format not in FORMATS:
        raise FileError(f'cannot draw a figure as "{format}": use one of {", ".join(FORMATS)}')
    metadata = {"svg": {"Date": None, "Creator": None}, "pdf": {"CreationDate": None}}
    buffer = io.BytesIO()
    with (
        mpl.rc_context({"svg.hashsalt": "rosenblatt", "svg.fonttype": "none"}),
        _with_fonts_for_all_names(figure, format),
        laid_out_once(figure),
    ):
        figure.savefig(buffer, format=format, dpi=DPI, metadata=metadata.get(format))
    return buffer.getvalue()


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write ``figure`` to ``path``, whole or not at all, in the format its suffix names.

    Raises:
        FileError: for an unknown suffix, or a path that cannot be written.

    >>> import tempfile
    >>> from rosenblatt.plotting import new_figure
    >>> figure, (ax,) = new_figure()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_figure(figure, Path(folder, "empty.svg"))
    ...     Path(folder, "empty.svg").read_text().startswith("<?xml")
    True
    """
    path = Path(path)
    content = render(figure, path.suffix.removeprefix(".").lower())
    with atomic_write(path) as file:
        file.write(content)


@contextmanager
def _with_fonts_for_all_names(figure: Figure, format: str) -> Iterator[None]:
    """Draw signs that Matplotlib's own font lacks in a font that this machine has for them.

    Warns once where it has none; the text of an SVG needs none here.
    """
    texts = "".join(text.get_text() for text in figure.findobj(Text))
    signs = sorted({sign for sign in texts if ord(sign) >= _EAST_ASIAN})
    if not signs:
        yield
        return
    present = set(font_manager.get_font_names())
    fonts = [name for name in _FONTS if name in present]
    with (
        mpl.rc_context({"font.family": [*mpl.rcParams["font.family"], *fonts]}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        yield
    if not fonts and format != "svg":
        warnings.warn(
            f"no font for {shorten(signs)} is installed, which are drawn as boxes; install one, "
            f"such as {_FONTS[0]}, or draw an .svg file",
            stacklevel=3,
        )


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
