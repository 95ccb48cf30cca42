"""Functions that are made for what the file gives them, and not for a made-up batch."""

import copy
from typing import Any

import numpy as np

from rosenblatt.check.functions.recorded_calls import RecordedCall
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.source.state import as_array
from rosenblatt.check.source.subjects import seeded


def fits_own_calls(finding: dict[str, Any], calls: list[RecordedCall]) -> bool:
    """Return whether a function is made for what the file gives it, and not for a made-up batch.

    It is a pass that raised an error and is given one sample at a time, or a softmax of one sample
    at a time, or of samples in columns, of which there are more than classes.
    """
    raised = " raises " in finding["text"]
    if finding["mistake"] != "softmax-wrong-axis" and not raised:
        return False
    own = [c for c in calls if _is_named(c.function.__qualname__, finding["where"])]
    arrays = [
        (call, array)
        for call in own
        for name, value in call.values.items()
        if name != "self" and (array := as_array(value)) is not None
    ]
    for call, array in arrays:
        if array.size == max(array.shape, default=1):
            continue
        if raised or not _adds_up_in_columns(call, array):
            return False
    return bool(arrays)


def _is_named(function: str, where: str) -> bool:
    """Return whether a place is a function, or a method that is given without its class."""
    return function == where or function.rpartition(".")[2] == where


def _adds_up_in_columns(call: RecordedCall, array: Any) -> bool:
    """Return whether a softmax gives each of many columns a sum of 1."""
    try:
        result = as_array(seeded(call.function, **copy.deepcopy(call.values)))
    except FailedError:
        return False
    columns = array.ndim == 2 and array.shape[0] < array.shape[1]
    same_shape = columns and result is not None and result.shape == array.shape
    return bool(same_shape) and np.allclose(result.sum(axis=0), 1)
