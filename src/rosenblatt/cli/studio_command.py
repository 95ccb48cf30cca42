"""The command ``studio``."""

import contextlib
import importlib.util
import socket
import threading
import webbrowser
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.params import OptionalWhole
from rosenblatt.studio.security import Gate

if TYPE_CHECKING:
    from rosenblatt.studio.session import Session
    from rosenblatt.studio.uploads import Uploads

LOOPBACK = "127.0.0.1"
NEEDED = ("starlette", "uvicorn", "websockets")


@Parameter(name="*")
@dataclass(frozen=True)
class StudioOptions:
    """The options of the command."""

    data: Annotated[
        str | None, Parameter(help="A generator, a data file, or the folder of a run.")
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


def studio(options: StudioOptions | None = None) -> int:
    """Serve the page until Ctrl-C."""
    options = options or StudioOptions()
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"the studio needs {' and '.join(missing)}: pip install 'rosenblatt[studio]'"
        )
    listening = _listen(options.host, options.port or 0)
    port = listening.getsockname()[1]
    gate = Gate(port)
    uploads, start = _start(options.data, options.runs)
    address = f"http://{LOOPBACK}:{port}/?token={gate.token}"
    print(f"The studio is at {address}", flush=True)
    print("Ctrl-C ends it.", flush=True)
    if options.open:
        # The browser starts while the server is loaded; its connection waits.
        threading.Thread(target=_open, args=(address,), daemon=True).start()

    def make(changed: Callable[[], None], files: "Uploads") -> "Session":
        from rosenblatt.studio.session import Session

        settings = start if isinstance(start, dict) else None
        session = Session(settings, source=files.source, runs=options.runs, on_change=changed)
        if isinstance(start, Path):
            session.open(start)
        return session

    from rosenblatt.studio.server import Studio, serve

    with contextlib.suppress(KeyboardInterrupt):
        serve(Studio(make, gate, uploads), [listening])
    return 0


def _start(data: str | None, runs: Path) -> tuple["Uploads | None", dict[str, Any] | Path | None]:
    """Return the settings to begin with, or the folder of the run to open, and the user's file."""
    if data is None:
        return None, None
    from rosenblatt.data.bundled_sets import BUNDLED
    from rosenblatt.data.readers import READERS
    from rosenblatt.runs.find import find
    from rosenblatt.settings.data_options import is_generator
    from rosenblatt.studio.prepared import FIRST
    from rosenblatt.studio.uploads import Uploads

    if is_generator(data):
        return None, FIRST | {"data": data}
    if data in BUNDLED:
        return None, FIRST | {"data": data, "n": None, "standardize": True}
    path = Path(data)
    if path.suffix.lower() not in READERS:
        return None, find(data, runs)
    uploads = Uploads()
    return uploads, FIRST | {"data": uploads.add(path), "n": None, "standardize": True}


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
