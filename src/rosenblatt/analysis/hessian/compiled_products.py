"""Hessian-vector products in machine code, of one network or of many."""

import math

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.hessian.traced_products import product_program
from rosenblatt.engines import Samples
from rosenblatt.layers import Array
from rosenblatt.losses import Loss
from rosenblatt.models import Model

MOST_PARAMETERS = 4096
"""Parameters up to which the loops of a kernel are faster than BLAS on dual numbers."""

LEAST_NUMBERS = 1 << 18
"""Directions times samples times parameters from which compiling, some 0.1 s, is worth it."""

PRODUCTS_AT_ONCE = 4096
"""Rows of one call of the engine."""


class CompiledProducts:
    """Products with the Hessian of the mean loss on fixed samples.

    Args:
        model: any whose layers can be traced.
        loss: the loss.
        x: inputs, (N, D).
        targets: as the loss encodes them, (N, K).
        sample_weight: (N,), or None.

    Raises:
        TracingError, LoweringError: the code of a layer or of the loss cannot be compiled.
    """

    def __init__(
        self, model: Model, loss: Loss, x: Array, targets: Array, sample_weight: Array | None
    ) -> None:
        from rosenblatt.engines.compiled.engine import CompiledEngine
        from rosenblatt.engines.compiled.kernels import ROWS_AT_ONCE, load_program
        from rosenblatt.engines.compiled.settings import NONE

        is_weighted = sample_weight is not None
        program = product_program(model, loss, np.float64, is_weighted=is_weighted)
        self._loaded = load_program(program, NONE, np.float64, ROWS_AT_ONCE)
        self._engine, self._samples = CompiledEngine(), Samples(x, targets, sample_weight)
        self._shapes = model.shapes
        self._total = float(len(x)) if sample_weight is None else float(sample_weight.sum())

    def of(
        self, members: npt.NDArray[np.float64], directions: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.float64]:
        """Return H v of each row: parameters (K, P) and directions (K, P) of as many members."""
        products = np.zeros_like(directions)
        for start in range(0, len(directions), PRODUCTS_AT_ONCE):
            some = slice(start, start + PRODUCTS_AT_ONCE)
            totals = self._engine.totals(
                self._loaded, members[some], self._samples, directions[some]
            )
            column = 0
            for name, shape in self._shapes.items():
                size = math.prod(shape)
                parts = [total for label, total in totals.items() if label.split("+")[0] == name]
                flat = sum(part.reshape(len(part), size) for part in parts)
                products[some, column : column + size] = flat / self._total
                column += size
        return products


def compiled_products(
    model: Model, loss: Loss, x: Array, targets: Array, sample_weight: Array | None
) -> CompiledProducts | None:
    """Return products in machine code, or None where a layer or the loss cannot be compiled."""
    from rosenblatt.engines.compiled.graph import LoweringError
    from rosenblatt.engines.compiled.tracer import TracingError

    try:
        return CompiledProducts(model, loss, x, targets, sample_weight)
    except (LoweringError, TracingError):
        return None
