"""The thread that trains: commands of pages first, then a short piece of training."""

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from rosenblatt.errors import RosenblattError

if TYPE_CHECKING:
    from rosenblatt.studio.session import Session

T = TypeVar("T")
Command = tuple["Callable[[Session], Any]", "Future[Any]"]


class Trainer(threading.Thread):
    """Calls one session, from one thread.

    Args:
        make: makes the session, in this thread: what is compiled does not hold up the server.
    """

    def __init__(self, make: "Callable[[], Session]") -> None:
        super().__init__(name="rosenblatt studio", daemon=True)
        self.session: Future[Session] = Future()
        self._make = make
        self._commands: queue.SimpleQueue[Command | None] = queue.SimpleQueue()

    def call(self, command: "Callable[[Session], T]") -> "Future[T]":
        """Have a command executed between two pieces of training; return its future result."""
        result: Future[T] = Future()
        self._commands.put((command, result))
        return result

    def close(self) -> None:
        """End the thread after what it is doing."""
        self._commands.put(None)

    def run(self) -> None:
        """Execute commands and train until ``close``."""
        from rosenblatt.engines.threads import blas_alone

        try:
            session = self._make()
        except BaseException as error:
            self.session.set_exception(error)
            return
        session.call = self.call
        self.session.set_result(session)
        # Frames and analyses take one core at most, and training the others.
        with blas_alone():
            self._serve(session)

    def _serve(self, session: "Session") -> None:
        while True:
            due = session.due
            try:
                command = self._commands.get(block=due != 0, timeout=due or None)
            except queue.Empty:
                self._advance(session)
                continue
            if command is None:
                return
            execute, result = command
            if not result.set_running_or_notify_cancel():
                continue
            try:
                result.set_result(execute(session))
            except BaseException as error:
                result.set_exception(error)

    def _advance(self, session: "Session") -> None:
        try:
            session.advance()
        except (RosenblattError, MemoryError, ArithmeticError, ValueError) as error:
            session.pause()
            session.notices.append({"text": str(error), "level": "error"})
            session.refresh(structure=True)
