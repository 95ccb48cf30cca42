"""The map of where training converges."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from rosenblatt.errors import DataError, ShapeError
from rosenblatt.plotting import plot_trainability
from rosenblatt.plotting.trainability import by_rank

RNG = np.random.default_rng(0)


def drawn(values, x=None, y=None, **how):
    ax = Figure().subplots()
    rows, columns = np.shape(values)
    x = np.geomspace(0.1, 1000, columns) if x is None else x
    y = np.geomspace(1, 8, rows) if y is None else y
    plot_trainability(ax, x, y, values, **how)
    return ax


def test_each_shade_of_a_sign_has_as_many_cells():
    values = RNG.lognormal(size=(20, 30)) * RNG.choice([-1, 1, 1], (20, 30))
    ranks = by_rank(values)
    assert (np.sign(ranks) == np.sign(values)).all()
    for sign in (-1, 1):
        mine = np.sort(sign * ranks[values * sign > 0])
        np.testing.assert_allclose(mine, np.arange(1, len(mine) + 1) / len(mine))
        order = np.argsort(np.abs(values[values * sign > 0]))
        assert (np.diff((sign * ranks[values * sign > 0])[order]) < 0).all()


def test_cells_surround_their_values_on_logarithmic_axes():
    values = np.where(np.arange(12).reshape(3, 4) < 5, -2.0, 7.0)
    values[0, 0] = np.nan
    ax = drawn(values, xlabel="a", ylabel="b", title="t")
    mesh = ax.collections[0]
    corners = mesh.get_coordinates()
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    np.testing.assert_allclose(corners[0, :, 0], 0.1 * 10 ** (np.arange(-0.5, 4) * 4 / 3))
    shown = mesh.get_array()
    assert shown.mask.reshape(3, 4)[0, 0]
    assert (np.sign(shown.compressed()) == np.sign(values[~np.isnan(values)])).all()
    # Slow on both sides of the border, and yet told apart.
    colors = [mesh.cmap(mesh.norm(value)) for value in (-1e-9, 1e-9)]
    assert np.abs(np.subtract(*colors)).max() > 0.05
    assert [bar.get_yticklabels()[1].get_text() for bar in ax.figure.axes[1:]] == ["converges"]
    assert len(drawn(values, has_bar=False).figure.axes) == 1


def test_what_cannot_be_drawn():
    values = np.ones((3, 4))
    with pytest.raises(ShapeError, match=r"the axes need \(3, 5\)"):
        drawn(values, x=np.geomspace(1, 2, 5))
    with pytest.raises(ShapeError, match="at least 2 values"):
        drawn(values, y=[1.0])
    with pytest.raises(DataError, match="above 0"):
        drawn(values, y=[0.0, 1.0, 2.0])
