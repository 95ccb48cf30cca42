"""A run in progress, and the callbacks that watch it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

from rosenblatt.engines import Divergence, Engine, EpochStats, Job, Metrics, Samples, Segment, State
from rosenblatt.errors import FileError
from rosenblatt.layers import Params
from rosenblatt.training.history import MISTAKES, RowBuffer
from rosenblatt.training.trajectory import Position, bytes_of

USELESS_GROWTH = 1e30
"""A run has diverged if its last training loss exceeds this multiple of the first, or of 1."""

SECONDS_APART = 0.5
"""Seconds of training between saved positions: recomputing any other takes no longer than this."""
MOST_BYTES = 1 << 27
"""Memory for saved positions, in bytes. Every other one is dropped when they would take more."""


class Callback:
    """The base of callbacks: three hooks that do nothing. Subclasses override some of them.

    A hook is given the run in progress. ``run.metrics`` is the newest evaluation and ``run.params``
    the weights that it measured. ``run.stop(reason)`` ends the run; ``run.choose(params, metrics)``
    in ``on_end`` gives it other weights. Where one callback serves several runs, ``on_start``
    begins afresh.

    A callback that remembers something returns it from ``state``. A checkpoint saves it, and
    ``restore`` gets it back after ``on_start`` when the run is resumed. ``run.rows`` then holds the
    evaluations up to the checkpoint; the callback is not told of them again.

    Attributes:
        serves_many: whether the callback tells runs that train at the same time apart, by their
            seeds. :func:`rosenblatt.train_many` trains them together only then.
        writes_to: the name of the setting that says where the callback writes, if it writes.

    >>> import rosenblatt as rb
    >>> class Rows(rb.Callback):
    ...     n = 0
    ...     def on_evaluation(self, progress):
    ...         self.n += 1
    >>> rows = Rows()
    >>> run = rb.train(rb.MLP(2, [2], 2), rb.data.moons(40, seed=0), epochs=3, callbacks=[rows])
    >>> rows.n
    4
    """

    serves_many: ClassVar[bool] = False
    writes_to: ClassVar[str | None] = None

    def on_start(self, run: "RunInProgress") -> None:
        """Before the first update and the first evaluation."""

    def on_evaluation(self, run: "RunInProgress") -> None:
        """After every evaluation, also that of epoch 0."""

    def on_end(self, run: "RunInProgress") -> None:
        """After the last evaluation, however the run ended."""

    def state(self, run: "RunInProgress") -> dict[str, Any]:
        """Return the content of a checkpoint for this run: plain values and arrays by name."""
        return {}

    def restore(self, run: "RunInProgress", state: dict[str, Any]) -> None:
        """Restore the value that ``state`` returned for this run."""

    def settings(self) -> dict[str, Any]:
        """Return the constructor's arguments by name, as plain values."""
        return {}


@dataclass
class PositionLog:
    """Positions saved in memory during a run: the first, then one per half second of training.

    ``population`` runs share the memory. Positions are ``spacing`` times ``seconds_apart`` apart,
    and there are at most ``most`` of them.
    """

    population: int = 1
    seconds_apart: float = field(default_factory=lambda: SECONDS_APART)
    most: float = math.inf
    positions: list[Position] = field(default_factory=list)
    spacing: int = 1
    seconds_since_last: float = 0.0

    def add(self, position: Position, seconds: float) -> None:
        """Save a position that took ``seconds`` to reach, if the last one is far enough away."""
        self.seconds_since_last += seconds
        if self.positions and self.seconds_since_last < self.spacing * self.seconds_apart:
            return
        self.positions.append(position)
        self.seconds_since_last = 0.0
        saved = len(self.positions)
        if saved > 2 and saved > self.allowed(position.state, MOST_BYTES):
            self.positions = self.positions[::2]
            self.spacing *= 2

    def allowed(self, state: State, most_bytes: int) -> float:
        """Return how many positions of a run take ``most_bytes``, shared by the population."""
        return min(self.most, most_bytes // self.population / max(bytes_of(state), 1))

    def thin(self, most_bytes: int) -> None:
        """Drop every other position until they take no more than ``most_bytes``."""
        while len(self.positions) > max(2, self.allowed(self.positions[0].state, most_bytes)):
            self.positions = self.positions[::2]
            self.spacing *= 2


@dataclass
class RunInProgress:
    """A run while it trains.

    ``epoch`` epochs and ``batch`` batches of the next are done. ``params`` are the weights of the
    newest evaluation, until a callback chooses others, and ``chosen_metrics`` is the evaluation
    that measured them, if there was one. ``weights`` are all weights of that evaluation by name.
    ``evaluated_at`` is the position of the newest evaluation, or of the start.

    >>> import rosenblatt as rb
    >>> class StopAtFive(rb.Callback):
    ...     def on_evaluation(self, progress):
    ...         if progress.epoch == 5:
    ...             progress.stop("five epochs are enough")
    >>> data = rb.data.moons(40, seed=0)
    >>> run = rb.train(rb.MLP(2, [2], 2), data, epochs=100, callbacks=[StopAtFive()])
    >>> run.history[-1]["epoch"], run.stopped
    (5, 'five epochs are enough')
    """

    job: Job
    engine: Engine
    test: Samples | None
    epochs: int
    eval_every: int
    callbacks: tuple[Callback, ...]
    state: State
    validation: Samples | None = None
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    mistakes: int = 0
    stopped: str | None = None
    diverged: bool = False
    params: Params = field(default_factory=dict)
    chosen_metrics: dict[str, float] | None = None
    weights: dict[str, Params] = field(default_factory=dict)
    rows: list[dict[str, float]] = field(default_factory=list)
    started: list[Callback] = field(default_factory=list)
    callback_states: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    evaluated_at: Position | None = None
    position_log: PositionLog = field(default_factory=PositionLog)

    @property
    def seed(self) -> int:
        """The run's seed."""
        return self.job.seed

    @property
    def metrics(self) -> dict[str, float]:
        """The newest evaluation."""
        return self.rows[-1]

    @cached_property
    def row_buffer(self) -> RowBuffer:
        """The rows as an array, for checkpoints."""
        return RowBuffer()

    @property
    def position(self) -> Position:
        """The position of the run."""
        return Position(self.epoch, self.batch, self.state, self.mistakes)

    @property
    def is_running(self) -> bool:
        """Whether epochs are left and nothing has ended the run."""
        return self.epoch < self.epochs and not self.stopped

    @property
    def needs_evaluation(self) -> bool:
        """Whether the present weights are to be measured, and are not yet."""
        scheduled = self.epoch % self.eval_every == 0 or self.epoch >= self.epochs
        evaluated = self.rows[-1]["epoch"] if self.rows else -1
        return scheduled and self.batch == 0 and not self.stopped and evaluated < self.epoch

    @property
    def ends_between_evaluations(self) -> bool:
        """Whether the run is complete and a longer one would not be measured here."""
        return self.epoch >= self.epochs and self.epochs % self.eval_every != 0

    def stop(self, reason: str) -> None:
        """End the run after this evaluation; ``reason`` becomes ``run.stopped``."""
        self.stopped = self.stopped or reason

    def choose(self, params: Params, metrics: dict[str, float] | None = None) -> None:
        """Make ``params`` the run's weights; ``metrics`` is the evaluation that measured them."""
        self.params, self.chosen_metrics = params, metrics

    def move_to(self, position: Position) -> None:
        """Continue the run from a position."""
        self.evaluated_at = self.evaluated_at or position
        self.epoch, self.batch = position.epoch, position.batch
        self.state, self.mistakes = position.state, position.mistakes

    def next_segment(self, most: int) -> Segment:
        """Return the next segment: at most ``most`` updates, up to the next evaluation."""
        left = (self._next_evaluation - self.epoch) * self.job.updates_per_epoch - self.batch
        return self.job.next_segment(self.epoch, self.batch, min(most, left))

    def advance(self, segment: Segment, state: State, stats: EpochStats, seconds: float) -> None:
        """Take over an engine's result of a segment."""
        self.seconds += seconds
        if stats.divergence and self.evaluated_at is not None:
            self._train_to_divergence(self.evaluated_at)
            return
        self.mistakes += stats.mistakes
        self.epoch, self.batch = self.job.after_segment(self.epoch, *segment)
        self.state = state

    def current_weights(self) -> dict[str, Params]:
        """Return the present weights, "last", and those of the model's selections, by name."""
        weights = {"last": self.state.params}
        for rule in self.job.model.selections:
            weights[rule.name] = rule.chosen(self.state.selection_state[rule.name])
        return weights

    def record(
        self,
        weights: dict[str, Params],
        on_train: Metrics,
        on_test: Metrics,
        on_validation: Metrics | None = None,
    ) -> None:
        """Add the measurements of the present weights to the history, if the loss is finite."""
        job, state = self.job, self.state
        params = weights[job.model.selected]
        if not self.rows:
            # If even the first loss is not finite, there are no better weights than these.
            self.params, self.weights = params, weights
        is_finite = math.isfinite(on_train.loss)
        # Only the end is judged for growth, because it is always measured: divergence must not
        # depend on the number of evaluations.
        is_last = bool(self.rows) and self.epoch >= self.epochs
        if not is_finite or (
            is_last and on_train.loss > USELESS_GROWTH * max(self.rows[0]["train_loss"], 1.0)
        ):
            rate = job.optimizer.rate(max(state.update - 1, 0))
            loss = on_train.loss if is_finite else None
            self._diverge(Divergence(self.epoch, state.update, rate, loss))
            return
        row: dict[str, float] = {
            "epoch": self.epoch,
            "updates": state.update,
            "examples": self.epoch * len(job.data),
            "seconds": self.seconds,
            "learning_rate": job.optimizer.rate(state.update),
            "train_loss": on_train.loss,
            "train_accuracy": on_train.accuracy,
            "test_loss": on_test.loss,
            "test_accuracy": on_test.accuracy,
        }
        if on_validation is not None:
            row["validation_loss"] = on_validation.loss
            row["validation_accuracy"] = on_validation.accuracy
        if job.model.selections:
            row[MISTAKES] = self.mistakes
        self.rows.append(row)
        self.weights, self.evaluated_at = weights, self.position
        self.params, self.chosen_metrics = params, row
        for callback in self.callbacks:
            callback.on_evaluation(self)

    def start_callbacks(self) -> None:
        """Call ``on_start`` of all callbacks, and give those of a resumed run their state."""
        for callback in self.callbacks:
            callback.on_start(self)
            self.started.append(callback)
            self._restore(callback)

    def end_callbacks(self) -> None:
        """Call ``on_end`` of all started callbacks, even if one of them raises."""
        errors: list[Exception] = []
        for callback in self.started:
            try:
                callback.on_end(self)
            except Exception as error:
                errors.append(error)
        if errors:
            raise errors[0]

    def _restore(self, callback: Callback) -> None:
        """Give a callback the next state of its name from the checkpoint."""
        name = type(callback).__name__
        entry = next((entry for entry in self.callback_states if entry[0] == name), None)
        if entry is None:
            return
        self.callback_states.remove(entry)
        try:
            callback.restore(self, entry[1])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FileError(f"the checkpoint's state of {name} does not fit: {error}") from error

    @property
    def _next_evaluation(self) -> int:
        return min((self.epoch // self.eval_every + 1) * self.eval_every, self.epochs)

    def _train_to_divergence(self, position: Position) -> None:
        """Train again from the last evaluation to the update that diverges.

        An engine checks the loss before an update, except after the last of a segment. The reported
        update must not depend on how the timer split the work, so the segments here are the longest
        possible.
        """
        self.move_to(position)
        target = self._next_evaluation
        while self.epoch < target and not self.stopped:
            segment = self.next_segment((target - self.epoch) * self.job.updates_per_epoch)
            state, stats = self.engine.run(self.job, self.state, *segment)
            done = self.epoch * self.job.updates_per_epoch + self.batch
            done += state.update - self.state.update
            self.epoch, self.batch = divmod(done, self.job.updates_per_epoch)
            self.state, self.mistakes = state, self.mistakes + stats.mistakes
            if stats.divergence:
                self._diverge(stats.divergence)

    def _diverge(self, divergence: Divergence) -> None:
        self.diverged = True
        self.stop(str(divergence))


def status_of(members: Sequence[RunInProgress]) -> str:
    """Return how members ended: "diverged", "stopped" or "finished"."""
    if all(member.diverged for member in members):
        return "diverged"
    return "stopped" if all(member.stopped for member in members) else "finished"
