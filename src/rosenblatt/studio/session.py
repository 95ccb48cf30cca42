"""The state of the studio: a tree of runs, the shown position, and what trains.

One thread calls a session, the trainer's. Other threads read ``shown``, which is immutable.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines.base import Samples
from rosenblatt.errors import ConfigurationError
from rosenblatt.settings import changeable, from_link, parse_changes, parse_setup, plan_forks
from rosenblatt.studio.bayes import BayesAccuracy
from rosenblatt.studio.changes import describe_changes
from rosenblatt.studio.plane import make_plane
from rosenblatt.studio.population import PopulationTraining
from rosenblatt.studio.prepared import FIRST, Prepared, Settings, Source, prepare
from rosenblatt.studio.prepared import change as change_prepared
from rosenblatt.studio.saved_runs import SavedRuns, of_run
from rosenblatt.studio.shown import Curve, Points, Shown
from rosenblatt.studio.tree import Branch, Tree
from rosenblatt.training import LiveTraining, Run

if TYPE_CHECKING:
    from rosenblatt.studio.lessons import Lesson

CHUNK = 0.02
"""Seconds of training between looks at the commands: the answer to one waits no longer."""
CALLS_PER_CHUNK = 8
LONGEST_CHUNK = 0.3
"""Where a call takes long by itself, as with millions of rows, a chunk is longer."""
MEASURING_SHARE = 0.05
"""The share of the time that measurements of large sets may take while a run trains."""
FIRST_SPEED = 500.0
"""Updates a second at first: slow enough to be watched."""
MOST_REPLAYED = 20_000_000
"""The number of updates that a link makes the server train."""
SLOW_MEASURING = 0.2
"""Seconds of a measurement from which on earlier updates are not measured again."""
MOST_UNDO = 100


@dataclass(frozen=True, eq=False)
class Moment:
    """A state of the session to return to."""

    branches: tuple[Branch, ...]
    branch: Branch
    update: int


class Session:
    """What one server shows; every page of it sees the same.

    Attributes:
        branch: the shown branch.
        position: the shown position of its path.
        playing: whether it trains.
        structure: counts changes of the description that pages have.
        call: has a function called by the thread that calls this session.
        touched: whether a page has changed anything.
    """

    def __init__(
        self,
        settings: Mapping[str, Any] | None = None,
        *,
        source: Source | None = None,
        runs: Path | str = "runs",
        lessons: "Sequence[Lesson] | None" = None,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.source, self.on_change = source, on_change
        self.saved = SavedRuns(Path(runs))
        self.call: Callable[[Callable[[Session], None]], Any] = lambda command: command(self)
        self.bayes = BayesAccuracy(lambda: self.call(lambda one: one.refresh(structure=True)))
        self.tree = Tree()
        self.playing = False
        self.updates_per_second: float | None = FIRST_SPEED
        self.stop_epochs: float | None = None
        self.stop_loss: float | None = None
        self.structure = 0
        self.touched = False
        self.plane_wishes: dict[str, Any] = {}
        self.many: PopulationTraining | None = None
        self.lesson: Lesson | None = None
        self._lessons = lessons
        self.notices: list[dict[str, Any]] = []
        self._undo: list[Moment] = []
        self._redo: list[Moment] = []
        self._rate = 0.0
        self._clock = time.perf_counter()
        self._measured = 0.0
        self._measuring = 0.0
        self._ended: str | None = None
        prepared = prepare(FIRST if settings is None else settings, source)
        self.branch = self._root(prepared, "start")
        self.tree.add(self.branch)
        self.position = self.branch.live.position
        self.plane = make_plane(prepared.data)
        self.shown = self._show()

    @classmethod
    def begin(
        cls,
        start: Settings | Path | Run | None,
        source: Source,
        runs: Path,
        on_change: Callable[[], None],
        lessons: "Sequence[Lesson] | None" = None,
    ) -> "Session":
        """Return a session that begins with settings, a run, a run's folder, or by itself."""
        settings = start if isinstance(start, dict) else None
        session = cls(settings, source=source, runs=runs, lessons=lessons, on_change=on_change)
        if isinstance(start, Path):
            session.open(start)
        elif isinstance(start, Run):
            session.show_run(start)
        return session

    # What pages are told

    @property
    def prepared(self) -> Prepared:
        """Settings, data and network of the shown branch."""
        return self.branch.prepared

    @property
    def settings(self) -> Settings:
        """The settings of the shown branch."""
        return self.prepared.settings

    def refresh(self, *, structure: bool = False) -> None:
        """Publish the state for new frames; ``structure``: the description has changed too."""
        if structure:
            self.structure += 1
        self.shown = self._show()
        self.on_change()

    def _show(self) -> Shown:
        branch, position = self.branch, self.position
        live, curve = branch.live, branch.live.curve
        epoch = position.epoch + position.batch / live.plan.job.updates_per_epoch
        return Shown(
            structure=self.structure,
            branch=branch.id,
            update=position.update,
            epoch=epoch,
            newest=branch.newest,
            playing=self.playing,
            ended=self._ended or (branch.ended if position.update >= branch.newest else None),
            rate={
                "updates": self._rate,
                "epochs": self._rate / live.plan.job.updates_per_epoch,
            },
            metrics=self._metrics(),
            params=position.state.params,
            prepared=branch.prepared,
            points=branch.points,
            plane=self.plane,
            curve=Curve((branch.id, curve.thinned), curve.places, curve.values),
            many=None if self.many is None else self.many.shown(),
        )

    def _metrics(self) -> npt.NDArray[np.float64]:
        """Return loss and accuracy at the shown position."""
        live = self.branch.live
        if self.branch.last is None and self.position.update == live.update:
            if not self.playing:
                live.evaluate()
            return live.metrics[0]
        owner = self.branch.owner(self.position.update).live
        if self._measuring > SLOW_MEASURING:
            # The newest measurement before.
            row = int(np.searchsorted(owner.curve.places[:, 1], self.position.update, "right"))
            return owner.curve.values[max(row - 1, 0), 0]
        plan, job = owner.plan, owner.plan.job
        sets: list[Samples | None] = [job.data, plan.test_samples]
        values: list[float] = []
        for samples in sets:
            if samples is None:
                values += [math.nan, math.nan]
                continue
            params = self.position.state.params
            metrics = plan.engine.evaluate(job.model, job.loss, params, samples)
            values += [metrics.loss, metrics.accuracy]
        return np.array(values)

    # Training

    @property
    def due(self) -> float | None:
        """Seconds until there is something to train; None where there is nothing."""
        if self.many is not None and self.many.is_running:
            return 0.0
        if not self.playing:
            return None
        if self.updates_per_second is None:
            return 0.0
        apart = max(1 / self.updates_per_second, self.chunk)
        return max(0.0, self._clock + apart - time.perf_counter())

    @property
    def chunk(self) -> float:
        """Seconds of training between looks at the commands."""
        return min(max(CHUNK, CALLS_PER_CHUNK * self.branch.live.seconds_per_call), LONGEST_CHUNK)

    def advance(self) -> None:
        """Train for a short while, and publish the state."""
        if self.many is not None and self.many.is_running:
            self.many.train_for(CHUNK)
        if self.playing:
            self._advance()
        self.refresh()

    def _advance(self) -> None:
        now = time.perf_counter()
        most: int | None = None
        if self.updates_per_second is not None:
            most = int((now - self._clock) * self.updates_per_second)
            if most < 1:
                return
            # What a slow machine cannot do is not made up for later.
            most = min(most, max(1, int(self.updates_per_second)))
        before = self.position.update
        self._train(self.chunk, most)
        seconds = max(time.perf_counter() - now, 1e-9)
        updates = self.position.update - before
        rate = updates / max(seconds, now - self._clock if most else seconds)
        self._rate = rate if not self._rate else 0.8 * self._rate + 0.2 * rate
        self._clock = now
        self._look_at_stops()

    def _train(self, seconds: float, most: int | None) -> None:
        """Go forward: through what was trained before, then by training."""
        branch, update = self.branch, self.position.update
        if update < branch.newest:
            each = branch.live.seconds_per_update or 1e-5
            n = max(1, int(seconds / each)) if most is None else most
            self.move_to(min(update + n, branch.newest))
            return
        live = branch.live
        if branch.last is not None or not live.is_running:
            self._stop(branch.ended)
            return
        if self.last_update is not None:
            left = self.last_update - update
            if left <= 0:
                return
            most = left if most is None else min(most, left)
        live.train_for(seconds, most)
        now = time.perf_counter()
        if now - self._measured > self._measuring / MEASURING_SHARE:
            # Processor time: what other programs take does not make it slow.
            started = time.thread_time()
            live.evaluate()
            self._measured = time.perf_counter()
            self._measuring = time.thread_time() - started
        branch.note_end()
        if branch.ended:
            self._stop(branch.ended)
        self.position = branch.last or live.position

    @property
    def last_update(self) -> int | None:
        """The update at which training stops, if one is set."""
        epochs = self.stop_epochs
        if epochs is None and self.prepared.epochs is not None:
            epochs = self.prepared.epochs
        if epochs is None:
            return None
        job = self.branch.live.plan.job
        # After another batch size, epochs are not the same number of updates.
        done = self.branch.live.position
        return done.update - done.batch + max(0, int(epochs) - done.epoch) * job.updates_per_epoch

    def _look_at_stops(self) -> None:
        last = self.last_update
        if last is not None and self.position.update >= max(last, self.branch.newest):
            self._stop(f"{int(self.position.epoch)} epochs are done")
        if self.stop_loss is not None and self.branch.live.metrics[0, 0] <= self.stop_loss:
            self._stop(f"the training loss has reached {self.stop_loss:g}")

    def _stop(self, reason: str | None) -> None:
        self.playing = False
        self._ended = reason

    def play(self) -> None:
        """Train until something stops it."""
        self.touched = True
        self.playing, self._ended = True, None
        self._clock, self._rate = time.perf_counter(), 0.0
        if self.updates_per_second is not None:
            # The first update comes at once.
            self._clock -= 1 / self.updates_per_second
        self._look_at_stops()

    def greet(self, link: str = "") -> None:
        """Begin to train when the first page has come, or show what its link says.

        A session that a page has used already stays as it is.
        """
        if self.touched:
            return
        if link:
            setup = from_link(link)
            self.load(setup)
            self.touched = True
            if setup.get("at") is not None:
                self.refresh(structure=True)
                return
        self.play()
        self.refresh(structure=True)

    def pause(self) -> None:
        """Stop training."""
        self.playing = False

    def move_to(self, update: int) -> None:
        """Show an update of the shown branch; beyond the newest it is trained first."""
        branch = self.branch
        self._ended = None
        if update > branch.newest and branch.last is None:
            branch.live.train(update - branch.live.update)
            branch.live.evaluate()
            branch.note_end()
            self.position = branch.last or branch.live.position
        else:
            self.position = branch.position_at(min(max(update, branch.root.at), branch.newest))

    # The tree

    def remember(self) -> None:
        """Make the present state one to which undo returns."""
        self.touched = True
        moment = self._moment()
        self._undo = [*self._undo[-MOST_UNDO + 1 :], moment]
        self._redo = []

    def _moment(self) -> Moment:
        return Moment(tuple(self.tree.branches), self.branch, self.position.update)

    @property
    def can_undo(self) -> bool:
        """Whether there is a state to return to."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether an undo can be taken back."""
        return bool(self._redo)

    def undo(self) -> None:
        """Return to the state before the last change."""
        if not self._undo:
            raise ConfigurationError("there is nothing to undo")
        self._redo.append(self._moment())
        self._return_to(self._undo.pop())

    def redo(self) -> None:
        """Take the last undo back."""
        if not self._redo:
            raise ConfigurationError("there is nothing to redo")
        self._undo.append(self._moment())
        self._return_to(self._redo.pop())

    def _return_to(self, moment: Moment) -> None:
        self.tree.branches = list(moment.branches)
        self.show_branch(moment.branch, moment.update)

    def show_branch(self, branch: Branch, update: int | None = None) -> None:
        """Show another branch, by default at its newest update."""
        before, self.branch = self.branch, branch
        if branch.prepared.data is not before.prepared.data:
            self._fit_plane(before)
        self._rate, self._ended = 0.0, None
        target = branch.newest if update is None else min(update, branch.newest)
        self.position = branch.position_at(max(target, branch.root.at))

    def _fit_plane(self, before: Branch) -> None:
        """Keep what the page has chosen of the plane where the data has the same features."""
        data = self.prepared.data
        if data.feature_names != before.prepared.data.feature_names:
            self.plane_wishes = {}
        elif self.settings.get("points") or before.prepared.settings.get("points"):
            # Points are dragged: the plane stays as it is.
            return
        self.plane = make_plane(data, self.plane_wishes)

    def set_plane(self, wishes: Mapping[str, Any]) -> None:
        """Choose axes, held values and visible ranges."""
        merged = {**self.plane_wishes, **wishes}
        if "axes" in wishes or "principal" in wishes:
            merged = {key: value for key, value in merged.items() if key not in ("x", "y")}
            merged |= {key: wishes[key] for key in ("x", "y") if key in wishes}
        self.plane = make_plane(self.prepared.data, merged)
        self.plane_wishes = merged

    def change(self, changes: Mapping[str, Any]) -> None:
        """Change settings: a branch at the shown update if that can be, else a new run.

        Raises:
            RosenblattError: a setting that cannot work; the session is as it was.
        """
        settings = {**self.settings, **changes}
        prepared = prepare(settings, self.source)
        before, after = self.settings, prepared.settings
        names = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        if not names:
            return
        differences = {key: after.get(key) for key in sorted(names)}
        label = describe_changes(differences)
        if self.position.update > 0 and changeable().issuperset(differences):
            if "batch_size" in differences and self.position.batch:
                # Another batch size begins with an epoch.
                per_epoch = self.branch.live.plan.job.updates_per_epoch
                self.move_to(self.position.update + per_epoch - self.position.batch)
            self.fork({"set": differences}, label)
            return
        self.start(prepared, label, replaces=self._is_unused(self.branch))

    def start(self, prepared: Prepared, label: str, *, replaces: bool = False) -> None:
        """Begin a new run from update 0, and show it."""
        branch = self._root(prepared, label)
        self.remember()
        if replaces:
            self.tree.branches.remove(self.branch)
        self.tree.add(branch)
        self.show_branch(branch)

    def _root(self, prepared: Prepared, label: str) -> Branch:
        live = LiveTraining(
            prepared.model, prepared.train, seeds=[prepared.seed], **prepared.keywords()
        )
        return Branch(self.tree.new_id(), None, 0, (), label, prepared, live)

    def _is_unused(self, branch: Branch) -> bool:
        return branch.newest == branch.at and not self.tree.children(branch)

    def fork(self, change: dict[str, Any], label: str) -> None:
        """Begin a branch at the shown update, and show it.

        Args:
            change: ``{"set": {...}}`` or ``{"weights": {...}}``, as in a link.
            label: the change in words.

        Raises:
            RosenblattError: a change that cannot work; the session is as it was.
        """
        update = self.position.update
        owner = self.branch.owner(update)
        change = {"at": update, **change}
        forks = plan_forks(
            owner.root.first.training,
            parse_changes([*owner.path_changes, change]),
        )
        last = forks[-1]
        after = change_prepared(owner.prepared, last.prepared, change.get("set", {}))
        changed = {key: value for key, value in last.keywords().items() if value is not None}
        if changed.keys() == {"update"}:
            # Only the number of epochs, which trains nothing differently.
            self.remember()
            owner.prepared = after
            return
        live = owner.live.fork(**changed)
        self.remember()
        parent = owner
        changes: tuple[dict[str, Any], ...] = (change,)
        if owner.parent is not None and owner is self.branch and self._is_unused(owner):
            # A change of a branch that was not trained yet: one branch with both changes.
            parent, changes = owner.parent, (*owner.changes, change)
            label = f"{owner.label}, {label}"
            self.tree.branches.remove(owner)
        branch = Branch(self.tree.new_id(), parent, update, changes, label, after, live)
        self.tree.add(branch)
        self.show_branch(branch)

    def open(self, path: Path) -> None:
        """Show a run that was saved, at its last update."""
        self._show_trained(path.name, *self.saved.open(path))

    def show_run(self, run: Run) -> None:
        """Show a run in memory, at its last update."""
        self._show_trained(f"seed {run.seed}", *of_run(run))

    def _show_trained(
        self, label: str, prepared: Prepared, live: LiveTraining, setup: dict[str, Any]
    ) -> None:
        changes = tuple(setup.get("changes", ()))
        base = prepared
        for fork in plan_forks(prepared.training, parse_changes(list(changes))):
            prepared = change_prepared(prepared, fork.prepared, {})
        branch = Branch(
            self.tree.new_id(), None, live.first_update, changes, label, prepared, live, base
        )
        self.remember()
        self.tree.add(branch)
        self.show_branch(branch)

    @property
    def lessons(self) -> dict[str, "Lesson"]:
        """The lessons that can be opened, by name."""
        if self._lessons is None:
            from rosenblatt.studio.lessons import shipped_lessons

            self._lessons = shipped_lessons()
        return {lesson.name: lesson for lesson in self._lessons}

    def open_lesson(self, lesson: "Lesson") -> None:
        """Begin a lesson: its settings, from update 0."""
        self.pause()
        self.load({**lesson.settings, "seeds": lesson.page.seeds})
        self.lesson = lesson
        self.touched = True

    # What a link says

    def setup(self) -> dict[str, Any]:
        """Return settings and changes that lead to what is shown, as a link has them."""
        update = self.position.update
        changes = [one for one in self.branch.path_changes if one["at"] <= update]
        setup = {**self.branch.root.first.settings, "at": update}
        if self.branch.prepared.epochs is not None and self.branch.parent is None:
            setup["epochs"] = self.branch.prepared.epochs
        if changes:
            setup["changes"] = changes
        if self.plane_wishes:
            setup["view"] = {"plane": self.plane_wishes}
        if self.many is not None:
            setup["seeds"] = len(self.many.live.seeds)
        if self.lesson is not None:
            setup["lesson"] = self.lesson.name
        return setup

    def load(self, mapping: Mapping[str, Any]) -> None:
        """Show what a link or a lesson describes: a run with its changes, at its update.

        Raises:
            RosenblattError: it cannot work; the session is as it was.
        """
        setup = parse_setup(mapping)
        prepared = prepare({**setup.settings, "points": list(setup.points)}, self.source)
        forks = plan_forks(prepared.training, setup.changes)
        at = setup.at or 0
        if max([at, *(fork.at for fork in forks)]) > MOST_REPLAYED:
            raise ConfigurationError(
                f"a link is replayed up to update {MOST_REPLAYED}; save long runs as folders"
            )
        root = branch = self._root(prepared, "start")
        found = [root]
        for fork, change in zip(forks, setup.changes, strict=True):
            branch.live.train(fork.at - branch.live.update)
            branch.note_end()
            after = change_prepared(branch.prepared, fork.prepared, dict(change.set))
            words = change.set or dict.fromkeys(change.weights, "edited")
            live = branch.live.fork(**{k: v for k, v in fork.keywords().items() if v is not None})
            label = describe_changes(dict(words))
            changes: tuple[dict[str, Any], ...] = (change.plain,)
            parent = branch
            if branch.parent is not None and branch.newest == branch.at == fork.at:
                parent, changes = branch.parent, (*branch.changes, change.plain)
                found.remove(branch)
            branch = Branch(self.tree.new_id(), parent, fork.at, changes, label, after, live)
            found.append(branch)
        branch.live.train(max(0, at - branch.live.update))
        branch.note_end()
        self.remember()
        self.tree.branches = [*self.tree.branches, *found]
        self.plane_wishes = {}
        self.branch = branch
        self.position = branch.position_at(min(at, branch.newest))
        wishes = setup.view.get("plane", {})
        self.plane = make_plane(prepared.data)
        if isinstance(wishes, Mapping) and wishes:
            self.set_plane(wishes)
        self._ended = None
        self.lesson = None if setup.lesson is None else self.lessons.get(setup.lesson)
        if setup.seeds is not None and setup.seeds > 1:
            self.many = PopulationTraining(prepared, setup.seeds, None, -self.tree.new_id())
        else:
            self.many = None

    @property
    def points(self) -> Points:
        """The samples that are shown."""
        return self.branch.points
