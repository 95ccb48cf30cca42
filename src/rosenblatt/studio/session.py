"""The state of the studio: a tree of runs, the place in it, and what trains.

One thread calls a session, the trainer's. Other threads read ``shown``, which is immutable.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.settings import changeable, from_link, parse_changes, parse_setup, plan_forks
from rosenblatt.studio.bayes import BayesAccuracy
from rosenblatt.studio.bug_lab import BugLab
from rosenblatt.studio.changes import describe_changes
from rosenblatt.studio.place import Place
from rosenblatt.studio.plane import make_plane
from rosenblatt.studio.player import CHUNK, Player
from rosenblatt.studio.population import PopulationTraining
from rosenblatt.studio.prepared import FIRST, Prepared, Settings, Source, prepare
from rosenblatt.studio.prepared import change as change_prepared
from rosenblatt.studio.replay import fork, new_run, replay
from rosenblatt.studio.saved_runs import SavedRuns, of_run
from rosenblatt.studio.shown import Curve, Points, Shown
from rosenblatt.studio.tree import Branch, Tree
from rosenblatt.studio.undo import Moment, UndoHistory
from rosenblatt.training import LiveTraining, Run
from rosenblatt.training.trajectory import Position

if TYPE_CHECKING:
    from rosenblatt.studio.lessons import Lesson

BYTES_PER_BRANCH = 1 << 22
"""Memory for the saved positions of a branch that is not shown; there may be hundreds."""


class Session:
    """What one server shows; every page of it sees the same.

    Attributes:
        tree: the branches.
        place: the shown branch and position.
        player: trains what is shown.
        structure: counts changes of the description that pages have.
        call: has a function called by the thread that calls this session.
        touched: whether a page has changed anything.
        bug_lab: the bug lab, which is in the list of the shipped lessons; None where others are.
    """

    def __init__(
        self,
        settings: Mapping[str, Any] | None = None,
        *,
        source: Source | None = None,
        runs: Path | str = "runs",
        lessons: "Sequence[Lesson] | None" = None,
        shared: bool = False,
        on_change: Callable[[], None] = lambda: None,
    ) -> None:
        self.source, self.on_change = source, on_change
        self.saved = SavedRuns(Path(runs))
        self.call: Callable[[Callable[[Session], None]], Any] = lambda command: command(self)
        self.bayes = BayesAccuracy(lambda: self.call(lambda one: one.refresh(structure=True)))
        self.tree = Tree()
        self.structure = 0
        self.touched = False
        self.plane_wishes: dict[str, Any] = {}
        self.many: PopulationTraining | None = None
        self.lesson: Lesson | None = None
        self._lessons = lessons
        self.bug_lab = BugLab(shared=shared) if lessons is None else None
        self.notices: list[dict[str, Any]] = []
        self.undo_history = UndoHistory()
        prepared = prepare(FIRST if settings is None else settings, source)
        self.tree.add(new_run(self.tree, prepared, "start"))
        self.place = Place(self.tree.branches[0])
        self.player = Player(self.place)
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
        *,
        shared: bool = False,
    ) -> "Session":
        """Return a session that begins with settings, a run, a run's folder, or by itself.

        ``shared``: other machines reach it, so that code of a page runs only under the kernel's
        rules.
        """
        settings = start if isinstance(start, dict) else None
        session = cls(
            settings,
            source=source,
            runs=runs,
            lessons=lessons,
            shared=shared,
            on_change=on_change,
        )
        if isinstance(start, Path):
            session.open(start)
        elif isinstance(start, Run):
            session.show_run(start)
        return session

    # What pages are told

    @property
    def branch(self) -> Branch:
        """The shown branch."""
        return self.place.branch

    @property
    def position(self) -> Position:
        """The shown position."""
        return self.place.position

    @property
    def playing(self) -> bool:
        """Whether the shown branch trains."""
        return self.player.playing

    @property
    def points(self) -> Points:
        """The samples that are shown."""
        return self.branch.points

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
        place, branch, player = self.place, self.branch, self.player
        curve = branch.live.curve
        is_newest = place.update >= branch.newest
        return Shown(
            structure=self.structure,
            branch=branch.id,
            update=place.update,
            epoch=place.epoch,
            newest=branch.newest,
            playing=player.playing,
            ended=place.ended or (branch.ended if is_newest else None),
            rate={
                "updates": player.rate,
                "epochs": player.rate / branch.live.plan.job.updates_per_epoch,
            },
            metrics=place.metrics(now=not player.playing),
            params=place.position.state.params,
            prepared=branch.prepared,
            points=branch.points,
            plane=self.plane,
            curve=Curve((branch.id, curve.thinned), curve.places, curve.values),
            many=None if self.many is None else self.many.shown(),
        )

    # Training

    @property
    def due(self) -> float | None:
        """Seconds until there is something to train; None where there is nothing."""
        if self.many is not None and self.many.is_running:
            return 0.0
        return self.player.due

    def advance(self) -> None:
        """Train for a short while, and publish the state."""
        if self.many is not None and self.many.is_running:
            self.many.train_for(CHUNK)
        if self.player.playing:
            self.player.advance()
        self.refresh()

    def play(self) -> None:
        """Train until something stops it."""
        self.touched = True
        self.player.play()

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
        self.player.pause()

    # The tree

    def remember(self) -> None:
        """Make the present state one to which undo returns."""
        self.touched = True
        self.undo_history.remember(self._moment())

    def _moment(self) -> Moment:
        return Moment(tuple(self.tree.branches), self.branch, self.place.update)

    def undo(self) -> None:
        """Return to the state before the last change."""
        self._return_to(self.undo_history.undo(self._moment()))

    def redo(self) -> None:
        """Take the last undo back."""
        self._return_to(self.undo_history.redo(self._moment()))

    def _return_to(self, moment: Moment) -> None:
        self.tree.branches = list(moment.branches)
        self.show_branch(moment.branch, moment.update)

    def show_branch(self, branch: Branch, update: int | None = None) -> None:
        """Show another branch, by default at its newest update."""
        before = self.branch
        if branch is not before:
            before.live.thin(BYTES_PER_BRANCH)
        self.place.show(branch, update)
        self.player.rate = 0.0
        if branch.prepared.data is not before.prepared.data:
            self._fit_plane(before)

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
        place = self.place
        if place.update > 0 and changeable().issuperset(differences):
            if "batch_size" in differences and place.position.batch:
                # Another batch size begins with an epoch.
                per_epoch = self.branch.live.plan.job.updates_per_epoch
                place.move_to(place.update + per_epoch - place.position.batch)
            self.fork({"set": differences})
            return
        replaced = self.branch if self.tree.is_unused(self.branch) else None
        self.start(prepared, describe_changes(differences), replaced)

    def start(self, prepared: Prepared, label: str, replaced: Branch | None = None) -> None:
        """Begin a new run from update 0, in the place of another or besides it, and show it."""
        self._add(new_run(self.tree, prepared, label), replaced)

    def fork(self, made: dict[str, Any]) -> None:
        """Begin a branch at the shown update with ``{"set": {...}}`` or ``{"weights": {...}}``.

        Raises:
            RosenblattError: a change that cannot work; the session is as it was.
        """
        before = self.branch
        branch = fork(self.tree, before, {"at": self.place.update, **made})
        if branch in self.tree.branches:
            return
        self._add(branch, None if branch.parent is before.owner(self.place.update) else before)

    def _add(self, branch: Branch, replaced: Branch | None = None) -> None:
        self.remember()
        if replaced is not None:
            self.tree.branches.remove(replaced)
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
        for later in plan_forks(prepared.training, parse_changes(list(changes))):
            prepared = change_prepared(prepared, later.prepared, {})
        branch = Branch(
            self.tree.new_id(), None, live.first_update, changes, label, prepared, live, base
        )
        self._add(branch)

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
        found = replay(self.tree, setup, self.source)
        self.remember()
        used = [one for one in self.tree.branches if one.parent or not self.tree.is_unused(one)]
        self.tree.branches = [*used, *found]
        self.plane_wishes = {}
        self.place.show(found[-1], setup.at or 0)
        self.plane = make_plane(self.prepared.data)
        wishes = setup.view.get("plane", {})
        if isinstance(wishes, Mapping) and wishes:
            self.set_plane(wishes)
        self.lesson = None if setup.lesson is None else self.lessons.get(setup.lesson)
        self.many = None
        if setup.seeds is not None and setup.seeds > 1:
            key = -self.tree.new_id()
            self.many = PopulationTraining(self.prepared, setup.seeds, None, key)
