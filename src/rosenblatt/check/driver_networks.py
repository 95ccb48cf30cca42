"""Code that trains a network whose layers and whose loss are given to it."""

import itertools
import re
from typing import Any

from rosenblatt.check.driver import is_step, text_of_argument, text_of_call, text_of_data
from rosenblatt.check.functions.functions import functions_of
from rosenblatt.check.functions.makers import classes_of
from rosenblatt.check.functions.pair_names import function_pairs
from rosenblatt.check.source.calls import plain, required
from rosenblatt.check.source.roles import is_target
from rosenblatt.check.source.subjects import Facts
from rosenblatt.check.source.words import ADDS, LOSSES

_LAYERS = (
    r"layers?$|^modules?$|^(parts|blocks|stack)$|schicht|couches|capas|camadas|strati|^lagen?$"
    r"|warstw|katman|vrstv|sloje|reteg|lager$"
)
_CRITERION = re.compile(rf"{LOSSES}|criteri|kriter", re.I)
_SLOPE = re.compile(r"prime|deriv|grad|ableit|^d_?loss|back", re.I)


def network_drivers(
    module: dict[str, Any], columns: bool, facts: Facts
) -> list[tuple[str | None, str]]:
    """Return lines of code to try after the file, each with the class that it trains."""
    result: list[tuple[str | None, str]] = []
    stacks = list(_stacks(module, facts))
    losses = _losses(module, facts)
    for cls in classes_of(module):
        for kind, layers, loss in itertools.product(("hot", "labels"), stacks, losses):
            text = _training(cls, kind, layers, loss, columns)
            if text is not None:
                result.append((cls.__name__, text))
    return result


def _stacks(module: dict[str, Any], facts: Facts) -> list[str]:
    """Return texts of lists of layers of which a small network is made."""
    dense = [type(kept.made).__name__ for kept in facts.layers]
    dense = [name for name in dense if len(required(module.get(name))) == 2]
    simple = [
        name
        for name in facts.right_layers
        if name not in dense and not required(module.get(name)) and name in module
    ]
    ends = [name for name in simple if "softmax" in name.lower()]
    slopes = [n for n in simple if n not in ends and not re.search("drop|flat|ident", n.lower())]
    if not dense:
        return []
    middle = f", {slopes[0]}()" if slopes else ""
    body = f"{dense[0]}(4, 5){middle}, {dense[0]}(5, 3)"
    return [*(f"[{body}, {name}()]" for name in ends[:1]), f"[{body}]"]


def _losses(module: dict[str, Any], facts: Facts) -> list[tuple[str, str]]:
    """Return (loss, its gradient) as texts; of a class, the gradient is ""."""
    functions = functions_of(module)
    pairs = [
        pair
        for pair in function_pairs(functions)
        if len(required(functions[pair[0]])) == 2 and _CRITERION.search(pair[0])
    ]
    return [*((f"{name}()", "") for name in facts.right_losses), *pairs]


def _training(cls: Any, kind: str, layers: str, loss: tuple[str, str], columns: bool) -> str | None:
    """Return code that makes a network and trains it; None for a class that takes no layers."""
    made = _given(cls, kind, layers, loss)
    if made is None:
        return None
    text, is_holding = (
        text_of_data(kind, columns) + f"__net = {cls.__name__}({made})\n",
        layers in made,
    )
    for name in vars(cls):
        takes = [n for n in required(getattr(cls, name)) if n != "self"]
        if not is_holding and re.match(ADDS, name.lower()) and len(takes) == 1:
            text += f"for __layer in {layers}:\n    __net.{name}(__layer)\n"
            is_holding = True
        elif name != "__init__" and takes and all(map(_CRITERION.search, takes)):
            text += f"__net.{name}({_given(getattr(cls, name), kind, layers, loss)})\n"
    steps = [name for name in vars(cls) if name[:2] != "__" and is_step(getattr(cls, name))]
    for name in steps if is_holding else ():
        function = getattr(cls, name)
        call = text_of_call(function, {"x": "X_data", "target": "y_data"})
        if call is not None and re.search(r"lr|rate|eta|alpha|step|epoch", call):
            times = 1 if re.search(r"epoch|iter", plain(call)) else 4
            return f"{text}for __i in range({times}):\n    __net.{name}({call})\n"
    return None


def _given(function: Any, kind: str, layers: str, loss: tuple[str, str]) -> str | None:
    """Return the text of arguments: layers, a loss and its gradient, and settings."""
    values = []
    for place, name in enumerate(n for n in required(function) if n != "self"):
        p = plain(name)
        if re.search(_LAYERS, p):
            values.append(layers)
        elif _CRITERION.search(name):
            of_slope = bool(_SLOPE.search(name))
            if of_slope and not loss[1]:
                return None
            values.append(loss[int(of_slope)])
        elif is_target(name):
            return None
        else:
            values.append(text_of_argument(name, kind, place))
    return ", ".join(values)
