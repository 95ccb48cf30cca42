"""The training loop: members of a population from one evaluation to the next."""

import math
import time
from collections.abc import Sequence
from typing import Protocol

from rosenblatt.engines import Metrics, expected_seconds
from rosenblatt.layers import Params
from rosenblatt.training.in_progress import RunInProgress

SECONDS_PER_SEGMENT = 0.25
"""Expected seconds of one engine call: Ctrl-C and checkpoints wait no longer than this."""
MOST_GROWTH = 8
"""The number of updates per segment grows at most by this factor at once."""
NOT_MEASURED = Metrics(math.nan, math.nan)


class MemberSaver(Protocol):
    """An object that saves members while they train."""

    is_interrupted: bool
    """Whether the user has asked to end the run."""

    def save(self, members: Sequence[RunInProgress], *, now: bool) -> None:
        """Save the members if it is time, or in any case if ``now``."""


def train_members(members: Sequence[RunInProgress], saver: MemberSaver | None = None) -> None:
    """Train members that differ only in their seeds to their end.

    Raises:
        KeyboardInterrupt: ``saver`` was interrupted; it has saved the members.
    """
    engine, job = members[0].engine, members[0].job
    per_update = len(members) * expected_seconds(engine, job, 1) / job.updates_per_epoch
    most = max(1, int(SECONDS_PER_SEGMENT / max(per_update, 1e-9)))
    try:
        for member in members:
            member.start_callbacks()
        evaluate([member for member in members if member.needs_evaluation])
        # Before the clock starts: compiling does not count as training time.
        engine.load([member.job for member in members], [member.state for member in members])
        for member in members:
            member.evaluated_at = member.evaluated_at or member.position
            member.position_log.add(member.position, 0.0)
        while running := [member for member in members if member.is_running]:
            if saver:
                # Read once: an interrupt after the save would end the run without a checkpoint.
                interrupted = saver.is_interrupted
                saver.save(members, now=interrupted)
                if interrupted:
                    raise KeyboardInterrupt
            # Usually every member; after a replay one may be ahead.
            first = min(member.state.update for member in running)
            most = train_segment([one for one in running if one.state.update == first], most)
            if len({member.state.update for member in running if not member.stopped}) > 1:
                continue
            if saver and any(member.ends_between_evaluations for member in running):
                # A longer run is not evaluated here, so it must resume from before this evaluation.
                saver.save(members, now=True)
            evaluate([member for member in running if member.needs_evaluation])
        if saver and not any(member.ends_between_evaluations for member in members):
            saver.save(members, now=True)
    finally:
        for member in members:
            member.end_callbacks()


def train_segment(
    members: Sequence[RunInProgress], most: int, aim: float = SECONDS_PER_SEGMENT
) -> int:
    """Train members at the same update for one segment, and return the most updates of the next.

    The segment has at most ``most`` updates and ends at the next evaluation. The time that it takes
    decides about the next one, which is to take ``aim`` seconds. The division of a run into
    segments changes none of its bits.
    """
    segment = members[0].next_segment(most)
    jobs, states = [member.job for member in members], [member.state for member in members]
    started = time.perf_counter()
    results = members[0].engine.run_many(jobs, states, *segment)
    seconds = time.perf_counter() - started
    before = members[0].state.update
    for member, (state, stats) in zip(members, results, strict=True):
        member.advance(segment, state, stats, seconds / len(members))
        # Training one member again takes longer than its share, but no longer than all together.
        member.position_log.add(member.position, seconds)
    updates = max(state.update for state, _ in results) - before
    possible = updates * aim / max(seconds, 1e-9)
    return max(1, min(int(possible), MOST_GROWTH * max(updates, most)))


def evaluate(members: Sequence[RunInProgress]) -> None:
    """Measure the present weights of members on all sets, and record the results."""
    for member, measured in zip(members, measure(members), strict=True):
        member.record(*measured)


Measured = tuple[dict[str, Params], Metrics, Metrics, Metrics | None]
"""All weights of a member by name, and its metrics on the training, test and validation set."""


def measure(members: Sequence[RunInProgress]) -> list[Measured]:
    """Measure the present weights of members on all sets."""
    if not members:
        return []
    first = members[0]
    model, loss = first.job.model, first.job.loss
    weights = [member.current_weights() for member in members]
    params = [of_member[model.selected] for of_member in weights]
    on_train = first.engine.evaluate_many(model, loss, params, first.job.data)
    on_test = [NOT_MEASURED] * len(members)
    on_validation: list[Metrics | None] = [None] * len(members)
    if first.test is not None:
        on_test = first.engine.evaluate_many(model, loss, params, first.test)
    if first.validation is not None:
        on_validation = [*first.engine.evaluate_many(model, loss, params, first.validation)]
    return list(zip(weights, on_train, on_test, on_validation, strict=True))
