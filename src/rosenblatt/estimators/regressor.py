"""The multi-layer perceptron for values."""

from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if

from rosenblatt.engines import Samples
from rosenblatt.errors import DataError
from rosenblatt.estimators.network_estimator import NetworkEstimator
from rosenblatt.estimators.validation import assign_settings, validated
from rosenblatt.losses import HalfSquaredError, Loss, Poisson


class MLPRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """A multi-layer perceptron for values, as scikit-learn's, trained by this package's engines.

    Every parameter up to ``max_fun`` means what it means in scikit-learn, and for the same
    ``random_state`` the fitted weights are the same up to rounding. ``docs/estimators.md`` says
    what is the same, what is added and what is not there.

    Args:
        loss: "squared_error", Σ (z − y)² / 2K for K outputs, or "poisson", half the deviance of
            counts y whose expected value is e^z.

    All other arguments and the attributes are those of
    :class:`rosenblatt.estimators.MLPClassifier`, but for those about classes. Validation scores are
    R², and ``out_activation_`` is "identity", or "exp" for "poisson".

    >>> import numpy as np
    >>> X = np.linspace(-2, 2, 100)[:, np.newaxis]
    >>> reg = MLPRegressor(hidden_layer_sizes=(20,), solver="lbfgs", random_state=0)
    >>> reg.fit(X, X[:, 0] ** 2).score(X, X[:, 0] ** 2) > 0.99
    True
    """

    _least_held_out: ClassVar[int] = 2  # R² of one row is not defined.
    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **NetworkEstimator._parameter_constraints,
        "loss": [StrOptions({"squared_error", "poisson"})],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: Any = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: Any = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        verbose: Any = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        max_fun: int = 15000,
        dropout: float = 0.0,
        n_runs: int = 1,
        select: str = "mean",
        engine: str = "auto",
    ) -> None:
        assign_settings(self, locals())

    @available_if(lambda self: self._is_stochastic())  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train one more epoch, on these samples.

        Args:
            X: samples (N, D).
            y: values (N,) or (N, K).
            sample_weight: weights (N,) of the samples.

        Returns:
            The estimator.
        """
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the values, (N,) or (N, K), for samples (N, D).

        With n_runs > 1 and select="mean" it is the mean of what the runs say.
        """
        return _flat(self._mean_outputs(X))

    def predict_std(self, X: Any) -> npt.NDArray[Any]:
        """Return the standard deviation over the runs of what ``predict`` says.

        Raises:
            ConfigurationError: there is one run only.
        """
        return _flat(np.std(self._outputs_of_runs(X), axis=0))

    # The abstract methods of NetworkEstimator

    def _check_data(
        self, X: Any, y: Any, *, first: bool, incremental: bool
    ) -> tuple[Any, npt.NDArray[Any]]:
        return self._check(X, y, reset=first)

    def _check_validation(self, X: Any, y: Any) -> tuple[Any, npt.NDArray[Any]]:
        return self._check(X, y, reset=False)

    def _check(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, npt.NDArray[Any]]:
        X, y = validated(
            self,
            X,
            y,
            multi_output=True,
            y_numeric=True,
            dtype=(np.float64, np.float32),
            reset=reset,
        )
        if y.dtype.kind not in "biuf":
            raise DataError(
                f"y must have numbers, got values of type {y.dtype}; turn dates and durations into "
                "numbers first, such as the days since a date"
            )
        if y.shape[1:] == (1,):
            y = column_or_1d(y, warn=True)
        targets = y[:, np.newaxis] if y.ndim == 1 else y
        return X, self._loss(X.dtype).encode(targets, targets.shape[1])

    def _loss(self, dtype: npt.DTypeLike) -> Loss:
        return Poisson() if self.loss == "poisson" else HalfSquaredError()

    def _loss_scale(self) -> float:
        # scikit-learn reports the mean over the outputs, and descends on their sum.
        return 1.0 / self.n_outputs_ if self.loss == "squared_error" else 1.0

    def _out_activation(self) -> str:
        return "exp" if self.loss == "poisson" else "identity"

    def _score_activated(self, outputs: npt.NDArray[Any], data: Samples) -> float:
        if len(outputs) < self._least_held_out or not np.isfinite(outputs).all():
            return float("nan")
        with np.errstate(over="ignore", invalid="ignore"):
            return float(r2_score(data.targets, outputs, sample_weight=data.sample_weight))


def _flat(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return (N, 1) as (N,)."""
    return values[:, 0] if values.shape[1] == 1 else values
