"""Sweeps: many networks over settings, trained together; their table, maps and curves."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.sweeps.calls import sweep
    from rosenblatt.sweeps.measures import TrainedNetwork
    from rosenblatt.sweeps.ranges import log_uniform, uniform
    from rosenblatt.sweeps.result import Sweep

_HOME = {
    "Sweep": "result",
    "TrainedNetwork": "measures",
    "log_uniform": "ranges",
    "sweep": "calls",
    "uniform": "ranges",
}

__all__ = ["Sweep", "TrainedNetwork", "log_uniform", "sweep", "uniform"]

__getattr__ = loads(__name__, _HOME)
