"""The command ``studio``."""

import contextlib
import socket
import threading
import time
import webbrowser
from dataclasses import KW_ONLY, dataclass
from typing import Annotated

from cyclopts import Parameter

from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.params import OptionalWhole

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

    settings = None if options.data is None else {"data": options.data}
    gate = Gate(port, hosts=LOCAL)
    server = Studio(lambda changed: Session(settings, on_change=changed), gate)
    address = f"http://{LOOPBACK}:{port}/?token={gate.token}"
    print(f"The studio is at {address}", flush=True)
    print("Ctrl-C ends it.", flush=True)
    if options.open:
        threading.Thread(target=_open, args=(address, port), daemon=True).start()
    with contextlib.suppress(KeyboardInterrupt):
        serve(server, [listening])
    return 0


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
