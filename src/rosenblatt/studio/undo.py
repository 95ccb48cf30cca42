"""Undo and redo: states of a session to return to."""

from dataclasses import dataclass

from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.tree import Branch

MOST_UNDO = 100


@dataclass(frozen=True, eq=False)
class Moment:
    """A state of the session to return to: the branches, and what of them was shown."""

    branches: tuple[Branch, ...]
    branch: Branch
    update: int


class UndoHistory:
    """The states before and after the present one."""

    def __init__(self) -> None:
        self._before: list[Moment] = []
        self._after: list[Moment] = []

    @property
    def can_undo(self) -> bool:
        """Whether there is a state to return to."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether an undo can be taken back."""
        return bool(self._after)

    def remember(self, present: Moment) -> None:
        """Make the present state, which is about to change, one to which undo returns."""
        self._before = [*self._before[-MOST_UNDO + 1 :], present]
        self._after = []

    def undo(self, present: Moment) -> Moment:
        """Return the state before the last change."""
        if not self._before:
            raise ConfigurationError("there is nothing to undo")
        self._after.append(present)
        return self._before.pop()

    def redo(self, present: Moment) -> Moment:
        """Return the state before the last undo."""
        if not self._after:
            raise ConfigurationError("there is nothing to redo")
        self._before.append(present)
        return self._after.pop()
