"""The server of the studio: the page, its socket, and uploads."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

from rosenblatt.errors import RosenblattError
from rosenblatt.studio.connection import Connection
from rosenblatt.studio.security import App, Gate, Guard
from rosenblatt.studio.trainer import Trainer

if TYPE_CHECKING:
    from rosenblatt.studio.session import Session
    from rosenblatt.studio.uploads import Uploads

STATIC = Path(__file__).parent / "static"
SWITCH_INTERVAL = 5e-4
"""Seconds after which a thread gives Python to another: training waits no longer for a frame."""


class Studio:
    """One session and the pages that show it.

    Args:
        make: makes the session, in the trainer's thread, from a function that tells pages of
            changes and from the uploads.
        gate: what a request must bring.
        uploads: the files that pages have sent.
    """

    def __init__(
        self,
        make: "Callable[[Callable[[], None], Uploads], Session]",
        gate: Gate,
        uploads: "Uploads | None" = None,
    ) -> None:
        self.gate = gate
        self._uploads, self._making = uploads, threading.Lock()
        self.trainer = Trainer(lambda: make(self._changed, self.uploads))
        self._connections: set[Connection] = set()
        self._interval = sys.getswitchinterval()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._frames = ThreadPoolExecutor(1, "rosenblatt frames")
        self._workers = ThreadPoolExecutor(2, "rosenblatt jobs")
        routes = [
            Route("/", self._page),
            WebSocketRoute("/socket", self._socket),
            Route("/upload", self._upload, methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC, check_dir=False)),
        ]
        self.starlette = Starlette(routes=routes)
        self.app: App = Guard(self.starlette, lambda: self.gate)

    @property
    def uploads(self) -> "Uploads":
        """The files that pages have sent."""
        # The trainer's thread asks for it, and a page's upload.
        with self._making:
            if self._uploads is None:
                from rosenblatt.studio.uploads import Uploads

                self._uploads = Uploads()
            return self._uploads

    def start(self) -> None:
        """Begin to make the session, and what pages ask for first, in other threads."""
        self._interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCH_INTERVAL)
        self.trainer.start()

    def close(self) -> None:
        """End the threads after what they are doing."""
        self.trainer.close()
        sys.setswitchinterval(self._interval)
        for pool in (self._frames, self._workers):
            pool.shutdown(wait=False, cancel_futures=True)
        if self._uploads is not None:
            self._uploads.close()

    def _changed(self) -> None:
        """Tell all pages that there is something new; called by the trainer's thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for connection in self._connections:
            connection.changed.set()

    async def _page(self, request: Request) -> Response:
        return FileResponse(STATIC / "index.html", media_type="text/html")

    async def _upload(self, request: Request) -> Response:
        from rosenblatt.studio.encoding import to_json

        size = request.headers.get("content-length", "")
        try:
            upload = await self.uploads.receive(
                request.query_params.get("name", ""),
                request.stream(),
                int(size) if size.isdecimal() else None,
            )
        except RosenblattError as error:
            return Response(to_json({"error": str(error)}), 400, media_type="application/json")
        return Response(to_json(upload.about), media_type="application/json")

    def _describe(self) -> dict[str, Any]:
        from rosenblatt.studio.schema import schema

        return schema(self.uploads)

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        self._loop = asyncio.get_running_loop()
        connection = Connection(socket, self.trainer, self._frames, self._workers, self._describe)
        self._connections.add(connection)
        sending = asyncio.get_running_loop().create_task(connection.send_frames())
        try:
            while True:
                await connection.receive(await socket.receive_text())
        except (WebSocketDisconnect, RuntimeError, KeyError):
            # The page is gone, or has sent bytes.
            pass
        finally:
            self._connections.discard(connection)
            connection.close()
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await sending


def serve(studio: Studio, sockets: list[Any]) -> None:
    """Answer requests until Ctrl-C.

    Raises:
        RosenblattError: the session cannot begin with what it was given.
    """
    import uvicorn

    config = uvicorn.Config(
        studio.app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="websockets-sansio",
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    session = studio.trainer.session

    def end_without_session(made: "Future[Session]") -> None:
        server.should_exit = made.exception() is not None

    session.add_done_callback(end_without_session)
    studio.start()
    try:
        server.run(sockets=sockets)
    finally:
        studio.close()
    if session.done():
        # What it could not begin with is an error of the command.
        session.result()
