"""The studio in a notebook's cell: messages, frames, uploads, and the run that comes of it."""

import json
import re
import struct
import time

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.bundle import STATIC, _in_order, notebook_module
from rosenblatt.studio.prepared import FIRST

pytest.importorskip("anywidget")
PATIENCE = 20.0
"""Seconds that a test waits for an answer before it fails."""


class Cell:
    """What the browser's side of a cell does: sends messages, and keeps what comes."""

    def __init__(self, widget, view="a"):
        self.widget, self.view = widget, view
        self.replies, self.events, self.frames, self.uploads = {}, {}, [], []
        self.last = 0
        send = widget.send
        widget.send = lambda content, buffers=None: (self.take(content, buffers or []), send)
        self.post({"opened": True})

    def post(self, content, buffers=()):
        self.widget._notebook.receive(self.widget, {"view": self.view, **content}, list(buffers))

    def take(self, content, buffers):
        if content["view"] != self.view:
            return
        if "uploaded" in content:
            self.uploads.append(content["uploaded"])
        elif buffers:
            (size,) = struct.unpack("<I", buffers[0][:4])
            header = json.loads(buffers[0][4 : 4 + size])
            self.frames.append(header)
            self.post({"text": json.dumps({"do": "ack", "frame": header["frame"]})})
        else:
            message = json.loads(content["text"])
            if "reply" in message:
                self.replies[message["reply"]] = message
            else:
                self.events[message["event"]] = message

    def ask(self, name, **arguments):
        self.last += 1
        number = self.last
        self.post({"text": json.dumps({"id": number, "do": name, **arguments})})
        return until(lambda: self.replies.get(number))


def until(look):
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        assert time.monotonic() < end, "no answer"
        time.sleep(0.005)
    return found


@pytest.fixture
def studio():
    widgets = []

    def open_(*start, **settings):
        widgets.append(rb.studio(*start, **settings))
        return widgets[-1], Cell(widgets[-1])

    yield open_
    for widget in widgets:
        widget.close()


def test_a_cell_trains_and_its_run_has_the_bits_of_train(studio):
    widget, cell = studio()
    cell.ask("hello")
    cell.ask("views", surface={"size": 20}, weights=True)
    until(lambda: cell.frames and cell.frames[-1]["epoch"] >= 1)
    assert {block["name"] for block in cell.frames[-1]["blocks"]} >= {"surface", "weights"}
    assert cell.events["session"]["network"]["layers"]
    assert "error" not in cell.ask("pause")
    run = widget.run
    update = run.at(epoch=1).update
    train, test = rb.data.moons(FIRST["n"], seed=0).split(test_size=0.2, seed=0)
    same = rb.train(
        rb.MLP(2, FIRST["hidden"], 2, activation="tanh", init="glorot"),
        train,
        test=test,
        optimizer=rb.SGD(FIRST["learning_rate"]),
        batch_size=FIRST["batch_size"],
        epochs=1,
        engine=run.settings["engine"],
    )
    for name, value in same.params.items():
        np.testing.assert_array_equal(run.at(update=update)[name], value)


def test_it_goes_on_from_a_run(studio):
    data = rb.data.moons(60, seed=0)
    run = rb.train(rb.MLP(2, [3], 2), data, epochs=5, batch_size=10, engine="compiled")
    widget, cell = studio(run)
    cell.ask("hello")
    cell.ask("pause")
    session = until(lambda: cell.events.get("session"))
    assert session["update"] >= 30
    for name, value in run.params.items():
        np.testing.assert_array_equal(widget.run.at(update=30)[name], value)


@pytest.mark.parametrize("start", ["circles", "iris", {"data": "xor", "hidden": [4]}])
def test_it_begins_with_a_generator_a_bundled_set_or_settings(studio, start):
    _, cell = studio(start)
    cell.ask("hello")
    session = until(lambda: cell.events.get("session"))
    expected = start if isinstance(start, str) else start["data"]
    assert session["settings"]["data"] == expected


def test_it_begins_with_samples_in_memory(studio):
    X = np.random.default_rng(0).normal(size=(30, 3))
    _, cell = studio(rb.data.Dataset(X, np.arange(30) % 3))
    cell.ask("hello")
    data = until(lambda: cell.events.get("session"))["data"]
    assert (data["n_train"] + data["n_test"], len(data["features"])) == (30, 3)


def test_a_file_comes_in_parts(studio):
    _, cell = studio()
    cell.ask("hello")
    text = "a,b,label\n" + "".join(f"{i},{i * i},{i % 2}\n" for i in range(40))
    half = len(text) // 2
    cell.post({"upload": "t.csv", "first": True, "last": False}, [text[:half].encode()])
    cell.post({"upload": "t.csv", "first": False, "last": True}, [text[half:].encode()])
    (about,) = until(lambda: cell.uploads)
    assert about["name"] == "t.csv"
    assert "error" not in cell.ask("settings", data="upload:t.csv", n=None, noise=None)
    cell.post({"upload": "t.exe", "first": True, "last": True}, [b"x"])
    assert "error" in until(lambda: cell.uploads[1:])[0]


def test_two_cells_show_one_session(studio):
    widget, cell = studio()
    other = Cell(widget, "b")
    taken = cell.take
    widget.send = lambda content, buffers=None: (
        taken(content, buffers or []),
        other.take(content, buffers or []),
    )
    for one in (cell, other):
        one.ask("hello")
        one.ask("views", weights=True)
    until(lambda: cell.frames and other.frames)
    other.post({"closed": True})
    cell.ask("pause")
    assert "error" not in cell.ask("step", by="update", n=1)


@pytest.mark.parametrize("start", [3, [1, 2], object()])
def test_what_it_cannot_begin_with_is_named(start):
    with pytest.raises(ConfigurationError, match="the studio begins with a run, a dataset"):
        rb.studio(start)


def test_every_module_stands_after_those_that_it_imports():
    names = _in_order("notebook.js")
    for i, name in enumerate(names):
        for imported in re.findall(r"""from\s*["']\./([^"']+)""", (STATIC / name).read_text()):
            assert imported in names[:i], f"{name} imports {imported}"
    assert not re.search(
        r"\bfrom\s*['\"](?!\./)[^'\"]",
        "".join((STATIC / name).read_text() for name in names if not name.startswith("vendor")),
    )
    assert "export default { render }" in notebook_module()


def test_a_widget_without_cells_closes():
    widget = rb.studio({"data": "moons", "n": 20, "hidden": [2]})
    widget.close()
    assert not widget._notebook._thread.is_alive()
