"""The fits of a search that can train together: from candidates and folds to scores.

A candidate of a search is trained on each fold's rows. Here its fit is prepared as ``fit`` of the
estimator would, up to the first epoch; :mod:`rosenblatt.estimators.population` trains it with the
others; then it is scored. Whatever does not work is left out, and fitted as scikit-learn would.
"""

import copy
import time
import warnings
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import r2_score
from sklearn.model_selection._validation import _score
from sklearn.pipeline import Pipeline
from sklearn.utils.metaestimators import _safe_split
from sklearn.utils.validation import _check_method_params, _num_samples, check_random_state

from rosenblatt.engines import Job, Samples
from rosenblatt.engines.choice import WORTH_COMPILING, reference_seconds
from rosenblatt.estimators.classifier import MLPClassifier
from rosenblatt.estimators.layout import as_params, hidden_widths
from rosenblatt.estimators.network_estimator import (
    STOCHASTIC,
    NetworkEstimator,
    as_dense,
    not_settings,
    samples_of,
)
from rosenblatt.estimators.population import (
    Fit,
    SharedOrders,
    by_name,
    flat,
    populations,
    train_together,
)
from rosenblatt.estimators.regressor import MLPRegressor
from rosenblatt.estimators.sklearn_callbacks import SklearnCallbacks
from rosenblatt.estimators.validation import check_weights, validated

if TYPE_CHECKING:
    from rosenblatt.engines.compiled.engine import CompiledEngine

ESTIMATORS = (MLPClassifier, MLPRegressor)
"""What can train together; a class derived from them may do other things in ``fit``."""


@dataclass(frozen=True)
class Call:
    """What all fits of a search share: the arguments of its ``fit``, resolved.

    Attributes:
        estimator: the estimator of the search, not fitted.
        X: samples.
        y: labels or values.
        splits: the training and test rows of each fold.
        fit_params: what the estimator's ``fit`` is given, for all rows.
        score_params: what scorers are given, for all rows.
        scorer: of the search.
        error_score: of the search.
        return_train_score: of the search.
        has_own_score: whether the score is that of the estimator itself.
    """

    estimator: Any
    X: Any
    y: Any
    splits: Sequence[tuple[Any, Any]]
    fit_params: Mapping[str, Any]
    score_params: Mapping[str, Any]
    scorer: Any
    error_score: Any
    return_train_score: bool
    has_own_score: bool


@dataclass(eq=False)
class _Fold:
    """The rows of a fold, transformed by a pipeline's transformers with some settings."""

    steps: list[tuple[str, Any]]
    X: Any
    y: Any
    X_test: Any
    y_test: Any
    raw: tuple[Any, Any]
    learned: dict[Hashable, tuple[dict[str, Any], Any, Any]] = field(default_factory=dict)
    samples: dict[Hashable, Samples] = field(default_factory=dict)
    drawn: dict[Hashable, "_Drawn"] = field(default_factory=dict)
    checked: dict[bool, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Drawn:
    """What fits with the same random numbers share."""

    rng: np.random.RandomState
    data: Samples
    validation: Samples | None
    weights: tuple[list[Any], list[Any]]
    start: npt.NDArray[Any]
    seed: int
    orders: SharedOrders | None


@dataclass(eq=False)
class _Prepared:
    """A candidate on a fold, ready to train."""

    candidate: int
    split: int
    whole: Any
    estimator: NetworkEstimator
    fold: _Fold
    fit: Fit


class SearchFits:
    """The fits of a search that can train together.

    Args:
        call: what all of them share.
        candidates: the settings of each candidate.
    """

    def __init__(self, call: Call, candidates: Sequence[Mapping[str, Any]]) -> None:
        self.call = call
        self._folds: dict[Hashable, _Fold] = {}
        self._settings: list[dict[str, Any]] = []
        started = time.perf_counter()
        prepared = [one for i, params in enumerate(candidates) for one in self._prepared(i, params)]
        self._populations = list(_worthwhile(prepared))
        count = sum(self.sizes)
        self._seconds = (time.perf_counter() - started) / max(1, count)

    @property
    def sizes(self) -> list[int]:
        """The number of fits of each population."""
        return [len(group) for _, group in self._populations]

    def results(self) -> dict[tuple[int, int], dict[str, Any]]:
        """Train and score, and return scikit-learn's results by candidate and fold.

        Those that failed are left out.
        """
        from rosenblatt.engines.compiled.engine import CompiledEngine

        results, engine = {}, CompiledEngine()
        while self._populations:
            population, group = self._populations.pop()
            started = time.perf_counter()
            if not _trained(group, engine, population):
                continue
            each = (time.perf_counter() - started) / len(group) + self._seconds
            for one in group:
                if not one.fit.has_failed:
                    with suppress(_AloneError):
                        results[one.candidate, one.split] = self._result(one, each)
        return results

    # From candidates to fits

    def _prepared(self, number: int, params: Mapping[str, Any]) -> Iterator[_Prepared]:
        """Yield the fits of a candidate; none where they cannot train together with others."""
        try:
            whole = clone(self.call.estimator).set_params(**clone(params, safe=False))
            head, name, estimator = _parts(whole)
            weights = self._weights(name)
            if not _can_train_together(whole, estimator):
                return
            whole._validate_params()
            estimator._validate_params()
            key = self._key(params, name, head, number)
            for split in range(len(self.call.splits)):
                fold = self._fold(key, split, whole, head)
                mine = copy.copy(estimator)
                fit = self._fit(mine, fold, split, weights)
                yield _Prepared(number, split, whole, mine, fold, fit)
        except Exception:  # Fitted alone, it raises the same, and the search deals with it.
            return

    def _weights(self, name: str) -> Any:
        """Return the sample weights of all rows, or None.

        Raises:
            _AloneError: there are other arguments for ``fit``.
        """
        prefix = f"{name}__" if name else ""
        given = dict(self.call.fit_params)
        weights = given.pop(f"{prefix}sample_weight", None)
        if given:
            raise _AloneError
        return weights

    def _key(self, params: Mapping[str, Any], name: str, head: Pipeline | None, number: int) -> int:
        """Return the same number for candidates whose transformers do the same."""
        if head is None:
            return 0
        deep = head.get_params(deep=True)
        if any(key.endswith("random_state") and value is None for key, value in deep.items()):
            return -1 - number
        mine = {key: value for key, value in params.items() if not key.startswith(f"{name}__")}
        for i, settings in enumerate(self._settings):
            if settings.keys() == mine.keys() and all(
                _are_same(value, settings[key]) for key, value in mine.items()
            ):
                return i
        self._settings.append(mine)
        return len(self._settings) - 1

    def _fold(self, key: int, split: int, whole: Any, head: Pipeline | None) -> _Fold:
        if (key, split) not in self._folds:
            train, test = self.call.splits[split]
            X, y = _safe_split(whole, self.call.X, self.call.y, train)
            X_test, y_test = _safe_split(whole, self.call.X, self.call.y, test, train)
            raw, steps = (X, X_test), []
            if head is not None:
                head = clone(head)
                X, X_test = head.fit_transform(X, y), head.transform(X_test)
                steps = head.steps
            self._folds[key, split] = _Fold(steps, X, y, X_test, y_test, raw)
        return self._folds[key, split]

    def _fit(self, estimator: NetworkEstimator, fold: _Fold, split: int, weights: Any) -> Fit:
        """Return a fit before its first epoch, prepared as by ``estimator.fit``."""
        widths = hidden_widths(estimator.hidden_layer_sizes)
        kind = (type(estimator), getattr(estimator, "loss", None))
        if kind not in fold.learned:
            X, targets = estimator._check_data(fold.X, fold.y, first=True, incremental=False)
            fold.learned[kind] = not_settings(estimator), X, targets
        learned, X, targets = fold.learned[kind]
        estimator.__dict__.update(learned)
        estimator._check_choices(False, (), False)
        class_weight = getattr(estimator, "class_weight", None)
        of_kind = kind, id(class_weight) if isinstance(class_weight, dict) else class_weight
        if of_kind not in fold.samples:
            mine = None
            if weights is not None:
                train = self.call.splits[split][0]
                given = {"sample_weight": weights}
                mine = _check_method_params(self.call.X, given, train)["sample_weight"]
                mine = check_weights(mine, X, X.dtype)
            mine = estimator._weights(targets, mine, incremental=False)
            fold.samples[of_kind] = samples_of(X, targets, mine)
        data = fold.samples[of_kind]
        estimator._widths = (X.shape[1], *widths, targets.shape[1])
        estimator.n_outputs_ = targets.shape[1]
        drawn, job = _drawn(estimator, fold, data)
        return Fit(
            job=job,
            rules=estimator._rules(incremental=False),
            start=drawn.start,
            orders=drawn.orders,
            validation=drawn.validation,
            score=estimator._score_outputs,
        )

    # From fits to scores

    def _result(self, one: _Prepared, seconds: float) -> dict[str, Any]:
        """Return the result of a fit as scikit-learn's ``_fit_and_score`` does.

        Raises:
            _AloneError: it would end otherwise alone, as where a warning is an error.
        """
        call, fold = self.call, one.fold
        started = time.perf_counter()
        try:
            if not one.fit.has_stopped:
                warnings.warn(
                    f"Stochastic Optimizer: Maximum iterations ({one.fit.rules.max_iter}) reached "
                    "and the optimization hasn't converged yet.",
                    ConvergenceWarning,
                    stacklevel=6,
                )
        except ConvergenceWarning:
            raise _AloneError from None
        sides = {"test_scores": True}
        if call.return_train_score:
            sides["train_scores"] = False
        score = self._own_score if self._has_own_score(one) else self._any_score
        result: dict[str, Any] = {"fit_error": None}
        result |= {name: score(one, is_test) for name, is_test in sides.items()}
        result["n_test_samples"] = _num_samples(fold.X_test)
        result["fit_time"] = seconds
        result["score_time"] = time.perf_counter() - started
        return result

    def _has_own_score(self, one: _Prepared) -> bool:
        many = getattr(one.estimator, "out_activation_", "") == "logistic" and (
            one.estimator.n_outputs_ > 1
        )
        return self.call.has_own_score and not many

    def _own_score(self, one: _Prepared, is_test: bool) -> float:
        """Return accuracy or R², as the estimator's ``score`` would."""
        call, fold, estimator = self.call, one.fold, one.estimator
        if is_test not in fold.checked:
            X = validated(estimator, fold.X_test if is_test else fold.X, reset=False)
            fold.checked[is_test] = as_dense(X)
        X, y = fold.checked[is_test], fold.y_test if is_test else fold.y
        rows = call.splits[one.split][is_test]
        weights = _check_method_params(call.X, call.score_params, rows).get("sample_weight")
        job = one.fit.job
        outputs, _ = job.model.forward(dict(by_name(one.fit.params, job.model.shapes)), X)
        outputs = estimator._activate(outputs)
        if isinstance(estimator, MLPClassifier):
            at = outputs.argmax(axis=1) if outputs.shape[1] > 1 else (outputs[:, 0] > 0.5) * 1
            right = estimator.classes_[at] == np.asarray(y).reshape(-1)
            return float(np.average(right, weights=weights))
        flat_outputs = outputs[:, 0] if outputs.shape[1] == 1 else outputs
        return float(r2_score(y, flat_outputs, sample_weight=weights))

    def _any_score(self, one: _Prepared, is_test: bool) -> Any:
        """Return what the scorer of the search says of the fitted estimator."""
        call, fold, estimator = self.call, one.fold, one.estimator
        if not hasattr(estimator, "loss_"):
            estimator._take_over(one.fit.member(), one.fit.validation_losses)
            if isinstance(one.whole, Pipeline):
                one.whole = copy.copy(one.whole)
                name = one.whole.steps[-1][0]
                one.whole.steps = [*fold.steps, (name, estimator)]
            else:
                one.whole = estimator
        rows = call.splits[one.split][is_test]
        given = _check_method_params(call.X, call.score_params, rows)
        X, y = fold.raw[is_test], fold.y_test if is_test else fold.y
        return _score(one.whole, X, y, call.scorer, given, call.error_score)


class _AloneError(Exception):
    """A fit has to be made alone."""


def last_step(whole: Any) -> Any:
    """Return the estimator, of a pipeline that of the last step."""
    return whole.steps[-1][1] if type(whole) is Pipeline and whole.steps else whole


def _parts(whole: Any) -> tuple[Pipeline | None, str, Any]:
    """Return the transformers of a pipeline, and the name and the estimator of its last step."""
    if type(whole) is not Pipeline:
        return None, "", whole
    name, estimator = whole.steps[-1]
    head = Pipeline(whole.steps[:-1], memory=whole.memory) if len(whole.steps) > 1 else None
    return head, name, estimator


def _can_train_together(whole: Any, estimator: Any) -> bool:
    parts = [estimator]
    if isinstance(whole, Pipeline):
        if whole.verbose or whole.transform_input is not None:
            return False
        parts = [whole, *(step for _, step in whole.steps)]
    return (
        type(estimator) in ESTIMATORS
        and estimator.solver in STOCHASTIC
        and estimator.engine != "reference"
        and estimator.n_runs == 1
        and not estimator.warm_start
        and not estimator.verbose
        and not any(map(SklearnCallbacks.has_any, parts))
    )


def _are_same(value: Any, other: Any) -> bool:
    plain = (bool, int, float, str, type(None))
    return value is other or (
        type(value) is type(other) and isinstance(value, plain) and bool(value == other)
    )


def _drawn(estimator: NetworkEstimator, fold: _Fold, data: Samples) -> tuple[_Drawn, Job]:
    """Return what a fit draws at random before its first epoch, and its training."""
    key = None
    if isinstance(estimator.random_state, int | np.integer):
        key = (
            id(data),
            int(estimator.random_state),
            estimator._widths,
            repr(estimator.activation),
            estimator.early_stopping,
            estimator.validation_fraction,
            bool(estimator.dropout),
            estimator.shuffle,
        )
        drawn = fold.drawn.get(key)
        if drawn is not None:
            estimator._random_state = drawn.rng
            estimator.coefs_, estimator.intercepts_ = drawn.weights
            estimator._start_records()
            return drawn, replace(estimator._job_on(drawn.data), seed=drawn.seed)
        rng = check_random_state(estimator.random_state)
    elif estimator.random_state is None:
        # A stream of its own, because the fits draw in turns.
        seed = check_random_state(None).randint(np.iinfo(np.int32).max)
        rng = np.random.RandomState(seed)
    else:
        rng = copy.deepcopy(estimator.random_state)
    estimator._random_state = rng
    estimator._start(data.x.dtype)
    data, validation = estimator._with_held_out(data, None)
    job = estimator._job_on(data)
    orders = SharedOrders(rng, len(data)) if estimator.shuffle else None
    weights = estimator.coefs_, estimator.intercepts_
    start = flat(as_params(estimator._model(), *weights))
    drawn = _Drawn(rng, data, validation, weights, start, job.seed, orders)
    if key is not None:
        fold.drawn[key] = drawn
    return drawn, job


def _worthwhile(prepared: Sequence[_Prepared]) -> Iterator[tuple[int, list[_Prepared]]]:
    """Yield the fits that train together, where that takes long enough to be compiled.

    With each goes the population that its jobs should name.
    """
    by_fit = {id(one.fit): one for one in prepared}
    for population, fits in populations(one.fit for one in prepared):
        group = [by_fit[id(fit)] for fit in fits]
        seconds = reference_seconds(fits[0].job, sum(fit.rules.max_iter for fit in fits))
        is_asked = all(one.estimator.engine == "compiled" for one in group)
        if len(group) > 1 and (is_asked or seconds >= WORTH_COMPILING):
            yield population, group


def _trained(group: Sequence[_Prepared], engine: "CompiledEngine", population: int) -> bool:
    """Train fits together; return whether there was a kernel for them."""
    from rosenblatt.engines.compiled.graph import LoweringError
    from rosenblatt.engines.compiled.permission import may_run_own_code
    from rosenblatt.engines.compiled.tracer import TracingError

    if not may_run_own_code():
        return False
    try:
        train_together([one.fit for one in group], engine, population)
    except (TracingError, LoweringError):
        return False
    return True
