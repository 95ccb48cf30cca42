"""Memory of processes: of this one, now and at its peak, and of others."""

import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_bytes() -> int | None:
    """Return the most memory that this process has had, None where that cannot be told.

    On Linux not from ``getrusage``: that starts with the peak of the process that started this one.
    """
    if _STATUS.exists():
        return _field("VmHWM:")
    if sys.platform == "win32":
        return None
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else 1024 * peak


def present_bytes() -> int:
    """Return the memory that this process has now, or 0 where that cannot be told."""
    return _field("VmRSS:") if _STATUS.exists() else 0


def bytes_of(process: int) -> int:
    """Return the memory that another process has now, or 0 where that cannot be told."""
    status = Path(f"/proc/{process}/status")
    return _field("VmRSS:", status) if status.exists() else 0


def _field(name: str, status: Path = _STATUS) -> int:
    line = next(line for line in status.read_text().splitlines() if line.startswith(name))
    return 1024 * int(line.split()[1])
