"""Callbacks that watch a run: the registry, one per file.

A callback in the registry is found by name in a run's folder, and is made again when the run is
resumed.
"""

from collections.abc import Mapping

from rosenblatt.training.callbacks.csv_log import CSVLog
from rosenblatt.training.callbacks.early_stopping import EarlyStopping
from rosenblatt.training.callbacks.mlflow import MLflowLog
from rosenblatt.training.callbacks.progress import Progress
from rosenblatt.training.callbacks.snapshots import Snapshots
from rosenblatt.training.callbacks.tensorboard import TensorBoardLog
from rosenblatt.training.in_progress import Callback

CALLBACKS: Mapping[str, type[Callback]] = {
    callback.__name__: callback
    for callback in (EarlyStopping, Snapshots, CSVLog, Progress, TensorBoardLog, MLflowLog)
}

__all__ = [
    "CALLBACKS",
    "CSVLog",
    "Callback",
    "EarlyStopping",
    "MLflowLog",
    "Progress",
    "Snapshots",
    "TensorBoardLog",
]
