"""What docs/estimators.md says about versions and names is so."""

from pathlib import Path

import pytest

from rosenblatt import estimators

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "estimators.md").read_text(encoding="utf-8")


def test_the_version_that_was_compared_with_is_the_one_that_is_tested():
    pinned = (ROOT / "constraints.txt").read_text().split("scikit-learn==")[1].split()[0]
    assert f"scikit-learn **{pinned}**" in PAGE
    assert f"| scikit-learn {pinned} |" in PAGE


@pytest.mark.parametrize("name", estimators.__all__)
def test_every_public_name_is_mentioned(name):
    assert name in PAGE


@pytest.mark.parametrize("kind", [estimators.MLPClassifier, estimators.MLPRegressor])
@pytest.mark.parametrize("setting", ["dropout", "n_runs", "select", "engine"])
def test_every_added_setting_is_mentioned(kind, setting):
    assert setting in kind().get_params()
    assert f"{setting}=" in PAGE
