"""The page on the studio: its commands start, its code runs, its keys are those of the page."""

import re
import shlex
from pathlib import Path

import pytest

import rosenblatt as rb
from rosenblatt.cli import main, studio_command
from rosenblatt.studio import server
from rosenblatt.studio.user_code import load_user_code

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "studio.md"
pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="the page is not installed")


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def commands():
    lines = [line.split("#")[0].strip() for block in blocks("") for line in block.splitlines()]
    return [line for line in lines if line.startswith("rosenblatt studio")]


def test_the_commands_were_found():
    assert len(commands()) == 13


@pytest.mark.parametrize("command", dict.fromkeys(commands()))
def test_each_command_serves_a_session(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rb.data.save(rb.data.spirals(60, seed=0), Path("spirals.csv"))
    train = rb.data.moons(40, seed=0)
    rb.train(rb.MLP(2, [3], 2), train, epochs=2, run_dir="runs/a")
    (lesson,) = re.findall(
        r"```\n(\+\+\+\n.*?)```",
        (ROOT / "docs" / "lessons.md").read_text(encoding="utf-8"),
        re.DOTALL,
    )
    Path("lessons").mkdir()
    for path in ("xor.md", "lessons/xor.md"):
        Path(path).write_text(lesson, encoding="utf-8")
    Path("my_layers.py").write_text(blocks("python")[2])
    served = []
    listen = studio_command._listen

    def serve(studio, sockets):
        (listening,) = sockets
        listening.close()
        studio.trainer.start()
        try:
            served.append(studio.trainer.session.result(60).shown)
        finally:
            studio.close()

    monkeypatch.setattr(server, "serve", serve)
    monkeypatch.setattr(studio_command, "_listen", lambda host, port: listen("127.0.0.1", 0))
    monkeypatch.setattr(studio_command.webbrowser, "open", lambda address: True)
    monkeypatch.setattr(studio_command, "cookie_value", lambda port: "cookie")
    if "--code" in command:
        # Registering is for good, and has tests of its own.
        monkeypatch.setattr("rosenblatt.studio.user_code.load_user_code", lambda path: [])
    assert main(shlex.split(command)[1:]) == 0
    assert len(served) == 1
    printed = capsys.readouterr().out
    assert "token=" in printed
    assert ("not encrypted" in printed) == ("--host" in command)
    assert ("#data=xor&hidden=3" in printed) == ("data=xor" in command)


def test_the_python_code_runs():
    names = {}
    notebook, python, own = blocks("python")
    exec(notebook, names)
    try:
        assert names["widget"].run.history[-1]["epoch"] == 40
    finally:
        names["widget"].close()
    exec(python, names)
    assert (names["early"].update, names["branch"].first_update) == (123, 123)
    assert names["explanation"].agrees
    assert len(names["seeds"].seeds) == 64
    assert names["findings"].findings is not None
    assert len(names["sharpness"]) == 3
    exec(own, names)
    assert issubclass(names["Sine"], rb.layers.Activation)


def test_own_code_is_what_the_option_takes(tmp_path, monkeypatch):
    path = tmp_path / "my_layers.py"
    path.write_text(blocks("python")[2])
    monkeypatch.setattr("rosenblatt.studio.user_code._register", lambda module: [*vars(module)])
    monkeypatch.setattr("sys.modules", {**__import__("sys").modules})
    assert "Sine" in load_user_code(path)


def test_the_keys_are_those_of_the_page():
    text = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*?) \|", text.split("## Keys")[1].split("## ")[0], re.MULTILINE)
    script = (server.STATIC / "studio.js").read_text(encoding="utf-8")
    listed = re.findall(r'^  \["(.*?)", "', script.split("const KEYS")[1].split("]);")[0], re.M)
    assert [row.replace(" and", "") for row in rows[1:]] == [
        key.replace("→ ←", "→ ←").replace("Shift → ←", "Shift → Shift ←") for key in listed
    ]


def test_links_lead_to_files():
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE.read_text(encoding="utf-8")):
        assert (PAGE.parent / target).exists(), target
