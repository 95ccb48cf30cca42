"""Carrying out a plan, in memory or in a folder: from members before training to runs."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path as FilePath
from typing import Any

from rosenblatt.errors import FileError
from rosenblatt.training.config import Fork, config_of
from rosenblatt.training.folder import RunFolder
from rosenblatt.training.history import History
from rosenblatt.training.keeper import FolderKeeper
from rosenblatt.training.known_callbacks import settings_of
from rosenblatt.training.path import InMemory, Mark, Path
from rosenblatt.training.plan import FROM_SEED, Plan
from rosenblatt.training.run import Run, Runs
from rosenblatt.training.training import Training, train_together


def carry_out(plan: Plan, members: Sequence[Training]) -> Runs:
    """Train the members of a plan, and return their runs."""
    train_together(members)
    return runs_of(plan, members)


def carry_out_in(
    run_dir: str | PathLike[str],
    plan: Plan,
    begin: Callable[[], Sequence[Training]],
    *,
    every: float,
    fork: Fork | None = None,
) -> Runs:
    """Train the members of a plan in a folder of their own, with a checkpoint now and then.

    Raises:
        FileError: the folder cannot be written, or there is a run in it.
        KeyboardInterrupt: Ctrl-C was pressed, and a last checkpoint written.
    """
    folder = RunFolder(FilePath(run_dir))
    config = config_of(plan, [settings_of(one) for one in plan.callbacks], fork)
    with folder.locked():
        folder.require_none()
        members = begin()
        start = () if plan.initial == FROM_SEED else members
        folder.create(config, plan.train, plan.test, start)
        return go_on_in(folder, plan, members, every=every)


def go_on_in(folder: RunFolder, plan: Plan, members: Sequence[Training], *, every: float) -> Runs:
    """Train members in a folder whose lock is held, and write what came of them."""
    keeper = FolderKeeper(folder, every)
    with keeper.hearing():
        train_together(members, keeper)
        runs = runs_of(plan, members, folder)
        try:
            folder.write_progress(members, _end_of(members))
            folder.write_model(runs, plan.train)
        except FileError as error:
            warnings.warn(
                f"the end of the run was not written: {error}; its newest checkpoint is what is "
                "kept",
                stacklevel=2,
            )
            runs = runs_of(plan, members)
    if keeper.is_interrupted:
        # It was too late to end the run early, but whatever comes after it is to end.
        raise KeyboardInterrupt
    return runs


def runs_of(plan: Plan, members: Sequence[Training], folder: RunFolder | None = None) -> Runs:
    """Return the runs that members have become."""
    # Callbacks have served: some hold open files.
    plan, settings = replace(plan, callbacks=()), plan.settings()
    return Runs([_run_of(plan, settings, one, i, folder) for i, one in enumerate(members)])


def _run_of(
    plan: Plan,
    settings: dict[str, Any],
    member: Training,
    index: int,
    folder: RunFolder | None,
) -> Run:
    job = member.job
    last = member.place
    # A run that diverged may have gone on for a while before that was seen.
    places = [place for place in member.trail.places if place.update <= last.update] or [last]
    marks: list[Mark] = [InMemory(place) for place in places]
    if folder is not None:
        # What went before a resumed part is in files only.
        begun = marks[0].update
        marks = [*(one for one in folder.marks(job, index) if one.update < begun), *marks]
    return Run(
        model=job.model,
        loss=job.loss,
        params=member.params,
        history=History(member.rows),
        seed=member.seed,
        classes=plan.train.classes,
        feature_names=plan.train.feature_names,
        row=member.row_of_params,
        stopped=member.stopped,
        diverged=member.diverged,
        settings={**settings, "seed": member.seed},
        selected=member.selected,
        folder=None if folder is None else folder.path,
        plan=plan,
        path=Path(job, plan.engine, marks, last),
    )


def _end_of(members: Sequence[Training]) -> str:
    """Return in a word how members ended."""
    if all(member.diverged for member in members):
        return "diverged"
    return "stopped" if all(member.stopped for member in members) else "finished"
