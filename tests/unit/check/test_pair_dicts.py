"""Pairs of functions whose parameters are in a dict, and whose gradients are added to one."""

from pathlib import Path

import pytest

from rosenblatt.check.files import check_source

CELL = """
import numpy as np

def s(a):
    return 1 / (1 + np.exp(-a))

def make(n_in, n_state):
    r = np.random.default_rng(0)
    par = {"Wz": r.normal(size=(n_in, n_state)), "Uz": r.normal(size=(n_state, n_state))}
    par["bz"] = np.zeros(n_state)
    return {**par, "Wc": r.normal(size=(n_in, n_state)), "bc": np.zeros(n_state)}

def unit_forward(x, h, par):
    z = s(x @ par["Wz"] + h @ par["Uz"] + par["bz"])
    c = np.tanh(x @ par["Wc"] + par["bc"])
    return (1 - z) * c + z * h, (x, h, z, c)

def unit_backward(dnew, memory, par, acc):
    x, h, z, c = memory
    dc = dnew * (1 - z) * (1 - c ** 2)
    dz = dnew * (h - c) * z * (1 - z)
    for gate, d in (("z", dz), ("c", dc)):
        acc["dW" + gate] += x.T @ d
        acc["db" + gate] += d.sum(axis=0)
    acc["dUz"] += h.T @ dz
    return dz @ par["Wz"].T + dc @ par["Wc"].T, dnew * z + dz @ par["Uz"].T

def roll_forward(xs, h0, par):
    h, hs, kept = h0, [], []
    for x in xs:
        h, memory = unit_forward(x, h, par)
        hs.append(h)
        kept.append(memory)
    return np.stack(hs), kept

def roll_backward(dhs, kept, par):
    acc = {"d" + k: np.zeros_like(v) for k, v in par.items()}
    dh, dxs = 0, []
    for d, memory in zip(dhs[::-1], kept[::-1]):
        dx, dh = unit_backward(d + dh, memory, par, acc)
        dxs.append(dx)
    return np.stack(dxs[::-1]), dh, acc
"""


def test_a_unit_with_a_state_is_checked_without_a_training():
    values = check_source(CELL.encode(), Path("m.py"))
    assert values["findings"] == []
    assert {"unit_backward", "roll_backward"} <= set(values["checked"])


@pytest.mark.cases(1)
@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("unit_backward(d + dh,", "unit_backward(d,", "unexplained"),
        ("dnew * (h - c)", "dnew * (c - h)", "sign"),
        ("h.T @ dz", "c.T @ dz", "wrong-input-cached"),
        ('dz @ par["Uz"].T', 'dz @ par["Uz"]', "transposed"),
    ],
)
def test_a_mistake_of_a_unit_with_a_state_is_found(old, new, mistake):
    assert old in CELL
    values = check_source(CELL.replace(old, new).encode(), Path("m.py"))
    assert values["findings"][0]["mistake"] == mistake
