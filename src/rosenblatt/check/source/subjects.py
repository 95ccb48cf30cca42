"""How a layer of a student is called: its passes, its inputs, its numbers."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import attempt
from rosenblatt.check.source.calls import D, N, plain
from rosenblatt.check.source.state import flat, leaves
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import last_word

RATE = 0.1


@dataclass(frozen=True)
class KeptLayer:
    """A layer whose gradients are right, after a backward pass.

    Attributes:
        made: the object.
        gradients: the place of each parameter's gradient in it, by the place of the parameter.
    """

    made: Any
    gradients: dict[str, str]


@dataclass
class Facts:
    """What the checks of a file found out, for decisions about the whole file."""

    averaged_layers: list[str] = field(default_factory=list)
    averaged_losses: list[str] = field(default_factory=list)
    summed_gradients: list[str] = field(default_factory=list)
    fused_losses: list[str] = field(default_factory=list)
    unfused_losses: list[str] = field(default_factory=list)
    softmax_jacobian: list[str] = field(default_factory=list)
    softmax_identity: list[str] = field(default_factory=list)
    layers: list[KeptLayer] = field(default_factory=list)
    right_layers: list[str] = field(default_factory=list)
    right_losses: list[str] = field(default_factory=list)
    columns: bool = False


@dataclass
class Subject:
    """A layer or loss to check: how to make one and how to call it.

    Attributes:
        other_parts: further functions of the backward pass, which return nothing.
    """

    where: str
    make: Callable[[], Any]
    forward: Callable[[Any, Any], Any]
    backward: Callable[[Any, Any, Any, Any], Any]
    forward_function: Any
    backward_function: Any
    source: Source
    name: str = ""
    other_parts: tuple[Any, ...] = ()


def seeded(call: Callable[..., Any], *args: Any, **settings: Any) -> Any:
    """Return what a call returns, with the global generators at seed 0."""
    np.random.seed(0)  # noqa: NPY002
    random.seed(0)
    return attempt(call, *args, **settings)


def first_array(value: Any) -> Any:
    """Return the output of a forward pass that may return a cache as well."""
    found = flat(value)
    if "" in found:
        return found[""]
    if isinstance(value, tuple | list) and value:
        inner = flat(value[0])
        return inner.get("")
    return None


def probes(columns: bool) -> list[Any]:
    """Return inputs to try: samples in rows, in columns, one sample, a number."""
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(N, D))
    rows[np.abs(rows) < 0.05] = 0.3
    vector = rows[0].copy()
    both = [np.asfortranarray(rows.T).copy(), rows] if columns else [rows, rows.T.copy()]
    return [*both, vector, vector[:, None], vector[None, :], vector.tolist(), float(vector[0])]


def images() -> list[Any]:
    """Return images to try: channels before height and width, channels last, one image."""
    batch = np.random.default_rng(7).normal(size=(3, D, 4, 6))
    last = np.ascontiguousarray(batch.transpose(0, 2, 3, 1))
    return [batch, last, batch[0].copy()]


def randomize(obj: Any, rng: Any) -> None:
    """Give floating-point arrays that are all zero small random values."""
    for leaf in list(leaves(obj)):
        raw = leaf.raw
        # Of ".layers[0].gb", the last word tells that it is a gradient.
        last = plain(last_word(leaf.path))
        is_bias = re.search(r"b\d*$|bias\w*$|beta$", plain(leaf.path)) is not None
        is_bias &= not re.search(r"grad|nabla|delta|vel|mom|acc|cache", plain(leaf.path))
        if isinstance(raw, np.ndarray) and raw.dtype.kind == "f" and raw.size and not raw.any():
            if is_bias and not re.match(r"[dgvm]", last):
                raw[...] = rng.normal(size=raw.shape) * 0.5
        elif isinstance(raw, list) and is_bias and not re.match(r"d", last):
            values = leaf.array
            if values is not None and values.dtype.kind == "f" and not values.any():
                leaf.fill(rng.normal(size=values.shape) * 0.5)
