"""Bug lab: correct programs in which one of 40 bugs is planted, to be found from its symptoms."""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.lab.bugs import Bug, all_bugs, choose
    from rosenblatt.lab.exercise import Exercise, new_exercise, read_exercise
    from rosenblatt.lab.verdict import Verdict, check_repair

__all__ = [
    "Bug",
    "Exercise",
    "Verdict",
    "all_bugs",
    "check_repair",
    "choose",
    "new_exercise",
    "read_exercise",
]

__getattr__ = loads(
    __name__,
    {
        "Bug": "bugs",
        "Exercise": "exercise",
        "Verdict": "verdict",
        "all_bugs": "bugs",
        "check_repair": "verdict",
        "choose": "bugs",
        "new_exercise": "exercise",
        "read_exercise": "exercise",
    },
)
