"""Runs that train as far as their caller asks, without an end set in advance."""

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.data import Dataset, as_dataset
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import Params
from rosenblatt.losses import Loss
from rosenblatt.models import Model
from rosenblatt.optimizers import Optimizer
from rosenblatt.optimizers.base import LearningRate
from rosenblatt.training.calls import Data, runs_of
from rosenblatt.training.curve_log import CurveLog
from rosenblatt.training.forks import Changes, branch_of
from rosenblatt.training.in_progress import PositionLog, RunInProgress
from rosenblatt.training.loop import measure, train_segment
from rosenblatt.training.plan import Edit, Plan, make_plan
from rosenblatt.training.run import Run, RunAt, RunGroup, plan_of, run_at, trajectory_of
from rosenblatt.training.trajectory import (
    NearPositions,
    Position,
    PositionInMemory,
    SavedPosition,
    Trajectory,
)

NO_END = 1 << 40
"""The number of epochs of a run without an end."""
SECONDS_APART = 0.1
"""Seconds of training between saved positions: any other is recomputed in less than this."""
MOST_POSITIONS = 4096
"""The number of saved positions; beyond it they are twice as far apart."""
MOST_ROWS = 4096
"""The number of measurements of a run; members of a population share them."""
EPOCHS_PER_MEASUREMENT = 1 / 32
"""Epochs between measurements, relative to the epochs done."""


class LiveTraining:
    """One run, or several that differ in their seeds, trained as far as the caller asks.

    At any update the weights have the bits of :func:`rosenblatt.train` with the same settings and
    the same engine, however the training is divided into calls.

    Arguments are those of :func:`rosenblatt.train`; ``seeds`` are those of the members.

    Attributes:
        curve: the measurements so far.

    Raises:
        ConfigurationError, DataError, ShapeError: as :func:`rosenblatt.train`.

    >>> import rosenblatt as rb
    >>> data = rb.data.gaussians(20, seed=0)
    >>> live = rb.LiveTraining(rb.MLP(2, [3], 2), data, batch_size=5)
    >>> live.train(updates=25)
    >>> live.update, live.at(update=7)
    (25, RunAt(epoch=0, update=7))
    >>> branch = live.fork(update=7, learning_rate=0.1)
    >>> branch.train(updates=3)
    >>> branch.first_update, branch.update
    (7, 10)
    """

    curve: CurveLog

    def __init__(
        self,
        model: Model,
        data: Data | npt.ArrayLike,
        y: npt.ArrayLike | None = None,
        *,
        seeds: Iterable[int] = (0,),
        test: Dataset | None = None,
        validation: Dataset | None = None,
        loss: Loss | str | None = None,
        optimizer: Optimizer | str | None = None,
        batch_size: int | None = None,
        shuffle: bool = True,
        engine: str = "auto",
        init_params: Mapping[str, npt.ArrayLike] | None = None,
        dtype: npt.DTypeLike = "float64",
    ) -> None:
        settings = locals() | {"epochs": NO_END}
        plan = make_plan(model, as_dataset(data, y), list(seeds), settings)
        self._begin(plan, plan.members())

    @classmethod
    def of(cls, run: Run) -> "LiveTraining":
        """Return a training that continues a run from its last position.

        Raises:
            ConfigurationError: the run was not made by :func:`rosenblatt.train`, or it diverged.
        """
        plan, trajectory = plan_of(run), trajectory_of(run)
        if run.diverged:
            raise ConfigurationError(f"a run that has diverged cannot be continued: {run.stopped}")
        plan = replace(
            plan,
            job=trajectory.job,
            seeds=(run.seed,),
            settings=replace(plan.settings, epochs=NO_END, callbacks=(), run_dir=None),
        )
        (member,) = plan.members([trajectory.last.state])
        member.move_to(trajectory.last)
        member.rows = [dict(row) for row in run.history if row["epoch"] <= member.epoch]
        member.seconds = member.rows[-1]["seconds"] if member.rows else 0.0
        return cls._of(plan, member, CurveLog(1, MOST_ROWS), trajectory.saved)

    @classmethod
    def _of(
        cls,
        plan: Plan,
        member: RunInProgress,
        curve: CurveLog,
        earlier: Sequence[SavedPosition] = (),
    ) -> "LiveTraining":
        live = cls.__new__(cls)
        live._begin(plan, [member], curve, earlier)
        return live

    def _begin(
        self,
        plan: Plan,
        members: list[RunInProgress],
        curve: CurveLog | None = None,
        earlier: Sequence[SavedPosition] = (),
    ) -> None:
        self.plan, self._members = plan, members
        self._earlier = [saved for saved in earlier if saved.update < members[0].state.update]
        self.curve = curve or CurveLog(len(members), max(256, MOST_ROWS // len(members)))
        self._metrics = np.full((len(members), 4), math.nan)
        self._near = [NearPositions() for _ in members]
        self._seconds_per_update = self._seconds_per_call = 0.0
        self._due = members[0].epoch
        self._begun = members[0].state.update
        for member in members:
            member.evaluated_at = member.position
            member.position_log = PositionLog(len(members), SECONDS_APART, MOST_POSITIONS)
            member.position_log.add(member.position, 0.0)

    # Where the training is

    @property
    def seeds(self) -> list[int]:
        """The seeds of the members, in order."""
        return [member.seed for member in self._members]

    @property
    def first_update(self) -> int:
        """The update at which this training began."""
        return self.trajectory().first_update

    @property
    def update(self) -> int:
        """The number of updates done."""
        return self._leader.state.update

    @property
    def epoch(self) -> float:
        """The number of epochs done, with the part of the one that is begun."""
        return self._leader.epoch + self._leader.batch / self.plan.job.updates_per_epoch

    @property
    def position(self) -> Position:
        """The position of the first member that trains."""
        return self._leader.position

    @property
    def seconds(self) -> float:
        """The time spent training."""
        return self._leader.seconds

    @property
    def metrics(self) -> npt.NDArray[np.float64]:
        """Newest loss and accuracy on the training set, then on the test set, (members, 4)."""
        return self._metrics

    @property
    def seconds_per_update(self) -> float:
        """The time of an update in the last segment; 0 before the first."""
        return self._seconds_per_update

    @property
    def seconds_per_call(self) -> float:
        """The time that a call takes however few its updates are; 0 before the first."""
        return self._seconds_per_call

    def params_of(self, member: int) -> Params:
        """Return the present weights of a member."""
        return self._members[member].state.params

    @property
    def is_running(self) -> bool:
        """Whether a member can be trained further."""
        return not all(member.stopped for member in self._members)

    @property
    def stopped(self) -> str | None:
        """The reason why the first member ended, such as divergence; None while it trains."""
        return self._members[0].stopped

    @property
    def stopped_members(self) -> list[bool]:
        """Whether each member has ended, such as by divergence."""
        return [bool(member.stopped) for member in self._members]

    @property
    def _leader(self) -> RunInProgress:
        return next((one for one in self._members if not one.stopped), self._members[0])

    def trajectory(self, member: int = 0) -> Trajectory:
        """Return the positions that a member has passed through."""
        one = self._members[member]
        saved: list[SavedPosition] = [
            PositionInMemory(position)
            for position in one.position_log.positions
            if position.state.update <= one.state.update
        ]
        return Trajectory(one.job, self.plan.engine, [*self._earlier, *saved], one.position)

    def position_at(self, update: int, member: int = 0) -> Position:
        """Return the position after ``update`` updates.

        Raises:
            ConfigurationError: it lies before the start of this training, or after its newest
                update.
        """
        return self._near[member].at_update(self.trajectory(member), update)

    def at(self, epoch: int | None = None, *, update: int | None = None) -> RunAt:
        """Return the run after ``epoch`` epochs or ``update`` updates, as ``Run.at`` does."""
        return run_at(self.run(), self.trajectory().position(epoch, update))

    # Training

    def load(self) -> None:
        """Compile or load what training needs, so that the first update takes no longer."""
        members = self._members
        self.plan.engine.load(
            [member.job for member in members], [member.state for member in members]
        )

    def train(self, updates: int) -> None:
        """Train for a number of updates; fewer if the loss stops being finite."""
        self._measure_start()
        target = self.update + whole_number(updates, "updates", at_least=0)
        while self.is_running and self.update < target:
            self._train_segment(target - self.update, 0.25)

    def train_for(self, seconds: float, updates: int | None = None) -> None:
        """Train for about ``seconds``, and for at most ``updates`` updates.

        The last epoch is completed if epochs are short.
        """
        self._measure_start()
        target = math.inf if updates is None else self.update + updates
        now = time.perf_counter()
        until = now + seconds
        while self.is_running and self.update < target and now < until:
            each = self._seconds_per_update
            most = int((until - now - self._seconds_per_call) / each) if each else 1
            self._train_segment(int(min(max(1, most), target - self.update)), seconds)
            now = time.perf_counter()

    def _measure_start(self) -> None:
        if self.update == self._begun:
            # Compiling does not count as training time.
            self.load()
            self.evaluate()

    def _train_segment(self, most: int, aim: float) -> None:
        """Train the members that run for at most ``most`` updates, and measure them when due."""
        running = [member for member in self._members if not member.stopped]
        # Usually every member; after a replay one may be ahead.
        first = min(member.state.update for member in running)
        together = [member for member in running if member.state.update == first]
        per_epoch = self.plan.job.updates_per_epoch
        epoch = together[0].epoch
        end = max(epoch + 1, min(self._due, epoch + math.ceil(most / per_epoch)))
        for member in together:
            # A segment ends here, and a divergence is looked for up to here.
            member.epochs = member.eval_every = end
        started = time.perf_counter()
        train_segment(together, most, aim)
        seconds = time.perf_counter() - started
        for member in together:
            member.epochs = NO_END
        updates = max(1, max(member.state.update for member in together) - first)
        # A call takes some time however few its updates are: orders of long epochs are drawn anew.
        self._seconds_per_call = min(self._seconds_per_call or seconds, seconds)
        rest = max(seconds - self._seconds_per_call, 0.1 * seconds)
        self._seconds_per_update = max(rest / updates, 1e-9)
        if self._leader.batch == 0 and self._leader.epoch >= self._due:
            self.evaluate()

    def evaluate(self) -> None:
        """Measure the members where they are; between epochs, the history gets a row."""
        running = [i for i, member in enumerate(self._members) if not member.stopped]
        leader = self._leader
        if self.curve and self.curve.places[-1, 1] == self.update and leader.params:
            return
        members = [self._members[i] for i in running]
        metrics = self._metrics.copy()
        for i, member, measured in zip(running, members, measure(members), strict=True):
            weights, on_train, on_test, _ = measured
            if member.batch == 0 and (not member.rows or member.rows[-1]["epoch"] < member.epoch):
                # Without an end, each measurement could be the last: growth is judged at each.
                member.epochs = member.epoch
                member.record(*measured)
                member.epochs = NO_END
                if len(member.rows) > MOST_ROWS:
                    member.rows = [*member.rows[:1], *member.rows[1:-1:2], member.rows[-1]]
            else:
                member.weights = weights
                member.choose(weights[member.job.model.selected])
                if math.isfinite(on_train.loss):
                    member.evaluated_at = member.position
            metrics[i] = on_train.loss, on_train.accuracy, on_test.loss, on_test.accuracy
        self._metrics = metrics
        self._due = leader.epoch + max(1, int(leader.epoch * EPOCHS_PER_MEASUREMENT))
        self.curve.add(self.epoch, self.update, self.seconds, metrics)

    def thin(self, most_bytes: int) -> None:
        """Keep saved positions of at most ``most_bytes``; other updates take longer to reach."""
        for member in self._members:
            member.position_log.thin(most_bytes)
        self._near = [NearPositions() for _ in self._members]

    # What it gives

    def run(self, member: int = 0) -> Run:
        """Return a member as a run that ends here."""
        return self._runs([self._members[member]])[0]

    def runs(self) -> RunGroup:
        """Return all members as runs that end here."""
        return RunGroup(self._runs(self._members))

    def _runs(self, members: list[RunInProgress]) -> list[Run]:
        self.evaluate()
        epochs = max(1, math.ceil(self.epoch))
        plan = replace(
            self.plan,
            seeds=tuple(member.seed for member in members),
            settings=replace(self.plan.settings, epochs=epochs),
        )
        return runs_of(plan, members, earlier=self._earlier)

    def save(self, path: str | PathLike[str], member: int = 0) -> None:
        """Write a member into a folder of its own, as :func:`rosenblatt.train` does.

        :func:`rosenblatt.load_run` and :func:`rosenblatt.resume` take it.

        Raises:
            FileError: there is a run in the folder already, or it cannot be written.
            ConfigurationError: a layer, loss or optimizer that is not one of the package's.
        """
        from rosenblatt.training.live_folder import write_folder

        run, one = self.run(member), self._members[member]
        positions = [saved.load() for saved in self.trajectory(member).saved]
        write_folder(Path(path), plan_of(run), one, run, positions)

    def fork(
        self,
        update: int | None = None,
        *,
        member: int = 0,
        learning_rate: LearningRate | None = None,
        optimizer: Optimizer | str | None = None,
        loss: Loss | str | None = None,
        batch_size: int | None = None,
        edit: Edit | None = None,
    ) -> "LiveTraining":
        """Return a training that branches off after ``update`` updates, by default here.

        Arguments are those of :meth:`rosenblatt.Run.fork`.

        Raises:
            ConfigurationError: there is no such update, or a setting cannot work.
            ShapeError: edited weights do not fit the model.
        """
        run = self.run(member)
        at = self._members[member].state.update if update is None else update
        position = self.position_at(at, member)
        changes = Changes(
            learning_rate=learning_rate,
            optimizer=optimizer,
            loss=loss,
            batch_size=batch_size,
            edit=edit,
        )
        plan, branch = branch_of(run, position, changes, NO_END)
        curve = self.curve.until(position.update)
        if len(self._members) > 1:
            curve = curve.of_member(member, MOST_ROWS)
        return LiveTraining._of(plan, branch, curve)

    def __repr__(self) -> str:
        members = "" if len(self._members) == 1 else f", {len(self._members)} members"
        return f"LiveTraining({self.plan.job.model!r}, update={self.update}{members})"
