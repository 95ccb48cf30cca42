"""Arguments for a student's constructors and functions, guessed from names and tried."""

import inspect
import itertools
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

N, D, H = 5, 4, 3
"""Samples, inputs and outputs of the layers that are checked; different, so that shapes tell."""


def required(call: Any) -> list[str]:
    """Return the names of the arguments without a default."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (ValueError, TypeError):
        return []
    return [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]


def arguments(call: Any) -> list[str]:
    """Return the names of all arguments."""
    try:
        parameters = inspect.signature(call).parameters.values()
    except (ValueError, TypeError):
        return []
    return [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def plain(name: str) -> str:
    """Return a name in lower case without signs."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


_TRAINING = (
    r"trein(o|ando|amento)|entren(a|ar|ando|amiento)|entra\w*nement|apprentissage|addestra\w*"
    r"|allena\w*|trening|treniruj\w*|uczenie|lern(en|phase)|egitim|eitim|obuch\w*|tr\w?ning"
    r"|opplring|koulut\w*|tanit\w*|trenuj\w*|xunlian"
)
"""Words for training in other languages, without their accents."""


def in_training(name: str) -> bool | None:
    """Return what an argument for the mode is in training; None for another argument.

    >>> in_training("is_train"), in_training("treino"), in_training("testing"), in_training("x")
    (True, True, False, None)
    """
    p = plain(name)
    if re.fullmatch(rf"(is)?train(ing|mode|fl(a)?g)?|{_TRAINING}", p):
        return True
    return False if re.fullmatch(r"(is)?(test(ing)?|eval|inference|deterministic)", p) else None


def constructor_values(name: str, place: int, module: dict[str, Any]) -> list[Any]:
    """Return values to try for an argument of a constructor, the likeliest first."""
    p = plain(name)
    rng = np.random.default_rng(1)
    if p in ("w", "weight", "weights", "kernel", "theta"):
        return [0.5 * rng.normal(size=shape) for shape in ((D, H), (H, D))]
    if p in ("b", "bias", "biases"):
        return [0.5 * rng.normal(size=shape) for shape in ((H,), (1, H), (H, 1))]
    if re.search(r"lr|rate$|eta$|alpha|step", p) and "drop" not in p:
        return [0.1]
    if p in ("p", "rate", "prob", "keep", "ratio") or re.search(r"drop|keep|prob", p):
        return [0.3]
    if "momentum" in p or p in ("mu", "beta", "beta1", "gamma"):
        return [0.9]
    if "seed" in p or "randomstate" in p:
        return [0]
    if p in ("rng", "rs", "random", "gen", "generator"):
        return [np.random.default_rng(0)]
    if re.search(r"epoch|iter", p):
        return [3]
    if place and re.search(r"strid|^pas$|^passo$|^paso$|schritt", p):
        return [1]
    if place and re.search(r"^pad|padding|^marg|^rand$|^bord|^relleno", p):
        return [1]
    if p in ("inputshape", "inshape", "imageshape"):
        return [D, (D, 4, 6), (4, 6, D)]
    if place == 0 and re.fullmatch(r"k|ks|(kernel|k|filter|pool|window)size|window|pool", p):
        # Smaller than the input, so that the layer has several positions.
        return [2]
    if "batch" in p:
        return [4]
    if p in ("layers", "sizes", "dims", "layersizes", "layerdims", "architecture", "shape", "arch"):
        return [[D, 6, H], (D, H)]
    if re.search(r"init(ializ)?\w*$", p) and (made := _functions(module, "init")):
        return made
    if re.search(r"activation|nonlin|^act", p):
        names = ["sigmoid", "tanh", "relu"]
        return [*names, *(v for k, v in module.items() if plain(k) in names)]
    if re.search(r"hidden|nh|hid", p):
        return [6, [6]]
    if re.search(r"out|classes|units|neurons|nodes|fanout|^h$|^m$", p) and not p.startswith("in"):
        return [H]
    if re.search(r"in|feat|fan|^d$|^n$|dim", p):
        return [D if place == 0 else H]
    return [D if place == 0 else H, [D, H], 0.5, "sigmoid"]


def _functions(module: dict[str, Any], word: str) -> list[Any]:
    """Return the functions of a file with a word in their name."""
    return [v for k, v in module.items() if word in k.lower() and inspect.isfunction(v)]


def _slope_pairs(names: list[str], module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a function of the file and its derivative for a pair of arguments such as f, f_prime.

    The derivative has the name of its function in its own.
    """
    for first, second in itertools.permutations(names, 2):
        if not (plain(second) != plain(first) and plain(first) in plain(second)):
            continue
        for one, other in itertools.permutations(_functions(module, ""), 2):
            name = plain(other.__name__)
            if plain(one.__name__) in name and len(required(one)) == len(required(other)) == 1:
                yield {first: one, second: other}


def constructions(cls: Any, module: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield keyword arguments for a class, the likeliest first."""
    names = required(cls)
    choices = [constructor_values(name, i, module) for i, name in enumerate(names)]
    for pair in itertools.islice(_slope_pairs(names, module), 2):
        yield {n: pair.get(n, values[0]) for n, values in zip(names, choices, strict=True)}
    for values in itertools.islice(itertools.product(*choices), 12):
        yield dict(zip(names, values, strict=True))
