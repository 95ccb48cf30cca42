"""How much the check finds and names: ``python -m benchmarks.check --out benchmarks``.

The programs are in ``tests/check_corpus/programs``: docs/check.md tells how many of those in
``held`` were found before any of them was looked at; the other folders served to improve the check.
Their writers had not seen it.
"""

import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.machine import describe_machine
from benchmarks.page_command import page_parser, run_page_command
from rosenblatt.check.checking import check_file
from rosenblatt.progress_bar import Bar

PROGRAMS = Path(__file__).parents[1] / "tests" / "check_corpus" / "programs"
AT_ONCE = 2


@dataclass(frozen=True)
class Program:
    """A program with what is wrong in it.

    Attributes:
        path: of the file.
        mistake: its id, "" for a right program, "other" for one without an id.
        fair: further ids that name it rightly.
        line: of the mistake.
    """

    path: Path
    mistake: str
    fair: tuple[str, ...]
    line: int | None


@dataclass(frozen=True)
class Answer:
    """What the check said: its exit status, and the first mistake that it named."""

    status: int
    mistake: str
    line: int | None


def programs_of(folder: Path) -> list[Program]:
    """Return the programs that ``labels.toml`` of a folder lists."""
    labels = tomllib.loads((folder / "labels.toml").read_text(encoding="utf-8"))
    return [
        Program(folder / one["name"], one["mistake"], tuple(one.get("also", ())), one.get("line"))
        for one in labels["file"]
    ]


def answer_of(program: Program) -> Answer:
    """Return what the check says of a program."""
    report = check_file(program.path)
    first = report.findings[0] if report.findings else None
    return Answer(report.exit_status, first.mistake if first else "", first.line if first else None)


def is_named(program: Program, answer: Answer) -> bool:
    """Return whether the first finding has a fair name.

    A mistake without an id is named by any finding in its line or next to it.

    >>> program = Program(Path("a.py"), "other", (), 10)
    >>> is_named(program, Answer(1, "sign", 11)), is_named(program, Answer(1, "sign", 30))
    (True, False)
    """
    if answer.mistake in (program.mistake, *program.fair):
        return True
    near = program.line and answer.line and abs(program.line - answer.line) <= 2
    return program.mistake == "other" and (bool(near) or answer.mistake == "unexplained")


def tally(answers: dict[Program, Answer]) -> dict[str, int]:
    """Return how often the check said what.

    >>> right, wrong = Program(Path("a.py"), "", (), None), Program(Path("b.py"), "sign", (), 3)
    >>> counts = tally({right: Answer(0, "", None), wrong: Answer(1, "transposed", 3)})
    >>> counts["called right"], counts["found"], counts["named"]
    (1, 1, 0)
    """
    wrong = {p: a for p, a in answers.items() if p.mistake}
    right = {p: a for p, a in answers.items() if not p.mistake}
    return {
        "wrong": len(wrong),
        "found": sum(a.status == 1 for a in wrong.values()),
        "named": sum(a.status == 1 and is_named(p, a) for p, a in wrong.items()),
        "missed": sum(a.status == 0 for a in wrong.values()),
        "wrong, not checked": sum(a.status == 2 for a in wrong.values()),
        "right": len(right),
        "called right": sum(a.status == 0 for a in right.values()),
        "accused": sum(a.status == 1 for a in right.values()),
        "right, not checked": sum(a.status == 2 for a in right.values()),
    }


def page_of(results: dict[str, dict[Program, Answer]]) -> str:
    """Return CHECK.md."""
    lines = [
        "| programs | wrong | found | named at first | called right | not checked | right | "
        "called right | accused | not checked |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    parts = []
    for name, answers in results.items():
        counts = tally(answers)
        n = max(counts["wrong"], 1)
        cells = [
            str(counts["wrong"]),
            f"**{100 * counts['found'] / n:.0f} %**",
            f"**{100 * counts['named'] / n:.0f} %**",
            *(str(counts[key]) for key in ("missed", "wrong, not checked", "right")),
            *(str(counts[key]) for key in ("called right", "accused", "right, not checked")),
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
        parts += [f"## What is not found or not named: {name}", "\n".join(_misses(answers))]
    return (
        "\n\n".join(
            [
                "# Check",
                "Written by `python -m benchmarks.check --out benchmarks` on "
                f"{describe_machine()['date']}.",
                "\n".join(lines),
                "docs/check.md tells how many of those in `held` were found before any of them "
                "was looked at; the other folders served to improve the check. "
                "All were written by developers who had not seen the check; `labels.toml` says "
                "what is wrong in each, and which other names are fair.",
                *parts,
            ]
        )
        + "\n"
    )


def _misses(answers: dict[Program, Answer]) -> list[str]:
    lines = ["| program | mistake | line | answer | line |", "|---|---|---|---|---|"]
    for program, answer in answers.items():
        fine = answer.status == 0 if not program.mistake else answer.status == 1
        if fine and (not program.mistake or is_named(program, answer)):
            continue
        said = {0: "right", 1: answer.mistake, 2: "not checked"}[answer.status]
        cells = (program.path.name, program.mistake or "none", program.line or "", said)
        lines.append(f"| {' | '.join(map(str, cells))} | {answer.line or ''} |")
    return lines


def _progress(count: int, done: float) -> str:
    return f"{done:.0f} of {count}"


def measure(only: str, *, full: bool) -> dict[str, dict[Program, Answer]]:
    """Return the answers for the programs of each folder."""
    results: dict[str, Any] = {}
    for folder in sorted(path for path in PROGRAMS.iterdir() if path.is_dir()):
        programs = [p for p in programs_of(folder) if only in p.path.name]
        programs = programs if full else programs[:2]
        count = len(programs)
        answers: dict[Program, Answer] = {}
        with (
            Bar(count, partial(_progress, count)) as progress,
            ThreadPoolExecutor(AT_ONCE) as threads,
        ):
            found = threads.map(answer_of, programs)
            for number, (program, answer) in enumerate(zip(programs, found, strict=True)):
                progress.show(number, program.path.name)
                answers[program] = answer
        results[folder.name] = answers
    return results


def main(argv: Sequence[str] | None = None) -> int:
    """Check all programs, print the page, and write it."""
    parser = page_parser("check", "CHECK.md", "a part of a program's name", turns=1)
    options = parser.parse_args(argv)
    return run_page_command(
        "check", "CHECK.md", options, lambda: page_of(measure(options.only, full=not options.quick))
    )


if __name__ == "__main__":
    sys.exit(main())
