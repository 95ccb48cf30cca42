"""Processors that code is compiled for: vectors, registers and caches."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from rosenblatt.errors import ConfigurationError, given

VARIABLE = "ROSENBLATT_TARGET"
"""The environment variable that names one of :data:`NAMED` in place of this processor: lower
instructions for a test, or the same rounding on all processors that have them."""

_AVX2 = frozenset(["avx", "avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe", "popcnt"])
_AVX512 = _AVX2 | frozenset(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"])

_KIB = 1024
# Caches of a core by LLVM's name of the processor: level 1 for data and level 2, in KiB. They are
# not read from the machine, whose answer may change with a virtual machine's settings: the sizes
# decide how work is divided, so they decide rounding.
_CACHES: Mapping[str, tuple[int, int]] = {
    "skylake-avx512": (32, 1024),
    "cascadelake": (32, 1024),
    "cooperlake": (32, 1024),
    "icelake-client": (48, 512),
    "icelake-server": (48, 1280),
    "rocketlake": (48, 512),
    "tigerlake": (48, 1280),
    "sapphirerapids": (48, 2048),
    "emeraldrapids": (48, 2048),
    "graniterapids": (48, 2048),
    "alderlake": (32, 1280),
    "raptorlake": (32, 1280),
    "znver1": (32, 512),
    "znver2": (32, 512),
    "znver3": (32, 512),
    "znver4": (32, 1024),
    "znver5": (48, 1024),
    "apple-m1": (64, 2048),
    "apple-m2": (64, 2048),
    "apple-m3": (64, 2048),
    "apple-m4": (64, 2048),
    "neoverse-n1": (64, 1024),
    "neoverse-n2": (64, 1024),
    "neoverse-v1": (64, 1024),
    "neoverse-v2": (64, 2048),
}
_OTHER_CACHES = 32, 256


@dataclass(frozen=True)
class Target:
    """A processor to compile for.

    Everything that decides how work is divided, and with it how sums are rounded, is here; nothing
    is measured. Two machines with equal targets compute equal bits.

    Attributes:
        triple: LLVM's name of the architecture and the operating system.
        cpu: LLVM's name of the processor.
        features: its instruction sets in LLVM's notation, as "+avx2,+fma".
        vector_bytes: of a vector register that is worth using: 16, 32 or 64.
        n_registers: how many vector registers there are.
        has_fma: whether a product and a sum are one instruction.
    """

    triple: str
    cpu: str
    features: str
    vector_bytes: int
    n_registers: int
    has_fma: bool

    @classmethod
    def host(cls) -> "Target":
        """Return this machine's processor, or what :data:`VARIABLE` names in its place.

        Raises:
            ConfigurationError: the variable has an unknown name, or this processor cannot execute
                the instructions of the named one.
        """
        name = os.environ.get(VARIABLE, "")
        return _named_here(name) if name else _detect()

    @property
    def architecture(self) -> str:
        """The first part of the triple: "x86_64" or "aarch64", or a rarer one."""
        return _architecture(self.triple)

    @property
    def description(self) -> str:
        """All that distinguishes the target, in one line."""
        vectors = f"{self.n_registers} vectors of {self.vector_bytes} bytes"
        return f"{self.triple} {self.cpu} {vectors} {self.features}"

    @property
    def l1_bytes(self) -> int:
        """Bytes of a core's cache of level 1 for data, as usual for such processors."""
        return _CACHES.get(self.cpu, _OTHER_CACHES)[0] * _KIB

    @property
    def l2_bytes(self) -> int:
        """Bytes of a core's cache of level 2, as usual for such processors."""
        return _CACHES.get(self.cpu, _OTHER_CACHES)[1] * _KIB

    @property
    def attributes(self) -> str:
        """LLVM's attributes of every function that is compiled for it."""
        if self.architecture != "x86_64":
            return "nounwind"
        # LLVM divides a vector of 512 bits into halves where narrower ones are preferred.
        bits = 8 * self.vector_bytes
        return f'nounwind "min-legal-vector-width"="{bits}" "prefer-vector-width"="{bits}"'

    def lanes(self, dtype: npt.DTypeLike) -> int:
        """Return how many numbers are in a vector."""
        return self.vector_bytes // np.dtype(dtype).itemsize


NAMED: Mapping[str, Target] = {
    "sse2": Target("x86_64-unknown-linux-gnu", "x86-64", "", 16, 16, has_fma=False),
    "avx2": Target("x86_64-unknown-linux-gnu", "haswell", "", 32, 16, has_fma=True),
    "avx512": Target("x86_64-unknown-linux-gnu", "skylake-avx512", "", 64, 32, has_fma=True),
    "neon": Target("aarch64-unknown-linux-gnu", "generic", "+neon", 16, 32, has_fma=True),
}
"""Targets that most machines can execute one of, and any machine can compile for."""


@cache
def _detect() -> Target:
    """Return this machine's processor."""
    import llvmlite.binding as llvm

    try:
        features = dict(llvm.get_host_cpu_features())
    except RuntimeError:
        # LLVM cannot ask some systems, such as macOS on ARM in earlier versions.
        features = {}
    return target_of(llvm.get_process_triple(), llvm.get_host_cpu_name(), features)


def target_of(triple: str, cpu: str, features: Mapping[str, bool]) -> Target:
    """Return the target of a processor with LLVM's name and features.

    Args:
        triple: of the process.
        cpu: "generic" or "" if LLVM does not know the processor.
        features: which instruction sets the processor and its system have; empty if LLVM cannot
            tell.
    """
    architecture = _architecture(triple)
    text = ",".join(f"{'+' if features[name] else '-'}{name}" for name in sorted(features))
    present = {name for name, is_there in features.items() if is_there}
    if architecture == "aarch64":
        return Target(triple, cpu or "generic", text, 16, 32, has_fma=True)
    if architecture != "x86_64":
        return Target(triple, cpu or "generic", text, 16, 16, has_fma=False)
    if not present:
        # The name alone may promise instructions that the system does not allow.
        return replace(NAMED["sse2"], triple=triple)
    cpu = "x86-64" if cpu in ("", "generic") else cpu
    if present >= _AVX512:
        return Target(triple, cpu, text, 64, 32, has_fma=True)
    if present >= _AVX2:
        return Target(triple, cpu, text, 32, 16, has_fma=True)
    return Target(triple, cpu, text, 16, 16, has_fma="fma" in present)


def _named_here(name: str) -> Target:
    """Return a named target with this machine's operating system."""
    if name not in NAMED:
        raise ConfigurationError(
            f"{VARIABLE} is {given(name)}; known: {', '.join(NAMED)}; unset it for this processor"
        )
    here, target = _detect(), NAMED[name]
    needed = {"avx2": _AVX2, "avx512": _AVX512}.get(name, frozenset())
    if here.architecture != target.architecture or not needed <= _present(here):
        raise ConfigurationError(
            f"{VARIABLE} is {name}, whose instructions this processor ({here.cpu}) does not have; "
            "unset it, or name a lower target"
        )
    return replace(target, triple=here.triple)


def _present(target: Target) -> set[str]:
    return {name[1:] for name in target.features.split(",") if name.startswith("+")}


def _architecture(triple: str) -> str:
    first = triple.split("-", 1)[0]
    return {"arm64": "aarch64", "arm64e": "aarch64", "amd64": "x86_64"}.get(first, first)
