"""Questions about a submission's code: calls to make, and the right numbers they should give.

A question is a function of a random generator. It fills a :class:`Drawn`: the calls, which go to
the process of the submission, and the right numbers, which stay with the grader.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.grading.messages import encode_array

Array = np.ndarray[Any, Any]


@dataclass
class Drawn:
    """The calls of one question and the right numbers, built up call by call.

    Attributes:
        steps: what the process of the submission does.
        right: for each criterion, the right number of each value that it compares.
    """

    steps: list[dict[str, Any]] = field(default_factory=list)
    right: dict[str, dict[str, Array]] = field(default_factory=dict)

    def call(self, function: str, *arguments: Any, name: str = "result") -> None:
        """Call ``function`` of the submission and remember what it returns as ``name``.

        Args:
            function: a path such as "modules.Linear" or "linear.forward".
            arguments: arrays, plain values, or an :class:`Object`.
            name: of the result.
        """
        values = [_encoded(argument) for argument in arguments]
        self.steps.append({"call": function, "args": values, "as": name})

    def set(self, path: str, value: Array) -> None:
        """Set an attribute or an entry of a dict, such as "linear.params.weight"."""
        self.steps.append({"set": path, "value": _encoded(value)})

    def expect(self, criterion: str, path: str, right: Any) -> None:
        """Compare what is at ``path`` now with the right number, for a criterion."""
        values = self.right.setdefault(criterion, {})
        name = f"{criterion}/{len(values)}"
        values[name] = np.asarray(right, dtype=float)
        self.steps.append({"get": path, "name": name})


@dataclass(frozen=True)
class Object:
    """An argument: the object that an earlier call returned under this name."""

    name: str


def _encoded(value: Any) -> Any:
    if isinstance(value, Object):
        return {"object": value.name}
    return encode_array(value) if isinstance(value, np.ndarray) else value


@dataclass(frozen=True)
class Question:
    """A question that rubrics name.

    Attributes:
        part: of the assignment.
        name: in rubrics.
        criteria: what is compared, each right or wrong.
        draw: fills a :class:`Drawn` with numbers from a generator.
        follows: whether the answer also depends on ``modules.py``, so that the question is asked
            again with right modules where the submission's are wrong.
    """

    part: str
    name: str
    criteria: tuple[str, ...]
    draw: Callable[[Drawn, np.random.Generator], None]
    follows: bool = False


QUESTIONS: dict[str, Question] = {}
"""All questions by name."""


def question(
    part: str, name: str, *criteria: str, follows: bool = False
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function as a question."""

    def register(draw: Callable[..., None]) -> Callable[..., None]:
        QUESTIONS[name] = Question(part, name, criteria, draw, follows)
        return draw

    return register
