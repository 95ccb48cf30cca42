"""Tests are stricter than users: floating-point trouble raises. What is drawn stays the same."""

import gc
import os
from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from spread_cases import spread

# Compiled code stays in the checkout, for the next tests, and the user's folder as it is.
os.environ.setdefault("ROSENBLATT_CACHE", str(Path(__file__).parents[1] / ".pytest_cache"))

settings.register_profile("stable", derandomize=True, deadline=None, max_examples=50, database=None)
# Chosen by --hypothesis-profile=fuzz, as make fuzz does: other cases each time, and many.
settings.register_profile("fuzz", deadline=None, max_examples=2000, database=None, print_blob=True)
settings.load_profile("stable")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect without the search for unreachable cycles: ten thousand tests are kept anyway."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as slow all but n cases of a test with ``pytest.mark.cases(n)``: evenly spread ones."""
    tests: dict[object, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("cases"):
            tests.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for cases in tests.values():
        (count,) = cases[0].get_closest_marker("cases").args
        kept = spread(len(cases), count)
        for place, item in enumerate(cases):
            if place not in kept:
                item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        return (yield)
