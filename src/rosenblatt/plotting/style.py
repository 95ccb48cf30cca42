"""One hand for all figures: colours, line styles, sizes.

The colours were chosen by computing their distances (CIELAB) as seen with normal sight and with the
three kinds of colour blindness (Machado, Oliveira and Fernandes, *A physiologically-based model for
simulation of color vision deficiency*, IEEE TVCG 15(6), 2009); every one has a contrast of at least
3 against white paper. No figure relies on colour alone: train and test differ in line style,
classes in marker.
"""

from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend

from rosenblatt.plotting.figure import NotebookFigure

PAPER = "#ffffff"
INK = "#20242a"
MUTED = "#6c737d"
GRID = "#dfe2e6"

BATCH_COLORS: dict[int, str] = {
    1: "#930828",
    10: "#ce6643",
    100: "#c88604",
    200: "#488470",
    400: "#419cda",
    800: "#2247a8",
}
"""The colour of a batch size, the same in every figure; 800 is the full batch of the moons."""

CLASS_COLORS: tuple[str, ...] = ("#2f66c4", "#d9722e", "#2b8a6b", "#8a3fa0", "#a67c00", "#c2385a")
"""Of classes, and of everything else that has no order: a batch size's colour is its own."""
CLASS_MARKERS: tuple[str, ...] = ("o", "^", "s", "D", "v", "P", "X")

RAMP: tuple[str, ...] = ("#1fa088", "#178090", "#2f639a", "#4a4390", "#4f1c74", "#22052c")
"""Of something that grows in six steps; each is darker than the one before (on dark paper,
lighter)."""

_INVISIBLE = "\u200b"
"""A space of no width."""

ACCENT = BATCH_COLORS[800]
CONTRAST = CLASS_COLORS[1]

FONT_SIZE = 9.0
SMALL_FONT_SIZE = 8.0
LINE_WIDTH = 1.6
FAINT_WIDTH = 0.8
FAINT_ALPHA = 0.45
PANEL_SIZE = (3.6, 2.8)

TRAIN_DASHES = (0, (3.2, 1.6))


def new_figure(
    panels: int = 1, panel_size: tuple[float, float] = PANEL_SIZE
) -> tuple[Figure, tuple[Axes, ...]]:
    """Return a figure with a row of ``panels`` axes, not registered with pyplot.

    Args:
        panels: how many axes, side by side.
        panel_size: width and height of one panel in inches. The default is one column of print; at
            that width the text is 9 points high.

    Returns:
        The figure, which a notebook shows as the last value of a cell, and its axes, from left to
        right.

    >>> figure, (left, right) = new_figure(2)
    >>> [float(side) for side in figure.get_size_inches()]
    [7.2, 2.8]
    """
    width, height = panel_size
    figure = NotebookFigure(figsize=(width * panels, height), layout="constrained", facecolor=PAPER)
    axes = figure.subplots(1, panels, squeeze=False)
    return figure, tuple(axes[0])


def dress(ax: Axes, *, xlabel: str, ylabel: str, title: str | None = None) -> None:
    """Give ``ax`` its labels and the common look: two spines, a light grid, readable text.

    >>> figure, (ax,) = new_figure()
    >>> dress(ax, xlabel="epoch", ylabel="loss")
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('epoch', 'loss')
    """
    ax.set_xlabel(xlabel, fontsize=FONT_SIZE, color=INK)
    ax.set_ylabel(ylabel, fontsize=FONT_SIZE, color=INK)
    if title:
        ax.set_title(title, fontsize=FONT_SIZE, color=INK, loc="left", fontweight="bold")
    ax.set_facecolor(PAPER)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(MUTED)
    ax.tick_params(labelsize=SMALL_FONT_SIZE, labelcolor=INK, color=MUTED, length=3)
    ax.grid(visible=True, color=GRID, linewidth=0.6)
    ax.set_axisbelow(True)


def legend(ax: Axes, **where: Any) -> None:
    """Draw the legend of ``ax`` in the common look; ``where`` goes to ``ax.legend``.

    >>> figure, (ax,) = new_figure()
    >>> _ = ax.plot([0, 1], label="test")
    >>> legend(ax, loc="upper right")
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['test']
    """
    drawn = ax.legend(
        fontsize=SMALL_FONT_SIZE,
        labelcolor=INK,
        handlelength=2.2,
        borderaxespad=0.3,
        facecolor=PAPER,
        edgecolor=PAPER,
        framealpha=0.8,
        **where,
    )
    show_names(drawn)
    drawn.get_title().set(fontsize=SMALL_FONT_SIZE, color=INK)
    drawn.set_zorder(5)


def as_written(name: object) -> str:
    r"""Return a name from data as Matplotlib draws it sign by sign, without mathematics.

    >>> print(as_written("income ($)"))
    income (\$)
    """
    text = "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in str(name))
    return text.replace("$", r"\$")


def in_legend(text: str) -> str:
    """Return a label that a legend shows: Matplotlib leaves out those that begin with "_"."""
    return f"{_INVISIBLE}{text}" if text.startswith("_") else text


def show_names(drawn: Legend) -> None:
    """Write the labels of :func:`in_legend` as they are meant to be."""
    for text in drawn.get_texts():
        text.set_text(text.get_text().removeprefix(_INVISIBLE))


def style_of_train(color: str = MUTED) -> dict[str, Any]:
    """Return the line style of everything measured on the training set."""
    return {"color": color, "linestyle": TRAIN_DASHES, "linewidth": LINE_WIDTH * 0.85}


def style_of_test(color: str = ACCENT) -> dict[str, Any]:
    """Return the line style of everything measured on the test set."""
    return {"color": color, "linestyle": "-", "linewidth": LINE_WIDTH}


def batch_color(batch_size: int) -> str:
    """Return the colour of a batch size; one without its own takes that of the nearest that has.

    >>> batch_color(800) == batch_color(1000)
    True
    """
    nearest = min(BATCH_COLORS, key=lambda known: (abs(known - batch_size), known))
    return BATCH_COLORS[nearest]


def class_style(index: int) -> tuple[str, str]:
    """Return colour and marker of the class with this index; the first 42 pairs differ.

    >>> class_style(0)
    ('#2f66c4', 'o')
    """
    return CLASS_COLORS[index % len(CLASS_COLORS)], CLASS_MARKERS[index % len(CLASS_MARKERS)]


def class_labels(classes: Sequence[object], names: Sequence[str] | None) -> list[str]:
    """Return what the legend calls each class: its name where names are given, else its label."""
    shown = names if names is not None and len(names) == len(classes) else classes
    return [as_written(name) for name in shown]
