"""The cookie of pages that return: a server restarted on the same port knows them again.

The printed token is new each time. The cookie's value follows from a key in a file that belongs to
the user alone, so that an open page reconnects when its server is restarted.
"""

import hashlib
import hmac
import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

KEY_BYTES = 32
_NAME = "studio-key"


def cookie_value(port: int, folder: Path | None = None) -> str:
    """Return the value of the cookie for a port; a new one each time if no key can be kept."""
    key = _key(folder or state_folder())
    if key is None:
        return secrets.token_urlsafe(KEY_BYTES)
    return hmac.new(key, f"studio {port}".encode(), hashlib.sha256).hexdigest()


def state_folder() -> Path:
    """Return the folder for what programs keep of a user."""
    base = os.environ.get("XDG_STATE_HOME", "")
    path = Path(base) if base.startswith("/") else Path("~/.local/state").expanduser()
    return path / "rosenblatt"


def _key(folder: Path) -> bytes | None:
    """Return the user's key, made if there is none; None where no file can be private."""
    path = folder / _NAME
    if os.name != "posix":
        return None
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(file.fileno())
            is_private = stat.S_ISREG(status.st_mode) and not stat.S_IMODE(status.st_mode) & 0o077
            key = file.read(KEY_BYTES + 1)
        if is_private and status.st_uid == os.getuid() and len(key) == KEY_BYTES:
            return key
    return None
