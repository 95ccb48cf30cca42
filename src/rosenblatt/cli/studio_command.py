"""The command ``studio``."""

import contextlib
import importlib.util
import socket
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.settings.params import OptionalWhole
from rosenblatt.studio.returning import cookie_value
from rosenblatt.studio.security import LOOPBACK as LOCAL
from rosenblatt.studio.security import Gate

if TYPE_CHECKING:
    from rosenblatt.studio.beginning import Beginning
    from rosenblatt.studio.lessons import Lesson
    from rosenblatt.studio.session import Session
    from rosenblatt.studio.uploads import Uploads

LOOPBACK = "127.0.0.1"
EXPOSED = (
    "Other machines can reach it. A person who has this address, with its token, can do what you "
    "can: train on this machine, run a program in the bug lab (under the kernel's rules), read the "
    "data and the runs shown, and save runs. The connection is not encrypted: the network's owner "
    "can read all of it."
)
NEEDED = ("starlette", "uvicorn", "websockets")


@Parameter(name="*")
@dataclass(frozen=True)
class StudioOptions:
    """The options of the command."""

    data: Annotated[
        str | None,
        Parameter(help="A generator, a data file, a run's folder, or settings as a link."),
    ] = None

    _: KW_ONLY

    port: OptionalWhole = None
    """The port; by default a free one."""

    runs: Path = Path("runs")
    """The folder in which runs are saved, and from which they are opened."""

    open: bool = True
    """Open the page in the browser."""

    host: str = LOOPBACK
    """The address to listen on. Others than 127.0.0.1 can be reached from other machines."""

    code: Path | None = None
    """Your own activations, losses and optimizers: a Python file, which is executed."""

    lesson: Path | None = None
    """A lesson to open, or a folder of lessons to choose from."""


def studio(options: StudioOptions | None = None) -> int:
    """Serve the page until Ctrl-C."""
    options = options or StudioOptions()
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"the studio needs {' and '.join(missing)}: pip install 'rosenblatt[studio]'"
        )
    if options.code is not None:
        # Before any module whose choices are those of the registries.
        from rosenblatt.studio.user_code import load_user_code

        load_user_code(options.code)
    link = _link_of(options.data)
    uploads, start = _beginning(None if link else options.data, options.runs)
    lessons = None if options.lesson is None else read_lessons(options.lesson)
    listening = _listen(options.host, options.port or 0)
    port = listening.getsockname()[1]
    gate = _gate(options.host, port, is_chosen=options.port is not None)
    address = _address(options.host, port, gate) + link
    print(f"The studio is at {address}", flush=True)
    if not is_local(options.host):
        print(EXPOSED, flush=True)
    print("Ctrl-C ends it.", flush=True)
    if options.open and not is_everywhere(options.host):
        # The browser starts while the server is loaded; its connection waits.
        threading.Thread(target=_open, args=(address,), daemon=True).start()

    def make(changed: Callable[[], None], files: "Uploads") -> "Session":
        from rosenblatt.studio.session import Session

        shared = not is_local(options.host)
        session = Session.begin(start, files.source, options.runs, changed, lessons, shared=shared)
        if lessons is not None and len(lessons) == 1:
            session.open_lesson(lessons[0])
        return session

    from rosenblatt.studio.server import Studio, serve

    with contextlib.suppress(KeyboardInterrupt):
        serve(Studio(make, gate, uploads), [listening])
    return 0


def _link_of(data: str | None) -> str:
    """Return settings as the end of an address, "" where the data is something else."""
    if data is None or "=" not in data or Path(data).exists():
        return ""
    from rosenblatt.settings import from_link

    from_link(data)
    return "#" + data.lstrip("#")


def _beginning(data: str | None, runs: Path) -> "tuple[Uploads | None, Beginning]":
    """Return the user's file, if it is one, and what the session begins with."""
    if data is None:
        return None, None
    from rosenblatt.studio.beginning import beginning_of

    return beginning_of(data, runs)


def read_lessons(path: Path) -> "list[Lesson]":
    """Return the lesson of a file, or all lessons of a folder.

    Raises:
        FileError: there is none, or it cannot be read.
    """
    from rosenblatt.studio.lessons import read_lesson

    if not path.is_dir():
        return [read_lesson(path)]
    lessons = [read_lesson(file) for file in sorted(path.glob("*.md"))]
    if not lessons:
        raise FileError(f"there is no lesson in {path}: lessons are files that end in .md")
    return lessons


def is_local(host: str) -> bool:
    """Return whether only this machine reaches a host."""
    return host in LOCAL


def is_everywhere(host: str) -> bool:
    """Return whether a host stands for all addresses of the machine."""
    return host in ("0.0.0.0", "::", "")


def _gate(host: str, port: int, *, is_chosen: bool) -> Gate:
    names: tuple[str, ...] = LOCAL
    if not is_local(host):
        names = (*LOCAL, host.lower(), socket.gethostname().lower(), socket.getfqdn().lower())
    gate = Gate(port, names, any_address=is_everywhere(host))
    # On a free port there is no page that could return.
    return replace(gate, secret=cookie_value(port)) if is_chosen else gate


def _address(host: str, port: int, gate: Gate) -> str:
    """Return the address to open, with its token."""
    if is_everywhere(host):
        host = socket.gethostname()
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}:{port}/?token={gate.token}"


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise ConfigurationError(
            f"cannot listen on {host} port {port}: {error.strerror}; choose another --port"
        ) from error
    listening.listen()
    return listening


def _open(address: str) -> None:
    with contextlib.suppress(Exception):
        webbrowser.open(address)
