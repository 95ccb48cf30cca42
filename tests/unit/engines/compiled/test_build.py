import ctypes
import gc
import subprocess
import sys
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest

from rosenblatt.engines.compiled import build
from rosenblatt.engines.compiled.build import compile_text, load
from rosenblatt.engines.compiled.ir import Code, module_text
from rosenblatt.engines.compiled.target import NAMED, Target, target_of
from rosenblatt.errors import ConfigurationError

APPLE = target_of("arm64-apple-macosx14.0", "apple-m1", {})
WINDOWS = target_of("x86_64-pc-windows-msvc", "haswell", {"avx2": True})


def numbers(values):
    """Return numbers in memory, and where they are."""
    array = np.array(values, float)
    return array, array.ctypes.data


def sample(target, dtype="float64", factor=3.0):
    """Return a module whose train(x) makes x = factor x + x, a vector of the target wide."""
    code = Code(
        "train",
        [("ptr", "x")],
        target.lanes(dtype),
        dtype,
        internal=False,
        has_fma=target.has_fma,
    )
    x = code.load("%x")
    code.store(code.fma(code.const(factor), x, x), "%x")
    return module_text([code], target.attributes)


def calling(function, arguments=1):
    """Return a module whose train(x) makes x[0] = function(x[0], …)."""
    loads = "\n".join(
        f"%p{i} = getelementptr double, ptr %x, i64 {i}\n%v{i} = load double, ptr %p{i}"
        for i in range(arguments)
    )
    kinds = ", ".join(["double"] * arguments)
    values = ", ".join(f"double %v{i}" for i in range(arguments))
    return (
        f"declare double @{function}({kinds})\ndefine void @train(ptr %x) {{\n{loads}\n"
        f"%r = call double @{function}({values})\nstore double %r, ptr %x\nret void\n}}\n"
    )


def assembly(text, target):
    import llvmlite.binding as llvm

    return build._machine(target).emit_assembly(llvm.parse_assembly(text, llvm.create_context()))


def test_a_kernel_computes():
    target = Target.host()
    kernel = load(compile_text(sample(target), target)).function("train")
    x, address = numbers(range(target.lanes(float)))
    kernel(address)
    assert np.array_equal(x, 4.0 * np.arange(len(x)))


@pytest.mark.parametrize("name", list(NAMED))
def test_named_targets_that_this_machine_executes_are_executed(name, monkeypatch):
    monkeypatch.setenv("ROSENBLATT_TARGET", name)
    try:
        target = Target.host()
    except ConfigurationError:
        pytest.skip(f"no {name} here")
    kernel = load(compile_text(sample(target, "float32"), target)).function()
    x = np.arange(target.lanes("float32"), dtype="float32")
    expected = 4 * x
    kernel(x.ctypes.data)
    assert np.array_equal(x, expected)


@pytest.mark.parametrize(
    ("target", "start"),
    [
        (NAMED["sse2"], b"\x7fELF"),
        (NAMED["avx2"], b"\x7fELF"),
        (NAMED["avx512"], b"\x7fELF"),
        (NAMED["neon"], b"\x7fELF"),
        (APPLE, b"\xcf\xfa\xed\xfe"),
        (WINDOWS, b"\x64\x86"),
    ],
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_any_machine_compiles_for_any_target(target, start, dtype):
    assert compile_text(sample(target, dtype), target).startswith(start)


@pytest.mark.parametrize(
    ("name", "register", "instruction"),
    [
        ("sse2", "%xmm", "mulpd"),
        ("avx2", "%ymm", "vfmadd"),
        ("avx512", "%zmm", "vfmadd"),
        ("neon", "v0.2d", "fmla"),
    ],
)
def test_a_targets_vectors_are_whole_registers(name, register, instruction):
    """LLVM would divide a vector of 512 bits in two without the target's attributes."""
    text = assembly(sample(NAMED[name]), NAMED[name])
    assert register in text
    assert instruction in text
    widest = {"avx2": "%zmm", "sse2": "%ymm", "avx512": "%ymm"}.get(name, "no such register")
    assert widest not in text


@pytest.mark.parametrize(
    ("function", "arguments"), [("pow", 2), ("sin", 1), ("cos", 1), ("atan", 1)]
)
def test_functions_of_the_mathematical_library_are_found(function, arguments):
    import math

    kernel = load(compile_text(calling(function, arguments), Target.host())).function()
    x, address = numbers([0.7, 1.3])
    kernel(address)
    assert x[0] == pytest.approx(getattr(math, function)(*[0.7, 1.3][:arguments]), rel=1e-15)


def test_functions_that_llvm_itself_calls_are_found(monkeypatch):
    monkeypatch.setenv("ROSENBLATT_TARGET", "sse2")
    try:
        target = Target.host()
    except ConfigurationError:
        pytest.skip("not an x86")
    # SSE2 has neither, so that these are calls of fma and floor; and a large copy is one of memcpy.
    text = calling("llvm.fma.f64", 3).replace(
        "ret void",
        "%f = call double @llvm.floor.f64(double %r)\nstore double %f, ptr %x\n"
        "%q = getelementptr double, ptr %x, i64 3\n"
        "call void @llvm.memset.p0.i64(ptr %q, i8 0, i64 4096, i1 false)\nret void",
    )
    text += "declare double @llvm.floor.f64(double)\n"
    text += "declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)\n"
    kernel = load(compile_text(text, target)).function()
    x, address = numbers([2.5, 3.0, 0.75, *[1.0] * 512])
    kernel(address)
    assert x[0] == 8.0
    assert not x[3:].any()


def test_a_function_that_is_nowhere_is_an_error_and_not_the_end_of_the_process():
    code = compile_text(calling("no_such_function"), Target.host())
    with pytest.raises(RuntimeError, match="train"):
        load(code)


@pytest.mark.parametrize("text", ["define void @train(", "define void @train() {\nret i32 0\n}"])
def test_text_that_is_not_valid_is_an_error(text):
    with pytest.raises(RuntimeError):
        compile_text(text, Target.host())


def test_damaged_code_is_an_error():
    target = Target.host()
    code = compile_text(sample(target), target)
    for damaged in (b"", b"\0" * 100, code[: len(code) // 2]):
        with pytest.raises(RuntimeError):
            load(damaged)


def test_a_name_that_the_code_does_not_have_is_an_error():
    target = Target.host()
    with pytest.raises(RuntimeError, match="other"):
        load(compile_text(sample(target), target), ["other"])


def test_equal_text_is_equal_code():
    target = Target.host()
    assert compile_text(sample(target), target) == compile_text(sample(target), target)


@pytest.mark.slow
def test_a_function_keeps_its_library_and_the_last_one_lets_it_go():
    target = Target.host()
    library = load(compile_text(sample(target), target))
    reference = weakref.ref(library)
    kernel = library.function()
    del library
    gc.collect()
    assert reference() is not None
    x, address = numbers(range(target.lanes(float)))
    kernel(address)
    assert x[-1] == 4.0 * (len(x) - 1)
    del kernel
    gc.collect()
    assert reference() is None


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_thousands_of_libraries_one_after_the_other_leave_no_memory_behind():
    target = Target.host()
    code = compile_text(sample(target), target)

    def pages():
        return int(Path("/proc/self/statm").read_text().split()[1])

    def load_and_forget(count):
        for _ in range(count):
            load(code)
        gc.collect()

    load_and_forget(600)
    before = pages()
    load_and_forget(3 * build.LIBRARIES_PER_LINKER)
    # A linker's names are some 9 kB for each library; those of three would be 7 MB.
    assert (pages() - before) * 4096 < 4e6


def test_threads_compile_load_and_call_at_the_same_time():
    target = Target.host()
    wrong = []

    def work(thread):
        for turn in range(4):
            factor = float(10 * thread + turn)
            kernel = load(compile_text(sample(target, factor=factor), target)).function()
            x, address = numbers(np.ones(target.lanes(float)))
            kernel(address)
            if not np.array_equal(x, np.full(len(x), factor + 1)):
                wrong.append(factor)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_kernel_frees_the_gil():
    """The kernel waits for what only another thread of Python can do."""
    text = (
        "define void @train(ptr %x) {\nentry:\nbr label %wait\nwait:\n"
        "%v = load volatile i64, ptr %x\n%done = icmp ne i64 %v, 0\n"
        "br i1 %done, label %end, label %wait\nend:\nret void\n}\n"
    )
    kernel = load(compile_text(text, Target.host())).function()
    flag = ctypes.c_int64(0)
    thread = threading.Thread(target=kernel, args=(ctypes.addressof(flag),))
    thread.start()
    flag.value = 1
    thread.join(timeout=60)
    assert not thread.is_alive()


def test_a_process_ends_well_with_libraries_in_memory():
    script = (
        "import sys; sys.path[:0] = ['tests']\n"
        "from rosenblatt.engines.compiled.build import compile_text, load\n"
        "from rosenblatt.engines.compiled.target import Target\n"
        f"text = {calling('sin')!r}\n"
        "library = load(compile_text(text, Target.host()))\n"
        "kernels = [load(compile_text(text, Target.host())).function() for _ in range(3)]\n"
        "loop = [kernels]; loop.append(loop)\n"
    )
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", script], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_llvm_is_not_loaded_before_there_is_something_to_compile():
    script = (
        "import sys, rosenblatt.engines.compiled.build, rosenblatt.engines.compiled.target\n"
        "assert not [name for name in sys.modules if 'llvmlite' in name]"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
