"""Where the system forbids a process to run machine code that it has made."""

import os
import subprocess
import sys

import pytest

FORBID = """
import ctypes
PR_SET_MDWE, REFUSE_EXEC_GAIN = 65, 1
if ctypes.CDLL(None).prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0):
    raise SystemExit(77)
import warnings
warnings.simplefilter("always")
import numpy as np
import rosenblatt as rb
data = rb.data.moons(400, seed=0)
model = rb.MLP(2, [5], 2)
"""


def forbidden(code):
    """Run code in a process that may not execute what it has written."""
    done = subprocess.run(
        [sys.executable, "-c", FORBID + code],
        capture_output=True,
        text=True,
        env=os.environ,
        check=False,
    )
    if done.returncode == 77:
        pytest.skip("this kernel cannot forbid it (Linux 6.3 can)")
    return done


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the test forbids it as Linux does")
@pytest.mark.parametrize(
    "code",
    [
        "run = rb.train(model, data, epochs=20, batch_size=1)\n"
        "assert run.settings['engine'] == 'reference'",
        "p = rb.Perceptron(2, rule='online')\n"
        "run = rb.train(p, data, epochs=20)\nassert run.settings['engine'] == 'reference'",
        "from rosenblatt.estimators import Perceptron, MLPClassifier\n"
        "Perceptron(max_iter=500, tol=None).fit(data.X, data.y)\n"
        "MLPClassifier((5,), max_iter=50, batch_size=10).fit(data.X, data.y)",
        "run = rb.train(model, data, epochs=2)\n"
        "from rosenblatt.analysis.hessian import hessian_extremes\n"
        "assert hessian_extremes(model, run.params, data.X, data.y).largest > 0",
    ],
)
def test_auto_trains_in_numpy(code):
    done = forbidden(code)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="the test forbids it as Linux does")
def test_the_compiled_engine_says_so():
    done = forbidden("rb.train(model, data, engine='compiled')")
    assert done.returncode == 1
    assert "the system forbids this process to run machine code" in done.stderr
    assert "ConfigurationError" in done.stderr
