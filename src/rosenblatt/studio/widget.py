"""The studio in a notebook: the page in a cell, the session in this process."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, RosenblattError
from rosenblatt.studio.beginning import Beginning, beginning_of
from rosenblatt.studio.bundle import notebook_module
from rosenblatt.studio.connection import Connection
from rosenblatt.studio.schema import schema
from rosenblatt.studio.session import Session
from rosenblatt.studio.trainer import Trainer
from rosenblatt.studio.uploads import Uploads
from rosenblatt.training import Run

if TYPE_CHECKING:
    from anywidget import AnyWidget
else:
    AnyWidget = Any

HEIGHT = 760
"""Pixels."""


class Notebook:
    """One session and the cells that show it.

    Args:
        start: what the session begins with.
        uploads: the files that are offered.
        runs: the folder in which runs are saved.
    """

    def __init__(self, start: Beginning, uploads: Uploads, runs: Path) -> None:
        self.uploads = uploads
        self._start, self._runs = start, runs
        self._loop = asyncio.new_event_loop()
        self._connections: dict[str, tuple[Connection, asyncio.Task[None]]] = {}
        self._files: dict[str, list[bytes]] = {}
        self._frames = ThreadPoolExecutor(1, "rosenblatt frames")
        self._workers = ThreadPoolExecutor(2, "rosenblatt jobs")
        self.trainer = Trainer(self._session)
        self.trainer.start()
        self._thread = threading.Thread(target=self._run, name="studio cells", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Answer cells until ``close``; then end what has not been answered."""
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def _session(self) -> Session:
        return Session.begin(self._start, self.uploads.source, self._runs, self._changed)

    def receive(self, widget: "AnyWidget", message: Any, buffers: list[Any]) -> None:
        """Take a message of a cell; called in the thread of the notebook."""
        if not isinstance(message, dict) or not isinstance(message.get("view"), str):
            return
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(
                lambda: self._loop.create_task(self._receive(widget, message, buffers))
            )

    def close(self) -> None:
        """End the training and the connections."""
        if self._loop.is_closed():
            return
        self.trainer.close()
        for pool in (self._frames, self._workers):
            pool.shutdown(wait=False, cancel_futures=True)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self.uploads.close()

    def _changed(self) -> None:
        # The trainer may end a piece of work after the cells have gone.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for connection, _ in self._connections.values():
            connection.changed.set()

    async def _receive(
        self, widget: "AnyWidget", message: dict[str, Any], buffers: list[Any]
    ) -> None:
        view = message["view"]
        if message.get("opened"):
            cell = _Cell(widget, view)
            connection = Connection(
                cell, self.trainer, self._frames, self._workers, lambda: schema(self.uploads)
            )
            sending = asyncio.get_running_loop().create_task(connection.send_frames())
            self._connections[view] = connection, sending
        elif view not in self._connections:
            return
        elif message.get("closed"):
            connection, sending = self._connections.pop(view)
            connection.close()
            sending.cancel()
        elif "upload" in message:
            await self._upload(widget, message, buffers)
        elif isinstance(message.get("text"), str):
            await self._connections[view][0].receive(message["text"])

    async def _upload(
        self, widget: "AnyWidget", message: dict[str, Any], buffers: list[Any]
    ) -> None:
        """Collect the parts of a file, and take it when the last has come."""
        view = message["view"]
        if message.get("first"):
            self._files[view] = []
        parts = self._files.setdefault(view, [])
        parts += [bytes(buffer) for buffer in buffers]
        if not message.get("last"):
            return
        del self._files[view]

        async def body() -> AsyncIterator[bytes]:
            for part in parts:
                yield part

        try:
            name = str(message["upload"])
            about = (await self.uploads.receive(name, body(), sum(map(len, parts)))).about
        except RosenblattError as error:
            about = {"error": str(error)}
        widget.send({"view": view, "uploaded": about})


class _Cell:
    """One cell that shows the widget, as the socket of a connection."""

    def __init__(self, widget: "AnyWidget", view: str) -> None:
        self._widget, self._view = widget, view

    async def send_text(self, data: str) -> None:
        self._widget.send({"view": self._view, "text": data})

    async def send_bytes(self, data: bytes) -> None:
        self._widget.send({"view": self._view}, buffers=[data])


def show(
    start: Run | Dataset | Mapping[str, Any] | str | PathLike[str] | None = None,
    *,
    runs: str | PathLike[str] = "runs",
    height: int = HEIGHT,
) -> "AnyWidget":
    """Return the studio as a widget, which a notebook shows as the last value of a cell.

    What is trained in the cell is trained in this process: ``widget.run`` is the run that is shown,
    as :func:`rosenblatt.train` would return it.

    Args:
        start: a run of :func:`rosenblatt.train` to go on from; the name of a generator or a
            bundled set; a data file; or settings by name, as ``rosenblatt train mlp --config`` has
            them. By default the studio's own beginning.
        runs: the folder in which the cell saves runs.
        height: pixels.

    Raises:
        ConfigurationError: anywidget is not installed, or the studio cannot begin with this.

    ``rb.studio(...)`` is this function.
    """
    kind = _widget_class()
    runs = Path(runs)
    uploads, beginning = beginning_of(start, runs)
    return kind(Notebook(beginning, uploads or Uploads(), runs), height)


@cache
def _widget_class() -> Any:
    """Return the class of the widget; its base is loaded when a widget is asked for."""
    try:
        import anywidget
        import traitlets
    except ImportError as error:
        raise ConfigurationError(
            f"the studio in a notebook needs {error.name}: pip install 'rosenblatt[notebook]'"
        ) from error

    class StudioWidget(anywidget.AnyWidget):  # type: ignore[misc]
        """The studio in a cell.

        Attributes:
            run: the run that is shown, with all updates so far.
            height: pixels.
        """

        _esm = notebook_module()
        height = traitlets.Int(HEIGHT).tag(sync=True)

        def __init__(self, notebook: Notebook, height: int) -> None:
            super().__init__(height=height)
            self._notebook = notebook
            self.on_msg(notebook.receive)

        @property
        def run(self) -> Run:
            return self._notebook.trainer.call(lambda session: session.branch.live.run()).result()

        def close(self) -> None:
            """End the training, and remove the cell."""
            self._notebook.close()
            super().close()

    return StudioWidget
