"""The calibration of a classifier: are its probabilities those with which it is right?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.analysis.explain_result import plain
from rosenblatt.analysis.statistics.intervals import proportion_interval
from rosenblatt.checks import check_is, whole_number
from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, DataError
from rosenblatt.training.predictor import Predictor
from rosenblatt.training.run import Run, RunAt, plan_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, repr=False)
class Calibration:
    """What :func:`calibration` returns, for B bins of equal width.

    Attributes:
        edges: the edges of the bins, (B + 1,).
        counts: the number of samples in each, (B,).
        confidence: the mean confidence in each, (B,); NaN where there is no sample.
        accuracy: the share of right predictions in each, (B,); NaN where there is no sample.
        low: the lower end of its interval at 95 % (Wilson), (B,).
        high: the upper end, (B,).
        ece: the expected calibration error.
        mce: the maximum calibration error.
        brier: Brier's score.
        measured_on: "test", "train", or "data" where samples were given.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(50, means=[(2, 2), (-2, -2)], seed=0)
    >>> run = rb.train(rb.MLP(2, [], 2), data, epochs=10)
    >>> found = rb.analysis.calibration(run, bins=10)
    >>> found.edges.shape, found.counts.sum().item(), found.measured_on
    ((11,), 100, 'train')
    >>> bool(found.mce >= found.ece)
    True
    """

    edges: Floats
    counts: npt.NDArray[np.int64]
    confidence: Floats
    accuracy: Floats
    low: Floats
    high: Floats
    ece: float
    mce: float
    brier: float
    measured_on: str

    @property
    def n_samples(self) -> int:
        """The number of samples."""
        return int(self.counts.sum())

    def to_json(self) -> dict[str, Any]:
        """Return plain values that JSON can hold; NaN is None."""
        values = {name: plain(value) for name, value in vars(self).items()}
        return values | {"n_samples": self.n_samples}

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Draw the reliability curve: accuracy against confidence.

        Args:
            ax: where to draw; a new figure by default, which is ``ax.figure``.
        """
        from rosenblatt.plotting import new_figure, plot_calibration

        if ax is None:
            ax = new_figure(panel_size=(3.6, 3.4))[1][0]
        plot_calibration(
            ax,
            self.confidence,
            self.accuracy,
            counts=self.counts,
            edges=self.edges,
            low=self.low,
            high=self.high,
            error=self.ece,
        )
        return ax

    def __repr__(self) -> str:
        return f"Calibration(ece={self.ece:.4f}, n_samples={self.n_samples})"


def calibration(run: Predictor, data: Dataset | None = None, *, bins: int = 10) -> Calibration:
    """Return the reliability curve of a classifier, and how far it is from the diagonal.

    The confidence of a prediction is the probability of the predicted class. Samples are divided
    by their confidence into B bins of equal width from 0 to 1. With n_b samples in bin b, their
    accuracy acc_b and their mean confidence conf_b,

        ECE = Σ_b n_b / N · |acc_b − conf_b|,    MCE = max_b |acc_b − conf_b|

    (Naeini, Cooper and Hauskrecht, *Obtaining well calibrated probabilities using Bayesian
    binning*, AAAI 2015; Guo et al., *On calibration of modern neural networks*, ICML 2017,
    equations 3 and 5). Brier's score is the mean of Σ_c (p_c − y_c)² (*Verification of forecasts
    expressed in terms of probability*, Monthly Weather Review 78, 1950). An ECE above 0 is expected
    of a finite sample of a calibrated classifier too: compare the accuracies' intervals with the
    diagonal. Each sample counts once, whatever its weight.

    Args:
        run: a run, a run at one moment, or a loaded model, that gives probabilities.
        data: labelled samples; by default the run's test set, or its training set without one.
        bins: B, at least 1.

    Raises:
        ConfigurationError: the model gives no probabilities of classes, or has no samples.
        DataError: a label that was not in the training data, or other features.

    >>> import rosenblatt as rb
    >>> train, test = rb.data.moons(400, noise=0.3, seed=0).split(test_size=0.5, seed=0)
    >>> run = rb.train(rb.MLP(2, [8], 2), train, test=test, optimizer=rb.SGD(0.5), epochs=200)
    >>> found = rb.analysis.calibration(run)
    >>> found.n_samples, found.measured_on, 0 < found.ece < 0.2
    (200, 'test', True)
    """
    check_is("run", run, Predictor)
    bins = whole_number(bins, "bins", at_least=1)
    if run.classes is None:
        raise ConfigurationError("calibration is that of a classifier; this model predicts values")
    measured_on = "data"
    if data is None:
        data, measured_on = _samples_of(run)
    check_is("data", data, Dataset)
    data = data.order_as(run.feature_names).encode_as(run.classes)
    probabilities = np.asarray(run.predict_proba(data.X), dtype=np.float64)
    if not len(probabilities):
        raise DataError("calibration needs at least one sample")
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    right = predicted == data.y
    edges = np.linspace(0, 1, bins + 1)
    # A bin has its upper edge, as in the papers.
    places = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    counts = np.bincount(places, minlength=bins)
    with np.errstate(invalid="ignore"):
        mean_confidence = np.bincount(places, weights=confidence, minlength=bins) / counts
        accuracy = np.bincount(places, weights=right, minlength=bins) / counts
    gaps = np.abs(accuracy - mean_confidence)
    low, high = np.full((2, bins), np.nan)
    hits = np.bincount(places[right], minlength=bins)
    for b in np.flatnonzero(counts):
        interval = proportion_interval(int(hits[b]), int(counts[b]))
        low[b], high[b] = interval.low, interval.high
    truth = np.eye(probabilities.shape[1])[data.y]
    return Calibration(
        edges=edges,
        counts=counts,
        confidence=mean_confidence,
        accuracy=accuracy,
        low=low,
        high=high,
        ece=float(np.nansum(counts * gaps) / counts.sum()),
        mce=float(np.nanmax(gaps)),
        brier=float(((probabilities - truth) ** 2).sum(axis=1).mean()),
        measured_on=measured_on,
    )


def _samples_of(run: Predictor) -> tuple[Dataset, str]:
    owner = run.run if isinstance(run, RunAt) else run
    if not isinstance(owner, Run):
        raise ConfigurationError("this model does not know its data; pass labelled samples")
    plan = plan_of(owner)
    return (plan.train, "train") if plan.test is None else (plan.test, "test")
