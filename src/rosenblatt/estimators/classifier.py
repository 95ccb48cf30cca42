"""The multi-layer perceptron for classes."""

from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.preprocessing import LabelBinarizer
from sklearn.utils import column_or_1d
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    type_of_target,
    unique_labels,
)

from rosenblatt.engines import Samples
from rosenblatt.errors import ConfigurationError, DataError
from rosenblatt.estimators.network_estimator import NetworkEstimator, as_dense
from rosenblatt.estimators.validation import assign_settings, validated, weights_of_classes
from rosenblatt.losses import Loss, SigmoidCrossEntropy, SoftmaxCrossEntropy


class MLPClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """A multi-layer perceptron for classes, as scikit-learn's, trained by this package's engines.

    The loss is cross-entropy: of a softmax for several classes, of a logistic output for two
    classes, or of one for each of several labels. Every parameter up to ``max_fun`` means what it
    means in scikit-learn, and for the same ``random_state`` the fitted weights are the same up to
    rounding. ``docs/estimators.md`` says what is the same, what is added and what is not there.

    Args:
        hidden_layer_sizes: the width of each hidden layer; () for none.
        activation: of all hidden layers, or a sequence with one for each: "identity", "logistic",
            "tanh", "relu", and beyond scikit-learn's "leaky_relu" or any registered activation.
        solver: "adam", "sgd" or "lbfgs", which descends on all samples at once.
        alpha: α of the penalty ½ α ‖W‖² on weight matrices, which every batch divides by the sum of
            its sample weights.
        batch_size: samples per update; "auto" is 200, or all where there are fewer.
        learning_rate: of sgd: "constant", "invscaling" (divided by (samples seen + 1)^power_t after
            every epoch), or "adaptive" (divided by 5 where the fit would stop otherwise).
        learning_rate_init: the first learning rate, of sgd and adam.
        power_t: the exponent of "invscaling".
        max_iter: epochs at most, or iterations of lbfgs.
        shuffle: whether every epoch has an order of its own.
        random_state: where initial weights, the validation set and orders come from.
        tol: by how much the loss, or the validation score, must improve to count; for lbfgs, how
            small the gradient has to become.
        verbose: whether to print the loss of every epoch.
        warm_start: whether ``fit`` continues from the present weights.
        momentum: of sgd, from 0 to 1.
        nesterovs_momentum: whether momentum takes Nesterov's form.
        early_stopping: whether to hold out samples, stop when accuracy on them does not improve,
            and keep the best weights.
        validation_fraction: the share that is held out.
        beta_1: adam's decay rate of the mean of the gradient.
        beta_2: adam's decay rate of the mean of its square.
        epsilon: adam's ε.
        n_iter_no_change: after more epochs than these without improvement the fit stops.
        max_fun: evaluations of lbfgs at most.
        class_weight: by what the weights of samples are multiplied: a dict from labels, "balanced"
            for N / (C · count), or None.
        dropout: the rate of dropout after each hidden layer while training, below 1.
        n_runs: how many networks to fit that differ in what is random, all at the same time.
        select: of several runs, predict the "mean" of what they say, or as the "best" one.
        engine: "reference" (NumPy), "compiled" (machine code), or "auto": the second for any fit
            that would take the first longer than some hundredths of a second.

    Attributes:
        classes_: the labels.
        coefs_: the weight matrix (n_in, n_out) of each layer.
        intercepts_: the biases (n_out,) of each layer.
        loss_: the loss of the last epoch, every batch's from before its own update.
        loss_curve_: that of every epoch.
        best_loss_: the lowest of them; None with early_stopping.
        validation_scores_: the accuracy on the validation set after every epoch; None without
            early_stopping.
        best_validation_score_: the highest of them.
        validation_loss_curve_: the loss on the validation set after every epoch, without the
            penalty; None without a validation set.
        n_iter_: the number of epochs of the last fit.
        t_: how many samples have been visited.
        learning_rate_: the learning rate of the next epoch, with sgd and adam.
        no_improvement_count_: for how many epochs nothing has improved, with sgd and adam.
        n_features_in_: D.
        feature_names_in_: the columns' names, if X has names.
        n_layers_: how many layers there are, with that of the inputs.
        n_outputs_: how many outputs.
        out_activation_: "softmax" or "logistic".
        estimators_: with n_runs > 1, the fitted estimator of each run. The attributes above are
            then those of the best: of the lowest loss, or with early_stopping the highest score.

    >>> from sklearn.datasets import make_moons
    >>> X, y = make_moons(200, noise=0.2, random_state=0)
    >>> clf = MLPClassifier((20,), learning_rate_init=0.01, max_iter=500, random_state=0).fit(X, y)
    >>> clf.score(X, y) > 0.9
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **NetworkEstimator._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, None],
    }

    def __init__(
        self,
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
        class_weight: Any = None,
        dropout: float = 0.0,
        n_runs: int = 1,
        select: str = "mean",
        engine: str = "auto",
    ) -> None:
        assign_settings(self, locals())

    @available_if(lambda self: self._is_stochastic())  # type: ignore[untyped-decorator]
    @_fit_context(prefer_skip_nested_validation=True)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None, classes: Any = None) -> Self:
        """Train one more epoch, on these samples.

        Args:
            X: samples (N, D).
            y: labels (N,) or (N, K), all of them among ``classes``.
            sample_weight: weights (N,) of the samples.
            classes: all labels that there will ever be; needed in the first call.

        Returns:
            The estimator.
        """
        if self.class_weight == "balanced":
            raise ConfigurationError(
                "class_weight 'balanced' is not supported for partial_fit, which does not see all "
                "labels: give a dict of weights, such as compute_class_weight('balanced', ...) of "
                "scikit-learn finds"
            )
        if _check_partial_fit_first_call(self, classes):
            self._label_binarizer = LabelBinarizer()
            multilabel = type_of_target(y).startswith("multilabel")
            self._label_binarizer.fit(y if multilabel else classes)
        return self._fit(X, y, sample_weight, incremental=True)

    def predict(self, X: Any) -> npt.NDArray[Any]:
        """Return the most probable labels, (N,) or (N, K), for samples (N, D)."""
        return self._labels(self._mean_outputs(X))

    def predict_proba(self, X: Any) -> npt.NDArray[Any]:
        """Return P(class | x), (N, C), or P(label | x) of each of several labels, (N, K).

        With n_runs > 1 and select="mean" it is the mean of what the runs say.
        """
        return _both(self._mean_outputs(X))

    def predict_proba_std(self, X: Any) -> npt.NDArray[Any]:
        """Return the standard deviation over the runs of what ``predict_proba`` says.

        Raises:
            ConfigurationError: there is one run only.
        """
        return np.std([_both(outputs) for outputs in self._outputs_of_runs(X)], axis=0)

    def predict_log_proba(self, X: Any) -> npt.NDArray[Any]:
        """Return the natural logarithm of ``predict_proba``."""
        probabilities = self.predict_proba(X)
        return np.log(probabilities, out=probabilities)

    # The abstract methods of NetworkEstimator

    def _check_data(
        self, X: Any, y: Any, *, first: bool, incremental: bool
    ) -> tuple[Any, npt.NDArray[Any]]:
        X, y = validated(self, X, y, multi_output=True, dtype=(np.float64, np.float32), reset=first)
        y = _as_labels(y)
        if not hasattr(self, "classes_") or not (self.warm_start or incremental):
            self._label_binarizer = LabelBinarizer().fit(y)
            self.classes_ = self._label_binarizer.classes_
        else:
            self._check_labels(y)
        return X, self._targets(y)

    def _check_labels(self, y: npt.NDArray[Any]) -> None:
        """Refuse labels that an earlier fit did not know."""
        labels = unique_labels(y)
        if self.warm_start and set(labels) != set(self.classes_):
            raise DataError(
                "warm_start can only be used where `y` has the same classes as in the previous "
                f"call to fit. Previously got {self.classes_}, `y` has {labels}"
            )
        if len(np.setdiff1d(labels, self.classes_, assume_unique=True)):
            raise DataError(
                "`y` has classes not in `self.classes_`. "
                f"`self.classes_` has {self.classes_}. 'y' has {labels}."
            )

    def _check_validation(self, X: Any, y: Any) -> tuple[Any, npt.NDArray[Any]]:
        X, y = validated(self, X, y, multi_output=True, reset=False)
        y = _as_labels(y)
        unknown = np.setdiff1d(unique_labels(y), self.classes_)
        if len(unknown):
            raise DataError(f"validation_data has labels that are not in y: {unknown}")
        return X, self._targets(y)

    def _targets(self, y: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return labels as the outputs should be, (N, K)."""
        return as_dense(self._label_binarizer.transform(y)).astype(bool)

    def _weights(
        self,
        targets: npt.NDArray[Any],
        sample_weight: npt.NDArray[Any] | None,
        *,
        incremental: bool,
    ) -> npt.NDArray[Any] | None:
        if self.class_weight is None:
            return sample_weight
        if self._label_binarizer.y_type_.startswith("multilabel"):
            raise ConfigurationError("class_weight is for one label per sample, got several")
        index = targets[:, 0].astype(int) if targets.shape[1] == 1 else targets.argmax(axis=1)
        by_class = weights_of_classes(self.class_weight, self.classes_, self.classes_[index])
        weights = by_class[index] if sample_weight is None else by_class[index] * sample_weight
        if not incremental and not weights.any():
            raise DataError(
                "the weights of all samples are 0: class_weight and sample_weight leave nothing to "
                "train on"
            )
        return weights

    def _stratify(self, targets: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
        # scikit-learn stratifies where there are two classes, and there only.
        return targets.astype(bool) if targets.shape[1] == 1 else None

    def _loss(self, dtype: npt.DTypeLike) -> Loss:
        clip = float(np.finfo(dtype).eps)
        softmax = self.out_activation_ == "softmax"
        return SoftmaxCrossEntropy(clip) if softmax else SigmoidCrossEntropy(clip)

    def _out_activation(self) -> str:
        return "softmax" if self._label_binarizer.y_type_ == "multiclass" else "logistic"

    def _labels(self, outputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return labels from probabilities (N, K)."""
        flat = outputs.ravel() if self.n_outputs_ == 1 else outputs
        labels: npt.NDArray[Any] = self._label_binarizer.inverse_transform(flat)
        return labels

    def _score_activated(self, outputs: npt.NDArray[Any], data: Samples) -> float:
        if len(self.classes_) == 1:
            return 1.0  # The only class is predicted whatever the outputs are.
        if self.out_activation_ == "softmax":
            right = outputs.argmax(axis=1) == data.targets.argmax(axis=1)
        else:
            right = ((outputs > 0.5) == (data.targets > 0.5)).all(axis=1)
        return float(np.average(right, weights=data.sample_weight))

    def __sklearn_tags__(self) -> Any:
        """Return scikit-learn's tags: several labels per sample are welcome."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _as_labels(y: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return labels (N, 1) as (N,), and any others as they are."""
    flat: npt.NDArray[Any] = column_or_1d(y, warn=True) if y.shape[1:] == (1,) else y
    return flat


def _both(outputs: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return P of both classes where there is one output, (N, 2)."""
    return np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs
