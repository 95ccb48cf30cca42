"""A run while it is going on."""

import math
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from rosenblatt.engines import (
    Divergence,
    Engine,
    Job,
    Metrics,
    Samples,
    State,
    Sums,
    expected_seconds,
)
from rosenblatt.errors import FileError
from rosenblatt.layers import Params
from rosenblatt.training.callbacks import Callback
from rosenblatt.training.history import Columns
from rosenblatt.training.pace import Pace
from rosenblatt.training.path import Place, Trail, after_stretch, next_stretch

BEYOND_USE = 1e30
"""A run whose training loss ends above this multiple of its start, or of 1, has diverged."""
NOT_MEASURED = Metrics(math.nan, math.nan)


@dataclass
class Training:
    """A run while it is going on; what callbacks see.

    ``epoch`` epochs and ``batch`` batches of the next are done. ``row`` is the newest evaluation
    and ``params`` the weights it measured, until a callback keeps others; ``row_of_params`` is the
    evaluation that measured ``params``, if there was one. ``measured`` is where the newest
    evaluation was made, or where the run began.
    """

    job: Job
    engine: Engine
    test: Samples | None
    epochs: int
    eval_every: int
    callbacks: tuple[Callback, ...]
    state: State
    epoch: int = 0
    batch: int = 0
    seconds: float = 0.0
    mistakes: int = 0
    stopped: str | None = None
    diverged: bool = False
    params: Params = field(default_factory=dict)
    row_of_params: dict[str, float] | None = None
    selected: dict[str, Params] = field(default_factory=dict)
    rows: list[dict[str, float]] = field(default_factory=list)
    begun: list[Callback] = field(default_factory=list)
    remembered: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    measured: Place | None = None
    columns: Columns = field(default_factory=Columns)
    trail: Trail = field(init=False)

    def __post_init__(self) -> None:
        self.trail = Trail(self.job.population)

    @property
    def seed(self) -> int:
        """The run's seed."""
        return self.job.seed

    @property
    def row(self) -> dict[str, float]:
        """The newest evaluation."""
        return self.rows[-1]

    def stop(self, reason: str) -> None:
        """End the run after this evaluation; ``reason`` becomes ``run.stopped``."""
        self.stopped = self.stopped or reason

    def keep(self, params: Params, row: dict[str, float] | None = None) -> None:
        """Make ``params`` the weights of the run; ``row`` is the evaluation that measured them."""
        self.params, self.row_of_params = params, row

    @property
    def goes_on(self) -> bool:
        """Whether there are epochs left and nothing has ended the run."""
        return self.epoch < self.epochs and not self.stopped

    @property
    def place(self) -> Place:
        """Where the run is."""
        return Place(self.epoch, self.batch, self.state, self.mistakes)

    def stand_at(self, place: Place) -> None:
        """Put the run at a place."""
        self.measured = self.measured or place
        self.epoch, self.batch, self.state = place.epoch, place.batch, place.state
        self.mistakes = place.mistakes

    @property
    def is_due(self) -> bool:
        """Whether the present weights are to be measured, and are not yet."""
        on_beat = self.epoch % self.eval_every == 0 or self.epoch >= self.epochs
        measured = self.rows[-1]["epoch"] if self.rows else -1
        return on_beat and self.batch == 0 and not self.stopped and measured < self.epoch

    @property
    def ends_off_beat(self) -> bool:
        """Whether the last epoch is measured only because it is the last."""
        return self.epoch >= self.epochs and self.epochs % self.eval_every != 0

    def begin(self) -> None:
        """Call the callbacks."""
        for callback in self.callbacks:
            callback.on_start(self)
            self.begun.append(callback)
            self._restore(callback)

    def _go_again(self, place: Place) -> None:
        """Train from the last evaluation on to where it diverged.

        An engine looks for a loss that is not finite where its weights are not at the end of what
        it is asked for. How the clock has divided the way is not to say after which update it is.
        """
        self.stand_at(place)
        target = self._next_evaluation
        while self.epoch < target and not self.stopped:
            stretch = self.next_stretch((target - self.epoch) * self.job.updates_per_epoch)
            state, sums = self.engine.run(self.job, self.state, *stretch)
            done = self.epoch * self.job.updates_per_epoch + self.batch
            done += state.update - self.state.update
            self.epoch, self.batch = divmod(done, self.job.updates_per_epoch)
            self.state, self.mistakes = state, self.mistakes + sums.mistakes
            if sums.divergence:
                self._diverge(sums.divergence)

    @property
    def _next_evaluation(self) -> int:
        return min((self.epoch // self.eval_every + 1) * self.eval_every, self.epochs)

    def next_stretch(self, most: int) -> tuple[range, range | None]:
        """Return what to train next: at most so many updates, and up to the next evaluation."""
        left = (self._next_evaluation - self.epoch) * self.job.updates_per_epoch - self.batch
        return next_stretch(self.job, self.epoch, self.batch, min(most, left))

    def advance(
        self,
        stretch: tuple[range, range | None],
        state: State,
        sums: Sums,
        seconds: float,
    ) -> None:
        """Take in what an engine made of a stretch."""
        self.seconds += seconds
        if sums.divergence and self.measured is not None:
            self._go_again(self.measured)
            return
        self.mistakes += sums.mistakes
        self.epoch, self.batch = after_stretch(self.job, self.epoch, *stretch)
        self.state = state

    def weights(self) -> dict[str, Params]:
        """Return the present weights, "last", and those that the model's selections keep."""
        selected = {"last": self.state.params}
        for rule in self.job.model.selections:
            selected[rule.name] = rule.chosen(self.state.kept[rule.name])
        return selected

    def end(self) -> None:
        """Call the callbacks that have begun: all of them, should one of them fail."""
        failed: list[Exception] = []
        for callback in self.begun:
            try:
                callback.on_end(self)
            except Exception as error:
                failed.append(error)
        if failed:
            raise failed[0]

    def _restore(self, callback: Callback) -> None:
        """Give a callback back what a checkpoint has of it: the next of its name."""
        name = type(callback).__name__
        found = next((one for one in self.remembered if one[0] == name), None)
        if found is None:
            return
        self.remembered.remove(found)
        try:
            callback.restore(self, found[1])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise FileError(f"what a checkpoint has of {name} does not fit: {error}") from error

    def _diverge(self, where: Divergence) -> None:
        self.diverged = True
        self.stop(str(where))

    def _is_beyond_use(self, loss: float) -> bool:
        """Whether the training loss at the end has grown so far that the run has diverged.

        Only the end is judged, which is measured in any case: when a run has diverged must not
        depend on how often it is measured.
        """
        is_end = bool(self.rows) and self.epoch >= self.epochs
        return is_end and loss > BEYOND_USE * max(self.rows[0]["train_loss"], 1.0)

    def take_row(self, selected: dict[str, Params], on_train: Metrics, on_test: Metrics) -> None:
        """Take in what the present weights measure; keep weights and row if all is finite."""
        job, state = self.job, self.state
        params = selected[job.model.selected]
        if not self.rows:
            # Should even the first loss not be finite, there are no better weights than these.
            self.params, self.selected = params, selected
        is_finite = math.isfinite(on_train.loss)
        if not is_finite or self._is_beyond_use(on_train.loss):
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
        if job.model.selections:
            row["mistakes"] = self.mistakes
        self.rows.append(row)
        self.selected, self.measured = selected, self.place
        self.keep(params, row)
        for callback in self.callbacks:
            callback.on_evaluation(self)


class Keeper(ABC):
    """What keeps the runs of a call somewhere safe while they go on."""

    @property
    @abstractmethod
    def is_interrupted(self) -> bool:
        """Whether somebody has asked for the end."""

    @abstractmethod
    def keep(self, members: Sequence[Training], *, now: bool) -> None:
        """Keep the members as they are, if it is time to, or if it has to be ``now``."""


def train_together(members: Sequence[Training], keeper: Keeper | None = None) -> None:
    """Train members that differ in their seeds only, from one evaluation to the next.

    Raises:
        KeyboardInterrupt: a keeper was told to end, and has kept the members as they are.
    """
    engine, job = members[0].engine, members[0].job
    per_update = expected_seconds(engine, job, 1) / job.updates_per_epoch
    pace = Pace(per_update * len(members))
    try:
        for member in members:
            member.begin()
        measure([member for member in members if member.is_due])
        # Before the clock starts: compiling is no part of a run's seconds.
        engine.load([member.job for member in members], [member.state for member in members])
        for member in members:
            member.measured = member.measured or member.place
            member.trail.pass_by(member.place, 0.0)
        while going := [member for member in members if member.goes_on]:
            if keeper:
                # Asked once: what comes after would end it without a last checkpoint.
                interrupted = keeper.is_interrupted
                keeper.keep(members, now=interrupted)
                if interrupted:
                    raise KeyboardInterrupt
            # Nearly always all: one that nearly diverged may have gone ahead.
            behind = min(member.state.update for member in going)
            train_stretch([one for one in going if one.state.update == behind], engine, pace)
            if len({member.state.update for member in going if not member.stopped}) > 1:
                continue
            if keeper and any(member.ends_off_beat for member in going):
                # A longer run would not measure here: it goes on from before.
                keeper.keep(members, now=True)
            measure([member for member in going if member.is_due])
        if keeper and not any(member.ends_off_beat for member in members):
            keeper.keep(members, now=True)
    finally:
        for member in members:
            member.end()


def train_stretch(members: Sequence[Training], engine: Engine, pace: Pace) -> None:
    """Train members that are equally far up to their next evaluation, or for a moment."""
    stretch = members[0].next_stretch(pace.updates)
    jobs, states = [member.job for member in members], [member.state for member in members]
    started = time.perf_counter()
    results = engine.run_many(jobs, states, *stretch)
    seconds = time.perf_counter() - started
    before = members[0].state.update
    for member, (state, sums) in zip(members, results, strict=True):
        member.advance(stretch, state, sums, seconds / len(members))
        # Alone it would take longer than its share, but not longer than all together.
        member.trail.pass_by(member.place, seconds)
    pace.took(max(state.update for state, _ in results) - before, seconds)


def measure(members: Sequence[Training]) -> None:
    """Measure the present weights of all members on the training and the test set."""
    if not members:
        return
    first = members[0]
    model, loss = first.job.model, first.job.loss
    selected = [member.weights() for member in members]
    weights = [of_member[model.selected] for of_member in selected]
    on_train = first.engine.evaluate_many(model, loss, weights, first.job.data)
    on_test = [NOT_MEASURED] * len(members)
    if first.test is not None:
        on_test = first.engine.evaluate_many(model, loss, weights, first.test)
    for i, member in enumerate(members):
        member.take_row(selected[i], on_train[i], on_test[i])
