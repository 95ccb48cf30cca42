"""Limits that Linux sets to the processes of a container: memory and processor time.

A process is in a control group, which may lie in others; each may have limits, and all of them
count. Version 2 has one tree of groups, version 1 a tree for each controller (Linux kernel,
*Control Group v2* and *cgroups-v1*). A system without control groups sets no limits.
"""

import math
from collections.abc import Iterator
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
MEMBERSHIP = Path("/proc/self/cgroup")
"""The groups of this process: lines of "number:controllers:path"."""


def free_memory(root: Path = ROOT) -> int | None:
    """Return how many bytes the groups of this process can still take; None without a limit.

    Memory in use counts without the cache of files that are not in active use, which the system
    gives back when it is needed.
    """
    free = [
        _limit_less_usage(folder, "memory.max", "memory.current", "inactive_file")
        for folder in _groups(root, "")
    ] + [
        _limit_less_usage(
            folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"
        )
        for folder in _groups(root / "memory", "memory")
    ]
    return min((each for each in free if each is not None), default=None)


def cores(root: Path = ROOT) -> int | None:
    """Return how many cores' time the groups of this process may use; None without a limit.

    A part of a core counts as a whole one.
    """
    quotas = [_quota(folder / "cpu.max") for folder in _groups(root, "")]
    for folder in _groups(root / "cpu", "cpu"):
        quota = _number(folder / "cpu.cfs_quota_us")
        period = _number(folder / "cpu.cfs_period_us")
        # A quota of -1 is none.
        quotas.append(quota / period if quota and period and quota > 0 else None)
    limits = [max(1, math.ceil(each)) for each in quotas if each is not None]
    return min(limits, default=None)


def _groups(tree: Path, controller: str) -> Iterator[Path]:
    """Yield the folders of the groups that this process is in, from the innermost to the root.

    A container may see its own group as the root of the tree, whatever its path is outside: what
    does not exist has no limits.
    """
    path = next((path for name, path in _memberships() if controller in name.split(",")), "")
    inner = tree / path.lstrip("/")
    for folder in (inner, *inner.parents):
        yield folder
        if folder == tree:
            return


def _memberships() -> list[tuple[str, str]]:
    """Return the controllers of each tree, "" for version 2, and this process's path in it."""
    try:
        lines = MEMBERSHIP.read_text().splitlines()
    except (OSError, ValueError):
        return []
    parts = (line.split(":", 2) for line in lines)
    # A path with ".." leads out of what this process sees.
    return [(part[1], part[2]) for part in parts if len(part) == 3 and ".." not in part[2]]


def _limit_less_usage(folder: Path, limit: str, usage: str, reclaimable: str) -> int | None:
    most, used = _number(folder / limit), _number(folder / usage)
    if most is None:
        return None
    cached = _statistic(folder / "memory.stat", reclaimable)
    return max(0, most - max(0, (used or 0) - cached))


def _quota(path: Path) -> float | None:
    """Return the cores of a ``cpu.max``: "200000 100000" is two, "max 100000" is no limit."""
    try:
        quota, period = path.read_text().split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return None


def _statistic(path: Path, name: str) -> int:
    try:
        for line in path.read_text().splitlines():
            found, _, value = line.partition(" ")
            if found == name:
                return int(value)
    except (OSError, ValueError):
        pass
    return 0


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
