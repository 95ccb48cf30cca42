"""The grade of one submission by a rubric."""

import contextlib
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath

import numpy as np

from rosenblatt.errors import FileError
from rosenblatt.grading.comparison import Outcome, compare, judge
from rosenblatt.grading.process import Conversation, ask
from rosenblatt.grading.questions import QUESTIONS, Drawn, Question
from rosenblatt.grading.rubric import Rubric, Task
from rosenblatt.grading.students import DIGITS_TOLERANCE, NUMBERS, right_numbers
from rosenblatt.grading.submissions import Submission

FILES = {
    "part1": ["perceptron.py", "answers.json"],
    "part2": ["modules.py", "mlp_numpy.py", "train_mlp_numpy.py", "answers.json"],
    "part3": ["train_mlp_numpy.py", "modules.py", "mlp_numpy.py", "answers.json"],
}
"""The files of each part by which its folder is found."""

NO_STUDENT = "give the student's name to grade the numbers: --student NAME"
"""The problem of the numbers of a submission without a name, told with all hints."""


@dataclass(frozen=True)
class TaskGrade:
    """The points of one task.

    Attributes:
        task: of the rubric.
        outcomes: of each criterion.
    """

    task: Task
    outcomes: Mapping[str, Outcome]

    @property
    def points(self) -> float:
        """The share of the points that the right criteria have."""
        weights = self.task.criteria
        right = sum(weight for name, weight in weights.items() if self.outcomes[name].right)
        return self.task.points * right / sum(weights.values())

    @property
    def full(self) -> bool:
        """Whether every criterion is right."""
        return all(outcome.right for outcome in self.outcomes.values())

    def feedback(self, hints: int) -> list[str]:
        """Return what is wrong: 1 which criterion, 2 where and a hint, 3 the numbers."""
        if {outcome.problem for outcome in self.outcomes.values()} == {NO_STUDENT}:
            return [f"not graded: {NO_STUDENT}"]
        lines = []
        for name in self.task.criteria:
            outcome = self.outcomes[name]
            if not outcome.right:
                told = {1: "", 2: outcome.problem}.get(hints, outcome.numbers or outcome.problem)
                lines.append(f"not right: {name}" + (f" ({told})" if told else ""))
        if lines and hints > 1 and self.task.hint:
            lines.append(f"hint: {self.task.hint}")
        return lines


@dataclass(frozen=True)
class Grade:
    """The grade of a submission.

    Attributes:
        student: who handed it in.
        rubric: by which it was graded.
        tasks: the points of each task.
        digest: of the submission's files.
        problem: why it could not be graded at all, "" if it could.
        isolation: the rules of the kernel that held for its process.
        seconds: that grading took.
    """

    student: str
    rubric: Rubric
    tasks: tuple[TaskGrade, ...]
    digest: str = ""
    problem: str = ""
    isolation: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def points(self) -> float:
        """The points of all tasks, to two decimals."""
        return round(sum(task.points for task in self.tasks), 2)

    def lines(self, hints: int = 1) -> list[str]:
        """Return the grade as text: every task with its points, and what is wrong in it."""
        lines = [f"{self.rubric.title}: {self.points:g} of {self.rubric.points:g} points"]
        if self.problem:
            lines.append(f"not graded: {self.problem}")
        for entry in self.tasks:
            task = entry.task
            lines.append(f"  {entry.points:5.4g} of {task.points:g}  {task.title}")
            lines += [f"           {line}" for line in entry.feedback(hints)]
        return lines

    def to_json(self) -> dict[str, object]:
        """Return everything as plain values, with the numbers: for the teacher."""
        return {
            "student": self.student,
            "points": self.points,
            "of": self.rubric.points,
            "problem": self.problem,
            "digest": self.digest,
            "isolation": list(self.isolation),
            "tasks": [
                {
                    "question": entry.task.question,
                    "title": entry.task.title,
                    "points": round(entry.points, 4),
                    "of": entry.task.points,
                    "criteria": {name: outcome.right for name, outcome in entry.outcomes.items()},
                    "feedback": entry.feedback(3),
                }
                for entry in self.tasks
            ],
        }


def grade_submission(submission: Submission, rubric: Rubric, student: str | None = None) -> Grade:
    """Grade a submission; a submission that cannot be graded has 0 points and a ``problem``.

    Args:
        submission: its files.
        rubric: the tasks and their points.
        student: whose numbers ``answers.json`` should have; None grades them as wrong.
    """
    began = time.monotonic()
    author = student or submission.student
    try:
        folder = submission.folder_with(rubric.part, FILES[rubric.part])
    except FileError as error:
        return ungraded(author, rubric, str(error), submission.digest)
    questions = _Questions(submission, folder, rubric)
    tasks = []
    for task in rubric.tasks:
        if task.question == "numbers":
            outcomes = _numbers(submission, folder, rubric, student)
        else:
            outcomes = questions.outcomes[task.question]
        tasks.append(
            TaskGrade(task, {criterion: outcomes[criterion] for criterion in task.criteria})
        )
    return Grade(
        student=author,
        rubric=rubric,
        tasks=tuple(tasks),
        digest=submission.digest,
        isolation=questions.isolation,
        seconds=time.monotonic() - began,
    )


def ungraded(student: str, rubric: Rubric, problem: str, digest: str = "") -> Grade:
    """Return the grade of a submission that cannot be graded: 0 points, and why."""
    tasks = tuple(
        TaskGrade(task, {name: Outcome(False, "not graded") for name in task.criteria})
        for task in rubric.tasks
    )
    return Grade(student, rubric, tasks, digest, problem)


class _Questions:
    """The questions of a rubric about one submission, and how their criteria came out."""

    def __init__(self, submission: Submission, folder: str, rubric: Rubric) -> None:
        self._folder, self._imports = folder, rubric.imports
        asked = [QUESTIONS[t.question] for t in rubric.tasks if t.question != "numbers"]
        self._drawn = {entry.name: _drawn(entry, rubric, submission) for entry in asked}
        self.isolation: tuple[str, ...] = ()
        self.outcomes = self._ask(submission.files, asked)
        wrong = [
            entry
            for entry in asked
            if entry.follows and not all(o.right for o in self.outcomes[entry.name].values())
        ]
        if wrong and rubric.follow_through:
            again = self._ask(
                {**submission.files, _path(folder, "modules.py"): _right_modules()}, wrong
            )
            for name, outcomes in again.items():
                self.outcomes[name] |= {
                    key: value for key, value in outcomes.items() if value.right
                }

    def _ask(
        self, files: Mapping[str, bytes], asked: list[Question]
    ) -> dict[str, dict[str, Outcome]]:
        if not asked:
            return {}
        steps = [self._drawn[entry.name].steps for entry in asked]
        conversation: Conversation = ask(files, self._folder, steps, self._imports)
        self.isolation = self.isolation or conversation.isolation
        return {
            entry.name: {
                criterion: judge(self._drawn[entry.name].right[criterion], answer)
                for criterion in entry.criteria
            }
            for entry, answer in zip(asked, conversation.answers, strict=True)
        }


def _drawn(entry: Question, rubric: Rubric, submission: Submission) -> Drawn:
    """Return the calls and the right numbers of a question.

    The random numbers depend on all of the submission's bytes: no file can contain prepared
    answers, because writing them into it changes the questions.
    """
    key = f"{rubric.seed}/{entry.name}/{submission.digest}"
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")
    drawn = Drawn()
    entry.draw(drawn, np.random.default_rng(seed))
    return drawn


def _numbers(
    submission: Submission, folder: str, rubric: Rubric, student: str | None
) -> dict[str, Outcome]:
    """Compare the numbers of ``answers.json`` with the student's."""
    given: object = None
    problem = ""
    content = submission.files.get(_path(folder, "answers.json"))
    if student is None:
        problem = NO_STUDENT
    elif content is None:
        problem = "answers.json is missing"
    else:
        with contextlib.suppress(ValueError, RecursionError):
            given = json.loads(content)
        if not isinstance(given, dict):
            problem = "answers.json is no JSON object"
    if problem or student is None or not isinstance(given, dict):
        return {name: Outcome(False, problem) for name in NUMBERS[rubric.part]}
    right = right_numbers(rubric.part, student)
    return {name: _number(given.get(name), right[name]) for name in NUMBERS[rubric.part]}


def _number(given: object, right: float) -> Outcome:
    # A whole number may have any number of digits in JSON, more than a float can hold.
    if not isinstance(given, int | float) or isinstance(given, bool) or abs(given) > 1e300:
        return Outcome(False, "a number was expected")
    return compare(np.array(float(given)), np.array(right), DIGITS_TOLERANCE)


def _path(folder: str, name: str) -> str:
    return str(PurePosixPath(folder) / name)


def _right_modules() -> bytes:
    return (resources.files("rosenblatt.grading") / "right_modules.py").read_bytes()
