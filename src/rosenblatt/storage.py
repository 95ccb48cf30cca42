"""Trained models in files: weights as safetensors, and all else as JSON in the file's metadata.

Such a file holds numbers and names and no code: to read one runs nothing that is in it. Its header
says where each array lies in the file, and none can be larger than the file; the architecture's
shapes are compared with theirs before anything of that size is made.
"""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from rosenblatt import limits
from rosenblatt.checks import real_number
from rosenblatt.data import Dataset, Standardizer
from rosenblatt.data.targets import check_classes
from rosenblatt.engines import Metrics
from rosenblatt.errors import (
    ConfigurationError,
    DataError,
    FileError,
    RosenblattError,
    given,
    nearest,
    shorten,
)
from rosenblatt.files import atomic_write, check_readable, is_there
from rosenblatt.layers import INITIALIZERS, LAYERS, Array, Initializer, Params
from rosenblatt.losses import LOSSES, Loss
from rosenblatt.models import Model, Perceptron, Sequential
from rosenblatt.training import History, Run

FORMAT_VERSION = 1
"""What this module writes. It reads this version and every older one."""

_KEY = "rosenblatt"
_PERCEPTRONS = {"Perceptron": Perceptron}
_T = TypeVar("_T")
_DTYPES = ("float32", "float64")


@dataclass(frozen=True, eq=False)
class SavedModel:
    """A trained model with what is needed to use it on data as it comes.

    Attributes:
        model: the architecture.
        loss: the loss it was trained with.
        params: the weights, by name.
        classes: the label of each class index; None for regression.
        feature_names: the columns of X in training, in order; empty where they were not saved.
        standardizer: what the inputs go through before the model; None if they go in as they are.
        label: the name of the label column in training, where it came from a table.
        settings: of the run: all that it was called with, and the hash of its data.
    """

    model: Model
    loss: Loss
    params: Params
    classes: tuple[Any, ...] | None
    feature_names: tuple[str, ...] = ()
    standardizer: Standardizer | None = None
    label: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def task(self) -> str:
        """What the model does: "classification" or "regression"."""
        return self.loss.task

    def predict(self, X: npt.ArrayLike) -> npt.NDArray[Any]:
        """Return the predicted labels (N,), or values, for inputs (N, D) as they come."""
        return self._run.predict(self._inputs(X))

    def predict_proba(self, X: npt.ArrayLike) -> Array:
        """Return P(class | x), (N, C), columns in the order of ``classes``.

        Raises:
            ConfigurationError: the loss has no probabilities (perceptron, regression).
        """
        return self._run.predict_proba(self._inputs(X))

    def evaluate(self, data: Dataset) -> Metrics:
        """Return the mean loss and the accuracy on ``data``, inputs as they come.

        Raises:
            DataError: a label that was not in the training data, or other features.
        """
        X = self.select(data.X, data.feature_names)
        plain = data.replace(X=self._inputs(X), feature_names=self.feature_names or None)
        return self._run.evaluate(plain)

    def select(self, X: npt.NDArray[np.float64], names: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the columns of ``X`` (N, D) in the order that the model was trained on.

        ``names`` are those of the columns. They must be the model's, in any order. Where either
        side has no names of its own (columns without any are called x1, x2, ...), the order counts.

        Raises:
            DataError: a feature is missing, or the model does not know it.
        """
        known = self.feature_names
        if _has_names(known) and _has_names(names):
            missing = [name for name in known if name not in names]
            unknown = [name for name in names if name not in known]
            if missing:
                hint = nearest(missing[0], unknown)
                raise DataError(
                    f"the model needs the feature {_listed(missing)}, which is not there; the data "
                    f"has {_listed(names)}{hint}"
                )
            if unknown:
                raise DataError(
                    f"the data has the column {_listed(unknown)}, which the model does not know; "
                    f"remove it, or name it as the label; the model's features are {_listed(known)}"
                )
            return X[:, [list(names).index(name) for name in known]]
        if X.shape[1] != self.model.n_inputs:
            raise DataError(
                f"the data has {X.shape[1]} features ({_listed(names)}), but the model takes "
                f"{self.model.n_inputs}"
            )
        return X

    @cached_property
    def _run(self) -> Run:
        history = History([])
        return Run(self.model, self.loss, self.params, history, seed=0, classes=self.classes)

    def _inputs(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        inputs = np.asarray(X, dtype=np.float64)
        return inputs if self.standardizer is None else self.standardizer.transform(inputs)


def save_model(
    path: str | os.PathLike[str],
    run: Run,
    *,
    feature_names: Sequence[str] = (),
    standardizer: Standardizer | None = None,
    label: str | None = None,
) -> None:
    """Write the model of ``run`` with its weights, whole or not at all.

    Args:
        path: the file; by custom its name ends in ``.safetensors``.
        run: what :func:`rosenblatt.train` returned.
        feature_names: the columns of X, so that :class:`SavedModel` can check those of other data.
        standardizer: the one that the training inputs went through, if they did.
        label: the name of the label column.

    Raises:
        ConfigurationError: a layer, initialiser or loss that is not one of the package's own.
        FileError: the file cannot be written.
    """
    from safetensors.numpy import save

    document = {
        "format_version": FORMAT_VERSION,
        "model": _describe_model(run.model),
        "loss": _describe(LOSSES, run.loss),
        "task": run.loss.task,
        "classes": run.classes,
        "feature_names": list(feature_names),
        "label": label,
        "standardizer": None
        if standardizer is None
        else {"mean": standardizer.mean.tolist(), "scale": standardizer.scale.tolist()},
        "settings": {**run.settings, "stopped": run.stopped},
    }
    weights = {name: np.ascontiguousarray(value) for name, value in run.params.items()}
    content = save(weights, metadata={_KEY: json.dumps(document, default=_plain)})
    with atomic_write(path) as file:
        file.write(content)


def load_model(path: str | os.PathLike[str]) -> SavedModel:
    """Read a model that :func:`save_model` wrote.

    Raises:
        FileError: the file is missing, damaged, of another kind or of a newer version, or its
            weights do not fit its architecture, are no finite numbers, or need more memory than
            there is.
    """
    metadata, weights = _read(path)
    if _KEY not in metadata:
        raise FileError(
            f"{path}: these weights were saved by another program; rosenblatt's own files also "
            "describe the model that they belong to"
        )
    try:
        document = limits.parse_json(metadata[_KEY], "the model's description")
        version = document["format_version"]
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise FileError(
                f"this file is of version {version}, and this rosenblatt reads up to version "
                f"{FORMAT_VERSION}; install a newer rosenblatt"
            )
        return _restore(document, weights)
    except RosenblattError as error:
        raise FileError(f"{path}: {error}") from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError(f"{path}: the model's description is damaged: {given(error)}") from error


def _read(path: str | os.PathLike[str]) -> tuple[dict[str, str], dict[str, npt.NDArray[Any]]]:
    from safetensors import SafetensorError, safe_open

    check_readable(path)
    if is_there(path):
        # The header in the library's own form, and the arrays twice: as read, and checked.
        limits.check_memory(3 * Path(path).stat().st_size, f"reading the model in {path}")
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        # safetensors words these itself, with no errno.
        reason = error.strerror or (error if is_there(path) else "there is no such file")
        raise FileError(f"cannot read {path}: {reason}") from error
    except (SafetensorError, TypeError) as error:
        raise FileError(
            f"{path}: this is no safetensors file, or it is damaged: {error}"
        ) from error
    return metadata, weights


def _restore(document: dict[str, Any], weights: dict[str, npt.NDArray[Any]]) -> SavedModel:
    model = _build_model(document["model"])
    loss = _build(LOSSES, document["loss"])
    dtypes = sorted({str(value.dtype) for value in weights.values()})
    if len(dtypes) != 1 or dtypes[0] not in _DTYPES:
        raise FileError(
            f"weights are of type {', '.join(dtypes)}; expected one of {_listed(_DTYPES)}"
        )
    classes = None if document["classes"] is None else check_classes(document["classes"])
    limits.check_names(classes or (), "class")
    scaler, label = document["standardizer"], document["label"]
    names = _texts(document["feature_names"])
    if label is not None:
        (label,) = _texts([label])
    standardizer = None
    if scaler is not None:
        standardizer = Standardizer(_numbers(scaler["mean"]), _numbers(scaler["scale"]))
        if not (standardizer.scale > 0).all():
            raise FileError("the standardizer has a scale that is not above 0")
    widths = {len(names) or model.n_inputs, model.n_inputs}
    if standardizer is not None:
        widths |= {standardizer.mean.size, standardizer.scale.size}
    if len(widths) > 1:
        raise FileError("feature names, standardizer and model are not of one width")
    if classes is not None and loss.task == "regression":
        raise FileError(f"{type(loss).__name__} is for values to predict, but there are classes")
    if classes is not None and loss.n_classes(model.n_outputs) not in (None, len(classes)):
        raise FileError(f"{len(classes)} classes do not fit {model.n_outputs} outputs")
    return SavedModel(
        model=model,
        loss=loss,
        params=model.check_params(weights, dtypes[0]),
        classes=classes,
        feature_names=names,
        standardizer=standardizer,
        label=label,
        settings=dict(document["settings"]),
    )


def _texts(values: Any) -> tuple[str, ...]:
    """Return names from a file, checked to be distinct texts."""
    names = tuple(values)
    if isinstance(values, str) or not all(isinstance(name, str) for name in names):
        raise FileError(f"names must be a list of texts, got {given(values)}")
    twice = limits.repeated(names)
    if twice is not None:
        raise FileError(f"two features are called {given(twice)}")
    limits.check_names(names, "feature")
    return names


def _numbers(values: Any) -> npt.NDArray[np.float64]:
    """Return a list of finite numbers from a file, (D,)."""
    if not isinstance(values, list):
        raise TypeError(f"{given(values)} is no list of numbers")
    numbers = np.array([real_number(value, "every mean and scale") for value in values])
    return numbers.astype(np.float64)


def _describe_model(model: Model) -> dict[str, Any]:
    """Return a model as JSON holds it: a Perceptron by its settings, any other by its layers."""
    if isinstance(model, Perceptron):
        return _describe(_PERCEPTRONS, model)
    return {"name": "Sequential", "layers": [_describe(LAYERS, layer) for layer in model.layers]}


def _build_model(description: dict[str, Any]) -> Model:
    if description["name"] == "Sequential":
        return Sequential([_build(LAYERS, layer) for layer in description["layers"]])
    return _build(_PERCEPTRONS, description)


def _describe(registry: Mapping[str, type[Any]], value: object) -> dict[str, Any]:
    """Return a layer, an initialiser or a loss as its registered name and its fields."""
    name = next((name for name, known in registry.items() if known is type(value)), None)
    if name is None or not is_dataclass(value):
        raise ConfigurationError(
            f"a file cannot hold {value!r}, which is not one of {', '.join(registry)}; "
            "keep run.params by other means"
        )
    settings = {entry.name: getattr(value, entry.name) for entry in fields(value)}
    for key, setting in settings.items():
        if isinstance(setting, Initializer):
            settings[key] = _describe(INITIALIZERS, setting)
    return {"name": name, **settings}


def _build(registry: Mapping[str, type[_T]], description: dict[str, Any]) -> _T:
    """Return what :func:`_describe` described."""
    settings = dict(description)
    name = settings.pop("name")
    if name not in registry:
        hint = nearest(str(name), registry)
        raise FileError(f"{name!r} is not one of {', '.join(registry)}{hint}")
    for key, setting in settings.items():
        if isinstance(setting, dict):
            settings[key] = _build(INITIALIZERS, setting)
    return registry[name](**settings)


def _plain(value: object) -> object:
    """Turn NumPy's numbers, which json does not know, into Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} is nothing that JSON holds")


def _has_names(names: Sequence[str]) -> bool:
    return tuple(names) not in ((), tuple(f"x{i + 1}" for i in range(len(names))))


def _listed(names: Sequence[str]) -> str:
    return shorten([f'"{name}"' for name in names])
