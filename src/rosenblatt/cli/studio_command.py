"""The command ``studio``."""

import contextlib
import socket
import threading
import time
import webbrowser
from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.params import OptionalWhole

if TYPE_CHECKING:
    from rosenblatt.studio.uploads import Uploads

LOOPBACK = "127.0.0.1"
SECONDS_TO_START = 5.0


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
    listening = _listen(options.host, options.port or 0)
    port = listening.getsockname()[1]
    try:
        from rosenblatt.studio.server import Studio, serve
    except ImportError as error:
        raise ConfigurationError(
            f"the studio needs {error.name}: pip install 'rosenblatt[studio]'"
        ) from error
    from rosenblatt.studio.security import LOOPBACK as LOCAL
    from rosenblatt.studio.security import Gate
    from rosenblatt.studio.session import Session
    from rosenblatt.studio.uploads import Uploads

    uploads = Uploads()
    start = _start(options.data, uploads, options.runs)

    def make(changed: Callable[[], None]) -> Session:
        settings = start if isinstance(start, dict) else None
        session = Session(settings, source=uploads.source, runs=options.runs, on_change=changed)
        if isinstance(start, Path):
            session.open(start)
        return session

    gate = Gate(port, hosts=LOCAL)
    server = Studio(make, gate, uploads)
    address = f"http://{LOOPBACK}:{port}/?token={gate.token}"
    print(f"The studio is at {address}", flush=True)
    print("Ctrl-C ends it.", flush=True)
    if options.open:
        threading.Thread(target=_open, args=(address, port), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        serve(server, [listening])
    return 0


def _start(data: str | None, uploads: "Uploads", runs: Path) -> dict[str, Any] | Path | None:
    """Return the settings to begin with, or the folder of the run to open."""
    from rosenblatt.data.readers import READERS
    from rosenblatt.runs.find import find
    from rosenblatt.settings.data_options import is_generator
    from rosenblatt.studio.bundled import BUNDLED
    from rosenblatt.studio.prepared import FIRST

    if data is None:
        return None
    if is_generator(data):
        return FIRST | {"data": data}
    if data in BUNDLED:
        return FIRST | {"data": data, "n": None, "standardize": True}
    path = Path(data)
    if path.suffix.lower() in READERS:
        return FIRST | {"data": uploads.add(path), "n": None, "standardize": True}
    return find(data, runs)


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


def _open(address: str, port: int) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, port), 0.2):
            break
        time.sleep(0.05)
    with contextlib.suppress(Exception):
        webbrowser.open(address)
