"""The accuracy of the best possible rule, where the density of the data is known."""

from functools import lru_cache
from typing import Any

from rosenblatt.studio.prepared import Prepared


def bayes_accuracy_of(prepared: Prepared) -> float | None:
    """Return the accuracy of the Bayes rule, None where it is not known yet."""
    return None


@lru_cache(maxsize=256)
def _accuracy(recipe: tuple[tuple[str, Any], ...]) -> float | None:
    return None
