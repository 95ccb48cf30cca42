import subprocess
import sys

import pytest
from matplotlib.figure import Figure

from rosenblatt.experiments.e6_batch_size import BATCH_SIZES
from rosenblatt.plotting import batch_color, class_style, dress, legend, new_figure, style


def test_every_batch_size_of_the_report_has_its_own_colour():
    assert tuple(style.BATCH_COLORS) == BATCH_SIZES
    assert len({batch_color(size) for size in BATCH_SIZES}) == len(BATCH_SIZES)


@pytest.mark.parametrize("color", [*style.BATCH_COLORS.values(), style.INK, style.MUTED])
def test_lines_stand_out_from_the_paper(color):
    assert contrast(color, style.PAPER) >= 3


@pytest.mark.parametrize("color", [style.INK, style.MUTED])
def test_text_colours_have_the_contrast_of_text(color):
    assert contrast(color, style.PAPER) >= 4.5


def test_train_and_test_differ_in_colour_and_in_line_style():
    train, test = style.style_of_train(), style.style_of_test()
    assert train["color"] != test["color"]
    assert train["linestyle"] != test["linestyle"]


def test_classes_differ_in_colour_and_marker():
    styles = [class_style(index) for index in range(6)]
    assert len({color for color, _ in styles}) == len({marker for _, marker in styles}) == 6
    assert len({class_style(index) for index in range(42)}) == 42


def test_a_figure_has_its_panels_side_by_side():
    figure, axes = new_figure(2, (3.0, 2.0))
    assert isinstance(figure, Figure)
    assert len(axes) == 2
    assert figure.get_size_inches().tolist() == [6.0, 2.0]


def test_dress_and_legend_take_any_axes():
    ax = Figure().subplots()
    ax.plot([0, 1], [0, 1], label="line")
    dress(ax, xlabel="epoch", ylabel="loss", title="Loss")
    legend(ax, title="which")
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title(loc="left")) == ("epoch", "loss", "Loss")
    assert ax.get_legend().get_title().get_text() == "which"


def test_importing_changes_no_global_setting_and_loads_no_pyplot():
    code = (
        "import sys, matplotlib as mpl\n"
        # Asking for the backend would choose one.
        "names = set(mpl.rcParams) - {'backend'}\n"
        "settings = lambda: {name: mpl.rcParams[name] for name in names}\n"
        "before = settings()\n"
        "import rosenblatt.plotting\n"
        "assert settings() == before\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def contrast(color, background):
    """The contrast of WCAG 2.1."""
    lighter, darker = sorted((luminance(color), luminance(background)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color):
    channels = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
