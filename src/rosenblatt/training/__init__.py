"""Training: the functions that make a run, runs and their parts, and runs on disk.

Each name is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.training.callbacks import (
        CSVLog,
        EarlyStopping,
        MLflowLog,
        Progress,
        Snapshots,
        TensorBoardLog,
    )
    from rosenblatt.training.calls import load_run, resume, train, train_many
    from rosenblatt.training.history import History
    from rosenblatt.training.in_progress import Callback, RunInProgress
    from rosenblatt.training.live import LiveTraining
    from rosenblatt.training.plan import TrainSettings
    from rosenblatt.training.predictor import Predictor
    from rosenblatt.training.run import Run, RunAt, RunGroup
    from rosenblatt.training.storage.saved_model import SavedModel, load_model, save_model

_HOME = {
    "CSVLog": "callbacks",
    "Callback": "in_progress",
    "EarlyStopping": "callbacks",
    "History": "history",
    "LiveTraining": "live",
    "MLflowLog": "callbacks",
    "Predictor": "predictor",
    "Progress": "callbacks",
    "Run": "run",
    "RunAt": "run",
    "RunGroup": "run",
    "RunInProgress": "in_progress",
    "SavedModel": "storage.saved_model",
    "Snapshots": "callbacks",
    "TensorBoardLog": "callbacks",
    "TrainSettings": "plan",
    "load_model": "storage.saved_model",
    "load_run": "calls",
    "resume": "calls",
    "save_model": "storage.saved_model",
    "train": "calls",
    "train_many": "calls",
}

__all__ = [
    "CSVLog",
    "Callback",
    "EarlyStopping",
    "History",
    "LiveTraining",
    "MLflowLog",
    "Predictor",
    "Progress",
    "Run",
    "RunAt",
    "RunGroup",
    "RunInProgress",
    "SavedModel",
    "Snapshots",
    "TensorBoardLog",
    "TrainSettings",
    "load_model",
    "load_run",
    "resume",
    "save_model",
    "train",
    "train_many",
]

__getattr__ = loads(__name__, _HOME)
