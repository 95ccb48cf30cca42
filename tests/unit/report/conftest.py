"""Real results at tiny size: what the report needs, with the tables of the product."""

from collections.abc import Mapping

import pytest

import tiny
from rosenblatt.experiments import EXPERIMENTS, Result


@pytest.fixture(scope="session")
def results() -> Mapping[str, Result]:
    """Every experiment, three seeds."""
    with tiny.tiny():
        return {name: tiny.result(name, seeds=3) for name in EXPERIMENTS}
