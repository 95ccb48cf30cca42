"""Bookkeeping of training: the statistics of epochs, and the selection of weights."""

from functools import partial

from rosenblatt.engines.base import Divergence, EpochStats, Job, Metrics, Samples, State
from rosenblatt.layers import Array, Params
from rosenblatt.models.selection import Visit


class Bookkeeping:
    """The statistics of a segment of training, and the memory of the model's selections.

    Args:
        job: the job that is trained.
        state: the state in which the segment begins.
        ends_epochs: whether the segment contains the last batch of its epochs.
    """

    def __init__(self, job: Job, state: State, *, ends_epochs: bool) -> None:
        self.job = job
        self.ends_epochs = ends_epochs
        self.selection_state = state.selection_state
        self.divergence: Divergence | None = None
        self._count_errors = partial(count_errors, job)
        self._mistakes = 0
        self._loss, self._penalty = 0.0, 0.0
        self._losses: list[float] = []
        self._penalties: list[float] = []

    def count(self, batch: Samples, loss: float, penalty: float) -> None:
        """Count the loss of a batch from before its update, and the penalty that was added."""
        self._loss += loss * len(batch)
        self._penalty += penalty * len(batch)

    def select(self, batch: Samples, outputs: Array, before: Params, after: Params) -> None:
        """Let the model's selections see an update; ``outputs`` are from before it."""
        if not self.job.model.selections:
            return
        mistakes = len(batch) - int(self.job.loss.n_correct(outputs, batch.targets))
        self._mistakes += mistakes
        visit = Visit(before, after, mistakes, len(batch))
        self.selection_state = {
            rule.name: rule.after_update(self.selection_state[rule.name], visit, self._count_errors)
            for rule in self.job.model.selections
        }

    def end_epoch(self, params: Params) -> None:
        """Close the sums of an epoch, or of a part of one."""
        if self.ends_epochs:
            self.selection_state = {
                rule.name: rule.after_epoch(
                    self.selection_state[rule.name], params, self._count_errors
                )
                for rule in self.job.model.selections
            }
        n_samples = len(self.job.data)
        self._losses.append(self._loss / n_samples)
        self._penalties.append(self._penalty / n_samples)
        self._loss, self._penalty = 0.0, 0.0

    def diverge(self, epoch: int, update: int) -> None:
        """Note that a batch's loss was not finite, after ``update`` updates."""
        last_rate = self.job.optimizer.rate(max(update - 1, 0))
        self.divergence = Divergence(epoch, update, last_rate)

    @property
    def stats(self) -> EpochStats:
        """The statistics so far."""
        if not self.job.sum_losses:
            return EpochStats(self._mistakes, self.divergence)
        losses, penalties = tuple(self._losses), tuple(self._penalties)
        return EpochStats(self._mistakes, self.divergence, losses, penalties)


def first_state(job: Job, params: Params, errors: int) -> State:
    """Return the state before the first update; only selections need the number of errors."""
    selection_state = {rule.name: rule.start(params, errors) for rule in job.model.selections}
    return State(params, job.optimizer.init(params), selection_state=selection_state)


def count_errors(job: Job, params: Params) -> int:
    """Return how many of the training samples are misclassified with these weights."""
    outputs, _ = job.model.forward(params, job.data.x)
    return len(outputs) - int(job.loss.n_correct(outputs, job.data.targets))


def mean_metrics(totals: tuple[float, float], data: Samples) -> Metrics:
    """Return the means over ``data`` of a sum of losses and a number of right predictions."""
    losses, correct = totals
    return Metrics(loss=losses / data.weight, accuracy=correct / len(data))
