"""Whether the system lets a process run machine code that it has made."""

import ctypes
import mmap
import sys
from functools import cache

FORBIDDEN = "anything here: the system forbids this process to run machine code that it has made"
"""What the compiled engine cannot compile then."""


@cache
def may_run_own_code() -> bool:
    """Return whether memory that was written may be executed.

    Hardened systems refuse it (systemd's ``MemoryDenyWriteExecute``, SELinux's ``execmem``), and
    LLVM ends the process then. So one page is asked for beforehand, as LLVM would.

    >>> may_run_own_code()
    True
    """
    if sys.platform == "win32":
        return True
    page = mmap.mmap(-1, mmap.PAGESIZE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    page[0] = 1
    start = ctypes.c_char.from_buffer(page)
    protect = ctypes.CDLL(None).mprotect
    protect.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    refused = protect(ctypes.addressof(start), mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_EXEC)
    del start
    page.close()
    return refused == 0
