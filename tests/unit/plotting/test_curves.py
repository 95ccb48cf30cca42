import numpy as np
import pytest
from matplotlib.figure import Figure

from rosenblatt.errors import ShapeError
from rosenblatt.plotting import plot_accuracy, plot_curves, plot_loss
from rosenblatt.plotting.curves import logarithmic_epoch_axis, plot_band
from rosenblatt.plotting.style import ACCENT

EPOCHS = np.array([0, 10, 20, 30])
TRAIN = np.array([0.9, 0.5, 0.4, 0.3])
TEST = np.array([0.9, 0.6, 0.5, 0.45])


@pytest.fixture
def ax():
    return Figure().subplots()


@pytest.mark.parametrize("plot", [plot_loss, plot_accuracy])
def test_both_sets_are_drawn_as_given(ax, plot):
    plot(ax, EPOCHS, TRAIN, TEST, title="One run")
    train, test = ax.get_lines()
    np.testing.assert_array_equal(train.get_xydata(), np.column_stack([EPOCHS, TRAIN]))
    np.testing.assert_array_equal(test.get_xydata(), np.column_stack([EPOCHS, TEST]))
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["train", "test"]
    assert ax.get_xlabel() == "epoch"
    assert ax.get_title(loc="left") == "One run"


@pytest.mark.parametrize(("last", "ticks"), [(1, [0, 1]), (99, [0, 1, 10]), (100, [0, 1, 10, 100])])
def test_a_logarithmic_epoch_axis_has_room_for_epoch_0(ax, last, ticks):
    plot_loss(ax, [0, 1, last], [0.9, 0.5, 0.4])
    logarithmic_epoch_axis(ax, last)
    assert ax.get_xlim() == (0, last)
    assert ax.get_xticks().tolist() == ticks
    assert [label.get_text() for label in ax.get_xticklabels()] == list(map(str, ticks))
    assert ax.get_xlabel() == "epoch (linear to 1, then logarithmic)"
    assert ax.xaxis.get_minorticklocs().size == 0


def test_a_run_without_a_test_set_has_one_line(ax):
    plot_loss(ax, EPOCHS, TRAIN)
    assert [line.get_label() for line in ax.get_lines()] == ["train"]


def test_other_runs_lie_faint_beneath_and_share_one_legend_entry(ax):
    plot_loss(ax, EPOCHS, TRAIN, TEST, others=[(EPOCHS, TEST + 0.1), (EPOCHS[:2], TEST[:2])])
    train, test, *others = ax.get_lines()
    assert all(line.get_zorder() < min(train.get_zorder(), test.get_zorder()) for line in others)
    assert all(line.get_alpha() < 0.6 for line in others)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["train", "test", "test, other seeds"]


def bands(ax):
    """The lower and the upper edge of each band, at each place, by its label."""
    found = {}
    for band in ax.collections:
        vertices = band.get_paths()[0].vertices
        edges = [
            (vertices[vertices[:, 0] == x, 1].min(), vertices[vertices[:, 0] == x, 1].max())
            for x in np.unique(vertices[:, 0])
        ]
        found[band.get_label()] = np.array(edges).T
    return found


def others(n):
    rng = np.random.default_rng(n)
    return [(EPOCHS, TEST + 0.1 * rng.random(4)) for _ in range(n)]


@pytest.mark.parametrize(("n", "lines", "n_bands"), [(9, 9, 0), (10, 0, 2), (50, 0, 2)])
def test_from_ten_other_runs_on_they_are_bands(ax, n, lines, n_bands):
    plot_loss(ax, EPOCHS, TRAIN, TEST, others=others(n))
    assert len(ax.get_lines()) == 2 + lines
    assert len(ax.collections) == n_bands


def test_the_bands_hold_90_percent_and_half_of_the_other_runs(ax):
    runs = others(21)
    plot_accuracy(ax, EPOCHS, TRAIN, TEST, others=runs)
    # Of 21 sorted values the second holds 5 %, the sixth a quarter.
    ordered = np.sort([values for _, values in runs], axis=0)
    found = bands(ax)
    np.testing.assert_allclose(found["test, 90 % of other seeds"], ordered[[1, 19]])
    np.testing.assert_allclose(found["half of them"], ordered[[5, 15]])
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["train", "test", "test, 90 % of other seeds", "half of them"]
    assert all(band.get_zorder() < ax.get_lines()[0].get_zorder() for band in ax.collections)


def test_runs_of_different_lengths_have_no_bands(ax):
    plot_loss(ax, EPOCHS, TRAIN, TEST, others=[*others(10), (EPOCHS[:2], TEST[:2])])
    assert not ax.collections
    assert len(ax.get_lines()) == 2 + 11


@pytest.mark.parametrize("with_outer", [True, False])
def test_a_band_lies_around_the_median(ax, with_outer):
    curves = np.array([values for _, values in others(21)])
    plot_band(ax, EPOCHS, curves, color="#123456", label="median", with_outer=with_outer)
    ordered = np.sort(curves, axis=0)
    (line,) = ax.get_lines()
    np.testing.assert_allclose(line.get_ydata(), ordered[10])
    assert (line.get_label(), line.get_color()) == ("median", "#123456")
    assert len(ax.collections) == 1 + with_outer
    inner = list(bands(ax).values())[-1]
    np.testing.assert_allclose(inner, ordered[[5, 15]])
    if with_outer:
        outer = ax.collections[0].get_paths()[0].vertices[:, 1]
        assert (outer.min(), outer.max()) == (ordered[1].min(), ordered[19].max())


def test_one_curve_is_its_own_band(ax):
    plot_band(ax, EPOCHS, [TEST])
    (line,) = ax.get_lines()
    np.testing.assert_array_equal(line.get_ydata(), TEST)


def test_the_test_set_takes_the_colour_given_and_the_training_set_never_does(ax):
    plot_curves(ax, EPOCHS, TRAIN, TEST, color="#123456")
    train, test = ax.get_lines()
    assert test.get_color() == "#123456"
    assert train.get_color() not in ("#123456", ACCENT)


def test_loss_axis_starts_at_zero(ax):
    plot_loss(ax, EPOCHS, TRAIN, TEST)
    assert ax.get_ylim()[0] == 0


def test_accuracy_is_written_in_percent(ax):
    plot_accuracy(ax, EPOCHS, TRAIN, TEST)
    assert ax.yaxis.get_major_formatter()(0.915, 0) == "91.5"
    assert "%" in ax.get_ylabel()


def test_a_diverged_run_can_be_drawn(ax):
    plot_loss(ax, EPOCHS, [0.7, 1.5, np.inf, np.nan], TEST)
    ax.figure.canvas.draw()


@pytest.mark.parametrize(
    ("train", "test", "others"),
    [(TRAIN[:3], TEST, ()), (TRAIN, TEST[:, None], ()), (TRAIN, TEST, [(EPOCHS, TEST[:1])])],
)
def test_curves_of_another_length_are_refused(ax, train, test, others):
    with pytest.raises(ShapeError, match="one value per epoch"):
        plot_loss(ax, EPOCHS, train, test, others=others)
