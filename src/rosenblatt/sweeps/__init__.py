"""Sweeps: many networks over settings, trained together; their table, maps and curves."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.sweeps.calls import sweep
    from rosenblatt.sweeps.folder import read_sweep
    from rosenblatt.sweeps.from_files import resume_sweep, sweep_settings
    from rosenblatt.sweeps.halving import Halving
    from rosenblatt.sweeps.ranges import log_uniform, uniform
    from rosenblatt.sweeps.result import Sweep
    from rosenblatt.sweeps.table import SweepTable
    from rosenblatt.sweeps.trained import TrainedNetwork

_HOME = {
    "Halving": "halving",
    "Sweep": "result",
    "SweepTable": "table",
    "TrainedNetwork": "trained",
    "log_uniform": "ranges",
    "read_sweep": "folder",
    "resume_sweep": "from_files",
    "sweep": "calls",
    "sweep_settings": "from_files",
    "uniform": "ranges",
}

__all__ = [
    "Halving",
    "Sweep",
    "SweepTable",
    "TrainedNetwork",
    "log_uniform",
    "read_sweep",
    "resume_sweep",
    "sweep",
    "sweep_settings",
    "uniform",
]

__getattr__ = loads(__name__, _HOME)
