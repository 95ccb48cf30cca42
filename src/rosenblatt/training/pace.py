"""How many updates to ask an engine for at once, so that a run can be looked at meanwhile."""

SECONDS_AT_ONCE = 0.25
"""An engine is asked for so much work at a time: Ctrl-C and checkpoints wait no longer."""
FIRST = 64
GROWTH = 8


class Pace:
    """Grows from few updates to as many as take a quarter of a second.

    How the updates of a run are divided changes no bit of it.
    """

    def __init__(self) -> None:
        self.updates = FIRST

    def took(self, updates: int, seconds: float) -> None:
        """Learn from so many updates, made in so many seconds."""
        possible = updates * SECONDS_AT_ONCE / max(seconds, 1e-9)
        self.updates = max(1, min(int(possible), GROWTH * max(updates, self.updates)))
