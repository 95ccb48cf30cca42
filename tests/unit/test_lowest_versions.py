"""The file of the lowest versions holds the lower bounds of pyproject.toml, and nothing else."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BOUND = re.compile(r"(?P<name>[\w.-]+)(\[[\w,]+\])?>=(?P<version>[\w.]+)")
EXTRAS = ("onnx", "studio", "notebook", "dask", "tensorboard", "mlflow", "optuna", "docs", "test")
"""What ``make test-lowest`` installs."""


def bounds_of(project):
    """Return the lower bound of each dependency."""
    extras = project["optional-dependencies"]
    found = [*project["dependencies"], *(one for name in EXTRAS for one in extras[name])]
    own = [one for one in found if not one.startswith("rosenblatt[")]
    return {match["name"]: match["version"] for match in map(BOUND.fullmatch, own)}


def test_they_are_the_lower_bounds():
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("the tests are not in a checkout")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "constraints-lowest.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    assert pinned == bounds_of(project)
