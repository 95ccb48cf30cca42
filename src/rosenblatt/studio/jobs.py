"""Commands that take long: prepared by the trainer's thread, computed by another one."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, RosenblattError
from rosenblatt.studio.bug_lab import chosen_bug
from rosenblatt.studio.commands.bug_lab import lab_of
from rosenblatt.studio.session import Session
from rosenblatt.training.run import run_at

Progress = Callable[[int, int], None]
Work = Callable[[Progress], Any]
"""What is computed; it calls the function that it is given with the steps done and of all."""
Job = Callable[[Session, Mapping[str, Any]], Work]

LARGEST_LANDSCAPE = 101
MOST_COMPARED = 20_000_000
EXPLAINED_DIFFERENCES = 300
"""Gradient entries that the microscope compares with differences."""


class CancelledJobError(RosenblattError):
    """The page has cancelled a job."""


class Canceller:
    """Ends the work of a job at its next step."""

    def __init__(self, report: Progress) -> None:
        self._cancelled = threading.Event()
        self._report = report

    def cancel(self) -> None:
        """End the job."""
        self._cancelled.set()

    def __call__(self, done: int, of: int) -> None:
        """Report progress."""
        if self._cancelled.is_set():
            raise CancelledJobError("it was cancelled")
        self._report(done, of)


def explain(session: Session, args: Mapping[str, Any]) -> Work:
    """Return every number of the next update, for rows of the training set or for a point."""
    moment = run_at(session.branch.owner(session.position.update).live.run(), session.position)
    samples, point, label = args.get("samples"), args.get("point"), args.get("label")
    if point is not None:
        x = session.prepared.as_inputs(session.plane.point(point))
        classes = session.prepared.data.classes
        y = label
        if label is not None and classes is not None:
            if isinstance(label, bool) or label not in range(len(classes)):
                raise ConfigurationError(f"label is a number from 0 to {len(classes) - 1}")
            y = classes[label]
        targets = None if y is None else [y]
        return lambda progress: moment.explain(
            x, targets, differences=EXPLAINED_DIFFERENCES
        ).to_json()
    if samples is not None and not isinstance(samples, list):
        raise ConfigurationError("samples are numbers of rows of the training set")
    rows = None if args.get("batch") else samples
    return lambda progress: moment.explain(rows, differences=EXPLAINED_DIFFERENCES).to_json()


def checkup(session: Session, args: Mapping[str, Any]) -> Work:
    """Return what keeps the shown run from learning."""
    import rosenblatt as rb

    run = session.branch.live.run()
    return lambda progress: rb.checkup(run, progress=progress).to_json()


def contrast(session: Session, args: Mapping[str, Any]) -> Work:
    """Return where two branches first differ, and how far they part."""
    numbers = args.get("branches")
    if not isinstance(numbers, list) or len(numbers) != 2:
        raise ConfigurationError("branches are the numbers of two branches")
    first, second = (session.tree.find(number).live for number in numbers)
    least = max(first.first_update, second.first_update)
    most = min(first.update, second.update)
    if most - least > MOST_COMPARED:
        raise ConfigurationError(
            f"branches are compared update by update, up to {MOST_COMPARED:,} of them, and these "
            f"have {most - least:,} in common"
        )
    runs = first.run(), second.run()

    def work(progress: Progress) -> dict[str, Any]:
        found = runs[0].contrast(runs[1])
        first_difference = found.first_difference
        return {
            "first_difference": None if first_difference is None else asdict(first_difference),
            "distance": {
                "epochs": found.epochs,
                "updates": found.updates[:, 0],
                "parameters": found.distances["all"],
                "predictions": found.predictions["mean_change"],
            },
            "text": str(found),
        }

    return work


def landscape(session: Session, args: Mapping[str, Any]) -> Work:
    """Return the training loss over a plane through the shown weights."""
    from rosenblatt.analysis import landscape as compute

    size = whole_number(args.get("size", 41), "size", at_least=3, at_most=LARGEST_LANDSCAPE)
    directions: Any = args.get("directions", "random")
    update = session.position.update
    run = session.branch.owner(update).live.run()

    def work(progress: Progress) -> dict[str, Any]:
        found = compute(run, update, directions, size, progress=progress)
        a, b = found.axes
        x, y = found.trajectory.T
        return found.to_json() | {
            "loss": found.grid,
            "x": a,
            "y": b,
            "x_name": found.labels[0],
            "y_name": found.labels[1],
            "trajectory": {"x": x, "y": y},
            "here": [0, 0],
        }

    return work


def eigenvalues(session: Session, args: Mapping[str, Any]) -> Work:
    """Return the largest Hessian eigenvalue at moments along the shown branch, with 2/η."""
    from rosenblatt.analysis import eigenvalues_along

    run = session.branch.live.run()
    return lambda progress: eigenvalues_along(run, progress=progress).to_json()


def calibration(session: Session, args: Mapping[str, Any]) -> Work:
    """Return how often the shown network is right where it says that it is sure."""
    from rosenblatt.analysis import calibration as compute

    moment = run_at(session.branch.owner(session.position.update).live.run(), session.position)
    return lambda progress: compute(moment).to_json()


def answer(session: Session, args: Mapping[str, Any]) -> Work:
    """Return whether an answer to a question of the lesson is right, by computation."""
    from rosenblatt.studio.lessons import check_answer

    lesson = session.lesson
    if lesson is None:
        raise ConfigurationError("there is no lesson; open one first")
    run = session.branch.live.run()
    question, value = str(args.get("question")), args.get("value")
    return lambda progress: check_answer(lesson, question, value, run).to_json()


def check_repair(session: Session, args: Mapping[str, Any]) -> Work:
    """Return the symptoms of a program of the bug lab, and whether it is repaired."""
    lab = lab_of(session)
    bug, source = chosen_bug(args), args.get("source")
    if not isinstance(source, str):
        raise ConfigurationError("source is the text of the program")
    return lambda progress: lab.check(bug, source, progress)


JOBS: dict[str, Job] = {
    "explain": explain,
    "checkup": checkup,
    "contrast": contrast,
    "landscape": landscape,
    "eigenvalues": eigenvalues,
    "calibration": calibration,
    "answer": answer,
    "check_repair": check_repair,
}
