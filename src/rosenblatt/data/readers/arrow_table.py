"""A dataset as an Arrow table: the features, the sample weights, and last the labels."""

from typing import TYPE_CHECKING

from rosenblatt.data.dataset import Dataset
from rosenblatt.data.readers.labels import USUAL_NAMES, WEIGHTS
from rosenblatt.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa


def as_table(dataset: Dataset) -> "pa.Table":
    """Return ``dataset`` as a ``pyarrow.Table``.

    Raises:
        DataError: several targets per row, or a feature with the name of the weights' column.
    """
    import pyarrow as pa

    if dataset.y.ndim > 1:
        raise DataError(
            f"a table holds one target per row, this dataset {dataset.y.shape[1]}; save it as .npz"
        )
    columns = dict(zip(dataset.feature_names, dataset.X.T, strict=True))
    if dataset.sample_weight is not None:
        if WEIGHTS in columns:
            raise DataError(f'rename the feature "{WEIGHTS}": the sample weights go by this name')
        columns[WEIGHTS] = dataset.sample_weight
    columns[label_name(dataset.feature_names)] = dataset.labels
    return pa.table({name: pa.array(column) for name, column in columns.items()})


def label_name(feature_names: tuple[str, ...]) -> str:
    """Return a name for the label column by which reading it back finds it.

    Reading looks for a usual name that is there once and else takes the last column, so a usual
    name that no feature has is right in either case.
    """
    taken = {name.casefold() for name in feature_names}
    free = [name for name in USUAL_NAMES if name not in taken]
    return free[0] if free else "the label"
