"""``rosenblatt predict MODEL DATA``."""

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import Parameter

from rosenblatt.cli.output_options import check_writable
from rosenblatt.cli.printing import emit, number, percent, print_exactly
from rosenblatt.errors import DataError, shorten
from rosenblatt.files import is_there
from rosenblatt.settings.data_options import (
    DataOptions,
    Task,
    is_name,
    read_source,
    refuse_generator_settings,
)
from rosenblatt.settings.params import OptionalWhole

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from rosenblatt.data import Dataset
    from rosenblatt.engines import Metrics
    from rosenblatt.training import SavedModel


@Parameter(name="*")
@dataclass(frozen=True)
class PredictOptions:
    """The options of the command."""

    model: Path
    """A file that --save of a training command wrote, or the model in a run's folder."""

    source: DataOptions

    _: KW_ONLY

    seed: OptionalWhole = None
    """The seed of the member, if the file has the weights of a population."""

    out: Path | None = None
    """Write the predictions to this .csv file; without it they are printed."""

    json: bool = False
    """Print one JSON object."""


def predict(options: PredictOptions) -> int:
    """Predict for all of the data, and measure the predictions where it has labels."""
    if options.out is not None:
        check_writable("--out", options.out, (".csv",))
    model = _model(options)
    X, labelled = _read(options, model)
    predicted = model.predict(X)
    probabilities = _probabilities(model, X)
    metrics = None if labelled is None else _measure(options.source, model, labelled)
    measured = {}
    if metrics is not None:
        measured = {"loss": metrics.loss, "accuracy": metrics.accuracy}
    table = list(_table(model, predicted, probabilities))
    if options.out is not None:
        _write(options.out, table)
    result: dict[str, object] = {
        "command": "predict",
        "model": options.model,
        "data": options.source.data,
        "rows": len(X),
        "classes": model.classes,
        "predicted": predicted,
        "probabilities": probabilities,
        "measured": measured or None,
        "files": {} if options.out is None else {"predictions": options.out},
    }
    lines = _lines(options, model, predicted, measured)
    if options.json or options.out is not None:
        emit(result, lines, as_json=options.json)
        return 0
    print_exactly(_as_csv(table))
    if measured:
        print(lines[-1], file=sys.stderr)
    return 0


def _model(options: PredictOptions) -> "SavedModel":
    """Return the model; for a population, that of the chosen seed."""
    from rosenblatt.errors import ConfigurationError
    from rosenblatt.training import load_model

    try:
        return load_model(options.model, seed=options.seed)
    except ConfigurationError as error:
        # The library names its own argument.
        words = str(error).replace(f"seed={options.seed}", f"--seed {options.seed}")
        raise ConfigurationError(words.replace("seed=", "--seed")) from error


def _read(
    options: PredictOptions, model: "SavedModel"
) -> "tuple[npt.NDArray[np.float64], Dataset | None]":
    """Return the inputs, columns in the model's order, and the dataset if it has labels."""
    from rosenblatt.data import load_inputs

    source, label = options.source, options.source.label
    task: Task = "regression" if model.classes is None else "classification"
    if label is None and is_there(source.data) and not is_name(source.data):
        label = _label_column(source, model)
        if label is None:
            refuse_generator_settings(source)
            inputs = load_inputs(source.data, header=source.header)
            return model.select(inputs.X, inputs.feature_names), None
    try:
        dataset = read_source(replace(source, label=label), task, min_classes=1)
    except DataError as error:
        if label is None or not any(f'{of} "{label}"' in str(error) for of in ("column", "array")):
            raise
        raise DataError(f"{error}; {_without(label)}") from error
    return model.select(dataset.X, dataset.feature_names), dataset


def _measure(source: DataOptions, model: "SavedModel", labelled: "Dataset") -> "Metrics":
    try:
        return model.evaluate(labelled)
    except DataError as error:
        label = labelled.recipe.get("label")
        if label is None:
            raise
        raise DataError(f"{source.data}: {error}; {_without(str(label))}") from error


def _without(label: str) -> str:
    """Return the advice to predict without labels."""
    return f'to predict without labels, leave the column "{label}" out of the file'


def _label_column(source: DataOptions, model: "SavedModel") -> str | None:
    """Return the column of a file that is not one of the model's features, but a label."""
    from rosenblatt.data import columns
    from rosenblatt.data.readers.labels import USUAL_NAMES

    names = columns(source.data, header=source.header)
    others = [name for name in names if name not in model.feature_names]
    usual = [name for name in others if name.casefold() in USUAL_NAMES]
    return next((name for name in (model.label, *usual) if name in others), None)


def _probabilities(model: "SavedModel", X: Any) -> Any:
    """Return P(class | x), or None where the model has none."""
    from rosenblatt.errors import ConfigurationError

    if model.classes is None:
        return None
    try:
        return model.predict_proba(X)
    except ConfigurationError:
        return None


def _table(model: "SavedModel", predicted: Any, probabilities: Any) -> Iterator[Sequence[object]]:
    """Yield a header and one row per sample."""
    rows = predicted.tolist()
    if predicted.ndim == 2:
        yield [f"predicted {k + 1}" for k in range(predicted.shape[1])]
        yield from rows
    elif probabilities is None:
        yield ["predicted"]
        yield from ([value] for value in rows)
    else:
        yield ["predicted", *(f"P({label})" for label in model.classes or ())]
        for value, row in zip(rows, probabilities.tolist(), strict=True):
            yield [value, *row]


def _write(path: Path, table: Sequence[Sequence[object]]) -> None:
    from rosenblatt.files import atomic_write

    with atomic_write(path) as file:
        file.write(_as_csv(table).encode())


def _as_csv(table: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(table)
    return text.getvalue()


def _lines(
    options: PredictOptions, model: "SavedModel", predicted: Any, measured: dict[str, float]
) -> list[str]:
    import numpy as np

    lines = [f"predicted   {len(predicted)} rows of {options.source.data}"]
    if model.classes is not None:
        labels, counts = np.unique(predicted, return_counts=True)
        classes = [f"{a}: {b}" for a, b in zip(labels.tolist(), counts.tolist(), strict=True)]
        lines.append(f"classes     {shorten(classes)}")
    if options.out is not None:
        lines.append(f"wrote       {options.out}")
    if measured:
        share = measured["accuracy"]
        accuracy = "" if share != share else f", accuracy {percent(share)} %"
        lines.append(f"measured    loss {number(measured['loss'])}{accuracy}")
    return lines
