"""Trained models in files: weights as safetensors, and all else as JSON in the file's metadata.

Such a file holds numbers and names and no code, so reading it runs nothing. Its header gives the
position of each array, and no array can be larger than the file. Their shapes are compared with
those of the architecture before memory is allocated.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from rosenblatt import limits
from rosenblatt.checks import check_is, real_number
from rosenblatt.data import Dataset, Standardizer
from rosenblatt.data.containers import as_floats, ordered
from rosenblatt.data.names import match_columns
from rosenblatt.data.targets import check_classes
from rosenblatt.descriptions import build_loss, build_model, describe_loss, describe_model
from rosenblatt.engines import Metrics
from rosenblatt.errors import (
    ConfigurationError,
    DataError,
    FileError,
    RosenblattError,
    ShapeError,
    given,
    shorten,
)
from rosenblatt.tensors import Tensors, read_tensors, write_tensors
from rosenblatt.training.predictor import Predictor

FORMAT_VERSION = 1
"""The version that this module writes. It reads this one and every older one."""

_DTYPES = ("float32", "float64")


@dataclass(frozen=True, eq=False)
class SavedModel(Predictor):
    """A trained model from a file; it takes data as it comes.

    Attributes:
        standardizer: the transformation of the inputs before the model; None if there is none.
        label: the name of the label column in training, if the data came from a table.

    The attributes of :class:`rosenblatt.training.Predictor` come with it. ``settings`` also holds
    the hash of the training data.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> data = rb.data.moons(40, seed=0)
    >>> run = rb.train(rb.MLP(2, [2], 2), data, epochs=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     run.save(f"{folder}/model.safetensors")
    ...     saved = rb.load_model(f"{folder}/model.safetensors")
    >>> saved.model, bool((saved.predict(data.X) == run.predict(data.X)).all())
    (MLP(2, [2], 2), True)
    """

    standardizer: Standardizer | None = field(default=None, kw_only=True)
    label: str | None = field(default=None, kw_only=True)

    def evaluate(self, data: Dataset) -> Metrics:
        """Return the mean loss and the accuracy on ``data``, inputs as they come.

        Raises:
            ConfigurationError: ``data`` is not a dataset.
            DataError: a label that was not in the training data, or other features.
        """
        check_is("data", data, Dataset)
        X = self.select(data.X, data.feature_names)
        if self.standardizer is not None:
            X = self.standardizer.transform(X)
        return super().evaluate(data.replace(X=X, feature_names=self.feature_names or None))

    def select(self, X: npt.NDArray[np.float64], names: Sequence[str]) -> npt.NDArray[np.float64]:
        """Return the columns of ``X`` (N, D) in the order that the model was trained on.

        ``names`` are those of the columns. They must be the model's, in any order. Where either
        side has no names (columns without any are called x1, x2, ...), the order counts.

        Raises:
            DataError: a feature is missing, or the model does not know it.
        """
        order = match_columns(names, self.feature_names)
        if order is not None:
            X = X[:, order]
        if X.shape[1] != self.model.n_inputs:
            raise DataError(
                f"the data has {X.shape[1]} features ({_listed(names)}), but the model takes "
                f"{self.model.n_inputs}"
            )
        return X

    def _inputs(self, X: npt.ArrayLike) -> npt.NDArray[np.float64]:
        inputs = as_floats(ordered(X, self.feature_names))
        return inputs if self.standardizer is None else self.standardizer.transform(inputs)


def save_model(
    path: str | os.PathLike[str],
    run: Predictor | Sequence[Predictor],
    *,
    feature_names: Sequence[str] | None = None,
    standardizer: Standardizer | None = None,
    label: str | None = None,
) -> None:
    """Write the model of ``run`` with its weights, whole or not at all.

    Args:
        path: the file; its name usually ends in ``.safetensors``.
        run: a run; or the runs of :func:`rosenblatt.train_many`, whose weights are stacked by seed.
        feature_names: the columns of X, by which :class:`SavedModel` orders those of other data; by
            default those that the run was trained on.
        standardizer: the transformation of the training inputs, if there was one.
        label: the name of the label column.

    Raises:
        ConfigurationError: a layer, initialiser or loss that is not one of the package's own.
        DataError: two equal feature names, or those of the training in another order.
        ShapeError: another number of feature names than the model has inputs.
        FileError: the file cannot be written.

    >>> import tempfile
    >>> from pathlib import Path
    >>> import rosenblatt as rb
    >>> run = rb.train(rb.MLP(2, [4], 2), rb.data.moons(40, seed=0), epochs=5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rb.save_model(Path(folder, "moons.safetensors"), run)
    ...     Path(folder, "moons.safetensors").exists()
    True
    """
    runs = [run] if isinstance(run, Predictor) else list(run)
    first = runs[0]
    document = {
        "format_version": FORMAT_VERSION,
        "model": describe_model(first.model),
        "loss": describe_loss(first.loss),
        "task": first.loss.task,
        "classes": first.classes,
        "feature_names": _names_to_save(first, feature_names),
        "label": label,
        "standardizer": None
        if standardizer is None
        else {"mean": standardizer.mean.tolist(), "scale": standardizer.scale.tolist()},
        "settings": {**first.settings, "stopped": first.stopped},
    }
    if not isinstance(run, Predictor):
        document["seeds"] = [member.settings["seed"] for member in runs]
        stacked = {
            name: np.stack([member.params[name] for member in runs]) for name in first.params
        }
        write_tensors(path, stacked, document)
    else:
        write_tensors(path, run.params, document)


def _names_to_save(run: Predictor, feature_names: Sequence[str] | None) -> list[str]:
    """Return the names of the columns in the order that the model was trained on."""
    if feature_names is None:
        return list(run.feature_names)
    names = [str(name) for name in feature_names]
    twice = limits.repeated(names)
    if twice is not None:
        raise DataError(f'feature names must be distinct, got "{twice}" more than once')
    if names and len(names) != run.model.n_inputs:
        raise ShapeError(
            f"the model has {run.model.n_inputs} inputs, but {len(names)} feature names were given"
        )
    trained = list(run.feature_names)
    if names != trained and set(names) == set(trained):
        raise DataError(
            f"the model was trained on the columns {_listed(trained)} in this order, and "
            f"feature_names has {_listed(names)}; leave feature_names out"
        )
    return names


def load_model(path: str | os.PathLike[str], *, seed: int | None = None) -> SavedModel:
    """Read a model that :func:`save_model` wrote.

    Args:
        path: the file.
        seed: the seed of the run to read, if the file holds several.

    Raises:
        FileError: the file is missing, damaged, of another kind or of a newer version, or its
            weights do not fit its architecture, are no finite numbers, or need more memory than
            there is.
        ConfigurationError: the file has no run of that seed, or several and no seed is given.

    >>> import tempfile
    >>> import rosenblatt as rb
    >>> run = rb.train(rb.MLP(2, [4], 2), rb.data.moons(40, seed=0), epochs=5)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rb.save_model(f"{folder}/moons.safetensors", run)
    ...     loaded = rb.load_model(f"{folder}/moons.safetensors")
    >>> bool((loaded.predict([[0.0, 1.0]]) == run.predict([[0.0, 1.0]])).all())
    True
    """
    weights, document = read_tensors(path)
    try:
        version = document["format_version"]
        if isinstance(version, int) and version > FORMAT_VERSION:
            raise FileError(
                f"this file is of version {version}, and this rosenblatt reads up to version "
                f"{FORMAT_VERSION}; install a newer rosenblatt"
            )
        seeds = document.get("seeds")
        if seeds is not None:
            index = seeds.index(seed) if seed in seeds else 0
            weights = {name: value[index] for name, value in weights.items()}
        saved = _restore(document, weights)
    except RosenblattError as error:
        raise FileError(f"{path}: {error}") from error
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise FileError(f"{path}: the model's description is damaged: {given(error)}") from error
    _check_seed(path, seeds, seed)
    return saved


def _check_seed(
    path: str | os.PathLike[str], seeds: Sequence[int] | None, seed: int | None
) -> None:
    """Refuse a seed that is not in the file, and a missing one if it holds several runs."""
    if seeds is None:
        if seed is not None:
            raise ConfigurationError(f"{path} holds one run only; leave seed={seed} out")
        return
    listed = shorten([str(available) for available in seeds])
    if seed is None:
        raise ConfigurationError(f"{path} holds runs with the seeds {listed}; say which by seed=")
    if seed not in seeds:
        raise ConfigurationError(f"{path} holds no run with the seed {seed}, but with {listed}")


def _restore(document: dict[str, Any], weights: Tensors) -> SavedModel:
    model = build_model(document["model"])
    loss = build_loss(document["loss"])
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
    settings = dict(document["settings"])
    return SavedModel(
        model=model,
        loss=loss,
        params=model.check_params(weights, dtypes[0]),
        classes=classes,
        feature_names=names,
        standardizer=standardizer,
        label=label,
        settings=settings,
        stopped=settings.get("stopped"),
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
        raise TypeError(f"{given(values)} is not a list of numbers")
    numbers = np.array([real_number(value, "every mean and scale") for value in values])
    return numbers.astype(np.float64)


def _listed(names: Sequence[str]) -> str:
    return shorten([f'"{name}"' for name in names])
