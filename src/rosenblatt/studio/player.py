"""Training of the shown branch: its speed, and what stops it."""

import time

from rosenblatt.studio.place import Place

CHUNK = 0.02
"""Seconds of training between looks at the commands: the answer to one waits no longer."""
CALLS_PER_CHUNK = 8
LONGEST_CHUNK = 0.3
"""Where a call takes long by itself, as with millions of rows, a chunk is longer."""
MEASURING_SHARE = 0.05
"""The share of the time that measurements of large sets may take while a run trains."""
FIRST_SPEED = 500.0
"""Updates a second at first: slow enough to be watched."""


class Player:
    """Trains what a place shows.

    Attributes:
        playing: whether it trains.
        updates_per_second: the speed; None for that of the engine.
        stop_epochs, stop_loss: where training stops, None for nowhere.
        rate: the updates per second of late.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self.playing = False
        self.updates_per_second: float | None = FIRST_SPEED
        self.stop_epochs: float | None = None
        self.stop_loss: float | None = None
        self.rate = 0.0
        self._clock = time.perf_counter()
        self._measured = 0.0

    @property
    def due(self) -> float | None:
        """Seconds until there is something to train; None where it does not play."""
        if not self.playing:
            return None
        if self.updates_per_second is None:
            return 0.0
        apart = max(1 / self.updates_per_second, self.chunk)
        return max(0.0, self._clock + apart - time.perf_counter())

    @property
    def chunk(self) -> float:
        """Seconds of training between looks at the commands."""
        per_call = self._place.branch.live.seconds_per_call
        return min(max(CHUNK, CALLS_PER_CHUNK * per_call), LONGEST_CHUNK)

    def play(self) -> None:
        """Train until something stops it."""
        self.playing, self._place.ended = True, None
        self._clock, self.rate = time.perf_counter(), 0.0
        if self.updates_per_second is not None:
            # The first update comes at once.
            self._clock -= 1 / self.updates_per_second
        self._look_at_stops()

    def pause(self) -> None:
        """Stop training."""
        self.playing = False

    def advance(self) -> None:
        """Train for a short while."""
        now = time.perf_counter()
        most: int | None = None
        if self.updates_per_second is not None:
            most = int((now - self._clock) * self.updates_per_second)
            if most < 1:
                return
            # What a slow machine cannot do is not made up for later.
            most = min(most, max(1, int(self.updates_per_second)))
        before = self._place.update
        self._train(self.chunk, most)
        seconds = max(time.perf_counter() - now, 1e-9)
        rate = (self._place.update - before) / max(seconds, now - self._clock if most else seconds)
        self.rate = rate if not self.rate else 0.8 * self.rate + 0.2 * rate
        self._clock = now
        self._look_at_stops()

    def _train(self, seconds: float, most: int | None) -> None:
        """Go forward: through what was trained before, then by training."""
        place, branch, live = self._place, self._place.branch, self._place.branch.live
        update = place.update
        if update < branch.newest:
            n = max(1, int(seconds / (live.seconds_per_update or 1e-5))) if most is None else most
            place.move_to(min(update + n, branch.newest))
            return
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
        if now - self._measured > place.measuring / MEASURING_SHARE:
            # Processor time: what other programs take does not make it slow.
            started = time.thread_time()
            live.evaluate()
            self._measured = time.perf_counter()
            place.measuring = time.thread_time() - started
        place.show_newest()
        if branch.ended:
            self._stop(branch.ended)

    @property
    def last_update(self) -> int | None:
        """The update at which training stops, if one is set."""
        branch = self._place.branch
        epochs = branch.prepared.epochs if self.stop_epochs is None else self.stop_epochs
        if epochs is None:
            return None
        # After another batch size, epochs are not the same number of updates.
        done, per_epoch = branch.live.position, branch.live.plan.job.updates_per_epoch
        return done.update - done.batch + max(0, int(epochs) - done.epoch) * per_epoch

    def _look_at_stops(self) -> None:
        place, last = self._place, self.last_update
        if last is not None and place.update >= max(last, place.branch.newest):
            self._stop(f"{int(place.position.epoch)} epochs are done")
        if self.stop_loss is not None and place.branch.live.metrics[0, 0] <= self.stop_loss:
            self._stop(f"the training loss has reached {self.stop_loss:g}")

    def _stop(self, reason: str | None) -> None:
        self.playing = False
        self._place.ended = reason
