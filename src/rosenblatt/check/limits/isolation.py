"""Rules of the Linux kernel for a process that runs code of a student: no programs, few files.

Python's audit hooks stop Python code; code that reaches the C library gets around them. The
kernel's rules hold for any code, and the process cannot lift them: seccomp (a filter of system
calls) and Landlock (a list of folders that may be read or written).
"""

import contextlib
import ctypes
import os
import platform
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Numbers of system calls: kill, tkill, tgkill, ptrace, process_vm_readv, process_vm_writev,
# pidfd_open, pidfd_send_signal, socket, socketpair, bind, connect, execve, execveat, setns,
# unshare, mount, setrlimit; then fork and vfork, where the machine has them.
_FORBIDDEN = {
    "x86_64": (
        *(62, 200, 234, 101, 310, 311, 434, 424, 41, 53, 49, 42, 59, 322, 308, 272, 165, 160),
        *(57, 58),
    ),
    "aarch64": (
        129,
        130,
        131,
        117,
        270,
        271,
        434,
        424,
        198,
        199,
        200,
        203,
        221,
        281,
        268,
        97,
        40,
        164,
    ),
}
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CLONE = {"x86_64": 56, "aarch64": 220}
_PRLIMIT = {"x86_64": 302, "aarch64": 261}
_CLONE3 = 435
_CLONE_THREAD = 0x10000
_ALLOW, _EPERM, _ENOSYS = 0x7FFF0000, 0x00050001, 0x00050026

_LOAD, _EQUAL, _AT_LEAST, _HAS_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06

_READ = 0b1101
"""Landlock: execute, read a file, read a folder."""

RULES = ("files", "processes and network")
"""The names of both rules: Landlock's and seccomp's."""


def files_of_python() -> list[str]:
    """Return the folders and files that Python and the packages of this process are read from."""
    libraries = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
    return list(dict.fromkeys([sys.prefix, sys.base_prefix, *filter(None, sys.path), *libraries]))


def isolate(readable: Iterable[str], writable: str) -> list[str]:
    """Apply both rules to this process, for good; return the names of those that hold.

    Args:
        readable: files and folders that may be read.
        writable: the one folder that may be written.
    """
    if sys.platform != "linux":
        return []
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0:  # PR_SET_NO_NEW_PRIVS, which both rules need
        return []
    held = []
    with contextlib.suppress(OSError, AttributeError):
        if _restrict_files(libc, readable, writable):
            held.append(RULES[0])
    if _restrict_calls(libc):
        held.append(RULES[1])
    return held


def _restrict_files(libc: Any, readable: Iterable[str], writable: str) -> bool:
    version = libc.syscall(444, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    rights = {1: 0x1FFF, 2: 0x3FFF}.get(version, 0x7FFF)
    handled = ctypes.create_string_buffer(struct.pack("=Q", rights), 8)
    rules = libc.syscall(444, handled, ctypes.c_size_t(8), 0)
    if rules < 0:
        return False
    grants = [(path, _READ) for path in readable] + [(writable, rights), (os.devnull, 0b110)]
    for path, granted in grants:
        try:
            number = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        if not Path(path).is_dir():
            granted &= 0b111 | (rights & 0x4000)
        rule = ctypes.create_string_buffer(struct.pack("=Qi", granted, number), 12)
        libc.syscall(445, rules, 1, rule, 0)
        os.close(number)
    held = libc.syscall(446, rules, 0) == 0
    os.close(rules)
    return bool(held)


def _restrict_calls(libc: Any) -> bool:
    machine = platform.machine()
    if machine not in _FORBIDDEN:
        return False
    program = _filter(machine)
    code = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    pointer = ctypes.create_string_buffer(header, len(header))
    # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
    return bool(libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(pointer)), 0, 0) == 0)


def _filter(machine: str) -> bytes:
    """Return the filter as a program of the kernel's small machine (BPF), 8 bytes a line."""

    def line(code: int, value: int, right: int = 0, wrong: int = 0) -> bytes:
        return struct.pack("=HBBI", code, right, wrong, value)

    def refuse(number: int, error: int = _EPERM) -> bytes:
        return line(_EQUAL, number, 0, 1) + line(_RETURN, error)

    program = line(_LOAD, 4) + line(_EQUAL, _ARCHITECTURE[machine], 1, 0) + line(_RETURN, _EPERM)
    # From 0x40000000 on are the same calls in another numbering.
    program += line(_LOAD, 0) + line(_AT_LEAST, 0x40000000, 0, 1) + line(_RETURN, _EPERM)
    for number in _FORBIDDEN[machine]:
        program += refuse(number)
    # The C library then falls back to clone, whose flags can be read.
    program += refuse(_CLONE3, _ENOSYS)
    # clone makes threads, not processes: its first argument, at byte 16, has the flag.
    program += line(_EQUAL, _CLONE[machine], 0, 4) + line(_LOAD, 16)
    program += line(_HAS_BIT, _CLONE_THREAD, 0, 1) + line(_RETURN, _ALLOW) + line(_RETURN, _EPERM)
    # prlimit reads limits and sets none: its third argument, at byte 32, is the new limit.
    program += line(_EQUAL, _PRLIMIT[machine], 0, 3) + line(_LOAD, 32)
    program += line(_EQUAL, 0, 1, 0) + line(_RETURN, _EPERM)
    return program + line(_RETURN, _ALLOW)
