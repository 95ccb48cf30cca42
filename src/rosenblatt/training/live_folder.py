"""The folder of a run that was trained as far as its caller asked."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rosenblatt.training.in_progress import RunInProgress, status_of
from rosenblatt.training.plan import FROM_SEED, Plan
from rosenblatt.training.run import Run
from rosenblatt.training.storage.config import Origin, config_of
from rosenblatt.training.storage.folder import RunFolder

if TYPE_CHECKING:
    from rosenblatt.training.trajectory import Position

MOST_CHECKPOINTS = 32
"""The number of checkpoints: any other update is recomputed from the nearest before it."""


def write_folder(
    path: Path, plan: Plan, member: RunInProgress, run: Run, positions: Sequence["Position"]
) -> None:
    """Write a member into a new folder, with checkpoints at some of its positions.

    Raises:
        FileError: there is a run in the folder already, or it cannot be written.
        ConfigurationError: a layer, loss or optimizer that is not one of the package's.
    """
    first = positions[0]
    origin = None
    if plan.settings.start != FROM_SEED:
        origin = Origin(run="in memory", epoch=first.epoch, batch=first.batch)
    config = config_of(plan, origin)
    folder = RunFolder(path)
    member = replace(member, epochs=plan.settings.epochs, eval_every=plan.settings.eval_every)
    apart = -(-len(positions) // MOST_CHECKPOINTS)
    with folder.locked():
        start = () if plan.settings.start == FROM_SEED else (_member_at(member, first),)
        folder.create(config, plan.train, plan.test, plan.validation, start=start)
        for position in positions[::apart]:
            if position.update < member.state.update:
                folder.save_checkpoint([_member_at(member, position)])
        folder.save_checkpoint([member])
        state = "interrupted" if member.is_running else status_of([member])
        folder.write_progress([member], state)
        folder.write_model([run], plan.train)


def _member_at(member: RunInProgress, position: "Position") -> RunInProgress:
    """Return a member as it was at an earlier position."""
    rows = [row for row in member.rows if row["updates"] <= position.update]
    earlier = replace(
        member,
        epoch=position.epoch,
        batch=position.batch,
        state=position.state,
        mistakes=position.mistakes,
        rows=rows,
        seconds=rows[-1]["seconds"] if rows else 0.0,
        stopped=None,
        diverged=False,
        evaluated_at=position,
        chosen_metrics=None,
    )
    earlier.weights = earlier.current_weights()
    earlier.params = earlier.weights[member.job.model.selected]
    return earlier
