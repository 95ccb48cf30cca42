"""Loggers: callbacks that write a run where other programs show it, each an extra of its own."""

from rosenblatt.training.loggers.mlflow import MLflowLog
from rosenblatt.training.loggers.tensorboard import TensorBoardLog

__all__ = ["MLflowLog", "TensorBoardLog"]
