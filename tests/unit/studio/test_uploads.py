"""Files that a page sends."""

import json

import numpy as np
import pytest

from studio_page import HEADERS, SOCKET, Page, serving

ROWS = "a,b,kind\n" + "".join(f"{i % 7},{i % 5},{'yes' if i % 2 else 'no'}\n" for i in range(60))


def is_of(data):
    return lambda message: message.get("event") == "session" and message["data"]["name"] == data


def post(client, name, body):
    return client.post(f"/upload?name={name}", content=body, headers=HEADERS)


def test_a_file_becomes_the_data():
    with serving() as (_, client), client.websocket_connect(SOCKET, headers=HEADERS) as socket:
        answer = post(client, "my%20file.csv", ROWS)
        assert answer.status_code == 200
        assert answer.json()["columns"] == ["a", "b", "kind"]
        page = Page(socket)
        page.send("hello")
        reply = page.send("settings", data=f"upload:{answer.json()['name']}", n=None)
        assert "value" in reply, reply
        page.until(
            lambda message: (
                message.get("event") == "session"
                and message["data"]["name"] == "upload:my file.csv"
            )
        )
        session = page.events[-1]
        assert session["data"]["classes"] == ["no", "yes"]
        assert session["data"]["features"] == ["a", "b"]
        reply = page.send("set", key="data", value="upload:other.csv")
        assert "drop it on the page again" in reply["error"]


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("a.txt", b"", "one of .csv"),
        ("", b"", "one of .csv"),
        ("a.csv", b"", "a.csv"),
        ("a.parquet", b"PAR1 no", "a.parquet"),
        ("..%2F..%2Fa.npz", b"no", "a.npz"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(name, body, words):
    with serving() as (studio, client):
        answer = post(client, name, body)
        assert answer.status_code == 400
        error = answer.json()["error"]
        assert words in error
        assert "rosenblatt-studio-" not in error
        assert "\n" not in error
        assert studio.uploads.about == []


def test_500_columns(session):
    rng = np.random.default_rng(0)
    header = ",".join([*(f"x{i}" for i in range(500)), "label"])
    rows = [",".join([*map(str, rng.normal(size=500).round(3)), str(i % 3)]) for i in range(60)]
    with serving() as (_, client), client.websocket_connect(SOCKET, headers=HEADERS) as socket:
        assert post(client, "wide.csv", "\n".join([header, *rows])).status_code == 200
        page = Page(socket)
        page.send("hello")
        page.send("views", surface={"size": 20}, units={"size": 5}, predicted=True)
        page.send("settings", data="upload:wide.csv", n=None, batch_size=10)
        frame = page.until(lambda message: message.get("branch") == 1 and "surface" in message)
        assert frame["surface"].shape == (2, 20, 20)
        event = next(e for e in reversed(page.events) if e["event"] == "session")
        assert len(json.dumps(event)) < 1_500_000
