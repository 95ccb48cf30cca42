"""rosenblatt: perceptrons and multi-layer perceptrons you can read, measured honestly.

>>> import rosenblatt as rb
>>> data = rb.data.moons(400, noise=0.2, seed=0)
>>> train, test = data.split(test_size=0.25, seed=0)
>>> run = rb.train(rb.MLP(2, [16], 2), train, test=test, optimizer=rb.SGD(0.5), epochs=300)
>>> run.history[-1]["test_accuracy"] > 0.8
True

Everything public hangs here and is loaded when it is first used.
"""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt import (
        analysis,
        check,
        data,
        estimators,
        layers,
        losses,
        optimizers,
        plotting,
        runs,
        studio,
        sweeps,
    )
    from rosenblatt.analysis import checkup
    from rosenblatt.errors import RosenblattError
    from rosenblatt.models import MLP, Model, Perceptron, Sequential, loss_and_grads
    from rosenblatt.optimizers import SGD, Adam, AdamW, RMSProp
    from rosenblatt.runs.contrast import contrast
    from rosenblatt.sweeps.calls import sweep
    from rosenblatt.sweeps.ranges import log_uniform, uniform
    from rosenblatt.sweeps.result import Sweep
    from rosenblatt.training import (
        Callback,
        CSVLog,
        EarlyStopping,
        History,
        LiveTraining,
        MLflowLog,
        Progress,
        Run,
        RunGroup,
        Snapshots,
        TensorBoardLog,
        load_model,
        load_run,
        resume,
        save_model,
    )
    from rosenblatt.training.calls import train, train_many

__version__ = "0.1.0"

_HOME = {
    "MLP": "models",
    "SGD": "optimizers",
    "Adam": "optimizers",
    "AdamW": "optimizers",
    "CSVLog": "training",
    "Callback": "training",
    "EarlyStopping": "training",
    "History": "training",
    "LiveTraining": "training",
    "MLflowLog": "training",
    "Model": "models",
    "Perceptron": "models",
    "Progress": "training",
    "RMSProp": "optimizers",
    "RosenblattError": "errors",
    "Run": "training",
    "RunGroup": "training",
    "Sequential": "models",
    "Snapshots": "training",
    "Sweep": "sweeps",
    "TensorBoardLog": "training",
    "checkup": "analysis",
    "contrast": "runs.contrast.contrast_runs",
    "load_model": "training",
    "load_run": "training",
    "log_uniform": "sweeps",
    "loss_and_grads": "models",
    "resume": "training",
    "save_model": "training",
    "sweep": "sweeps",
    "train": "training",
    "train_many": "training",
    "uniform": "sweeps",
}
_MODULES = (
    "analysis",
    "check",
    "data",
    "estimators",
    "layers",
    "losses",
    "optimizers",
    "plotting",
    "runs",
    "studio",
    "sweeps",
)

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "AdamW",
    "CSVLog",
    "Callback",
    "EarlyStopping",
    "History",
    "LiveTraining",
    "MLflowLog",
    "Model",
    "Perceptron",
    "Progress",
    "RMSProp",
    "RosenblattError",
    "Run",
    "RunGroup",
    "Sequential",
    "Snapshots",
    "Sweep",
    "TensorBoardLog",
    "analysis",
    "check",
    "checkup",
    "contrast",
    "data",
    "estimators",
    "layers",
    "load_model",
    "load_run",
    "log_uniform",
    "loss_and_grads",
    "losses",
    "optimizers",
    "plotting",
    "resume",
    "runs",
    "save_model",
    "studio",
    "sweep",
    "sweeps",
    "train",
    "train_many",
    "uniform",
]


__getattr__ = loads(__name__, _HOME | {name: name for name in _MODULES})


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
