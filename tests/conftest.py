"""Tests are stricter than users: floating-point trouble raises. What is drawn stays the same."""

from collections.abc import Generator

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("stable", derandomize=True, deadline=None, max_examples=50, database=None)
# Chosen by --hypothesis-profile=fuzz, as make fuzz does: other cases each time, and many.
settings.register_profile("fuzz", deadline=None, max_examples=2000, database=None, print_blob=True)
settings.load_profile("stable")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        return (yield)
