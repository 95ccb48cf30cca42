"""scikit-learn's own callbacks (``sklearn.callback``, from 1.9 on) as a callback of this package.

There a fit is a tree of tasks, each with a begin and an end. A fit by ``sgd`` or ``adam`` is a task
with a task for each epoch; any other fit is one task without parts.
"""

from collections.abc import Callable
from typing import Any

from rosenblatt.training import Callback, RunInProgress

try:
    from sklearn.callback import CallbackSupportMixin as CallbackSupportMixin
except ImportError:

    class CallbackSupportMixin:  # type: ignore[no-redef]
        """An older scikit-learn knows no callbacks."""


OF_ONE_FIT = ("_callback_fit_ctx", "_parent_callback_ctx", "_skl_callbacks_to_teardown")
"""Attributes that scikit-learn sets on an estimator while it is fitted."""


class SklearnCallbacks(Callback):
    """Reports the progress of a fit to scikit-learn's callbacks.

    Args:
        estimator: what is being fitted.
        data: X, y and sample weights, as ``fit`` was given them.
        epochs: how many tasks there will be at most, 0 for none.
        fitted: returns the attributes that make a copy of the estimator predict with some weights.
    """

    def __init__(
        self,
        estimator: Any,
        data: tuple[Any, Any, Any],
        epochs: int,
        fitted: Callable[[Any], dict[str, Any]],
    ) -> None:
        X, y, sample_weight = data
        metadata = None if sample_weight is None else {"sample_weight": sample_weight}
        self._given = {"estimator": estimator, "X": X, "y": y, "metadata": metadata}
        self._fitted = fitted
        self._fit = estimator._init_callback_context(max_subtasks=epochs)

    @staticmethod
    def has_any(estimator: Any) -> bool:
        """Return whether an estimator has callbacks of scikit-learn, its own or a search's."""
        return bool(getattr(estimator, "_skl_callbacks", ()))

    def begin(self) -> None:
        """The fit begins."""
        self._fit.call_on_fit_task_begin(**self._given)

    def on_evaluation(self, run: RunInProgress) -> None:
        """An epoch has ended; a callback may want to end the fit."""
        epoch = self._fit.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(**self._given)
        if epoch.call_on_fit_task_end(
            **self._given, reconstruction_attributes=lambda: self._fitted(run.state.params)
        ):
            run.stop("a callback of scikit-learn has ended the fit")

    def end(self) -> None:
        """The fit has ended; the estimator has what it has found."""
        self._fit.call_on_fit_task_end(**self._given, reconstruction_attributes=dict)
