"""Which recorded numbers are losses, by their names."""

import re
from typing import Any

from rosenblatt.check.descent.moments import Moment
from rosenblatt.check.source.words import ERRORS, GRADIENTS, LOSSES

A_LOSS = re.compile(LOSSES, re.I)
_LOSS = re.compile(rf"{LOSSES}|{ERRORS}|(^|\b|_)[EJLC](_\w+)?( |$)", re.I)

_SLOPE = re.compile(rf"{GRADIENTS}|prime|slope|(^|[ _])d_", re.I)
"""Names of the slope of a loss, such as that of its function: cost_grad, d_loss."""


def is_loss(key: Any, moment: Moment) -> bool:
    """Return whether the value of a candidate may be a loss: it has the name of one.

    Losses of several samples are not negative, as errors are. The error of one of them is no loss.
    """
    series = next(series for series in moment.series if series.key == key[0])
    # A parameter may be an argument of the function of a loss.
    others = [
        other
        for other, first in moment.same.items()
        if first == key[0] and (other[1] == "return" or _LOSS.search(str(other[1])))
    ]
    names = [own for own in (key[0], *others) if _has_name_of_loss(own)]
    if series.value.size > 1:
        return bool(names) and float(series.value.min()) >= 0
    several = {other.key[:3] for other in moment.series if other.value.size > 1}
    return any(A_LOSS.search(str(own[1])) or own[:3] not in several for own in names)


def _has_name_of_loss(key: Any) -> bool:
    name, function = str(key[1]), str(key[2])
    if _LOSS.search(name):
        return not _SLOPE.search(name)
    is_slope = _SLOPE.search(f"{name} {function}") and not re.search(r"and|with", function)
    return _LOSS.search(function) is not None and not is_slope
