"""Columns of a sweep in words, as axes and legends show them."""

from collections.abc import Sequence
from typing import Any

WORDS = {
    "hidden": "hidden units",
    "init": "initial weights",
    "init_scale": "initial scale",
    "n": "number of samples",
    "n_classes": "number of classes",
    "n_features": "number of features",
    "dtype": "number type",
}
"""Of settings whose words are short in files."""


def is_share(measure: str) -> bool:
    """Return whether a measure is a fraction."""
    return "accuracy" in measure and not measure.startswith("first_epoch")


def can_be_logarithmic(measure: str) -> bool:
    """Return whether a measure is positive, and may span orders of magnitude."""
    return "loss" in measure or "eigenvalue" in measure or measure == "trace"


def axis_values(values: Sequence[Any]) -> list[Any]:
    """Return the distinct values of a setting: numbers sorted, others in their order."""
    distinct = list(dict.fromkeys(values))
    if all(isinstance(one, int | float) and not isinstance(one, bool) for one in distinct):
        return sorted(distinct)
    return distinct


def short(value: Any) -> str:
    """Return a value of a setting as a legend shows it.

    >>> short(0.0123456), short(None), short("8,8")
    ('0.01235', 'default', '8,8')
    """
    if value is None:
        return "default"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def in_words(name: str) -> str:
    """Return a column's name as an axis shows it.

    >>> in_words("learning_rate"), in_words("first_epoch(test_accuracy>=0.9)")
    ('learning rate', 'first epoch with test accuracy ≥ 0.9')
    """
    if name.startswith("first_epoch("):
        return f"first epoch with {in_words(name[12:-1])}"
    if name.startswith("best("):
        return f"best {in_words(name[5:-1])}"
    words = WORDS.get(name, name.replace("_", " "))
    return words.replace(">=", " ≥ ").replace("<=", " ≤ ")
