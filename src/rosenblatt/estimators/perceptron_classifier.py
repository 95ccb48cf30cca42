"""The perceptron: one linear unit for two classes, one for each of several against the rest."""

import warnings
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import scipy.sparse
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model._base import LinearClassifierMixin, SparseCoefMixin
from sklearn.model_selection import StratifiedShuffleSplit
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.multiclass import _check_partial_fit_first_call, check_classification_targets

from rosenblatt.data.containers import refuse_lazy
from rosenblatt.engines import ENGINES
from rosenblatt.engines.online import choose_online, run_online, shuffle_of
from rosenblatt.engines.online_rule import OnlineData, OnlineRule, OnlineState
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.estimators.network_estimator import as_dense
from rosenblatt.estimators.validation import (
    assign_settings,
    check_weights,
    validated,
    weights_of_classes,
)

MAX_SEED = np.iinfo(np.int32).max
SPARSE_INTERCEPT_RATE = 0.01
"""With sparse samples scikit-learn's intercepts move by so much of a step."""
ROWS_AT_ONCE = 1 << 20
"""Samples whose orders are drawn ahead; they take 8 MB."""


class Perceptron(LinearClassifierMixin, SparseCoefMixin, BaseEstimator):  # type: ignore[misc]
    """The perceptron with scikit-learn's settings and numbers.

    At every mistake, y (w·x + b) ≤ 0 with y = ±1, w ← w + η s y x and b ← b + η s y, where s is the
    sample's weight times that of its class (Rosenblatt, *Principles of Neurodynamics*, 1962). Each
    of several classes has a perceptron of its own against the rest.

    Args:
        penalty: "l2", "l1", "elasticnet", or None.
        alpha: the strength of the penalty, which every sample applies.
        l1_ratio: the share of L1 in "elasticnet", from 0 to 1.
        fit_intercept: whether there is a b.
        max_iter: epochs at most.
        tol: by how much the mean loss, or the validation score, must improve to count; None trains
            for ``max_iter`` epochs.
        shuffle: whether to shuffle the samples before every epoch.
        verbose: whether to print the objective of every epoch.
        eta0: η, above 0.
        n_jobs: how many classes to train at the same time.
        random_state: where the shuffle and the validation set come from.
        early_stopping: whether to hold out samples, and stop when accuracy on them does not
            improve.
        validation_fraction: the share that is held out.
        n_iter_no_change: the number of epochs without improvement after which training stops.
        class_weight: a dict from labels, "balanced" for N / (C · count), or None.
        warm_start: whether ``fit`` continues from the present weights.
        engine: "reference" (NumPy), "compiled" (machine code), or "auto": the second for all but
            the smallest work.

    Attributes:
        classes_: the labels.
        coef_: w, (1, D) for two classes and (C, D) for more.
        intercept_: b, (1,) or (C,).
        n_iter_: the number of epochs of the last fit; of several classes the most.
        t_: how many updates there could have been, and 1.
        n_features_in_: D.
        feature_names_in_: the columns' names, if X has names.

    >>> clf = Perceptron().fit([[2.0, 1.0], [-1.0, -2.0], [3.0, 3.0]], ["up", "down", "up"])
    >>> clf.predict([[4.0, 4.0], [-4.0, -4.0]]).tolist()
    ['up', 'down']
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "penalty": [StrOptions({"l2", "l1", "elasticnet"}), None],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "fit_intercept": ["boolean"],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left"), None],
        "shuffle": ["boolean"],
        "verbose": ["verbose"],
        "eta0": [Interval(Real, 0, None, closed="neither")],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "class_weight": [StrOptions({"balanced"}), dict, None],
        "warm_start": ["boolean"],
        "engine": [StrOptions({"auto", *ENGINES})],
    }

    coef_: npt.NDArray[Any]
    intercept_: npt.NDArray[Any]
    n_iter_: int

    def __init__(
        self,
        *,
        penalty: str | None = None,
        alpha: float = 0.0001,
        l1_ratio: float = 0.15,
        fit_intercept: bool = True,
        max_iter: int = 1000,
        tol: float | None = 1e-3,
        shuffle: bool = True,
        verbose: Any = 0,
        eta0: float = 1.0,
        n_jobs: int | None = None,
        random_state: Any = 0,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 5,
        class_weight: Any = None,
        warm_start: bool = False,
        engine: str = "auto",
    ) -> None:
        assign_settings(self, locals())

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        coef_init: Any = None,
        intercept_init: Any = None,
        sample_weight: Any = None,
    ) -> Self:
        """Train on samples and their labels.

        Args:
            X: samples (N, D), an array, a data frame or a sparse matrix.
            y: labels (N,).
            coef_init: initial w, of the shape of ``coef_``; 0 where it is not given.
            intercept_init: initial b, of the shape of ``intercept_``.
            sample_weight: weights (N,), at least 0.

        Returns:
            The estimator.

        Raises:
            ValueError: a setting or data that cannot be used; or the weights stopped being finite.
        """
        start: tuple[Any, Any] = coef_init, intercept_init
        if self.warm_start and hasattr(self, "coef_"):
            start = (
                self.coef_ if coef_init is None else coef_init,
                self.intercept_ if intercept_init is None else intercept_init,
            )
        for name in ("classes_", "coef_", "intercept_"):
            self.__dict__.pop(name, None)
        self.t_ = 1.0
        X, y = self._checked(X, y, first=True)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        self._train(X, y, sample_weight, int(self.max_iter), *start)
        if self.tol is not None and self.n_iter_ == self.max_iter:
            warnings.warn(
                f"Maximum number of iteration reached before convergence: {self.max_iter}. "
                "Consider increasing max_iter to improve the fit.",
                ConvergenceWarning,
                stacklevel=3,
            )
        return self

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Train one more epoch, on these samples.

        Args:
            X: samples (N, D).
            y: labels (N,), all of them among ``classes``.
            classes: all labels that there will ever be; needed in the first call.
            sample_weight: weights (N,), at least 0.

        Returns:
            The estimator.
        """
        first = not hasattr(self, "classes_")
        if first and self.early_stopping:
            raise ConfigurationError("early_stopping should be False with partial_fit")
        if first and self.class_weight == "balanced":
            raise ConfigurationError(
                "class_weight 'balanced' is not supported for partial_fit, which does not see all "
                "labels: give the weights that compute_class_weight('balanced', classes=classes, "
                "y=y) finds for a large enough sample of them"
            )
        X, y = self._checked(X, y, first=first)
        _check_partial_fit_first_call(self, classes)
        if not hasattr(self, "t_"):
            self.t_ = 1.0
        start = getattr(self, "coef_", None), getattr(self, "intercept_", None)
        self._train(X, y, sample_weight, 1, *start)
        return self

    def decision_function(self, X: Any) -> npt.NDArray[Any]:
        """Return w·x + b, (N,) for two classes and (N, C) for more, for samples (N, D)."""
        refuse_lazy("X", X)
        scores: npt.NDArray[Any] = super().decision_function(X)
        return scores

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: sparse input is welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _checked(self, X: Any, y: Any, *, first: bool) -> tuple[Any, npt.NDArray[Any]]:
        X, y = validated(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            order="C",
            accept_large_sparse=False,
            reset=first,
        )
        return X, y

    def _train(
        self,
        X: Any,
        y: npt.NDArray[Any],
        sample_weight: Any,
        max_iter: int,
        coef: Any,
        intercept: Any,
    ) -> None:
        """Train a perceptron for two classes, or one for each of several."""
        if len(self.classes_) < 2:
            raise DataError(
                f"The number of classes has to be greater than one; got {len(self.classes_)} class"
            )
        by_class = weights_of_classes(self.class_weight, self.classes_, y)
        weight = check_weights(sample_weight, X, np.float64)
        n_units = 1 if len(self.classes_) == 2 else len(self.classes_)
        w = _initial("coef_init", coef, (n_units, X.shape[1]))
        b = _initial("intercept_init", intercept, (n_units,))
        is_sparse = scipy.sparse.issparse(X)
        x = np.ascontiguousarray(as_dense(X), dtype=np.float64)
        visits = max_iter * len(x) * n_units
        engine = choose_online(self.engine, visits)
        units = [
            _Unit(
                data=OnlineData(
                    x,
                    np.where(y == self.classes_[positive], 1.0, -1.0),
                    weight * np.where(y == self.classes_[positive], by_class[positive], other),
                ),
                state=OnlineState.start(w[k], b[k : k + 1]),
                plain_weight=weight,
            )
            for k, (positive, other) in enumerate(
                [(1, by_class[0])] if n_units == 1 else [(i, 1.0) for i in range(n_units)]
            )
        ]
        self._prepare(units, y, engine)
        rule = self._rule(is_sparse)
        Parallel(n_jobs=self.n_jobs, require="sharedmem")(
            delayed(self._train_unit)(unit, rule, engine, max_iter) for unit in units
        )
        self.n_iter_ = max(unit.n_iter for unit in units)
        self.t_ += self.n_iter_ * len(x)
        self.coef_, self.intercept_ = w.astype(X.dtype), b.astype(X.dtype)

    def _rule(self, is_sparse: bool) -> OnlineRule:
        """Return the settings as a rule for every sample."""
        l1 = {"l1": 1.0, "l2": 0.0, "elasticnet": float(self.l1_ratio), None: 0.0}[self.penalty]
        alpha = float(self.alpha) if self.penalty else 0.0
        rate = SPARSE_INTERCEPT_RATE if is_sparse else 1.0
        return OnlineRule(
            eta=float(self.eta0),
            shrink=max(0.0, 1.0 - (1.0 - l1) * self.eta0 * alpha),
            cut=float(l1 * self.eta0 * alpha),
            seen_only=is_sparse,
            intercept_rate=rate if self.fit_intercept else 0.0,
            alpha=alpha,
            l1_ratio=l1,
        )

    def _prepare(self, units: "list[_Unit]", y: npt.NDArray[Any], engine: str) -> None:
        """Draw each unit's shuffle and validation set, in scikit-learn's order."""
        n = len(y)
        if len(units) == 1:
            rng = check_random_state(self.random_state)
            rng.randint(1, MAX_SEED)
            held_out = self._held_out(units[0].data.y, units[0].plain_weight)
            seeds = [rng.randint(MAX_SEED)]
        else:
            held_out = self._held_out(y, units[0].plain_weight)
            seeds = []
            for seed in check_random_state(self.random_state).randint(MAX_SEED, size=len(units)):
                rng = check_random_state(int(seed))
                rng.randint(1, MAX_SEED)
                seeds.append(rng.randint(MAX_SEED))
        for unit, seed in zip(units, seeds, strict=True):
            unit.held_out = held_out
            unit.order = np.arange(n)
            unit.shuffle = shuffle_of(engine, int(seed), n) if self.shuffle else None

    def _held_out(
        self, y: npt.NDArray[Any], weight: npt.NDArray[np.float64]
    ) -> npt.NDArray[np.bool_]:
        """Return which samples are for validation, (N,)."""
        chosen = np.zeros(len(y), dtype=bool)
        if self.early_stopping:
            split = StratifiedShuffleSplit(
                test_size=self.validation_fraction, random_state=self.random_state
            )
            _, rows = next(split.split(np.zeros((len(y), 1)), y))
            if not weight[rows].any():
                raise DataError(
                    "The sample weights for validation set are all zero, consider using a "
                    "different random state."
                )
            chosen[rows] = True
        return chosen

    def _train_unit(self, unit: "_Unit", rule: OnlineRule, engine: str, max_iter: int) -> None:
        """Train one perceptron until its loss, or its score, no longer improves."""
        patience = int(self.n_iter_no_change)
        most = max(1, ROWS_AT_ONCE // len(unit.order))
        while unit.n_iter < max_iter and unit.no_improvement < patience:
            # Nothing can happen sooner than after so many epochs without improvement.
            ahead = 1 if self.early_stopping or self.verbose else patience - unit.no_improvement
            orders = unit.orders(min(ahead, max_iter - unit.n_iter, most))
            sums = run_online(engine, unit.data, rule, unit.state, orders)
            if not (np.isfinite(unit.state.w).all() and np.isfinite(unit.state.b).all()):
                raise DataError(
                    f"Floating-point under-/overflow occurred by epoch #{unit.n_iter + len(sums)}. "
                    "Scaling input data with StandardScaler or MinMaxScaler might help."
                )
            for objective in (sums / orders.shape[1]).tolist():
                unit.n_iter += 1
                unit.judge(-unit.accuracy() if self.early_stopping else objective, self.tol)
                if self.verbose:
                    print(f"Epoch {unit.n_iter}, objective = {objective:f}")
        unit.state.finish()


@dataclass
class _Unit:
    """One perceptron while it is trained: what it has seen, and the best it has been."""

    data: OnlineData
    state: OnlineState
    plain_weight: npt.NDArray[np.float64]
    held_out: npt.NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, dtype=bool))
    order: npt.NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    shuffle: npt.NDArray[np.int64] | None = None
    n_iter: int = 0
    best: float = np.inf
    no_improvement: int = 0

    def orders(self, count: int) -> npt.NDArray[np.int64]:
        """Return the rows that the next epochs visit, (count, N): all but those held out."""
        drawn, held_out = [], self.held_out.any()
        for _ in range(count):
            if self.shuffle is not None:
                self.order = self.order[self.shuffle]
            drawn.append(self.order[~self.held_out[self.order]] if held_out else self.order)
        return np.array(drawn)

    def judge(self, value: float, tol: float | None) -> None:
        """Take in what the last epoch has reached, lower being better."""
        failed = tol is not None and value > self.best - tol
        self.no_improvement = self.no_improvement + 1 if failed else 0
        self.best = min(self.best, value)

    def accuracy(self) -> float:
        """Return the weighted accuracy on the samples that are held out.

        As in scikit-learn, before the penalty's scale is multiplied into w.
        """
        rows, data = self.held_out, self.data
        said = np.where(data.x[rows] @ self.state.w + self.state.b[0] > 0, 1.0, -1.0)
        return float(np.average(said == data.y[rows], weights=self.plain_weight[rows]))


def _initial(name: str, given: Any, shape: tuple[int, ...]) -> npt.NDArray[np.float64]:
    """Return initial values of a shape, 0 where none are given."""
    if given is None:
        return np.zeros(shape)
    dense = as_dense(given)
    values = np.array(dense, dtype=np.float64)
    if values.size != int(np.prod(shape)) or (shape[0] > 1 and values.shape != shape):
        raise ShapeError(f"Provided {name} does not match dataset: {values.shape} is not {shape}.")
    return values.reshape(shape)
