"""Training: the functions that make a run, runs and their parts, and runs on disk."""

from rosenblatt.training.callbacks import (
    Callback,
    CSVLog,
    EarlyStopping,
    MLflowLog,
    Progress,
    Snapshots,
    TensorBoardLog,
)
from rosenblatt.training.history import History
from rosenblatt.training.in_progress import RunInProgress
from rosenblatt.training.plan import TrainSettings
from rosenblatt.training.predictor import Predictor
from rosenblatt.training.run import Run, RunAt, RunGroup
from rosenblatt.training.storage.saved_model import SavedModel, load_model, save_model
from rosenblatt.training.train import load_run, resume, train, train_many

__all__ = [
    "CSVLog",
    "Callback",
    "EarlyStopping",
    "History",
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
