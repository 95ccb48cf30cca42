"""The confusion matrix."""

from typing import Any

import numpy as np
import numpy.typing as npt


def confusion(
    true: npt.NDArray[Any], predicted: npt.NDArray[Any], n_classes: int
) -> npt.NDArray[np.float32]:
    """Return how many samples of each class (row) were predicted as each class (column)."""
    cells = true.astype(np.int64) * n_classes + predicted.astype(np.int64)
    counts = np.bincount(cells, minlength=n_classes * n_classes)
    return counts.reshape(n_classes, n_classes).astype(np.float32)
