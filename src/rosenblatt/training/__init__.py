"""Training: runs, their histories, and what may watch them."""

from rosenblatt.training.callbacks import Callback, CSVLog, EarlyStopping, Snapshots
from rosenblatt.training.history import History
from rosenblatt.training.loggers import MLflowLog, TensorBoardLog
from rosenblatt.training.many import train_many
from rosenblatt.training.progress import Progress
from rosenblatt.training.resume import load_run, resume
from rosenblatt.training.run import Run, Runs
from rosenblatt.training.saved_model import SavedModel, load_model, save_model
from rosenblatt.training.trainer import train
from rosenblatt.training.training import Training

__all__ = [
    "CSVLog",
    "Callback",
    "EarlyStopping",
    "History",
    "MLflowLog",
    "Progress",
    "Run",
    "Runs",
    "SavedModel",
    "Snapshots",
    "TensorBoardLog",
    "Training",
    "load_model",
    "load_run",
    "resume",
    "save_model",
    "train",
    "train_many",
]
