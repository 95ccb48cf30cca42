"""Names from data are drawn as they are written, sign by sign."""

import html
import re

import numpy as np
import pytest
from matplotlib.figure import Figure

from rosenblatt.plotting import (
    new_figure,
    plot_dataset,
    plot_decision_regions,
    plot_two_losses,
    render,
)

X = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0], [3.0, 1.0]])
Y = [0, 1, 0, 1]
NAMES = [
    ("income ($)", "cost ($$)"),
    ("$5 to $10", "over $10"),
    (r"$\income$", r"$x_{$"),
    (r"\$a\$", r"\\$"),
    ("_hidden", "_nolegend_"),
    ("_$x$", "__"),
    (r"\alpha", "^_{}%#&<>~"),
    ("100 %", "{0}"),
    ("Łódź", "η ≥ ½"),
]


def texts_of(figure: Figure) -> list[str]:
    """Return the text elements of the figure as SVG, in which text stays text."""
    drawn = render(figure, "svg").decode()
    return [html.unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", drawn)]


@pytest.mark.parametrize("names", NAMES)
def test_features_and_classes_are_drawn_as_they_are_written(names):
    figure, axes = new_figure(2)
    plot_dataset(axes[0], X, Y, names, feature_names=names)
    predict = lambda points: np.where(points[:, 1] > 0.5, 1, 0)  # noqa: E731
    plot_decision_regions(axes[1], predict, X, Y, names, feature_names=names, resolution=5)
    texts = texts_of(figure)
    for name in names:
        # The axis and the legend of both panels.
        assert texts.count(name) == 4, texts


@pytest.mark.parametrize("names", NAMES)
def test_labels_are_drawn_as_they_are_written(names):
    figure, (ax,) = new_figure()
    plot_dataset(ax, X, np.array(names)[Y], X_test=X, y_test=np.array(names)[Y])
    texts = texts_of(figure)
    for name in names:
        assert {f"train, {name}", f"test, {name}"} <= set(texts)


@pytest.mark.parametrize("names", NAMES)
def test_runs_are_called_as_they_are_written(names):
    figure, (ax,) = new_figure()
    plot_two_losses(ax, [0, 1], [1.0, 0.5], [1.0, 0.6], names=names)
    assert set(names) <= set(texts_of(figure))


def test_signs_that_cannot_be_seen_are_no_crash():
    figure, (ax,) = new_figure()
    plot_dataset(ax, X, Y, ["a\tb", "a\x07b"], feature_names=["a\nb", "c"])
    texts = texts_of(figure)
    assert texts.count("a b") == 2
    assert {"a", "b", "c"} <= set(texts)


def test_signs_that_no_font_has_are_named_once(monkeypatch):
    figure, (ax,) = new_figure()
    plot_dataset(ax, X, Y, ["東京", "大阪"])
    assert {"東京", "大阪"} <= set(texts_of(figure))
    monkeypatch.setattr("matplotlib.font_manager.get_font_names", list)
    with pytest.warns(UserWarning, match=r"no font for 京, 大, 東, 阪 is installed") as caught:
        assert render(figure, "png").startswith(b"\x89PNG")
    assert len(caught) == 1
