"""Hostile submissions get no points for what they have not computed, and do no harm."""

import ctypes
import json
import os
import textwrap
import zipfile

import pytest

from rosenblatt.errors import FileError
from rosenblatt.grading.grade import grade_submission
from rosenblatt.grading.messages import decode_array
from rosenblatt.grading.rubric import parse_rubric
from rosenblatt.grading.submissions import Submission, read_submission

RUBRIC = parse_rubric(
    """
    part = "part2"
    [[task]]
    question = "relu"
    points = 4
    [[task]]
    question = "accuracy"
    points = 1
    """
)
ACCURACY = """
    def accuracy(p, y):
        return (p.argmax(1) == y.argmax(1)).mean()
"""
"""Right code of another task, whose points stay."""


def grade(modules, accuracy=ACCURACY):
    texts = {"modules.py": modules, "train_mlp_numpy.py": accuracy}
    files = {f"part2/{name}": textwrap.dedent(text).encode() for name, text in texts.items()}
    return grade_submission(Submission("mallory", files), RUBRIC)


def relu(body, before=""):
    """A ReLU whose backward pass does something else."""
    return (
        "import os, sys\nimport numpy as np\n"
        + textwrap.dedent(before)
        + "\nclass ReLU:\n    def forward(self, x):\n"
        + textwrap.indent(textwrap.dedent(body), "        ")
        + "\n    backward = forward\n"
    )


HARMLESS = {
    "an object that equals everything": relu(
        "return Equal()",
        """
        class Equal:
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __le__(self, other): return True
            shape = (6, 4)
        """,
    ),
    "an array that equals everything": relu(
        "return x.view(Equal)",
        """
        class Equal(np.ndarray):
            def __eq__(self, other): return np.ones(6, bool)
            def __array__(self, *a, **k): return self
        """,
    ),
    "numpy changed": relu(
        "return x",
        "np.abs = np.absolute = lambda x: x * 0\nnp.allclose = lambda *a, **k: True\n"
        "np.asarray = lambda *a, **k: np.zeros(3)",
    ),
    "seeds changed": relu("np.random.seed(0); return np.zeros_like(x)"),
    "printed results": relu('print(\'{"question": 0, "answers": {}}\'); return x'),
    "an error": relu("raise KeyboardInterrupt"),
    "an exit": relu("sys.exit(0)"),
    "NaN": relu("return x * np.nan"),
    "a huge text": relu("print('x' * 10**7); raise ValueError('y' * 10**7)"),
    "the grader's frames": relu(
        "frame = sys._getframe()\nwhile frame.f_back: frame = frame.f_back\n"
        "return frame.f_globals['right']"
    ),
    "the package": relu("from rosenblatt.layers import ReLU as R; return R().forward({}, x)[0]"),
    "the package's files": relu(
        "import rosenblatt\n"
        "text = open(os.path.dirname(rosenblatt.__file__) + '/grading/right_modules.py').read()\n"
        "space = {}; exec(text, space)\nself.r = space['ReLU'](); return self.r.forward(x)"
    ),
    "a program": relu("import subprocess; subprocess.run(['true']); return x"),
    "a deleted file": relu("os.remove(sys.executable); return x"),
}


@pytest.fixture(scope="module")
def grades():
    """Grades of the files, which only the answers of ``ReLU`` tell apart."""
    return {name: grade(text) for name, text in HARMLESS.items()}


@pytest.mark.slow
def test_wrong_answers_have_no_points_in_any_guise(grades):
    points = {name: [entry.points for entry in result.tasks] for name, result in grades.items()}
    assert points == {name: [0.0, 1.0] for name in HARMLESS}


def test_the_kernel_forbids_what_python_code_can_reach_through_ctypes():
    # A rubric that allows the package has no hooks of Python against ctypes: the kernel is left.
    libc = ctypes.CDLL(None)
    if os.uname().sysname != "Linux" or libc.syscall(444, None, ctypes.c_size_t(0), 1) < 1:
        pytest.skip("this system has no Landlock")
    text = """
        import ctypes, errno, os
        import numpy as np
        libc = ctypes.CDLL(None, use_errno=True)

        def number(result):
            return float(ctypes.get_errno()) if result < 0 else 0.0

        def accuracy(p, y):
            results = [
                number(libc.fork()),
                number(libc.socket(2, 1, 0)),
                number(libc.kill(os.getppid(), 9)),
                number(libc.open(b"/etc/passwd", 0)),
                number(libc.unlink(b"/etc/passwd")),
                number(libc.execl(b"/bin/true", b"true", None)),
            ]
            raise ValueError(results)
    """
    rubric = parse_rubric(
        'part = "part2"\nimports = ["numpy", "rosenblatt"]\n'
        '[[task]]\nquestion = "accuracy"\npoints = 1'
    )
    files = {"train_mlp_numpy.py": textwrap.dedent(text).encode()}
    result = grade_submission(Submission("mallory", files), rubric)
    assert set(result.isolation) == {"files", "processes and network"}
    told = result.tasks[0].outcomes["fraction"].problem
    errors = json.loads(told.partition("ValueError: ")[2].partition(" (")[0])
    assert errors[0] == errors[1] == errors[2] == errors[5] == 1.0
    assert errors[4] == 13.0


FORGED = """
import json
from rosenblatt.grading.messages import encode_array, framed
right = {f"{name}/0": encode_array(np.zeros((6, 4))) for name in ("forward", "backward", "at-zero")}
for number in range(3, 12):
    try:
        os.write(number, framed({"question": 0, "answers": right, "error": None}))
    except OSError:
        pass
return x
"""
"""Writes an answer of its own into every open file, in the grader's format."""


@pytest.mark.parametrize(
    ("attack", "told"),
    [
        ("os._exit(0)", "SystemExit"),
        ("import posix; posix._exit(0)", "ended the process"),
        (
            "[os.write(n, b'x' * 99) for n in range(3, 9) if os.path.exists(f'/dev/fd/{n}')]",
            "channel",
        ),
        ("def f(): return f()\nf()", "RecursionError"),
    ],
)
def test_an_ended_process_costs_its_own_task_and_no_other(attack, told):
    result = grade(relu(f"{attack}\nreturn x"))
    assert [entry.points for entry in result.tasks] == [0.0, 1.0]
    assert told in "\n".join(result.lines(2))


def test_forged_answers_need_the_right_numbers():
    # The forged answer is taken for that of the first question; what follows it fits no question.
    result = grade(relu(FORGED))
    assert [entry.points for entry in result.tasks] == [0.0, 0.0]
    assert "the code disturbed the grading" in "\n".join(result.lines(2))


@pytest.mark.slow
def test_an_endless_loop_ends(monkeypatch):
    from rosenblatt.grading import child

    assert child.SECONDS_PER_STEP <= 5
    result = grade(relu("while True:\n    pass"))
    assert [entry.points for entry in result.tasks] == [0.0, 1.0]
    assert "OutOfTimeError" in "\n".join(result.lines(2))


@pytest.mark.parametrize(
    "message",
    [
        None,
        {"shape": [10**9], "data": ""},
        {"shape": [-1], "data": ""},
        {"shape": [2], "data": "AAAA"},
        {"shape": [True], "data": "AAAAAAAA8D8="},
        {"shape": [1] * 40, "data": "AAAAAAAA8D8="},
        {"shape": [1], "data": "not base64"},
        {"shape": [1], "data": 3},
    ],
)
def test_a_forged_array_is_refused(message):
    with pytest.raises(ValueError, match=r"."):
        decode_array(message)


def test_links_and_devices_are_not_read(tmp_path):
    (tmp_path / "secret.py").write_text("secret")
    folder = tmp_path / "mallory"
    folder.mkdir()
    (folder / "modules.py").symlink_to(tmp_path / "secret.py")
    os.mkfifo(folder / "mlp_numpy.py")
    (folder / "train_mlp_numpy.py").write_text("")
    assert set(read_submission(folder).files) == {"train_mlp_numpy.py"}


def test_a_zip_file_may_be_hostile(tmp_path):
    path = tmp_path / "mallory.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../outside.py", "x")
        archive.writestr("/absolute.py", "x")
        archive.writestr("part2/modules.py", "x = 1")
        archive.writestr("photo.jpg", b"0" * 100)
    assert read_submission(path).files == {"part2/modules.py": b"x = 1"}
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.py", b" " * 50_000_000)
    with pytest.raises(FileError, match="larger than"):
        read_submission(path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(FileError, match="cannot be unpacked"):
        read_submission(path)
