"""GridSearchCV and RandomizedSearchCV whose fits train together."""

import time
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from typing import Any

from sklearn import model_selection
from sklearn.base import _fit_context, clone, is_classifier
from sklearn.metrics._scorer import _MultimetricScorer, _PassthroughScorer
from sklearn.model_selection import ParameterGrid, ParameterSampler, check_cv
from sklearn.model_selection._validation import (
    _fit_and_score,
    _insert_error_scores,
    _warn_or_raise_about_fit_failures,
)
from sklearn.utils import indexable
from sklearn.utils._metadata_requests import _routing_enabled
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_method_params

from rosenblatt.estimators.search_fits import ESTIMATORS, Call, SearchFits, last_step
from rosenblatt.estimators.sklearn_callbacks import SklearnCallbacks


class _TogetherSearch:
    """What both searches do in place of scikit-learn's loop over candidates and folds."""

    @abstractmethod
    def _candidates(self) -> Iterable[Mapping[str, Any]]:
        """Return the settings of each candidate."""

    @_fit_context(prefer_skip_nested_validation=False)  # type: ignore[untyped-decorator]
    def fit(self: Any, X: Any, y: Any = None, **params: Any) -> Any:
        """Fit and score each candidate on each fold, then the best on all samples.

        Args:
            X: samples (N, D).
            y: labels or values, (N,) or (N, K).
            params: what the estimator, the scorers and the splitter are given, as in scikit-learn.

        Returns:
            The search.

        Raises:
            ValueError: whatever scikit-learn's search refuses.
        """
        if SklearnCallbacks.has_any(self) or type(last_step(self.estimator)) not in ESTIMATORS:
            return super().fit(X, y, **params)  # type: ignore[misc]
        scorers, refit_metric = self._get_scorers()
        X, y = indexable(X, y)
        params = _check_method_params(X, params=params)
        routed = self._get_routed_params_for_fit(params)
        cv = check_cv(self.cv, y, classifier=is_classifier(self.estimator))
        self._checked_cv_orig = cv
        self.n_splits_ = cv.get_n_splits(X, y, **routed.splitter.split)
        splits = list(cv.split(X, y, **routed.splitter.split))
        if len(splits) != self.n_splits_:
            raise ValueError(
                "cv.split and cv.get_n_splits return inconsistent results. Expected "
                f"{self.n_splits_} splits, got {len(splits)}"
            )
        candidates = list(self._candidates())
        call = Call(
            estimator=clone(self.estimator),
            X=X,
            y=y,
            splits=splits,
            fit_params=routed.estimator.fit,
            score_params=routed.scorer.score,
            scorer=scorers,
            error_score=self.error_score,
            return_train_score=self.return_train_score,
            has_own_score=isinstance(scorers, _PassthroughScorer) and not _routing_enabled(),
        )
        results = self._evaluate(call, candidates)
        first_scores = results[0]["test_scores"]
        self.multimetric_ = isinstance(first_scores, dict)
        if callable(self.scoring) and self.multimetric_:
            self._check_refit_for_multimetric(first_scores)
            refit_metric = self.refit
        table = self._format_results(candidates, self.n_splits_, results)
        self._choose(table, refit_metric)
        if self.refit:
            self._refit(call)
        self.scorer_ = scorers._scorers if isinstance(scorers, _MultimetricScorer) else scorers
        self.cv_results_ = table
        return self

    def _evaluate(
        self: Any, call: Call, candidates: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return scikit-learn's result of each candidate on each fold, in this order."""
        n_candidates, n_splits = len(candidates), len(call.splits)
        if not n_candidates or not n_splits:
            raise ValueError(
                "No fits were performed. Was the CV iterator empty? Were there no candidates?"
            )
        count = n_candidates * n_splits
        if self.verbose > 0:
            print(
                f"Fitting {n_splits} folds for each of {n_candidates} candidates, totalling "
                f"{count} fits"
            )
        together = SearchFits(call, candidates)
        if self.verbose > 0:
            sizes = together.sizes
            print(
                f"{sum(sizes)} of them train together, in populations of "
                f"{', '.join(map(str, sizes)) or 0}; {count - sum(sizes)} alone"
            )
        found = together.results()
        alone = [
            pair for pair in product(range(n_candidates), range(n_splits)) if pair not in found
        ]
        if self.verbose > 1:
            for (i, split), result in sorted(found.items()):
                print(_line(candidates[i], split, n_splits, result))
        if alone:
            results = Parallel(n_jobs=self.n_jobs, pre_dispatch=self.pre_dispatch)(
                delayed(_fit_and_score)(
                    clone(call.estimator),
                    call.X,
                    call.y,
                    train=call.splits[split][0],
                    test=call.splits[split][1],
                    parameters=candidates[i],
                    split_progress=(split, n_splits),
                    candidate_progress=(i, n_candidates),
                    scorer=call.scorer,
                    fit_params=call.fit_params,
                    score_params=call.score_params,
                    return_train_score=call.return_train_score,
                    return_n_test_samples=True,
                    return_times=True,
                    error_score=call.error_score,
                    verbose=self.verbose,
                )
                for i, split in alone
            )
            found |= dict(zip(alone, results, strict=True))
        ordered = [found[pair] for pair in product(range(n_candidates), range(n_splits))]
        _warn_or_raise_about_fit_failures(ordered, call.error_score)
        if callable(self.scoring):
            _insert_error_scores(ordered, call.error_score)
        return ordered

    def _choose(self: Any, table: dict[str, Any], refit_metric: Any) -> None:
        """Set the attributes of the best candidate."""
        if not self.refit and self.multimetric_:
            return
        self.best_index_ = self._select_best_index(self.refit, refit_metric, table)
        if not callable(self.refit):
            self.best_score_ = table[f"mean_test_{refit_metric}"][self.best_index_]
        self.best_params_ = table["params"][self.best_index_]

    def _refit(self: Any, call: Call) -> None:
        """Fit the best candidate on all samples."""
        self.best_estimator_ = clone(call.estimator).set_params(
            **clone(self.best_params_, safe=False)
        )
        started = time.time()
        samples = (call.X,) if call.y is None else (call.X, call.y)
        self.best_estimator_.fit(*samples, **call.fit_params)
        self.refit_time_ = time.time() - started
        if hasattr(self.best_estimator_, "feature_names_in_"):
            self.feature_names_in_ = self.best_estimator_.feature_names_in_


class GridSearchCV(_TogetherSearch, model_selection.GridSearchCV):  # type: ignore[misc]
    """scikit-learn's search over a grid, in which networks train together.

    Parameters, attributes and numbers are those of ``sklearn.model_selection.GridSearchCV``. The
    candidates on all folds that share their shapes and the solver, "sgd" or "adam", train as one
    population of the compiled engine, each with its own rows, learning rate, α, momentum, betas,
    seed and end. Networks of the solver "lbfgs" and other estimators are fitted one by one, with
    ``n_jobs``. ``docs/estimators.md`` says when fits train together; with ``verbose`` the
    search says it too. The fit time of a candidate is its share of its population's.

    Args:
        estimator: an estimator, or a pipeline that ends with it.
        param_grid: lists of values by the parameters' names, or a list of such dicts.

    All other arguments are those of scikit-learn.

    >>> from sklearn.datasets import make_moons
    >>> from rosenblatt.estimators import MLPClassifier
    >>> X, y = make_moons(100, noise=0.2, random_state=0)
    >>> grid = {"learning_rate_init": [0.001, 0.1], "alpha": [0.0001, 0.01]}
    >>> network = MLPClassifier((10,), batch_size=10, tol=0.01, random_state=0)
    >>> search = GridSearchCV(network, grid, cv=2).fit(X, y)
    >>> search.best_params_["learning_rate_init"]
    0.1
    """

    def _candidates(self) -> Iterable[Mapping[str, Any]]:
        return ParameterGrid(self.param_grid)


class RandomizedSearchCV(_TogetherSearch, model_selection.RandomizedSearchCV):  # type: ignore[misc]
    """scikit-learn's search over settings drawn at random, in which networks train together.

    Parameters, attributes and numbers are those of ``sklearn.model_selection.RandomizedSearchCV``;
    :class:`GridSearchCV` says what trains together.

    Args:
        estimator: an estimator, or a pipeline that ends with it.
        param_distributions: distributions or lists by the parameters' names, or a list of such
            dicts.
        n_iter: how many candidates are drawn.

    All other arguments are those of scikit-learn.

    >>> from sklearn.datasets import make_moons
    >>> from rosenblatt.estimators import MLPClassifier, RandomizedSearchCV
    >>> X, y = make_moons(60, noise=0.2, random_state=0)
    >>> network = MLPClassifier((4,), tol=0.01, random_state=0)
    >>> rates = {"learning_rate_init": [0.003, 0.01, 0.03]}
    >>> search = RandomizedSearchCV(network, rates, n_iter=2, cv=2, random_state=0).fit(X, y)
    >>> sorted(search.best_params_)
    ['learning_rate_init']
    """

    def _candidates(self) -> Iterable[Mapping[str, Any]]:
        return ParameterSampler(
            self.param_distributions, self.n_iter, random_state=self.random_state
        )


def _line(params: Mapping[str, Any], split: int, n_splits: int, result: dict[str, Any]) -> str:
    """Return a line about a fit, for ``verbose``."""
    settings = ", ".join(f"{name}={params[name]}" for name in sorted(params))
    scores = result["test_scores"]
    named = scores if isinstance(scores, dict) else {"score": scores}
    measured = ", ".join(f"{name}={named[name]:.3f}" for name in sorted(named))
    return f"[CV {split + 1}/{n_splits}] END {settings}; {measured}"
