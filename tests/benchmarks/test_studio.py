import argparse

import pytest

from benchmarks import studio
from benchmarks.studio import FIGURES, Results, growth, page_of, quantile


def test_the_best_turn_counts_and_what_falls_short_is_said():
    results = Results()
    results.add(warm=1.62, frames=31.0)
    results.add(warm=1.44, frames=24.0)
    results.add(slider=0.42)
    lines = page_of(results, 2, 0).splitlines()
    assert (
        "| from the command to a page that trains | ≤ 1.50 s | **1.44 s** | 1.62, 1.44 |" in lines
    )
    assert any("≥ 30.0/s | **31.0/s** | 31.0, 24.0" in line for line in lines)
    assert any("**0.42 s**, falls short | 0.42 |" in line for line in lines)


def test_growth_is_the_slope_in_megabytes_an_hour():
    assert growth([(0, 5_000_000), (60, 6_000_000), (120, 7_000_000)]) == pytest.approx(60)


def test_a_quantile_is_one_of_the_values():
    values = [float(i) for i in range(40)]
    assert quantile(values, 0.95) == 38
    assert quantile([3.0], 0.95) == 3


@pytest.mark.slow
def test_every_figure_is_measured_in_the_browser():
    pytest.importorskip("playwright", reason="pip install 'rosenblatt[test]' has playwright")
    try:
        studio.find_browser()
    except studio.RosenblattError as error:
        pytest.skip(str(error))
    results = studio.measure(argparse.Namespace(only="", turns=1, minutes=0.1, quick=True))
    assert set(results.figures) == set(FIGURES)
    page = page_of(results, 1, 0.1)
    assert "## Memory" in page
    assert page.count("\n| ") > len(FIGURES)
