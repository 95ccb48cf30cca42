"""The studio in a real browser: a server for each test, and a page that must not complain."""

import contextlib
import os
import shutil
import socket
import threading

import pytest

from rosenblatt.studio.security import Gate
from rosenblatt.studio.server import Studio
from rosenblatt.studio.session import Session
from waiting import until

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDE = {"width": 1400, "height": 900}
NARROW = {"width": 390, "height": 844}
PATIENCE = 20_000
"""Milliseconds that a test waits for what must come."""


def find_browser():
    """Return the path of the browser, or None."""
    return shutil.which(os.environ.get("ROSENBLATT_BROWSER", "chromium"))


# One for each module: while it is open, Playwright's event loop runs in this thread, and tests of
# the command that serves the studio, which begins a loop of its own, may come next.
@pytest.fixture(scope="module")
def browser():
    path = find_browser()
    if path is None:
        pytest.skip("no browser: apt-get install chromium, or name one in ROSENBLATT_BROWSER")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="pip install 'rosenblatt[test]' has playwright"
    )
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


class Served:
    """A studio that is served in a thread."""

    def __init__(self, settings=None, port=0, **session):
        def make(changed, uploads):
            return Session(settings, source=uploads.source, on_change=changed, **session)

        self.port = port
        listening = self._listen()
        self.port = listening.getsockname()[1]
        gate = Gate(self.port)
        self.address = f"http://127.0.0.1:{self.port}/?token={gate.token}"
        self.studio = Studio(make, gate)
        self.studio.start()
        self._serve(listening)

    def _listen(self):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self.port))
        listening.listen()
        return listening

    def _serve(self, listening):
        import uvicorn

        config = uvicorn.Config(
            self.studio.app,
            log_level="error",
            lifespan="off",
            ws="websockets-sansio",
            timeout_graceful_shutdown=1,
        )
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(
            target=self.server.run, kwargs={"sockets": [listening]}, daemon=True
        )
        self.thread.start()

    def stop_listening(self):
        """End all connections; the session stays."""
        self.server.should_exit = True
        self.thread.join(10)

    def listen_again(self):
        """Serve the same session on the same port."""
        self._serve(self._listen())

    def close(self):
        """End the session too."""
        self.stop_listening()
        self.studio.close()


@pytest.fixture
def serve():
    """Serve studios that end with the test."""
    with contextlib.ExitStack() as stack:

        def begin(settings=None, **others):
            served = Served(settings, **others)
            stack.callback(served.close)
            return served

        yield begin


@pytest.fixture
def visit(browser, serve):
    """Open pages; afterwards none of them may have complained, or asked another host."""
    complaints, contexts = [], []

    def go(settings=None, *, size=WIDE, scheme="light", served=None, link="", train=True):
        served = served or serve(settings)
        context = browser.new_context(
            viewport=size, color_scheme=scheme, accept_downloads=True, reduced_motion="reduce"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        own = f"127.0.0.1:{served.port}"
        page.on(
            "console",
            lambda message: (
                message.type in ("error", "warning") and complaints.append(message.text)
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                own in request.url
                or request.url.startswith("blob:")
                or complaints.append(f"a request to {request.url}")
            ),
        )
        page.goto(served.address + link)
        page.wait_for_selector("html.ready")
        if train:
            until(page, "Number(document.querySelector('#time').max) > 20")
        return page

    go.complaints = complaints
    yield go
    for context in contexts:
        context.close()
    assert complaints == []
