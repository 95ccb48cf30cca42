import subprocess
import sys

from rosenblatt import __version__


def test_python_m_rosenblatt_is_the_command():
    words = [sys.executable, "-m", "rosenblatt"]
    done = subprocess.run([*words, "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"rosenblatt {__version__}\n"
    wrong = subprocess.run([*words, "trian"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("rosenblatt: error: ")
