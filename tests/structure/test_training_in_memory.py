"""Training in memory passes through few functions, and loads no library of run folders."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import rosenblatt as rb

# The hundred and first gives each parameter its learning rate.
MOST_FILES, MOST_FUNCTIONS = 22, 101
PACKAGE = Path(rb.__file__).parent
COMPILED = ("engines/compiled/", "engines/compiled/", "cores.py")
"""What belongs to the compiled engine alone."""


def functions_of(call):
    """Return the package's functions that a call enters, by file, without comprehensions."""
    entered = {}

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(f"{PACKAGE}{os.sep}"):
            name = code.co_qualname
            if not name.endswith(">"):
                file = Path(code.co_filename).relative_to(PACKAGE).as_posix()
                entered.setdefault(file, set()).add(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return entered


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_training_enters_few_files_and_functions(engine):
    """Of the compiled engine itself, only the seam counts: its other files are not on the path."""
    data = rb.data.moons(40, noise=0.2, seed=0)
    model = rb.MLP(2, [4], 2)

    def train():
        rb.train(model, data, epochs=2, batch_size=4, engine=engine)

    train()  # Imports happen now.
    entered = functions_of(train)
    assert any(file.startswith(COMPILED) for file in entered) == (engine == "compiled")
    counted = {file: names for file, names in entered.items() if not file.startswith(COMPILED)}
    count = sum(map(len, counted.values()))
    for file, names in sorted(counted.items()):
        print(f"{file}: {', '.join(sorted(names))}")
    print(f"{len(counted)} files, {count} functions")
    assert "training/calls.py" in counted
    assert len(counted) <= MOST_FILES
    assert count <= MOST_FUNCTIONS


def test_training_in_memory_loads_no_library_of_run_folders():
    program = """
import sys
import rosenblatt as rb
rb.train(rb.MLP(2, [4], 2), [[0.0, 1.0], [1.0, 0.0]], [0, 1], epochs=2)
print(*[name for name in ("pydantic", "filelock", "tomli_w") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []
