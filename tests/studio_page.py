"""A studio for tests: a session without a server, and a server without a network."""

import json
import struct
from contextlib import contextmanager

import numpy as np
from starlette.testclient import TestClient

from rosenblatt.studio.security import Gate
from rosenblatt.studio.server import Studio
from rosenblatt.studio.session import Session

SMALL = {
    "data": "moons",
    "n": 50,
    "hidden": [4],
    "activation": "tanh",
    "learning_rate": 0.1,
    "batch_size": 7,
    "seed": 3,
}


SOCKET = "ws://127.0.0.1:8000/socket"
HEADERS = {"origin": "http://127.0.0.1:8000"}


class Page:
    """A page that is connected by a socket."""

    def __init__(self, socket):
        self.socket, self.number, self.events, self.frames = socket, 0, [], []

    def send(self, name, **args):
        """Send a command, and return its reply."""
        self.number += 1
        self.socket.send_text(json.dumps({**args, "id": self.number, "do": name}))
        while True:
            message = self.next()
            if isinstance(message, dict) and message.get("reply") == self.number:
                return message

    def next(self):
        """Return the next message; frames are acknowledged."""
        message = self.socket.receive()
        if message.get("text") is not None:
            found = json.loads(message["text"])
            if "event" in found:
                self.events.append(found)
            return found
        frame = read_frame(message["bytes"])
        self.frames.append(frame)
        self.socket.send_text(json.dumps({"do": "ack", "frame": frame["frame"]}))
        return frame

    def until(self, wanted):
        """Return the first message for which ``wanted`` holds."""
        for _ in range(500):
            message = self.next()
            if wanted(message):
                return message
        raise AssertionError("no such message")


def read_frame(message):
    """Return the header of a frame, with its blocks as arrays by name."""
    (size,) = struct.unpack("<I", message[:4])
    header = json.loads(message[4 : 4 + size])
    start = 4 + size + -size % 4
    for block in header["blocks"]:
        count = int(np.prod(block["shape"]))
        array = np.frombuffer(message, "<f4", count, start)
        header[block["name"]] = array.reshape(block["shape"])
        start += 4 * count
    assert start == len(message)
    return header


@contextmanager
def serving(settings=None, runs="runs"):
    """Yield a studio and a client that has its cookie."""
    gate = Gate(8000)

    def make(changed, uploads):
        given = settings or SMALL
        return Session(given, source=uploads.source, on_change=changed, runs=runs)

    studio = Studio(make, gate)
    client = TestClient(studio.app, base_url="http://127.0.0.1:8000")
    try:
        with client:
            # Libraries are imported here, before there are other threads: Python 3.11 does not
            # always parse in two threads at once, and pytest rewrites what it imports.
            client.get(f"/?token={gate.token}")
            studio.start()
            yield studio, client
    finally:
        studio.close()
