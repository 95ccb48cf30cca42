"""Commands with arguments of any kind: each is done, or refused by an error of the package."""

import random

import pytest

from rosenblatt.errors import RosenblattError
from rosenblatt.settings import describe_settings
from rosenblatt.studio.commands import COMMANDS
from rosenblatt.studio.description import describe
from rosenblatt.studio.encoding import to_json
from rosenblatt.studio.frames import Sent, Views, make_frame
from rosenblatt.studio.jobs import JOBS
from rosenblatt.studio.session import Session

SETTINGS = {"data": "moons", "n": 30, "hidden": [3], "batch_size": 8}
KEYS = [setting["key"] for setting in describe_settings() if setting["key"] != "n"]
ODD = [
    *(None, True, False, 0, 1, -1, 2, 3, 0.5, -0.5, 1e300, 10**30, "", "x", [], [1], {}, {"a": 1}),
    *(float("nan"), float("inf"), [0, 0], [[1, 2]], [4, 4], "upload:x.csv", "../x", 10**9, [None]),
    *("moons", "iris", "diabetes", "xor", "tanh", "adam", "sgd", "cosine", "poisson", "random"),
    *(
        "half_squared_error",
        "sigmoid_cross_entropy",
        "python",
        "link",
        "update",
        "epoch",
        "0.weight",
    ),
    *([{"move": 0, "to": [0, 1]}], [{"add": [0, 0], "label": 1}], [{"delete": 9}], [3], [{}]),
]
ARGUMENTS = {
    "step": ["by", "n", "back"],
    "speed": ["updates_per_second"],
    "stop_at": ["epochs", "loss"],
    "go": ["update", "branch"],
    "branch": ["branch"],
    "remove": ["branch"],
    "weight": ["parameter", "index", "value"],
    "inspect": ["parameter", "index"],
    "unit": ["layer", "unit"],
    "plane": ["axes", "held", "principal", "x", "y"],
    "points": ["edits"],
    "many_seed": ["seed"],
    "code": ["as"],
    "save": ["name"],
    "open": ["name"],
    "lesson": ["name"],
    "explain": ["samples", "point", "label", "batch"],
    "contrast": ["branches"],
    "landscape": ["directions", "size"],
    "answer": ["question", "value"],
    "bug_program": ["seed", "difficulty"],
    "bug_hint": ["seed", "difficulty", "level"],
    "bug_answer": ["seed", "difficulty"],
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.filterwarnings("ignore")
def test_no_argument_breaks_a_session(seed, tmp_path):
    rng = random.Random(seed)
    session = Session(SETTINGS, runs=tmp_path)
    session.touched = True
    names = sorted({*COMMANDS, *JOBS} - {"checkup", "eigenvalues", "many", "check_repair"})
    for _ in range(250):
        name = rng.choice([*names, "set", "set", "step"])
        if name == "set":
            args = {"key": rng.choice(KEYS), "value": rng.choice(ODD)}
        else:
            args = {key: rng.choice(ODD) for key in ARGUMENTS.get(name, []) if rng.random() < 0.8}
        try:
            if name in JOBS:
                answer = JOBS[name](session, args)(lambda done, of: None)
            else:
                answer = COMMANDS[name](session, args)
        except RosenblattError:
            pass
        else:
            to_json(answer)
        session.refresh()
        make_frame(session.shown, Views(4, 3, True, True, True, True, True), Sent(), 1)
        to_json(describe(session))
