"""Commands and frames over a socket."""

import numpy as np

import rosenblatt as rb
from rosenblatt.settings import parse_settings, prepare
from studio_page import SMALL

ALL = {
    "surface": {"size": 10},
    "units": {"size": 5},
    **dict.fromkeys(["weights", "curves", "predicted", "confusion"], True),
}


def is_event(name):
    return lambda message: message.get("event") == name


def is_frame(message):
    """Whether a message is a frame: events tell an update too."""
    return "frame" in message


def test_a_page_that_says_hello_sees_training(page):
    assert page.send("hello", size=800) == {"reply": 1, "value": {}}
    assert page.until(is_event("schema"))["settings"]
    session = page.until(is_event("session"))
    assert session["settings"]["hidden"] == [4]
    assert session["network"]["parameters"][0] == {"name": "0.weight", "shape": [2, 4]}
    assert len(session["data"]["points"]["x"]) == 50
    page.send("views", **ALL)
    frame = page.until(lambda message: is_frame(message) and message["update"] > 20)
    assert frame["playing"]
    assert frame["surface"].shape == (1, 10, 10)
    assert frame["units"].shape == (6, 5, 5)
    assert frame["weights"].shape == (22,)
    assert frame["predicted"].shape == (50,)
    assert frame["confusion"].sum() == 10
    rows = np.concatenate([one["curves"] for one in page.frames])
    assert (np.diff(rows[:, 1]) > 0).all()


def test_a_frame_has_the_weights_of_its_update(page):
    page.send("hello")
    page.send("pause")
    page.send("views", weights=True, surface={"size": 3})
    page.send("go", update=0)
    page.send("step", by="update", n=9)
    frame = page.until(lambda message: is_frame(message) and message["update"] == 9)
    prepared = prepare(parse_settings({**SMALL, "engine": "compiled", "epochs": 3}))
    run = rb.train(prepared.model, prepared.splits.train, **prepared.keywords())
    expected = np.concatenate([value.ravel() for value in run.at(update=9).params.values()])
    np.testing.assert_array_equal(frame["weights"], expected.astype(np.float32))
    assert frame["surface"].shape == (1, 3, 3)


def test_errors_are_replies_and_the_session_lives_on(page):
    page.send("hello")
    for command in (
        {"do": "fly"},
        {"do": "set", "key": "hidden", "value": "wide"},
        {"do": "step", "n": -1},
        {"do": "views", "surface": {"size": 1e9}},
        {"do": "go", "update": "soon"},
    ):
        name = command.pop("do")
        reply = page.send(name, **command)
        assert "error" in reply, name
        assert len(reply["error"].splitlines()) == 1
    page.socket.send_text("not json")
    assert "error" in page.until(lambda message: "error" in message)
    page.socket.send_text("[1]")
    assert "error" in page.until(lambda message: "error" in message)
    assert "value" in page.send("pause")
