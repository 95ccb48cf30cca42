"""Every lowering compiles for every processor; what this one executes, the other tests execute."""

import re

import pytest

import rosenblatt as rb
from rosenblatt.engines.compiled import online
from rosenblatt.engines.compiled.build import compile_text
from rosenblatt.engines.compiled.driver import kernel_text
from rosenblatt.engines.compiled.ir import module_text
from rosenblatt.engines.compiled.perceptron_kernels import Rule, batch_rule, rules_in_order
from rosenblatt.engines.compiled.program import evaluation_program, training_program
from rosenblatt.engines.compiled.target import NAMED, target_of
from rosenblatt.engines.compiled.tiles import Tiles
from rosenblatt.engines.compiled.units import Units
from rosenblatt.engines.compiled.wide import Wide
from rosenblatt.layers import Dropout, Linear, Sigmoid, Tanh
from rosenblatt.models import Sequential

TARGETS = {
    **NAMED,
    "apple": target_of("arm64-apple-macosx14.0", "apple-m1", {}),
    "windows": target_of("x86_64-pc-windows-msvc", "haswell", dict.fromkeys(["avx2"], True)),
}
MODEL = Sequential([Linear(3, 5), Tanh(), Dropout(0.2), Linear(5, 4), Sigmoid(), Linear(4, 2)])
OUTSIDE = {"cos", "cosf", "memcpy", "memset", "pow", "powf", "sin", "sinf"}
"""Functions of the C library that kernels may call. SSE2 has no FMA, and must not call fma."""


def training(lowering, dtype, target, *, batch_size, **more):
    program = training_program(MODEL, MODEL.default_loss, rb.Adam(0.01), dtype, has_losses=True)
    return kernel_text(lowering(program, target, dtype, batch_size, **more))


def evaluation(dtype, target):
    program = evaluation_program(MODEL, MODEL.default_loss, dtype)
    return kernel_text(Tiles(program, target, dtype, 256, members=False))


def perceptron(make, dtype, target, *, inputs, in_vectors=False):
    scalar = {"float64": "double", "float32": "float"}[dtype]
    lanes = target.lanes(dtype)
    param_lanes = lanes if in_vectors else 1
    rule = Rule(
        scalar, inputs, "samples", True, True, make is batch_rule, lanes, param_lanes, False
    )
    return make(rule, target)


def one_by_one(dtype, target):
    form = online._Form(2, shrinks=True, cuts=True, has_penalty=True, seen_only=True)
    return module_text([online._Training(form).emitted()], target.attributes)


KERNELS = {
    "samples in the lanes": lambda d, t: training(Tiles, d, t, batch_size=100, members=False),
    "members in the lanes": lambda d, t: training(Tiles, d, t, batch_size=10, members=True),
    "units in the lanes": lambda d, t: training(Units, d, t, batch_size=1),
    "wide": lambda d, t: training(Wide, d, t, batch_size=64),
    "evaluation": evaluation,
    "perceptron in order": lambda d, t: perceptron(rules_in_order, d, t, inputs=2),
    "inputs in the lanes": lambda d, t: perceptron(rules_in_order, d, t, inputs=0, in_vectors=True),
    "perceptron, all samples": lambda d, t: perceptron(batch_rule, d, t, inputs=0),
    "perceptrons": lambda d, t: perceptron(batch_rule, d, t, inputs=2, in_vectors=True),
    "online": one_by_one,
}


def symbols(code):
    """Return the names in the table of symbols of an object in the ELF format."""
    import llvmlite.binding as llvm

    tables = [
        section.data()
        for section in llvm.ObjectFileRef.from_data(code).sections()
        if section.name() == b".strtab"
    ]
    return {name.decode() for table in tables for name in table.split(b"\0") if name}


@pytest.mark.cases(29)
@pytest.mark.parametrize(
    ("target", "dtype"), [*((target, "float64") for target in TARGETS), ("avx512", "float32")]
)
@pytest.mark.parametrize("kernel", list(KERNELS))
def test_every_kernel_compiles_for_every_target(kernel, target, dtype):
    text = KERNELS[kernel](dtype, TARGETS[target])
    code = compile_text(text, TARGETS[target])
    declared = set(re.findall(r"^declare .*@([\w.]+)\(", text, re.MULTILINE))
    assert {name for name in declared if not name.startswith("llvm.")} <= OUTSIDE
    if code.startswith(b"\x7fELF"):
        defined = set(re.findall(r"^define .*@([\w.]+)\(", text, re.MULTILINE))
        names = {name for name in symbols(code) if name[0] not in ".$"}
        assert names - defined - {"<string>"} <= OUTSIDE
