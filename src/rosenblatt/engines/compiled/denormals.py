"""Denormal results as 0, while a network is trained.

The momentum of a unit that no longer learns falls below 2⁻¹⁰²² (of float32: 2⁻¹²⁶), where each
operation takes some hundred cycles.
"""

from rosenblatt.engines.compiled.ir import Code


def flush_denormals(code: Code, architecture: str) -> str:
    """Emit that denormal results of this thread are 0, and return the mode before.

    Nothing is emitted, and "" returned, for processors of other architectures.
    """
    if architecture == "aarch64":
        mode = code.call("i64", "llvm.aarch64.get.fpcr", [])
        set_mode(code, architecture, code.integer("or", mode, 1 << 24))
        return mode
    if architecture == "x86_64":
        state = code.alloca("i32")
        code.call("void", "llvm.x86.sse.stmxcsr", [("ptr", state)])
        mode = code.load(state, "i32", align=4)
        set_mode(code, architecture, code.inst(f"or i32 {mode}, {1 << 15}"))
        return mode
    return ""


def set_mode(code: Code, architecture: str, mode: str) -> None:
    """Emit that floating-point arithmetic has this mode from now on; nothing where it is ""."""
    if not mode:
        return
    if architecture == "aarch64":
        code.call("void", "llvm.aarch64.set.fpcr", [("i64", mode)])
        return
    state = code.alloca("i32")
    code.store(mode, state, "i32", align=4)
    code.call("void", "llvm.x86.sse.ldmxcsr", [("ptr", state)])
