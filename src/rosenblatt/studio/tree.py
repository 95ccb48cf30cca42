"""The tree of a session: runs, and the branches that begin at one of their updates."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.prepared import Prepared
from rosenblatt.studio.shown import Points
from rosenblatt.training import LiveTraining
from rosenblatt.training.trajectory import Position

MOST_BRANCHES = 64
"""The number of branches; the oldest without branches of their own are dropped."""


@dataclass(eq=False)
class Branch:
    """A run, or what became of one after an update with something changed.

    Attributes:
        id: its number in the session.
        parent: the branch from which it began, None for a run from update 0.
        at: the update at which it began.
        changes: what was changed at ``at``, each as in a link: settings or single weights.
        label: the changes in words.
        prepared: its settings, data and network.
        live: its training from ``at`` on.
    """

    id: int
    parent: "Branch | None"
    at: int
    changes: tuple[dict[str, Any], ...]
    label: str
    prepared: Prepared
    live: LiveTraining
    base: Prepared | None = None
    """The settings at update 0, where they are others than now: of an opened branch."""
    ended: str | None = field(default=None)
    last: Position | None = field(default=None)

    @cached_property
    def points(self) -> Points:
        """The samples that are shown."""
        parent = self.parent
        if parent is not None and parent.prepared.data is self.prepared.data:
            return parent.points
        return Points(self.prepared)

    @property
    def newest(self) -> int:
        """The newest update that can be shown."""
        return self.live.update if self.last is None else self.last.update

    @property
    def first(self) -> Prepared:
        """The settings at update 0."""
        return self.prepared if self.base is None else self.base

    @property
    def root(self) -> "Branch":
        """The run from update 0 of which this is a branch."""
        return self if self.parent is None else self.parent.root

    @property
    def path_changes(self) -> tuple[dict[str, Any], ...]:
        """All changes that lead from the run at update 0 to this branch, in order."""
        return self.changes if self.parent is None else self.parent.path_changes + self.changes

    def owner(self, update: int) -> "Branch":
        """Return the branch in which an update of this branch's path was trained."""
        branch = self
        while branch.parent is not None and update < branch.at:
            branch = branch.parent
        return branch

    def position_at(self, update: int) -> Position:
        """Return the position after ``update`` updates of this branch's path."""
        owner = self.owner(update)
        if owner.last is not None and update == owner.last.update:
            return owner.last
        return owner.live.position_at(update)

    def note_end(self) -> None:
        """Keep the last position before a divergence, whose weights are finite."""
        if self.live.is_running or self.last is not None:
            return
        self.ended = self.live.stopped
        update = max(self.at, self.live.update - 1)
        try:
            self.last = self.live.position_at(update)
        except ConfigurationError:
            self.last = self.live.position_at(self.at)

    def about(self) -> dict[str, Any]:
        """Return the description for the page."""
        return {
            "id": self.id,
            "parent": None if self.parent is None else self.parent.id,
            "at": self.at,
            "changes": list(self.changes),
            "label": self.label,
            "newest": self.newest,
            "ended": self.ended,
        }


class Tree:
    """The branches of a session in the order in which they began."""

    def __init__(self) -> None:
        self.branches: list[Branch] = []
        self._next = 0

    def new_id(self) -> int:
        """Return a number that no branch has had."""
        self._next += 1
        return self._next - 1

    def add(self, branch: Branch) -> None:
        """Add a branch; one too many drops the oldest that nothing depends on."""
        self.branches.append(branch)
        if len(self.branches) > MOST_BRANCHES:
            path = set()
            one: Branch | None = branch
            while one is not None:
                path.add(one.id)
                one = one.parent
            for old in self.branches:
                if old.id not in path and not self.children(old):
                    self.branches.remove(old)
                    break

    def is_unused(self, branch: Branch) -> bool:
        """Return whether a branch was not trained, and nothing began from it."""
        return branch.newest == branch.at and not self.children(branch)

    def children(self, branch: Branch) -> list[Branch]:
        """Return the branches that began from one."""
        return [one for one in self.branches if one.parent is branch]

    def find(self, number: Any) -> Branch:
        """Return the branch with a number.

        Raises:
            ConfigurationError: there is none.
        """
        for branch in self.branches:
            if branch.id == number and not isinstance(number, bool):
                return branch
        raise ConfigurationError(f"there is no branch {number!r}")

    def remove(self, branch: Branch) -> None:
        """Remove a branch with all that began from it."""
        for child in self.children(branch):
            self.remove(child)
        self.branches.remove(branch)
