"""One page: its commands, and the frames that it gets.

What computes is imported by the trainer's thread; until it has a session, the server serves the
page.
"""

import asyncio
import json
import time
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, Protocol

from rosenblatt.errors import RosenblattError
from rosenblatt.studio.trainer import Trainer

if TYPE_CHECKING:
    from rosenblatt.studio.commands import Command
    from rosenblatt.studio.frames import Sent, Views
    from rosenblatt.studio.jobs import Canceller, Job, Work
    from rosenblatt.studio.session import Session

SECONDS_PER_FRAME = 0.02
"""The least time between two frames: screens show 60 a second, and training needs the cores."""


class Socket(Protocol):
    """What a connection needs of a WebSocket, or of a notebook's channel."""

    async def send_text(self, data: str) -> None:
        """Send a text message."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary message."""


class Connection:
    """A page that is connected.

    Args:
        socket: where messages go.
        trainer: the thread of the session.
        frames: where frames are made.
        workers: where commands that take long are computed.
        schema: the event ``schema``, made when a page says hello.
    """

    def __init__(
        self,
        socket: Socket,
        trainer: Trainer,
        frames: Executor,
        workers: Executor,
        schema: Callable[[], dict[str, Any]],
    ) -> None:
        self._socket, self._trainer, self._schema = socket, trainer, schema
        self._frames, self._workers = frames, workers
        self.changed = asyncio.Event()
        self._acknowledged = asyncio.Event()
        self._acknowledged.set()
        self._greeted = asyncio.Event()
        self._sending = asyncio.Lock()
        self._views: Views | None = None
        self._sent: Sent | None = None
        self._frame = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._jobs: dict[str, list[Canceller]] = {}

    async def receive(self, text: str) -> None:
        """Take a message of the page. Commands are executed in the order in which they come."""
        try:
            message = json.loads(text)
        except ValueError:
            await self._send({"reply": None, "error": "a message is JSON"})
            return
        if not isinstance(message, dict) or not isinstance(message.get("do"), str):
            await self._send({"reply": None, "error": 'a message is an object with "do"'})
            return
        name, number = message["do"], message.get("id")
        try:
            await asyncio.wrap_future(self._trainer.session)
            from rosenblatt.studio.commands import find
            from rosenblatt.studio.frames import Sent, Views
            from rosenblatt.studio.jobs import JOBS

            if name == "ack":
                if message.get("frame") == self._frame:
                    self._acknowledged.set()
                return
            if name == "hello":
                self._later(self._hello(number, message.get("link")))
            elif name == "views":
                self._views, self._sent = Views.of(message), Sent()
                self.changed.set()
                await self._send({"reply": number, "value": {}})
            elif name == "cancel":
                for canceller in self._jobs.get(str(message.get("job")), []):
                    canceller.cancel()
                await self._send({"reply": number, "value": {}})
            elif name in JOBS:
                self._later(self._compute(number, name, _bound(JOBS[name], message)))
            else:
                result = self._trainer.call(_bound(find(name), message))
                self._later(self._reply(number, result))
        except RosenblattError as error:
            await self._send({"reply": number, "error": str(error)})

    async def send_frames(self) -> None:
        """Send a frame for the newest change whenever the last frame is acknowledged."""
        await self._greeted.wait()
        session = await asyncio.wrap_future(self._trainer.session)
        loop, structure = asyncio.get_running_loop(), -1
        from rosenblatt.studio.frames import Views, make_frame

        while True:
            await self.changed.wait()
            self.changed.clear()
            if session.shown.structure != structure:
                structure, event = await asyncio.wrap_future(self._trainer.call(_description))
                await self._send(event)
                for notice in event.pop("notices", []):
                    await self._send({"event": "notice", **notice})
            await self._acknowledged.wait()
            if self._views is None or self._sent is None or self._views == Views():
                continue
            started = time.perf_counter()
            shown = session.shown
            if shown.structure != structure:
                self.changed.set()
                continue
            self._frame += 1
            frame = await loop.run_in_executor(
                self._frames, make_frame, shown, self._views, self._sent, self._frame
            )
            self._acknowledged.clear()
            async with self._sending:
                await self._socket.send_bytes(frame)
            await asyncio.sleep(max(0.0, SECONDS_PER_FRAME - (time.perf_counter() - started)))

    async def notify(self, text: str, level: str = "info") -> None:
        """Show a sentence on the page."""
        await self._send({"event": "notice", "text": text, "level": level})

    def close(self) -> None:
        """Give up what is not answered yet."""
        for task in self._tasks:
            task.cancel()
        for cancellers in self._jobs.values():
            for canceller in cancellers:
                canceller.cancel()

    async def _hello(self, number: Any, link: Any) -> None:
        text = link if isinstance(link, str) else ""
        notice = None
        try:
            await asyncio.wrap_future(self._trainer.call(lambda session: session.greet(text)))
        except RosenblattError as error:
            notice = f"the link cannot be shown: {error}"
            await asyncio.wrap_future(self._trainer.call(lambda session: session.greet()))
        await self._send({"reply": number, "value": {}})
        loop = asyncio.get_running_loop()
        schema = await loop.run_in_executor(self._frames, self._schema)
        await self._send({"event": "schema", **schema})
        if notice is not None:
            await self.notify(notice, "error")
        self._greeted.set()
        self.changed.set()

    async def _reply(self, number: Any, result: "Future[Any]") -> None:
        try:
            value = await asyncio.wrap_future(result)
        except RosenblattError as error:
            await self._send({"reply": number, "error": " ".join(str(error).split())})
        except MemoryError:
            await self._send({"reply": number, "error": "there is not enough memory for that"})
        except Exception as error:
            # A mistake of the studio's own, or of the user's code: the page lives on.
            traceback.print_exception(error)
            reason = f"an unexpected error, which the terminal shows in full: {error!r}"
            await self._send({"reply": number, "error": reason})
        else:
            await self._send({"reply": number, "value": {} if value is None else value})

    async def _compute(self, number: Any, name: str, prepare: "Callable[[Session], Work]") -> None:
        """Compute what takes long in a thread of its own, and tell how far it is."""
        from rosenblatt.studio.jobs import Canceller

        loop = asyncio.get_running_loop()

        def report(done: int, of: int) -> None:
            event = {"event": "progress", "job": name, "done": done, "of": of}
            loop.call_soon_threadsafe(lambda: self._later(self._send(event)))

        canceller = Canceller(report)
        jobs = self._jobs.setdefault(name, [])
        jobs.append(canceller)
        result: Future[Any] = Future()
        try:
            work = await asyncio.wrap_future(self._trainer.call(prepare))
            result.set_result(await loop.run_in_executor(self._workers, work, canceller))
        except Exception as error:
            result.set_exception(error)
        finally:
            jobs.remove(canceller)
        await self._reply(number, result)

    def _later(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _send(self, message: Mapping[str, Any]) -> None:
        from rosenblatt.studio.encoding import to_json

        text = to_json(message)
        async with self._sending:
            await self._socket.send_text(text)


def _bound(command: "Command | Job", message: dict[str, Any]) -> "Callable[[Session], Any]":
    args = {key: value for key, value in message.items() if key not in ("id", "do")}
    return lambda session: command(session, args)


def _description(session: "Session") -> tuple[int, dict[str, Any]]:
    from rosenblatt.studio.description import describe

    event = describe(session)
    if session.notices:
        event["notices"], session.notices = session.notices, []
    return session.structure, event
