"""A run while it is going on."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rosenblatt.engines import Divergence, Engine, Job, Metrics, Samples, State, Sums
from rosenblatt.layers import Params
from rosenblatt.training.callbacks import Callback

NOT_MEASURED = Metrics(math.nan, math.nan)


@dataclass
class Training:
    """A run while it is going on; what callbacks see.

    ``row`` is the newest evaluation and ``params`` the weights it measured, until a callback keeps
    others; ``row_of_params`` is the evaluation that measured ``params``, if there was one.
    """

    job: Job
    engine: Engine
    test: Samples | None
    epochs: int
    eval_every: int
    callbacks: tuple[Callback, ...]
    state: State
    epoch: int = 0
    seconds: float = 0.0
    mistakes: int = 0
    stopped: str | None = None
    diverged: bool = False
    params: Params = field(default_factory=dict)
    row_of_params: dict[str, float] | None = None
    selected: dict[str, Params] = field(default_factory=dict)
    rows: list[dict[str, float]] = field(default_factory=list)
    begun: list[Callback] = field(default_factory=list)

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

    def begin(self) -> None:
        """Call the callbacks."""
        for callback in self.callbacks:
            callback.on_start(self)
            self.begun.append(callback)

    def next_epochs(self) -> range:
        """Return the epochs up to the next evaluation."""
        target = (self.epoch // self.eval_every + 1) * self.eval_every
        return range(self.epoch + 1, min(target, self.epochs) + 1)

    def advance(self, epochs: range, state: State, sums: Sums, seconds: float) -> None:
        """Take in what an engine made of ``epochs``."""
        self.seconds += seconds
        if sums.divergence:
            self._diverge(sums.divergence)
            return
        self.state, self.epoch = state, epochs[-1]
        self.mistakes += sums.mistakes

    def weights(self) -> dict[str, Params]:
        """Return the present weights, "last", and those that the model's selections keep."""
        selected = {"last": self.state.params}
        for rule in self.job.model.selections:
            selected[rule.name] = rule.chosen(self.state.kept[rule.name])
        return selected

    def end(self) -> None:
        """Call the callbacks that have begun."""
        for callback in self.begun:
            callback.on_end(self)

    def _diverge(self, where: Divergence) -> None:
        self.diverged = True
        self.stop(str(where))

    def take_row(self, selected: dict[str, Params], on_train: Metrics, on_test: Metrics) -> None:
        """Take in what the present weights measure; keep weights and row if all is finite."""
        job, state = self.job, self.state
        params = selected[job.model.selected]
        if not self.rows:
            # Should even the first loss not be finite, there are no better weights than these.
            self.params, self.selected = params, selected
        if not math.isfinite(on_train.loss):
            rate = job.optimizer.rate(max(state.update - 1, 0))
            self._diverge(Divergence(self.epoch, state.update, rate))
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
        self.selected = selected
        self.keep(params, row)
        for callback in self.callbacks:
            callback.on_evaluation(self)


def train_together(members: Sequence[Training]) -> None:
    """Train members that differ in their seeds only, from one evaluation to the next."""
    engine = members[0].engine
    try:
        for member in members:
            member.begin()
        measure(members)
        # Before the clock starts: compiling is no part of a run's seconds.
        engine.load([member.job for member in members], [member.state for member in members])
        while going := [member for member in members if member.goes_on]:
            epochs = going[0].next_epochs()
            started = time.perf_counter()
            results = engine.run_many(
                [member.job for member in going], [member.state for member in going], epochs
            )
            share = (time.perf_counter() - started) / len(going)
            for member, (state, sums) in zip(going, results, strict=True):
                member.advance(epochs, state, sums, share)
            measure([member for member in going if not member.diverged])
    finally:
        for member in members:
            member.end()


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
