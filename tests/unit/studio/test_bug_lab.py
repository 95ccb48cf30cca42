"""The bug lab in the studio: its commands, and programs that are checked in another process."""

import base64
import json
import subprocess
import time
from pathlib import Path

import pytest

from rosenblatt.check.process import run_in_process
from rosenblatt.errors import ConfigurationError
from rosenblatt.lab.bugs import choose, right_source
from rosenblatt.studio.commands import COMMANDS
from rosenblatt.studio.jobs import JOBS, CancelledJobError
from rosenblatt.studio.session import Session
from studio_page import HEADERS, SMALL, SOCKET, serving

CHOSEN = {"seed": 7, "difficulty": 2}
BUG = choose(7, 2)


def do(session, command, **args):
    return COMMANDS[command](session, args)


@pytest.fixture
def started(monkeypatch):
    """The processes that are started."""
    processes = []
    popen = subprocess.Popen

    def start(*args, **settings):
        processes.append(popen(*args, **settings))
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return processes


def test_it_is_the_last_of_the_shipped_lessons_and_not_among_others(session):
    assert do(session, "lessons")[-1]["title"] == "Find the bug"
    other = Session(SMALL, lessons=[])
    assert do(other, "lessons") == []
    for command in ("bug_program", "bug_answer"):
        with pytest.raises(ConfigurationError, match="lessons of its own"):
            do(other, command, **CHOSEN)


def test_a_seed_and_a_difficulty_choose_the_program_and_training_stops(session):
    session.play()
    given = do(session, "bug_program", **CHOSEN)
    assert given == {"source": BUG.source, "difficulty": 2}
    assert not session.shown.playing
    hints = [do(session, "bug_hint", **CHOSEN, level=level) for level in (1, 2, 3)]
    assert hints == [BUG.hint(1), BUG.hint(2), BUG.hint(3)]
    assert do(session, "bug_answer", **CHOSEN) == BUG.answer()


@pytest.mark.parametrize(
    ("command", "args"),
    [
        ("bug_program", {}),
        ("bug_program", {"seed": -1}),
        ("bug_program", {"seed": 1, "difficulty": 4}),
        ("bug_hint", {"seed": 1, "level": 4}),
        ("check_repair", {"seed": 1}),
    ],
)
def test_what_is_no_choice_is_refused(session, command, args):
    with pytest.raises(ConfigurationError):
        (COMMANDS | JOBS)[command](session, args)


@pytest.mark.slow
def test_a_repair_from_another_machine_is_confirmed_and_reads_no_file_of_the_user(tmp_path):
    """The program fails if it can read a file; that it is repaired shows that it could not."""
    secret = tmp_path / "secret.txt"
    secret.write_text("mine")
    attempt = (
        f"try:\n    open({str(secret)!r})\nexcept OSError:\n    pass\n"
        "else:\n    raise RuntimeError('it can read')\n"
    )
    work = JOBS["check_repair"](
        Session(SMALL, shared=True), {**CHOSEN, "source": attempt + right_source(BUG.program)}
    )
    try:
        result = work(lambda done, of: None)
    except ConfigurationError as error:
        if "Linux" not in str(error):
            raise
        pytest.skip(str(error))
    assert result["repaired"], result["verdict"]
    assert result["answer"] == BUG.answer()
    assert result["symptoms"][0] == "The loss of each epoch is that of the right program."
    assert base64.b64decode(result["picture"]).startswith(b"\x89PNG")


def test_code_from_another_machine_does_not_run_without_the_rules_of_the_kernel(monkeypatch):
    without_rules = (
        "from rosenblatt.check import child\n"
        "from rosenblatt.check.limits import isolation\n"
        "isolation.isolate = lambda *_: ['files']\n"
        "child.serve(lambda source, path: {'ran': True})"
    )
    popen = subprocess.Popen
    monkeypatch.setattr(
        subprocess,
        "Popen",
        lambda args, **settings: popen([args[0], "-c", without_rules], **settings),
    )
    with pytest.raises(ConfigurationError, match="this system has files;"):
        run_in_process(Path("program.py"), b"", guarded=True)


def test_one_program_is_checked_at_a_time_and_a_cancelled_one_ends(session, started):
    """The second round shows that the first has left the place free."""
    work = JOBS["check_repair"](session, {**CHOSEN, "source": "while True: pass"})

    def progress(done, of):
        with pytest.raises(ConfigurationError, match="another program"):
            work(lambda done, of: None)
        raise CancelledJobError("it was cancelled")

    for round_number in (1, 2):
        with pytest.raises(CancelledJobError):
            work(progress)
        assert len(started) == round_number
        assert started[-1].returncode is not None


def test_the_program_ends_when_the_page_is_gone(started):
    message = {**CHOSEN, "source": "while True: pass", "id": 1, "do": "check_repair"}
    with serving() as (_, client):
        with client.websocket_connect(SOCKET, headers=HEADERS) as socket:
            socket.send_text(json.dumps(message))
            # The first message that comes by itself tells that the program runs.
            while json.loads(socket.receive()["text"]).get("event") != "progress":
                pass
            assert started[0].returncode is None
        end = time.monotonic() + 60
        while started[0].returncode is None and time.monotonic() < end:
            time.sleep(0.05)
    assert started[0].returncode == -9
