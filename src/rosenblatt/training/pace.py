"""How many updates to ask an engine for at once, so that a run can be looked at meanwhile."""

SECONDS_AT_ONCE = 0.25
"""An engine is asked for so much work at a time: Ctrl-C and checkpoints wait no longer."""
GROWTH = 8


class Pace:
    """As many updates as take a quarter of a second: first as expected, then as measured.

    How the updates of a run are divided changes no bit of it.

    Args:
        seconds_per_update: what is expected, of all members together.
    """

    def __init__(self, seconds_per_update: float) -> None:
        self.updates = max(1, int(SECONDS_AT_ONCE / max(seconds_per_update, 1e-9)))

    def took(self, updates: int, seconds: float) -> None:
        """Learn from so many updates, made in so many seconds."""
        possible = updates * SECONDS_AT_ONCE / max(seconds, 1e-9)
        self.updates = max(1, min(int(possible), GROWTH * max(updates, self.updates)))
