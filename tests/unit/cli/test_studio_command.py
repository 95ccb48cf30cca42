import os
import re
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request

import pytest

from rosenblatt.cli.studio_command import EXPOSED, StudioOptions, studio
from rosenblatt.studio import server

PROGRAM = [sys.executable, "-c", "from rosenblatt.cli import main; raise SystemExit(main())"]


@pytest.fixture
def start(tmp_path):
    processes = []

    def begin(*words):
        process = subprocess.Popen(
            [*PROGRAM, "studio", "--no-open", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=tmp_path,
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
        )
        processes.append(process)
        return process

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def test_it_serves_the_page_until_it_is_interrupted(start):
    process = start()
    address = re.search(r"http://127\.0\.0\.1:\d+/\?token=\S+", process.stdout.readline())[0]
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with opener.open(address) as answer:
        assert "rosenblatt studio" in answer.read().decode()
        assert "token" not in answer.url
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(address.partition("?")[0])
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert process.stderr.read() == ""


def test_a_host_that_others_reach_says_what_that_means(start):
    process = start("--host", "0.0.0.0")
    assert "token=" in process.stdout.readline()
    assert process.stdout.readline().strip() == EXPOSED


@pytest.mark.parametrize(("host", "shared"), [("127.0.0.1", False), ("0.0.0.0", True)])
def test_programs_from_other_machines_are_guarded(host, shared, monkeypatch):
    sessions = []

    def serve(made, sockets):
        sockets[0].close()
        made.trainer.start()
        try:
            sessions.append(made.trainer.session.result(60))
        finally:
            made.close()

    monkeypatch.setattr(server, "serve", serve)
    assert studio(StudioOptions(host=host, open=False)) == 0
    assert sessions[0].bug_lab.shared is shared


def test_a_port_that_is_taken_is_an_error(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        answer = run(f"studio --no-open --port {taken.getsockname()[1]}")
    assert answer.status == 2
    assert "choose another --port" in answer.err


def test_own_code_that_cannot_be_used_is_an_error(run, tmp_path):
    (tmp_path / "empty_code.py").write_text("", encoding="utf-8")
    answer = run("studio --no-open --code", tmp_path / "empty_code.py")
    assert answer.status == 2
    assert "defines no activation" in answer.err


def test_data_that_cannot_be_used_ends_the_command(run, tmp_path):
    (tmp_path / "one.csv").write_text("a,b,kind\n1,2,x\n3,4,x\n5,6,x\n", encoding="utf-8")
    answer = run("studio --no-open", tmp_path / "one.csv")
    assert answer.status == 2
    assert "at least 2 classes" in answer.err


def test_what_is_not_there_is_an_error(run, tmp_path):
    for words in ("no_such_run", f"--lesson {tmp_path}", f"--lesson {tmp_path / 'a.md'}"):
        answer = run(f"studio --no-open {words}")
        assert answer.status == 2
        assert len(answer.err.splitlines()) == 1
