"""Changes of settings: which can be made while a run trains, and their words."""

from functools import cache
from typing import Any

from rosenblatt.settings import describe_settings
from rosenblatt.studio.prepared import Prepared, Settings
from rosenblatt.training.plan import Plan


@cache
def fork_keys() -> frozenset[str]:
    """Return the settings that may change while a run trains: the change begins a branch."""
    settings = describe_settings()
    return frozenset(one["key"] for one in settings if one["applies"] == "fork")


def optimizer_changes(plan: Plan, prepared: Prepared, n: int) -> dict[str, Any]:
    """Return the arguments of a fork that lead from a plan to other settings."""
    changes: dict[str, Any] = {}
    job = plan.job
    if prepared.optimizer != job.optimizer:
        changes["optimizer"] = prepared.optimizer
    if prepared.loss != job.loss:
        changes["loss"] = prepared.loss
    size = prepared.model.batch_size(prepared.training.batch_size, n)
    if size != job.batch_size:
        changes["batch_size"] = size
    return changes


def describe_changes(changes: Settings) -> str:
    """Return changes in a few words.

    >>> describe_changes({"learning_rate": 0.5, "momentum": None})
    'learning rate 0.5, momentum default'
    """
    return ", ".join(f"{key.replace('_', ' ')} {_text(value)}" for key, value in changes.items())


def _text(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "-".join(map(str, value)) if len(value) < 9 else f"({len(value)})"
    return str(value)
