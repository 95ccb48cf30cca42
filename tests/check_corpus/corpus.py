"""Checks of the files in this folder, in one process."""

import contextlib
import io
import random
import sys
import warnings
from pathlib import Path

import numpy as np

from rosenblatt.check.descent.replay import Replay
from rosenblatt.check.files import check_source
from rosenblatt.check.record.recording import record
from rosenblatt.check.source.text import Source

FOLDER = Path(__file__).parent


def check_text(text, name="modules.py"):
    """Return the result of a check of source text, as plain values."""
    states = np.random.get_state(), random.getstate()  # noqa: NPY002
    path = list(sys.path)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            return check_source(text.encode(), FOLDER / name)
    finally:
        np.random.set_state(states[0])  # noqa: NPY002
        random.setstate(states[1])
        sys.path[:] = path


def replay_of(text):
    """Return the recorded run of source text, which has to come to its end."""
    path = FOLDER / "script.py"
    source = Source(text)
    recorder, _, ended = record(source, path, "__main__")
    assert ended is None
    return Replay(source, path, "__main__", recorder.events, past=recorder.past)


def right_files():
    """Return the text of each right file by its name."""
    return {path.stem: path.read_text() for path in sorted((FOLDER / "right").glob("*.py"))}


def wrong_text(files, entry):
    """Return a right file with one mistake in it."""
    base, _, *edits = entry
    text = files[base]
    for old, new in zip(edits[::2], edits[1::2], strict=True):
        assert old in text, (base, old)
        text = text.replace(old, new)
    return text
