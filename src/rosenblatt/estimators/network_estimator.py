"""The base class of MLPClassifier and MLPRegressor: settings, fitting, outputs."""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from itertools import pairwise
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, _fit_context, clone
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import check_is_fitted

from rosenblatt.engines import ENGINES, Engine, Job, ReferenceEngine, Samples, State, choose_engine
from rosenblatt.engines.threads import blas_alone
from rosenblatt.errors import ConfigurationError, DataError
from rosenblatt.estimators.fit_monitor import FitMonitor
from rosenblatt.estimators.layout import (
    ACTIVATION_NAMES,
    as_lists,
    as_params,
    hidden_activations,
    hidden_widths,
    model_of,
)
from rosenblatt.estimators.quasi_newton import Objective, minimize
from rosenblatt.estimators.sklearn_callbacks import (
    OF_ONE_FIT,
    CallbackSupportMixin,
    SklearnCallbacks,
)
from rosenblatt.estimators.stochastic import Member, Rules, train_members
from rosenblatt.estimators.streams import Orders, draw_split, draw_weights
from rosenblatt.estimators.validation import check_weights, validated
from rosenblatt.layers import Params
from rosenblatt.layers.sigmoid import sigmoid
from rosenblatt.layers.softmax import softmax
from rosenblatt.losses import Loss
from rosenblatt.models import Sequential
from rosenblatt.optimizers import SGD, Adam, Optimizer
from rosenblatt.training import Callback

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STOCHASTIC = ("sgd", "adam")
BATCH = 200
"""The batch size of "auto", or all samples where there are fewer."""

OUT_ACTIVATIONS: Mapping[str, Callable[[npt.NDArray[Any]], npt.NDArray[Any]]] = {
    "identity": lambda outputs: outputs,
    "logistic": sigmoid,
    "softmax": softmax,
    "exp": np.exp,
}
"""Functions from outputs to predictions, by scikit-learn's names."""


class NetworkEstimator(CallbackSupportMixin, BaseEstimator, ABC):  # type: ignore[misc]
    """The contract of MLPClassifier and MLPRegressor; they say what labels and outputs mean."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [StrOptions(ACTIVATION_NAMES.keys()), "array-like"],
        "solver": [StrOptions({"lbfgs", "sgd", "adam"})],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [
            Interval(Integral, 1, None, closed="left"),
            Options(Real, {np.inf}),
        ],
        "max_fun": [Interval(Integral, 1, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "n_runs": [Interval(Integral, 1, None, closed="left")],
        "select": [StrOptions({"mean", "best"})],
        "engine": [StrOptions({"auto", *ENGINES})],
    }

    _least_held_out: ClassVar[int] = 1
    """The fewest rows on which a score is defined."""

    coefs_: list[npt.NDArray[Any]]
    intercepts_: list[npt.NDArray[Any]]
    _widths: tuple[int, ...]

    # What labels and outputs mean

    @abstractmethod
    def _check_data(
        self, X: Any, y: Any, *, first: bool, incremental: bool
    ) -> tuple[Any, npt.NDArray[Any]]:
        """Return X and the targets (N, K), checked; learn the classes."""

    @abstractmethod
    def _loss(self, dtype: npt.DTypeLike) -> Loss:
        """Return what is descended on."""

    @abstractmethod
    def _out_activation(self) -> str:
        """Return what turns the last layer's outputs into predictions, by scikit-learn's name."""

    @abstractmethod
    def _score_activated(self, outputs: npt.NDArray[Any], data: Samples) -> float:
        """Return accuracy or R² of outputs, after their activation."""

    def _stratify(self, targets: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
        """Return what shares a validation set should have like the training set."""
        return None

    @abstractmethod
    def _check_validation(self, X: Any, y: Any) -> tuple[Any, npt.NDArray[Any]]:
        """Return X and the targets (N, K) of a validation set, checked."""

    def _loss_scale(self) -> float:
        """Return by what the engine's losses are multiplied for ``loss_``."""
        return 1.0

    def _weights(
        self,
        targets: npt.NDArray[Any],
        sample_weight: npt.NDArray[Any] | None,
        *,
        incremental: bool,
    ) -> npt.NDArray[Any] | None:
        """Return the samples' weights."""
        return sample_weight

    # Fitting

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        validation_data: tuple[Any, ...] | None = None,
        callbacks: Sequence[Callback] = (),
    ) -> Self:
        """Fit the network to samples and their labels or values.

        Args:
            X: samples (N, D), an array, a data frame or a sparse matrix.
            y: labels (N,), or for several labels per sample a table (N, K) of 0 and 1; for a
                regression values (N,) or (N, K).
            sample_weight: weights (N,), at least 0, of the samples in the mean of the loss.
            validation_data: (X, y) or (X, y, sample_weight) to measure after every epoch, in
                ``validation_loss_curve_``; with early_stopping, it takes the place of a share of
                the training set.
            callbacks: what watches the fit, and may end it: see :class:`rosenblatt.Callback`.

        Returns:
            The estimator.

        Raises:
            ValueError: a setting or data that cannot be used; or the loss stopped being finite.
        """
        return self._fit(X, y, sample_weight, validation_data=validation_data, callbacks=callbacks)

    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def initialize(self, X: Any, y: Any) -> Self:
        """Draw the initial weights for such samples and labels or values, and train nothing.

        Args:
            X: samples (N, D); only their number of columns and their type count.
            y: labels, with every class among them; or values, (N,) or (N, K).

        Returns:
            The estimator, which predicts as it is, and which ``partial_fit``, or ``fit`` with
            warm_start, trains from these weights on.

        Raises:
            ValueError: a setting or data that cannot be used; the estimator is then unchanged.
        """
        before = dict(self.__dict__)
        self._forget("coefs_", "classes_")
        try:
            return self._fit(X, y, None, only_start=True)
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any,
        *,
        incremental: bool = False,
        validation_data: tuple[Any, ...] | None = None,
        callbacks: Sequence[Callback] = (),
        only_start: bool = False,
    ) -> Self:
        given, tasks = (X, y, sample_weight), None
        widths = hidden_widths(self.hidden_layer_sizes)
        first = not hasattr(self, "coefs_") or (not self.warm_start and not incremental)
        X, targets = self._check_data(X, y, first=first, incremental=incremental)
        if sample_weight is not None:
            sample_weight = check_weights(sample_weight, X, X.dtype)
        self._check_choices(incremental, callbacks, validation_data is not None)
        if only_start and self.n_runs > 1:
            raise ConfigurationError("initialize draws the weights of one run; leave n_runs at 1")
        weights = self._weights(targets, sample_weight, incremental=incremental)
        data = samples_of(X, targets, weights)
        widths = (X.shape[1], *widths, targets.shape[1])
        self._random_state = check_random_state(self.random_state)
        if not first:
            self._check_present_weights(widths)
        self._widths, self.n_outputs_ = widths, targets.shape[1]
        if first:
            self._start(X.dtype)
        elif not hasattr(self, "_left" if self.solver == "lbfgs" else "loss_curve_"):
            # The present weights are a caller's, or those of lbfgs.
            self._start_records()
        if only_start:
            return self
        validation = None
        if validation_data is not None:
            validation = self._validation(validation_data, X.dtype)
        by_epochs = self.solver != "lbfgs" and self.n_runs == 1
        if SklearnCallbacks.has_any(self) and not incremental:
            tasks = SklearnCallbacks(self, given, by_epochs * int(self.max_iter), self._fitted_with)
            tasks.begin()
        if by_epochs:
            watching = (*callbacks, tasks) if tasks else callbacks
            self._fit_stochastic(data, validation, watching, incremental)
        elif self.n_runs > 1:
            self._fit_population(data, validation)
        else:
            self._fit_whole_batch(data)
        if not all(np.isfinite(array).all() for array in (*self.coefs_, *self.intercepts_)):
            raise DataError(
                "Solver produced non-finite parameter weights. The input data may contain large "
                "values and need to be preprocessed."
            )
        if tasks:
            tasks.end()
        return self

    def _fitted_with(self, params: Params) -> dict[str, Any]:
        """Return the attributes by which a copy of this estimator predicts with these weights."""
        coefs, intercepts = as_lists(params)
        return {"coefs_": coefs, "intercepts_": intercepts}

    def _check_choices(
        self, incremental: bool, callbacks: Sequence[Callback], validated: bool
    ) -> None:
        """Refuse settings that cannot work together."""
        if incremental and self.early_stopping:
            raise ConfigurationError("partial_fit does not support early_stopping=True")
        if incremental and self.n_runs > 1:
            raise ConfigurationError("partial_fit trains one run; leave n_runs at 1")
        if self.warm_start and self.n_runs > 1:
            raise ConfigurationError("warm_start continues one run; leave n_runs at 1")
        if self.solver == "lbfgs" and (callbacks or validated or self.dropout or self.n_runs > 1):
            raise ConfigurationError(
                "callbacks, validation_data, dropout and n_runs need a stochastic solver: 'sgd' or "
                "'adam', got 'lbfgs'"
            )
        if callbacks and self.n_runs > 1:
            raise ConfigurationError("callbacks watch one run; leave n_runs at 1")
        for callback in callbacks:
            if not isinstance(callback, Callback):
                raise ConfigurationError(
                    f"callbacks must be of type rosenblatt.Callback, got {callback!r}"
                )

    def _validation(self, given: tuple[Any, ...], dtype: npt.DTypeLike) -> Samples:
        """Return validation_data, (X, y) or (X, y, sample_weight), as samples.

        Raises:
            ConfigurationError: it is something else.
        """
        if not isinstance(given, tuple) or len(given) not in (2, 3):
            raise ConfigurationError(
                "validation_data must be a tuple (X, y) or (X, y, sample_weight)"
            )
        X, targets = self._check_validation(*given[:2])
        if self.early_stopping and len(targets) < self._least_held_out:
            raise DataError(
                "early_stopping needs a score, which validation_data of 1 row does not have; give "
                "at least 2 rows"
            )
        weight = None
        if len(given) == 3 and given[2] is not None:
            weight = check_weights(given[2], X, dtype)
        return samples_of(X.astype(dtype, copy=False), targets, weight)

    def _check_present_weights(self, widths: tuple[int, ...]) -> None:
        """Refuse weights, of an earlier fit or set by a caller, that do not have these widths."""
        arrays = [np.asarray(array) for array in (*self.coefs_, *self.intercepts_)]
        shapes = [array.shape for array in arrays]
        expected = [*pairwise(widths), *((width,) for width in widths[1:])]
        if shapes != expected:
            present = (*(shape[0] for shape in shapes[:1]), *(b[-1] for b in shapes if len(b) == 1))
            raise ConfigurationError(
                "partial_fit and warm_start continue from the present coefs_ and intercepts_, of "
                f"widths {present}; X, y and hidden_layer_sizes ask for {widths}"
            )
        self.coefs_, self.intercepts_ = arrays[: len(self.coefs_)], arrays[len(self.coefs_) :]

    def _start(self, dtype: npt.DTypeLike) -> None:
        """Draw the initial weights, and forget the results of an earlier fit."""
        names = self._activations()
        # The last layer's weights are drawn as those before it.
        last = names[-1] if names else self._one_activation()
        self.coefs_, self.intercepts_ = draw_weights(
            self._random_state, self._widths, (*names, last), dtype
        )
        self._start_records()

    def _start_records(self) -> None:
        """Set the attributes in which a fit records its progress to those of no epoch."""
        self.n_iter_, self.t_ = 0, 0
        self.n_layers_ = len(self._widths)
        self.out_activation_ = self._out_activation()
        self._left: dict[str, Any] = {}
        self._forget("estimators_", "loss_curve_", "validation_loss_curve_", "validation_scores_")
        self._forget("learning_rate_", "no_improvement_count_")
        if self.solver in STOCHASTIC:
            stops_early = self.early_stopping
            self.loss_curve_: list[float] = []
            self.validation_loss_curve_: list[float] | None = None
            self.validation_scores_: list[float] | None = [] if stops_early else None
            self.best_validation_score_ = -np.inf if stops_early else None
            self.best_loss_ = None if stops_early else np.inf

    def _activations(self) -> tuple[str, ...]:
        return hidden_activations(self.activation, len(self._widths) - 2)

    def _one_activation(self) -> str:
        return self.activation if isinstance(self.activation, str) else "identity"

    def _model(self) -> Sequential:
        return model_of(self._widths, self._activations(), float(self.dropout))

    def _fit_whole_batch(self, data: Samples) -> None:
        model = self._model()
        objective = Objective(model, self._loss(data.x.dtype), data, self.alpha, self._loss_scale())
        params, self.loss_, self.n_iter_ = minimize(
            objective,
            as_params(model, self.coefs_, self.intercepts_),
            max_iter=self.max_iter,
            max_fun=self.max_fun,
            tol=self.tol,
            verbose=bool(self.verbose),
        )
        dtype = data.x.dtype
        self.coefs_, self.intercepts_ = as_lists({n: v.astype(dtype) for n, v in params.items()})

    def _fit_stochastic(
        self,
        data: Samples,
        validation: Samples | None,
        callbacks: Sequence[Callback],
        incremental: bool,
    ) -> None:
        """Fit one network, going on with what an earlier call has left."""
        rules = self._rules(incremental)
        epochs = 1 if incremental else rules.max_iter
        job, orders, validation = self._job(data, validation)
        engine = choose_engine(self.engine, job, epochs)
        member = self._member(job, orders, engine, rules)
        watch = FitMonitor(member, self._score_outputs, engine, validation, callbacks, rules)
        try:
            watch.begin()
            with _one_team(engine, is_measured=validation is not None or bool(callbacks)):
                train_members([member], engine, rules)
        finally:
            watch.end()
        self._take_over(member, watch.losses)

    def _fit_population(self, data: Samples, validation: Samples | None) -> None:
        """Fit several networks that differ in what is random, together where they share their data.

        The first of them is what a single run with the same random_state would be.
        """
        rules, learned = self._rules(incremental=False), not_settings(self)
        fits: list[tuple[NetworkEstimator, Member, FitMonitor]] = []
        engine: Engine | None = None
        for seed in self._seeds():
            estimator = clone(self).set_params(n_runs=1, random_state=seed)
            for name, value in learned.items():
                setattr(estimator, name, value)
            estimator._random_state = check_random_state(seed)
            estimator._start(data.x.dtype)
            job, orders, held_out = estimator._job(data, validation)
            # With a validation set of its own, each trains on other samples, and alone.
            job = job if rules.on_validation else replace(job, population=self.n_runs)
            epochs = rules.max_iter * self.n_runs
            engine = engine or choose_engine(self.engine, job, epochs)
            member = estimator._member(job, orders, engine, rules)
            watch = FitMonitor(member, estimator._score_outputs, engine, held_out, (), rules)
            fits.append((estimator, member, watch))
        members = [member for _, member, _ in fits]
        assert engine is not None
        with _one_team(engine, is_measured=held_out is not None):
            for group in [[member] for member in members] if rules.on_validation else [members]:
                train_members(group, engine, rules)
        for estimator, member, watch in fits:
            estimator._take_over(member, watch.losses)
        self.estimators_ = [estimator for estimator, _, _ in fits]
        best = min(self.estimators_, key=NetworkEstimator._rank)
        for name, value in not_settings(best).items():
            setattr(self, name, value)

    def _rank(self) -> float:
        """Return a number that is lower for a better fit."""
        score = self.best_validation_score_
        return float(self.loss_) if score is None else -float(score)

    def _seeds(self) -> list[int]:
        """Return the seed of each run."""
        if isinstance(self.random_state, Integral):
            return [int(self.random_state) + i for i in range(self.n_runs)]
        drawn = self._random_state.randint(np.iinfo(np.int32).max, size=self.n_runs)
        return [int(seed) for seed in drawn]

    def _rules(self, incremental: bool) -> Rules:
        return Rules(
            max_iter=int(self.max_iter),
            tol=float(self.tol),
            n_iter_no_change=self.n_iter_no_change,
            schedule=self.learning_rate if self.solver == "sgd" else "constant",
            rate=float(self.learning_rate_init),
            power_t=float(self.power_t),
            verbose=bool(self.verbose),
            loss_scale=self._loss_scale(),
            once=incremental,
            on_validation=bool(self.early_stopping),
        )

    def _new_optimizer(self) -> Optimizer:
        rate = float(self.learning_rate_init)
        if self.solver == "adam":
            return Adam(
                rate,
                beta1=float(self.beta_1),
                beta2=float(self.beta_2),
                epsilon=float(self.epsilon),
                epsilon_hat=True,
            )
        momentum = float(self.momentum)
        nesterov = bool(self.nesterovs_momentum) and momentum > 0
        return SGD(rate, momentum=momentum, nesterov=nesterov)

    def _job(
        self, data: Samples, validation: Samples | None
    ) -> tuple[Job, Orders | None, Samples | None]:
        """Return what is to be trained, in which orders, and what it is validated on."""
        data, validation = self._with_held_out(data, validation)
        job = self._job_on(data)
        return job, Orders(self._random_state, len(data)) if self.shuffle else None, validation

    def _with_held_out(
        self, data: Samples, validation: Samples | None
    ) -> tuple[Samples, Samples | None]:
        """Return the samples to train on and to validate on; early stopping holds some out."""
        if not self.early_stopping or validation is not None:
            return data, validation
        rows, held_out = draw_split(
            self._random_state, len(data), self.validation_fraction, self._stratify(data.targets)
        )
        data, validation = _rows(data, rows), _rows(data, held_out)
        for name, part in (("validation", validation), ("training", data)):
            if part.sample_weight is not None and not part.sample_weight.any():
                raise DataError(
                    f"The sample weights for {name} set are all zero, consider using a "
                    "different random state."
                )
        return data, validation

    def _job_on(self, data: Samples) -> Job:
        """Return the training on these samples, those held out left out; dropout draws a seed."""
        n = len(data)
        if self.batch_size != "auto" and self.batch_size > n:
            warnings.warn(
                f"Got `batch_size` {self.batch_size}, which is larger than the {n} training "
                f"samples. It is going to be clipped to {n}.",
                stacklevel=6,
            )
        drawn = self._random_state.randint(np.iinfo(np.int32).max) if self.dropout else 0
        return Job(
            model=self._model(),
            loss=self._loss(data.x.dtype),
            optimizer=self._new_optimizer(),
            data=data,
            batch_size=min(n, BATCH if self.batch_size == "auto" else int(self.batch_size)),
            shuffle=False,
            seed=int(drawn),
            penalty=float(self.alpha),
            sum_losses=True,
        )

    def _member(self, job: Job, orders: Orders | None, engine: Engine, rules: Rules) -> Member:
        """Return a fit before its next epoch; ``partial_fit`` also continues the optimizer."""
        start = engine.start(job, as_params(self._model(), self.coefs_, self.intercepts_))
        left: State | None = self._left.get("state") if rules.once else None
        if left is not None and left.slots.keys() == start.slots.keys():
            start = replace(start, slots=left.slots, update=left.update)
        return Member(
            job=job,
            state=start,
            orders=orders,
            rate=self._left.get("rate", rules.rate) if rules.once else rules.rate,
            seen=self.t_,
            loss_curve=self.loss_curve_,
            scores=[] if self.validation_scores_ is None else self.validation_scores_,
            best_loss=np.inf if self.best_loss_ is None else self.best_loss_,
            best_score=(
                -np.inf if self.best_validation_score_ is None else self.best_validation_score_
            ),
            best_params=self._left.get("best_params", start.params) if rules.on_validation else {},
            no_improvement=self._left.get("no_improvement", 0),
        )

    def _take_over(self, member: Member, validation_losses: list[float]) -> None:
        """Take over what a fit has found."""
        self.n_iter_, self.t_ = member.n_iter, member.seen
        self.learning_rate_ = member.rate
        self.no_improvement_count_ = member.no_improvement
        self.loss_curve_ = member.loss_curve
        self.loss_ = member.loss_curve[-1] if member.loss_curve else np.nan
        if self.early_stopping:
            self.validation_scores_ = member.scores
            self.best_validation_score_ = member.best_score
        else:
            self.best_loss_ = member.best_loss
        if validation_losses:
            self.validation_loss_curve_ = (self.validation_loss_curve_ or []) + validation_losses
        self.coefs_, self.intercepts_ = as_lists(member.best_params or member.state.params)
        self._left = {
            "state": replace(member.state, params={}),
            "rate": member.rate,
            "best_params": member.best_params,
            "no_improvement": member.no_improvement,
        }

    # Fitted

    def plot_loss(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the loss of every epoch, and that of the validation set where there was one.

        Args:
            ax: Matplotlib's axes to draw into; new ones where none are given.

        Returns:
            The axes.

        Raises:
            ConfigurationError: there is no loss curve, because lbfgs has none.
        """
        from rosenblatt.plotting import new_figure, plot_loss

        check_is_fitted(self)
        if not getattr(self, "loss_curve_", None):
            raise ConfigurationError("there is no loss curve: lbfgs has no epochs, nor has no fit")
        if ax is None:
            _, (ax,) = new_figure()
        validation = self.validation_loss_curve_
        measured = validation is not None and len(validation) == len(self.loss_curve_)
        epochs = np.arange(1, len(self.loss_curve_) + 1)
        plot_loss(
            ax,
            epochs,
            self.loss_curve_,
            validation if measured else None,
            ylabel="loss",
            test_label="validation",
        )
        return ax

    def _outputs(self, X: Any, *, check: bool = True) -> npt.NDArray[Any]:
        """Return the outputs of the last layer after its activation, (N, K)."""
        check_is_fitted(self)
        if check:
            X = validated(self, X, reset=False)
        model = self._model()
        outputs, _ = model.forward(as_params(model, self.coefs_, self.intercepts_), X)
        return self._activate(outputs)

    def _outputs_of_runs(self, X: Any) -> list[npt.NDArray[Any]]:
        """Return the outputs of every run, (N, K) each."""
        check_is_fitted(self)
        if not hasattr(self, "estimators_"):
            raise ConfigurationError("there is one run only: fit with n_runs of at least 2")
        X = validated(self, X, reset=False)
        return [estimator._outputs(X, check=False) for estimator in self.estimators_]

    def _mean_outputs(self, X: Any) -> npt.NDArray[Any]:
        """Return the outputs, of several runs the mean or those of the best."""
        if not hasattr(self, "estimators_") or self.select == "best":
            return self._outputs(X)
        mean: npt.NDArray[Any] = np.mean(self._outputs_of_runs(X), axis=0)
        return mean

    def _activate(self, outputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        activated: npt.NDArray[Any] = OUT_ACTIVATIONS[self.out_activation_](outputs)
        return activated

    def _score_outputs(self, outputs: npt.NDArray[Any], data: Samples) -> float:
        return self._score_activated(self._activate(outputs), data)

    def _forget(self, *names: str) -> None:
        """Forget attributes, if they are there."""
        for name in names:
            self.__dict__.pop(name, None)

    def _is_stochastic(self) -> bool:
        if self.solver not in STOCHASTIC:
            raise AttributeError(
                "partial_fit is only available for stochastic optimizers: 'sgd' and 'adam'. "
                f"{self.solver!r} is not stochastic."
            )
        return True

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: sparse input is welcome."""
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _one_team(engine: Engine, *, is_measured: bool) -> AbstractContextManager[None]:
    """Let BLAS have no threads while an engine has a team of its own.

    Between epochs, too: after a validation set they would wait for more on the cores of the team.
    Without measurements nothing uses BLAS, whose libraries take 15 ms to find.
    """
    if isinstance(engine, ReferenceEngine) or not is_measured:
        return nullcontext()
    return blas_alone()


def samples_of(X: Any, targets: npt.NDArray[Any], weights: npt.NDArray[Any] | None) -> Samples:
    """Return samples as engines take them; sparse ones become dense."""
    dense = as_dense(X)
    return Samples(
        np.ascontiguousarray(dense),
        np.ascontiguousarray(targets, dtype=dense.dtype),
        None if weights is None else np.ascontiguousarray(weights, dtype=dense.dtype),
    )


def as_dense(X: Any) -> npt.NDArray[Any]:
    """Return an array as it is, and a sparse one as an array."""
    dense: npt.NDArray[Any] = X.toarray() if hasattr(X, "toarray") else X
    return dense


def _rows(data: Samples, rows: npt.NDArray[np.int64]) -> Samples:
    weight = None if data.sample_weight is None else data.sample_weight[rows]
    return Samples(data.x[rows], data.targets[rows], weight)


def not_settings(estimator: BaseEstimator) -> dict[str, Any]:
    """Return an estimator's attributes but its settings."""
    others = estimator.get_params(deep=False).keys() | set(OF_ONE_FIT)
    return {name: value for name, value in vars(estimator).items() if name not in others}
