"""Modules of PyTorch: the gradients of autograd compared with central differences."""

import copy
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import first_wrong, numeric_gradient, same
from rosenblatt.check.operations.arguments import argument_lists, forward_arguments
from rosenblatt.check.operations.torch_functions import tensor_of, tensors_of
from rosenblatt.check.operations.torch_import import loaded_torch
from rosenblatt.check.source.calls import constructions
from rosenblatt.check.source.subjects import seeded
from rosenblatt.check.source.text import Source

_MOST_ENTRIES = 12
"""Entries of one parameter that are compared; each takes four forward passes."""

_ZERO = 1e-7
"""Derivatives below this count as 0: that of the bias of an attention's keys, for instance."""

_IN_PLACE = "inplace operation|in-place operation"
_CUTS = r"\.detach\(|\.data\b|no_grad|\.item\(|\.numpy\(|\.tolist\(|torch\.tensor\(|inference_mode"


def is_torch_module(checked: Any) -> bool:
    """Return whether it is a torch.nn.Module, or a class derived from it."""
    torch = loaded_torch()
    module = getattr(getattr(torch, "nn", None), "Module", None)
    if not inspect.isclass(module):
        return False
    return issubclass(checked, module) if inspect.isclass(checked) else isinstance(checked, module)


def check_torch_module(
    checked: Any, module: dict[str, Any], source: Source
) -> list[dict[str, Any]] | None:
    """Return the findings of a module or its class; None where it could not be called.

    Parameters with ``requires_grad=False`` are not compared. A module is copied first.
    """
    for make in _makers(checked, module):
        try:
            model = seeded(make)
            names = forward_arguments(model.forward, 0)
        except FailedError:
            continue
        for values in argument_lists(names, _inputs(model)):
            inputs = [tensor_of(value) for value in values]
            try:
                outputs = seeded(_outputs, model, inputs)
            except FailedError as error:
                if re.search(_IN_PLACE, str(error)):
                    return [_in_place(model, source, error)]
                continue
            if any(y.dtype != loaded_torch().float64 for y in outputs) or not outputs:
                continue
            if all(bool(y.isfinite().all()) for y in outputs):
                return _compared(model, inputs, outputs, source)
    return None


def _makers(checked: Any, module: dict[str, Any]) -> Iterator[Callable[[], Any]]:
    """Yield ways to make a module in float64."""
    torch = loaded_torch()
    if not inspect.isclass(checked):
        instance: Any = copy.deepcopy(checked)
        yield instance.double
        return
    cls: Any = checked
    for settings in constructions(cls, module):

        def make(settings: dict[str, Any] = settings) -> Any:
            default = torch.get_default_dtype()
            torch.manual_seed(0)
            torch.set_default_dtype(torch.float64)
            try:
                return cls(**settings).double()
            finally:
                torch.set_default_dtype(default)

        yield make


def _inputs(model: Any) -> list[Any] | None:
    """Return inputs that the first layer takes; None where there is no known layer."""
    rng = np.random.default_rng(8)
    shapes: list[tuple[int, ...]] = []
    for layer in model.modules():
        kind = type(layer).__name__
        if kind == "Linear":
            shapes = [(5, layer.in_features), (2, 3, layer.in_features)]
        elif kind in ("Conv1d", "Conv2d"):
            sides = (12, 28, 32, 16, 64)
            dimensions = int(kind[4])
            shapes = [(2, layer.in_channels, *[side] * dimensions) for side in sides]
        elif kind == "Embedding":
            labels = rng.integers(0, layer.num_embeddings, size=(5, 4))
            return [labels, labels[:, 0]]
        elif kind in ("RNN", "LSTM", "GRU"):
            shapes = [(5, 4, layer.input_size)]
        elif kind in ("BatchNorm1d", "BatchNorm2d"):
            rest = (6, 6) if kind.endswith("2d") else ()
            shapes = [(5, layer.num_features, *rest)]
        elif kind == "LayerNorm":
            shapes = [(5, *layer.normalized_shape)]
        if shapes:
            break
    if not shapes:
        matrices = [tuple(p.shape) for p in model.parameters() if p.ndim == 2]
        shapes = [(5, size) for shape in matrices for size in shape]
    if not shapes:
        return None
    # A module may flatten images before its first linear layer.
    side = int(np.sqrt(shapes[0][-1]))
    if len(shapes[0]) == 2 and side > 1 and side * side == shapes[0][-1]:
        shapes.append((5, 1, side, side))
    return [rng.normal(size=shape) for shape in shapes]


def _outputs(model: Any, inputs: list[Any]) -> list[Any]:
    """Return the outputs of a training pass; dropout drops the same units each time."""
    loaded_torch().manual_seed(0)
    return tensors_of(model(*(_copied(value) for value in inputs)))


def _copied(value: Any) -> Any:
    return value.clone() if isinstance(value, loaded_torch().Tensor) else value


def _compared(
    model: Any, inputs: list[Any], outputs: list[Any], source: Source
) -> list[dict[str, Any]] | None:
    torch = loaded_torch()
    rng = np.random.default_rng(11)
    douts = [torch.tensor(rng.normal(size=tuple(y.shape))) for y in outputs]
    parameters = {name: p for name, p in model.named_parameters() if p.requires_grad}
    if not parameters:
        return None

    def total() -> float:
        with torch.no_grad():
            found = _outputs(model, inputs)
            return float(sum((d * y).sum() for d, y in zip(douts, found, strict=True)))

    def run_backward() -> None:
        model.zero_grad()
        found = _outputs(model, inputs)
        value = sum((d * y).sum() for d, y in zip(douts, found, strict=True))
        if value.requires_grad:
            value.backward()

    try:
        seeded(run_backward)
    except FailedError as error:
        if re.search(_IN_PLACE, str(error)):
            return [_in_place(model, source, error)]
        raise
    findings = []
    for name, parameter in parameters.items():
        entries = _entries(parameter)
        flat = parameter.data.view(-1)
        values = flat[entries].numpy().copy()

        def put(index: Any, value: float, flat: Any = flat, entries: Any = entries) -> None:
            flat[entries[index[0]]] = value

        numeric = seeded(numeric_gradient, total, values, put, seconds=6.0)
        gradient = None if parameter.grad is None else parameter.grad.reshape(-1)[entries].numpy()
        # Rounding gives differences of about 1e-10 where the derivative is exactly 0.
        largest = np.nanmax(np.abs(numeric), initial=0.0)
        if largest < _ZERO and (gradient is None or np.abs(gradient).max() < _ZERO):
            continue
        if gradient is not None and (same(gradient, numeric) or np.isnan(numeric).all()):
            continue
        findings.append(_finding(model, name, parameter, gradient, numeric, entries, source))
    return findings[:1] if not findings else [_joined(findings)]


def _entries(parameter: Any) -> Any:
    """Return which entries of a parameter are compared: all, or some at random."""
    size = parameter.numel()
    rng = np.random.default_rng(size)
    chosen = rng.choice(size, size=min(size, _MOST_ENTRIES), replace=False)
    return loaded_torch().tensor(np.sort(chosen))


def _finding(
    model: Any,
    name: str,
    parameter: Any,
    gradient: Any,
    numeric: Any,
    entries: Any,
    source: Source,
) -> dict[str, Any]:
    missing = gradient is None or not np.any(gradient)
    first = first_wrong(np.zeros(len(numeric)) if gradient is None else gradient, numeric)
    if first:
        place = int(entries[first["entry"][0]])
        first["entry"] = [int(i) for i in np.unravel_index(place, tuple(parameter.shape))]
    line = _line(model, source, _CUTS)
    words = (
        f"{name} has {'no' if gradient is None else 'a zero'} gradient, although the output "
        "depends on it: forward computes a value outside autograd"
        if missing
        else f"autograd's gradient of {name} is not the derivative of the output: forward "
        "computes a part of it outside autograd"
    )
    return {
        "mistake": "graph-cut",
        "where": f"{type(model).__name__}.forward",
        "parameter": name,
        "line": line,
        "text": f"{words} (detach, .data, no_grad, item, numpy, or a new tensor).",
        **first,
    }


def _joined(findings: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the first finding, with the names of the other parameters that it is true of."""
    others = [str(finding["parameter"]) for finding in findings[1:]]
    more = f" The same holds for {', '.join(others[:6])}." if others else ""
    return {**findings[0], "text": findings[0]["text"] + more}


def _in_place(model: Any, source: Source, error: FailedError) -> dict[str, Any]:
    words = str(error).split(" Hint:")[0].rstrip(".")
    return {
        "mistake": "in-place-change",
        "where": f"{type(model).__name__}.forward",
        "line": _line(model, source, r"\w_\(|[-+*/]=|\] ?=[^=]|inplace=True"),
        "text": f"A value that the backward pass needs is changed in place: {words}.",
    }


def _line(model: Any, source: Source, pattern: str) -> int | None:
    """Return the first line of forward with a pattern, or else where forward begins."""
    node = source.node_of(type(model).forward)
    if node is None:
        return None
    found = source.line_matching(pattern, node.lineno)
    return found if found is not None and found <= node.end_lineno else int(node.lineno)
