"""A test whether a lock is held, without taking it and without writing."""

import os
import sys
from pathlib import Path

from filelock import FileLock, Timeout


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock at ``path``.

    The file is opened for reading only, so that this also works in a folder of another user. Links
    are not followed.
    """
    if sys.platform == "win32":
        if not path.is_file():
            return False
        try:
            with FileLock(path, timeout=0):
                return False
        except (Timeout, OSError):
            return True
    import fcntl

    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # Shared: several readers may test the lock at the same time.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False
