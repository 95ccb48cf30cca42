"""The folder of the site's source, whose modules are not installed."""

import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="session")
def docs():
    """Return the folder; ``extension`` can be imported from it."""
    if not DOCS.exists():
        pytest.skip("the site's source is not installed")
    if str(DOCS) not in sys.path:
        sys.path.insert(0, str(DOCS))
    return DOCS
