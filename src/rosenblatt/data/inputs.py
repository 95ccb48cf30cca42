"""Samples without labels: what a trained model predicts for."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Inputs(NamedTuple):
    """N samples of D features: ``X`` (N, D) float64, all finite, and a name per column."""

    X: npt.NDArray[np.float64]
    feature_names: tuple[str, ...]
