"""Machine code from LLVM IR, and machine code in this process as functions."""

import ctypes
import itertools
import threading
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from rosenblatt.engines.compiled.graph import LoweringError
from rosenblatt.engines.compiled.permission import FORBIDDEN, may_run_own_code
from rosenblatt.engines.compiled.target import Target

PASSES = ("sroa", "simplify_cfg", "instruction_combine")
"""LLVM's passes over each function, in this order. The lowerings unroll, hoist and schedule
themselves; what LLVM's O1 to O3 add doubles the time of compiling and saves few instructions."""

LIBRARIES_PER_LINKER = 256
"""Libraries that one linker of LLVM's takes. It never forgets the name of one, some 9 kB each, so
that now and then a new linker takes over, and the former goes with its last library."""

Kernel = Callable[[int], None]
"""A compiled function of one address. The GIL is free while it runs."""

_KERNEL = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


def compile_text(text: str, target: Target, passes: Sequence[str] = PASSES) -> bytes:
    """Return the object code of a module of LLVM IR, which any thread may ask for.

    Args:
        text: the module.
        target: the processor, which may be another than this machine's.
        passes: LLVM's passes over each function.

    Raises:
        RuntimeError: the text is not valid IR.
    """
    llvm = _llvm()
    machine = _machine(target)
    # A context of its own: what LLVM interns in a context is never freed, and belongs to a thread.
    module = llvm.parse_assembly(text, llvm.create_context())
    module.verify()
    builder = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options())
    manager = llvm.create_new_function_pass_manager()
    for name in passes:
        getattr(manager, f"add_{name}_pass")()
    for function in module.functions:
        if not function.is_declaration:
            manager.run(function, builder)
    code: bytes = machine.emit_object(module)
    return code


class Library:
    """Object code in this process's memory, for as long as this or a function of it is referred to.

    Args:
        code: of this machine.
        names: its functions that are called from Python.

    Raises:
        LoweringError: the system forbids a process to run machine code that it has made.
        RuntimeError: the code is damaged, or calls a function that this process does not have.
    """

    def __init__(self, code: bytes, names: Sequence[str] = ("train",)) -> None:
        if not may_run_own_code():
            raise LoweringError(FORBIDDEN)
        linker, name = _linkers.next()
        builder = _llvm().JITLibraryBuilder().add_object_img(code)
        # Functions of the mathematical library, and those that LLVM itself calls, as memset.
        builder.add_current_process()
        for symbol in names:
            builder.export_symbol(symbol)
        self._tracker = builder.link(linker, name)
        # The tracker removes the code when it goes, before it lets its linker go.
        self._tracker.linker = linker

    def function(self, name: str = "train") -> Kernel:
        """Return a function of the library, which keeps the library in memory."""
        kernel = _KERNEL(self._tracker[name])
        kernel.library = self  # type: ignore[attr-defined]
        return kernel


def load(code: bytes, names: Sequence[str] = ("train",)) -> Library:
    """Return object code as a library in memory; see :class:`Library`."""
    return Library(code, names)


class _Linkers:
    """The linker that takes the next library."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._linker: Any = None
        self._numbers = itertools.count()

    def next(self) -> tuple[Any, str]:
        """Return a linker, and a name for a library that it has not had yet."""
        with self._lock:
            number = next(self._numbers)
            if self._linker is None or number % LIBRARIES_PER_LINKER == 0:
                together = _is_linked_together(Target.host())
                self._linker = _llvm().create_lljit_compiler(
                    use_jit_link=together, suppress_errors=True
                )
            return self._linker, f"library{number}"


_linkers = _Linkers()


@cache
def _llvm() -> Any:
    """Return llvmlite's binding, ready to compile for this machine.

    It is imported when a kernel is needed, which takes 25 to 90 ms.
    """
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm


@cache
def compiler_version() -> str:
    """Return the versions of LLVM and llvmlite."""
    import llvmlite

    return f"LLVM {'.'.join(map(str, _llvm().llvm_version_info))}, llvmlite {llvmlite.__version__}"


@cache
def _initialize_all() -> None:
    """Let LLVM compile for other architectures than this machine's."""
    _llvm().initialize_all_targets()
    _llvm().initialize_all_asmprinters()


def _machine(target: Target) -> Any:
    llvm = _llvm()
    if target.architecture != Target.host().architecture:
        _initialize_all()
    together = _is_linked_together(target)
    return llvm.Target.from_triple(target.triple).create_target_machine(
        cpu=target.cpu,
        features=target.features,
        opt=2,
        reloc="pic" if together else "default",
        codemodel="small" if together else "jitdefault",
        jit=True,
    )


def _is_linked_together(target: Target) -> bool:
    """Return whether LLVM's newer linker, JITLink, puts code and constants next to each other.

    It does not know all systems. The older one allocates them one by one, maybe far apart, which
    addresses of 32 bits do not span and nothing checks; so code for it has longer addresses.
    """
    return target.architecture in ("x86_64", "aarch64") and "windows" not in target.triple
