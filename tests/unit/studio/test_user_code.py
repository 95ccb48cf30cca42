"""The user's own classes; in another process, because choices are those of the registries."""

import subprocess
import sys

import pytest

from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.studio.user_code import load_user_code

CODE = '''
from dataclasses import dataclass

import numpy as np

from rosenblatt.layers import Activation
from rosenblatt.losses import Loss
from rosenblatt.optimizers import Optimizer


@dataclass(frozen=True)
class Swish(Activation):
    """y = x sigmoid(steepness x).

    Args:
        steepness: of the sigmoid.
    """

    steepness: float = 1.0

    def forward(self, params, x):
        s = 1 / (1 + np.exp(-self.steepness * x))
        return x * s, (x, s)

    def backward(self, params, cache, dy):
        x, s = cache
        return dy * (s + self.steepness * x * s * (1 - s)), {}


@dataclass(frozen=True)
class SignDescent(Optimizer):
    """W ← W − η sign(g)."""

    learning_rate: float = 0.01

    def init(self, params):
        return {}

    def update(self, params, grads, slots, step):
        eta = self.rate(step)
        return {name: w - eta * np.sign(grads[name]) for name, w in params.items()}, {}
'''

PROGRAM = """
import sys
from pathlib import Path

from rosenblatt.studio.user_code import load_user_code

print(load_user_code(Path(sys.argv[1])))

from rosenblatt.settings import describe_settings
from rosenblatt.studio.commands import COMMANDS
from rosenblatt.studio.session import Session

by_key = {setting["key"]: setting for setting in describe_settings()}
assert "swish" in by_key["activation"]["choices"]
assert "steepness" in by_key
session = Session({"data": "moons", "n": 40, "hidden": [3], "activation": "swish",
                   "steepness": 2.0, "batch_size": 8})
COMMANDS["step"](session, {"by": "update", "n": 5})
COMMANDS["set"](session, {"key": "optimizer", "value": "sign_descent"})
COMMANDS["step"](session, {"by": "update", "n": 5})
print(session.prepared.optimizer, session.shown.update, session.branch.live.plan.engine.name)
print(COMMANDS["code"](session, {"as": "python"}))
"""


@pytest.mark.slow
def test_own_classes_are_offered_and_trained(tmp_path):
    (tmp_path / "my_layers.py").write_text(CODE, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, "my_layers.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "['swish', 'sign_descent']" in done.stdout
    assert "SignDescent(learning_rate=0.01) 10" in done.stdout
    assert "from my_layers import SignDescent" in done.stdout
    assert "Swish(steepness=2.0)" in done.stdout


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("broken_1.py", "1 / 0", "ZeroDivisionError, line 1"),
        ("broken_2.py", "x = (", "SyntaxError"),
        ("broken_3.py", "x = 1", "defines no activation"),
        ("json.py", "", "another name"),
        ("a-b.py", "", "another name"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(tmp_path, name, code, words):
    (tmp_path / name).write_text(code, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=words):
        load_user_code(tmp_path / name)
    with pytest.raises(FileError, match="no file"):
        load_user_code(tmp_path / "missing.py")


def test_no_command_of_a_page_executes_code():
    """Nothing that a page calls knows of the module, and none of it executes a text."""
    from pathlib import Path

    import rosenblatt.studio

    folder = Path(rosenblatt.studio.__file__).parent
    for path in folder.rglob("*.py"):
        if path.name == "user_code.py":
            continue
        text = path.read_text(encoding="utf-8")
        for word in ("user_code", "exec(", "eval(", "pickle", "importlib", "__import__"):
            assert word not in text, (path, word)
