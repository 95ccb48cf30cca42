"""Training in memory passes through few functions, and loads no library of run folders."""

import os
import subprocess
import sys
from pathlib import Path

import rosenblatt as rb

MOST_FILES, MOST_FUNCTIONS = 22, 100
PACKAGE = Path(rb.__file__).parent


def functions_of(call):
    """Return the package's functions that a call enters, by file, without comprehensions."""
    entered = {}

    def note(frame, event, _):
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(f"{PACKAGE}{os.sep}"):
            name = code.co_qualname
            if not name.endswith(">"):
                file = str(Path(code.co_filename).relative_to(PACKAGE))
                entered.setdefault(file, set()).add(name)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(before)
    return entered


def test_training_enters_few_files_and_functions():
    data = rb.data.moons(40, noise=0.2, seed=0)
    model = rb.MLP(2, [4], 2)

    def train():
        rb.train(model, data, epochs=2, batch_size=4, engine="reference")

    train()  # Imports happen now.
    entered = functions_of(train)
    count = sum(map(len, entered.values()))
    for file, names in sorted(entered.items()):
        print(f"{file}: {', '.join(sorted(names))}")
    print(f"{len(entered)} files, {count} functions")
    assert "engines/reference.py" in {file.replace(os.sep, "/") for file in entered}
    assert len(entered) <= MOST_FILES
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
