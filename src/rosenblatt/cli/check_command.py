"""``rosenblatt check FILE``, and ``rosenblatt check --assignment PART FOLDER``."""

from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from rosenblatt.cli.printing import emit
from rosenblatt.errors import ConfigurationError
from rosenblatt.files import atomic_write, is_there
from rosenblatt.settings.params import Whole


@Parameter(name="*")
@dataclass(frozen=True)
class CheckOptions:
    """The options of the command."""

    file: Path | None = None
    """A Python file with layers, losses, a network or a training script; with --assignment, the
    folder or the zip file of a submission."""

    _: KW_ONLY

    hints: Whole | None = None
    """How much is told: 1 a nudge, 2 the place and the numbers, 3 the answer. The default is 3, and
    for feedback to students 1."""

    json: bool = False
    """Print one JSON object."""

    html: Path | None = None
    """Write one page of HTML with pictures of the gradients into this file."""

    assignment: str | None = None
    """Grade a submission of part1, part2 or part3."""

    rubric: Path | None = None
    """A rubric of your own, in TOML."""

    student: str | None = None
    """The student's name, on which data and numbers depend."""

    all: Annotated[Path | None, Parameter(name="--all")] = None
    """A folder with a folder or a zip file for each student; all are graded."""

    out: Path | None = None
    """The table of grades of --all."""

    feedback: Path | None = None
    """With --all, a folder for a text for each student and one with all numbers for the teacher."""

    gradescope: Path | None = None
    """Write the grade in the format of Gradescope, such as results.json."""

    otter: Path | None = None
    """Write tests for otter-grader and nbgrader into this folder, and grade nothing."""


_NOTHING_GIVEN = CheckOptions()


def check(options: CheckOptions = _NOTHING_GIVEN) -> int:
    """Check a file; the exit status is 0 if it is right, 1 if not, 2 if it cannot be checked."""
    if options.hints not in (None, 1, 2, 3):
        raise ConfigurationError(f"--hints: {options.hints} is not 1, 2 or 3")
    if options.assignment is not None:
        if options.html is not None:
            raise ConfigurationError("--html has no effect with --assignment")
        from rosenblatt.cli.grade_command import grade

        return grade(options, options.assignment)
    for name in ("rubric", "student", "all", "out", "feedback", "gradescope", "otter"):
        if getattr(options, name) is not None:
            raise ConfigurationError(
                f"--{name} has no effect without --assignment part1, part2 or part3"
            )
    if options.file is None:
        raise ConfigurationError("give a Python file to check")
    both = [path for path in (options.html, options.file) if path is not None and is_there(path)]
    if len(both) == 2 and both[0].samefile(both[1]):
        raise ConfigurationError(f"--html: {options.html} is the file to check; name another")
    from rosenblatt.check.checking import check_file

    hints = options.hints or 3
    report = check_file(options.file)
    lines = report.lines(hints)
    if options.html is not None:
        with atomic_write(options.html, durable=False) as page:
            page.write(report.to_html(hints).encode())
        lines.append(f"page: {options.html}")
    emit(report.to_json(), lines, as_json=options.json)
    return report.exit_status
