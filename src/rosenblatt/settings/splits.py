"""Splits of data into the parts that training, early stopping and testing use."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.params import DATA, Whole

if TYPE_CHECKING:
    from rosenblatt.data import Dataset, Standardizer
    from rosenblatt.settings.points import Numbers, PointEdits


@Parameter(name="*", group=DATA)
@dataclass(frozen=True, kw_only=True)
class SplitOptions:
    """How data is divided and scaled."""

    test_size: float = 0.2
    """Share of the rows for testing, or their number; 0 for none."""

    split_seed: Whole = 0
    """Seed of the division into training and test rows."""

    stratify: bool = False
    """Give both parts the same share of every class."""

    standardize: bool = False
    """Scale inputs to mean 0 and standard deviation 1, as measured on the training rows."""


@dataclass(frozen=True, eq=False)
class Splits:
    """The rows for each purpose; ``test`` and ``validation`` may be missing."""

    train: "Dataset"
    test: "Dataset | None"
    validation: "Dataset | None"
    standardizer: "Standardizer | None"
    numbers: "Numbers | None" = None
    """The numbers of the training samples: their rows in the data; added samples have others."""
    test_numbers: "Numbers | None" = None
    """The numbers of the test samples."""

    @property
    def sets(self) -> "dict[str, Dataset]":
        """The sets that there are, by name."""
        sets = {"train": self.train, "validation": self.validation, "test": self.test}
        return {name: rows for name, rows in sets.items() if rows is not None}


def split_data(
    data: "Dataset",
    options: SplitOptions,
    validation_size: float | None = None,
    edits: "PointEdits | None" = None,
) -> Splits:
    """Return the splits of ``data``. The validation rows are taken from the training rows.

    Args:
        data: all samples.
        options: how to divide them.
        validation_size: share or number of the training rows to validate on; None for none.
        edits: samples to move, add or delete after the division.

    Raises:
        ConfigurationError: a size that cannot be.
        DataError: classes that are too small, or only one among the training rows.
    """
    import numpy as np

    from rosenblatt.data import Standardizer

    seed, stratify = options.split_seed, options.stratify
    train, test, validation, standardizer = data, None, None, None
    numbers: Numbers = np.arange(len(data))
    test_numbers: Numbers | None = None
    if options.test_size != 0:
        size = share_or_count(options.test_size)
        train, test = data.split(size, seed, stratify)
        numbers, test_numbers = data.split_rows(size, seed, stratify)
    if edits:
        train, numbers = edits.apply(train, numbers, add=True)
        if test is not None and test_numbers is not None:
            test, test_numbers = edits.apply(test, test_numbers, add=False)
    if validation_size is not None:
        try:
            size = share_or_count(validation_size)
            rows, _ = train.split_rows(size, seed, stratify)
            train, validation = train.split(size, seed, stratify)
            numbers = numbers[rows]
        except ConfigurationError as error:
            reason = str(error).replace("test_size", "--validation-size")
            raise ConfigurationError(reason) from error
    train.require_classes()
    if options.standardize:
        standardizer = Standardizer.fit(train)
        train = standardizer.apply(train)
        test = None if test is None else standardizer.apply(test)
        validation = None if validation is None else standardizer.apply(validation)
    return Splits(train, test, validation, standardizer, numbers, test_numbers)


def share_or_count(size: float) -> float | int:
    """Return a whole number of rows as an int: that is how a dataset tells it from a share."""
    return int(size) if size >= 1 and size.is_integer() else size
