"""Fitting by L-BFGS: SciPy's minimizer over the loss of the whole batch and its gradient."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.optimize
from sklearn.exceptions import ConvergenceWarning

from rosenblatt.engines import Samples
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Sequential, backpropagate
from rosenblatt.optimizers.base import is_weight
from rosenblatt.progress_bar import written_loss


@dataclass(frozen=True)
class Objective:
    """L + ½ α ‖W‖² / Σ w of a whole batch, as a function of all parameters in one vector.

    The vector holds the weight matrices first and then the biases. ``loss_scale`` multiplies the
    value of L, not its gradient, as scikit-learn has it: with K outputs of squared error it reports
    1/K of what it descends on.
    """

    model: Sequential
    loss: Loss
    data: Samples
    alpha: float
    loss_scale: float = 1.0

    @property
    def names(self) -> list[str]:
        """The parameters' names, in the order of the vector."""
        return sorted(self.model.shapes, key=lambda name: not is_weight(name))

    def pack(self, params: Params) -> npt.NDArray[np.float64]:
        """Return parameters as a vector."""
        return np.concatenate([np.ravel(params[name]) for name in self.names]).astype(np.float64)

    def unpack(self, vector: npt.NDArray[np.float64]) -> Params:
        """Return a vector as parameters, in the model's order."""
        shapes = [self.model.shapes[name] for name in self.names]
        ends = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        parts = zip(self.names, np.split(vector, ends), shapes, strict=True)
        by_name = {name: part.reshape(shape) for name, part, shape in parts}
        return {name: by_name[name] for name in self.model.shapes}

    def __call__(self, vector: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        """Return the value and the gradient at a vector."""
        params, data = self.unpack(vector), self.data
        with np.errstate(over="ignore", invalid="ignore"):
            value, _, _, grads = backpropagate(
                self.model, self.loss, params, data.x, data.targets, data.sample_weight
            )
            weights = {name: W for name, W in params.items() if is_weight(name)}
            share = self.alpha / data.weight
            value *= self.loss_scale
            value += 0.5 * share * sum(float((W * W).sum()) for W in weights.values())
            for name, W in weights.items():
                grads[name] = grads[name] + share * W
        return value, self.pack(grads)


def minimize(
    objective: Objective,
    params: Params,
    *,
    max_iter: int,
    max_fun: int,
    tol: float,
    verbose: bool,
) -> tuple[Params, float, int]:
    """Return the parameters that L-BFGS ends with, their loss, and the number of iterations.

    Byrd, Lu, Nocedal and Zhu, *A limited memory algorithm for bound constrained optimization*,
    SIAM Journal on Scientific Computing 1995.
    """

    def show(intermediate_result: Any) -> None:
        print(f"loss = {written_loss(intermediate_result.fun, digits=8)}")

    result = scipy.optimize.minimize(
        objective,
        objective.pack(params),
        method="L-BFGS-B",
        jac=True,
        callback=show if verbose else None,
        options={"maxfun": max_fun, "maxiter": max_iter, "gtol": tol},
    )
    n_iter = min(int(result.nit), max_iter)
    if result.status != 0:
        more = (
            f"Increase the number of iterations to improve the convergence (max_iter={max_iter}).\n"
            if n_iter == max_iter
            else ""
        )
        warnings.warn(
            f"lbfgs failed to converge after {n_iter} iteration(s) (status={result.status}):\n"
            f"{result.message}\n{more}You might also want to scale the data, for instance by "
            "sklearn.preprocessing.StandardScaler.",
            ConvergenceWarning,
            stacklevel=4,
        )
    return objective.unpack(result.x), float(result.fun), n_iter
