"""Parameters of a model as one vector, in the order of its ``shapes``, and back."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ShapeError
from rosenblatt.layers import Params


def flatten(params: Mapping[str, npt.ArrayLike]) -> npt.NDArray[np.float64]:
    """Return all parameters as one vector (P,) of float64, in the dict's order, row by row.

    >>> flatten({"0.weight": [[1.0, 2.0], [3.0, 4.0]], "0.bias": [5.0, 6.0]})
    array([1., 2., 3., 4., 5., 6.])
    """
    arrays = [np.asarray(value, dtype=np.float64).ravel() for value in params.values()]
    return np.concatenate(arrays) if arrays else np.zeros(0)


def unflatten(vector: npt.ArrayLike, shapes: Mapping[str, tuple[int, ...]]) -> Params:
    """Return a vector (P,) as arrays by name: the inverse of :func:`flatten`.

    Args:
        vector: as many numbers as ``shapes`` has places.
        shapes: of every array, by name, in order; ``model.shapes`` for a model's parameters.

    Raises:
        ShapeError: the vector has another length.

    >>> unflatten([1.0, 2.0, 3.0], {"0.weight": (2, 1), "0.bias": (1,)})["0.bias"]
    array([3.])
    """
    flat = np.array(vector, dtype=np.float64)
    n_params = count(shapes)
    if flat.shape != (n_params,):
        raise ShapeError(f"the vector is {flat.shape}; the parameters need ({n_params},)")
    return {name: part[0] for name, part in split(flat[np.newaxis], shapes).items()}


def count(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Return the number of all parameters."""
    return sum(int(np.prod(shape)) for shape in shapes.values())


def split(
    rows: npt.NDArray[np.float64], shapes: Mapping[str, tuple[int, ...]]
) -> dict[str, npt.NDArray[np.float64]]:
    """Return vectors (K, P) as arrays by name, (K, *shape)."""
    parts, start = {}, 0
    for name, shape in shapes.items():
        end = start + int(np.prod(shape))
        parts[name] = rows[:, start:end].reshape(len(rows), *shape)
        start = end
    return parts


def of_layer(params: Params, i: int) -> Params:
    """Return the parameters of layer i by their own names."""
    prefix = f"{i}."
    return {
        name.removeprefix(prefix): value
        for name, value in params.items()
        if name.startswith(prefix)
    }


def squared_norm(params: Params) -> float:
    """Return the sum of the squares of all parameters."""
    return sum(float((value**2).sum()) for value in params.values())
