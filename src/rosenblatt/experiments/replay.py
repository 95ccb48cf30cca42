"""The source report's own protocols, number for number.

They draw from NumPy's legacy generator, seeded as the report's scripts seeded it.
"""

import numpy as np

from rosenblatt import data
from rosenblatt.data import Dataset
from rosenblatt.layers import Params
from rosenblatt.models import Model

SEED = 42
N_TRAIN = 160


def gaussians(m: float) -> tuple[Dataset, Dataset]:
    """Return (train, test) of the two Gaussians with means (m, m) and (0, 0), covariance I.

    100 points of class +1 are drawn, then 100 of class −1; the rows are shuffled, and the first 160
    train. So the classes are not split evenly: the test set has 22 and 18.
    """
    legacy = np.random.RandomState(SEED)
    points = np.vstack([legacy.normal(m, 1, (100, 2)), legacy.normal(0, 1, (100, 2))])
    rows = np.column_stack([points, np.repeat([1, -1], 100)])
    legacy.shuffle(rows)
    recipe = {"replay": "gaussians", "m": m, "seed": SEED}
    train, test = (
        Dataset(part[:, :2], part[:, 2].astype(int), classes=(-1, 1), recipe=recipe)
        for part in (rows[:N_TRAIN], rows[N_TRAIN:])
    )
    return train, test


def moons() -> tuple[Dataset, Dataset]:
    """Return (train, test) of the two moons: 1000 points at noise 0.2, of which 200 test."""
    recipe = {"replay": "moons", "n": 1000, "noise": 0.2, "seed": SEED}
    train, test = data.moons(1000, noise=0.2, seed=SEED).split(test_size=0.2, seed=SEED)
    return train.replace(recipe=recipe), test.replace(recipe=recipe)


def initial_params(model: Model, seed: int = SEED, network: int = 1) -> Params:
    """Return the weights of the ``network``-th model drawn from one generator seeded once.

    Each model takes its weight matrices from the stream in order, first layer first, all standard
    normal; biases are 0. Scripts that build several models in a row give each the next draw.

    Args:
        model: whose shapes are drawn.
        seed: of the legacy generator.
        network: counted from 1.
    """
    legacy = np.random.RandomState(seed)
    params: Params = {}
    for _ in range(network):
        params = {
            name: legacy.randn(*shape) if name.endswith("weight") else np.zeros(shape)
            for name, shape in model.shapes.items()
        }
    return params
