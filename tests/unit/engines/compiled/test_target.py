import os
import subprocess
import sys

import numpy as np
import pytest

from rosenblatt.engines.compiled import target as module
from rosenblatt.engines.compiled.target import NAMED, VARIABLE, Target, target_of
from rosenblatt.errors import ConfigurationError

LINUX = "x86_64-unknown-linux-gnu"
V3 = ["avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt", "sse4.2"]
V4 = [*V3, *["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]]


def features(present, absent=()):
    return dict.fromkeys(present, True) | dict.fromkeys(absent, False)


@pytest.fixture
def here(monkeypatch):
    """Let this machine have a processor."""

    def pretend(triple, cpu, features):
        target = target_of(triple, cpu, features)
        monkeypatch.setattr(module, "_detect", lambda: target)
        return target

    return pretend


@pytest.mark.parametrize(
    ("present", "absent", "width", "registers", "has_fma"),
    [
        (V4, [], 64, 32, True),
        (V4[:-1], V4[-1:], 32, 16, True),
        (V3, ["avx512f"], 32, 16, True),
        (["avx", "sse4.2"], ["avx2", "fma"], 16, 16, False),
        (["avx", "fma"], ["avx2"], 16, 16, True),
        (["sse2"], ["avx"], 16, 16, False),
    ],
)
def test_x86_has_the_widest_vectors_whose_instructions_are_all_there(
    present, absent, width, registers, has_fma
):
    target = target_of(LINUX, "znver4", features(present, absent))
    assert (target.vector_bytes, target.n_registers, target.has_fma) == (width, registers, has_fma)


def test_an_absent_feature_is_named_because_the_processors_name_may_promise_it():
    target = target_of(LINUX, "sapphirerapids", features(V4, ["amx-tile"]))
    assert "-amx-tile" in target.features.split(",")


def test_x86_without_features_gets_what_every_x86_has():
    target = target_of("x86_64-apple-darwin23", "skylake-avx512", {})
    assert (target.cpu, target.features, target.vector_bytes) == ("x86-64", "", 16)
    assert target.triple == "x86_64-apple-darwin23"


@pytest.mark.parametrize("cpu", ["", "generic"])
def test_an_unknown_processor_is_compiled_for_by_its_features(cpu):
    target = target_of("x86_64-pc-windows-msvc", cpu, features(V3))
    assert (target.cpu, target.vector_bytes) == ("x86-64", 32)


@pytest.mark.parametrize(
    ("triple", "cpu"),
    [
        ("arm64-apple-darwin23.1.0", "apple-m1"),
        ("aarch64-unknown-linux-gnu", ""),
        ("aarch64-pc-windows-msvc", "generic"),
    ],
)
def test_arm_has_neon_also_without_features(triple, cpu):
    target = target_of(triple, cpu, {})
    assert target.architecture == "aarch64"
    assert (target.vector_bytes, target.n_registers, target.has_fma) == (16, 32, True)
    assert target.cpu == (cpu or "generic")


def test_another_architecture_has_what_is_sound_anywhere():
    target = target_of("powerpc64le-unknown-linux-gnu", "pwr9", features(["vsx"]))
    assert (target.vector_bytes, target.has_fma, target.attributes) == (16, False, "nounwind")


def test_lanes_are_numbers_in_a_vector():
    assert NAMED["avx512"].lanes(np.float64) == 8
    assert NAMED["avx512"].lanes("float32") == 16
    assert NAMED["neon"].lanes(np.float32) == 4


def test_caches_come_from_a_table_by_the_processors_name():
    known = target_of(LINUX, "sapphirerapids", features(V4))
    unknown = target_of(LINUX, "an-unknown-processor", features(V4))
    assert (known.l1_bytes, known.l2_bytes) == (48 * 1024, 2048 * 1024)
    assert (unknown.l1_bytes, unknown.l2_bytes) == (32 * 1024, 256 * 1024)


@pytest.mark.parametrize("name", ["sse2", "avx2", "avx512"])
def test_the_variable_forces_a_target_that_the_processor_can_execute(here, monkeypatch, name):
    here("x86_64-apple-darwin23", "znver4", features(V4))
    monkeypatch.setenv(VARIABLE, name)
    target = Target.host()
    assert target.cpu == NAMED[name].cpu
    assert target.vector_bytes == NAMED[name].vector_bytes
    assert target.triple == "x86_64-apple-darwin23"


@pytest.mark.parametrize(
    ("triple", "cpu", "present", "name"),
    [
        (LINUX, "haswell", V3, "avx512"),
        (LINUX, "nehalem", ["sse4.2"], "avx2"),
        (LINUX, "znver4", V4, "neon"),
        ("arm64-apple-darwin23", "apple-m1", [], "sse2"),
    ],
)
def test_a_target_that_the_processor_cannot_execute_is_refused(
    here, monkeypatch, triple, cpu, present, name
):
    here(triple, cpu, features(present))
    monkeypatch.setenv(VARIABLE, name)
    with pytest.raises(ConfigurationError, match=f"{VARIABLE} is {name}, .* \\({cpu}\\)"):
        Target.host()


def test_an_unknown_name_is_refused_with_the_known_ones(monkeypatch):
    monkeypatch.setenv(VARIABLE, "mmx")
    with pytest.raises(ConfigurationError, match="known: sse2, avx2, avx512, neon"):
        Target.host()


def test_an_empty_variable_is_none(monkeypatch):
    monkeypatch.setenv(VARIABLE, "")
    assert Target.host() == module._detect()


def test_the_host_is_the_same_in_every_process():
    script = (
        "from rosenblatt.engines.compiled.target import Target; print(repr(Target.host()), end='')"
    )
    environment = {key: value for key, value in os.environ.items() if key != VARIABLE}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == repr(module._detect())


def test_features_that_llvm_cannot_tell_do_no_harm(monkeypatch):
    import llvmlite.binding as llvm

    def cannot():
        raise RuntimeError("failed to get host cpu features")

    monkeypatch.setattr(llvm, "get_host_cpu_features", cannot)
    target = module._detect.__wrapped__()
    assert target.vector_bytes == 16
