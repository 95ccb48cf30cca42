"""The 40 bugs: what each changes in a correct program, its hints and its explanation."""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rosenblatt.check.report.texts import FORMULAS, NUDGES, TITLES
from rosenblatt.errors import ConfigurationError

PROGRAMS = Path(__file__).parent / "programs"
DIFFICULTIES = (1, 2, 3)
HINTS = (1, 2, 3)


@dataclass(frozen=True)
class Bug:
    """One bug.

    Attributes:
        program: the name of the correct program: "classes", "functions" or "layers".
        difficulty: from 1, the symptoms name the place, to 3, the network still learns.
        mistake: its id, as in the findings of a check.
        old: text that stands exactly once in the program.
        new: what the bug has instead.
        explanation: what was wrong and why, for after the repair.
    """

    program: str
    difficulty: int
    mistake: str
    old: str
    new: str
    explanation: str

    @property
    def source(self) -> str:
        """The program with the bug."""
        return right_source(self.program).replace(self.old, self.new)

    @property
    def line(self) -> int:
        """The first line, from 1, in which the program with the bug differs from the right one."""
        wrong, right = self.source.splitlines(), right_source(self.program).splitlines()
        return next(i for i, (a, b) in enumerate(zip(wrong, right, strict=False), 1) if a != b)

    @property
    def place(self) -> str:
        """The name of the class or function of the program in which the bug is."""
        heads = [
            line.removeprefix("class ").removeprefix("def ").partition("(")[0].rstrip(":")
            for line in self.source.splitlines()[: self.line]
            if line.startswith(("class ", "def "))
        ]
        return heads[-1]

    def hint(self, level: int) -> str:
        """Return a hint: 1 the class or function, 2 a question as well, 3 the line and the formula.

        Raises:
            ConfigurationError: ``level`` is not 1, 2 or 3.
        """
        if level not in HINTS:
            raise ConfigurationError(f"a hint has the level 1, 2 or 3, got {level}")
        if level == 1:
            return f"Look at {self.place}."
        if level == 2:
            return f"In {self.place}: {NUDGES[self.mistake]}"
        return (
            f"Line {self.line}, in {self.place}: {TITLES[self.mistake]}. {FORMULAS[self.mistake]}"
        )

    def answer(self) -> list[str]:
        """Return the answer in lines: the code that is wrong, the right code, the explanation."""
        return [
            f"line {self.line}, in {self.place}: {TITLES[self.mistake]} ({self.mistake})",
            *(f"- {line}" for line in self.new.splitlines()),
            *(f"+ {line}" for line in self.old.splitlines()),
            self.explanation,
        ]


@lru_cache
def right_source(program: str) -> str:
    """Return the text of a correct program."""
    return (PROGRAMS / f"{program}.py").read_text(encoding="utf-8")


@lru_cache
def all_bugs() -> tuple[Bug, ...]:
    """Return the bugs in the order of their numbers, which begin at 1.

    >>> len(all_bugs())
    40
    """
    text = (Path(__file__).parent / "bugs.toml").read_text(encoding="utf-8")
    return tuple(Bug(**values) for values in tomllib.loads(text)["bug"])


def choose(seed: int, difficulty: int | None = None) -> Bug:
    """Return the bug of a seed, out of those of a difficulty or out of all.

    Raises:
        ConfigurationError: a seed below 0, or a difficulty that is not 1, 2 or 3.

    >>> choose(0) == choose(0), choose(5, difficulty=3).difficulty
    (True, 3)
    """
    if type(seed) is not int or seed < 0:
        raise ConfigurationError(f"a seed is a whole number from 0 on, got {seed}")
    if type(difficulty) is bool or difficulty not in (None, *DIFFICULTIES):
        raise ConfigurationError(f"a difficulty is 1, 2 or 3, got {difficulty}")
    bugs = [bug for bug in all_bugs() if difficulty in (None, bug.difficulty)]
    digest = hashlib.sha256(f"bug lab {seed}".encode()).digest()
    return bugs[int.from_bytes(digest[:8]) % len(bugs)]
