"""Code that trains with a student's network where the file itself does not."""

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any

from rosenblatt.check.functions.functions import functions_of
from rosenblatt.check.functions.makers import classes_of
from rosenblatt.check.optimizers.names import setting_of
from rosenblatt.check.source.calls import arguments, plain, required
from rosenblatt.check.source.roles import is_target
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import (
    BACKWARDS,
    FORWARDS,
    HIDDEN,
    INPUTS,
    OUTPUTS,
    SAMPLES,
    TARGETS,
    TRAININGS,
    UPDATES,
    WANTED,
)

_DATA = """
import numpy as __np
__rng = __np.random.RandomState(3)
X_all = __rng.randn({n}, {d})
labels_all = __np.arange({n}) % {c}
__np.random.seed(0)
"""
_PAIRS = ("pairs", "column pairs")
"""Kinds of data: a list of (sample, one-hot target), as rows or as columns."""

_LABELS = ("hot", "binary", "labels", "flat")
"""Kinds of targets of all samples: rows of one 1, 0 and 1 in a column, whole numbers, numbers."""

_TWO_CLASSES = ("binary", "flat", "signs")
"""Kinds of data with two classes: 0 and 1, in a column or not, or -1 and 1."""

_SIGNS = re.compile(
    r"where\([^\n]*, *\+?1(\.0?)?, *-1(\.0?)?\)|\belse -1\b|return (np|numpy)\.sign\("
)
"""Code that gives a class as 1 or -1."""

_STEPS = re.compile(
    r"where\([^\n]*[<>][^\n]*, *1(\.0?)?, *0(\.0?)?\)|\b1(\.0?)? if [^\n]*[<>][^\n]* else 0\b"
    r"|[<>]=? *0(\.\d*)?\)\.astype\((int|float)"
)
"""Code that gives a class as 1 or 0: there is no third one."""

_MANY = re.compile(r"argmax|softmax")
"""Code of more classes than two."""

_BATCHES = ("batch", "minibatch")
_GENERATORS = r"^(rng|rs|generator|random)$"
_SETTINGS = (
    (r"seed|state", "0"),
    (_GENERATORS, "__np.random.default_rng(0)"),
    (r"plot|graph|draw", "False"),
    (r"verb|print|debug|every|interval", "1"),
    (r"momentum|beta\d?$|gamma", "0.9"),
    (r"^l2|lambd|^lam$|^reg|penalty", "0.01"),
    (r"^tol|eps(ilon)?$", "1e-9"),
)
"""Texts of usual settings of a training, by their plain names."""

_FIT = rf"({TRAININGS})\w{{0,5}}"
_FORWARD = (
    r"^forward|^feed_?forward|^predict_?proba|^model_forward|^fwd|_forward$|^network$|^net$"
    rf"|(^|_)({FORWARDS})(_|$)"
)
_BACKWARD = (
    r"^backward|^back_?prop|^bwd|^grads?$|gradients?$|_backward$|^loss_and_grad"
    rf"|(^|_)({BACKWARDS})(_|$)"
)
_DATA_NAME = (
    r"x\w*|inputs?|(train(ing)?)?(data|set|dataset|samples|examples|pairs)|features|batchx?"
)


def drivers(
    module: dict[str, Any], columns: bool, layers: list[str], source: Source
) -> list[tuple[str | None, str]]:
    """Return lines of code to try after the file, the likeliest first.

    Each comes with the class that it trains, None for functions. Classes in ``layers`` have right
    gradients as layers, and a backward pass that takes no targets.
    """
    result: list[tuple[str | None, str]] = []
    for cls in classes_of(module):
        # Other labels would be wrong ones.
        signs = _gives(cls, source, _SIGNS)
        usual: tuple[str, ...] = ("signs",) if signs else _LABELS
        if not signs and _gives(cls, source, _STEPS) and not _gives(cls, source, _MANY):
            usual = ("binary", "flat", "hot")
        for kind in (*usual, *_PAIRS):
            text = _for_class(cls, kind, columns, cls.__name__ in layers, source)
            if text is not None:
                result.append((cls.__name__, text))
        if cls.__name__ not in layers and not signs:
            result += [(cls.__name__, text) for text in _one_by_one(cls, source)]
    functions = functions_of(module)
    for kind in _LABELS:
        text = _for_functions(functions, kind, columns)
        if text is not None:
            result.append((None, text))
    return result


def _gives(cls: Any, source: Source, pattern: re.Pattern[str]) -> bool:
    """Return whether the code of a class, or of one that it is derived from, has a pattern."""
    names = {base.__name__ for base in cls.__mro__}
    return any(
        isinstance(node, ast.ClassDef) and node.name in names and pattern.search(ast.unparse(node))
        for node in source.tree.body
    )


def text_of_data(kind: str, columns: bool, n: int = 6, d: int = 4) -> str:
    """Return the text of made-up samples and targets of a kind, in rows or in columns."""
    c = 2 if kind in _TWO_CLASSES else 3
    text = _DATA.format(n=n, d=d, c=c)
    turn = ".T.copy()" if columns else ""
    text += f"X_data = X_all{turn}\n"
    text += {
        "hot": f"y_data = __np.eye(3)[labels_all]{turn}\n",
        "binary": f"y_data = labels_all.reshape(-1, 1).astype(float){turn}\n",
        "labels": "y_data = labels_all\n",
        "flat": "y_data = labels_all.astype(float)\n",
        "signs": "y_data = 2.0 * labels_all - 1\n",
        "pairs": "pairs_data = list(zip(X_all, __np.eye(3)[labels_all]))\n",
        "column pairs": "pairs_data = [(__x.reshape(-1, 1), __y.reshape(-1, 1)) "
        "for __x, __y in zip(X_all, __np.eye(3)[labels_all])]\n",
    }[kind]
    return text


def text_of_argument(name: str, kind: str, place: int, d: int = 4) -> str:
    """Return the text of a value for an argument of a constructor."""
    p = plain(name)
    c = 1 if kind in _TWO_CLASSES else 3
    if re.search(r"lr|rate|eta|alpha|step", p) or setting_of(name) == "lr":
        return "0.1"
    if re.search(r"seed|state", p):
        return "0"
    if re.search(_GENERATORS, p):
        return "__np.random.default_rng(0)"
    if re.search(r"epoch|iter|steps", p):
        return "4"
    if "batch" in p:
        return "3"
    if re.search(r"layers|sizes|dims|shape|arch|structure|topology|units$", p) and ("hid" not in p):
        return f"[{d}, 5, {c}]"
    if re.search(r"momentum|beta|gamma", p):
        return "0.9"
    if re.search(HIDDEN, name.lower()) or p in ("h", "nh", "m"):
        return "5"
    if re.search(rf"{OUTPUTS}|class|^c$|^k$|^no$", name.lower()):
        return f"{c}"
    if re.search(rf"in|{INPUTS}|feat|^d$|dim", name.lower()):
        return f"{d}"
    return [f"{d}", "5", f"{c}"][min(place, 2)]


def _method(cls: Any, *patterns: str) -> Any:
    for pattern in patterns:
        for name in vars(cls):
            if re.fullmatch(pattern, plain(name)) and callable(getattr(cls, name)):
                return name
    return None


def is_wanted(name: str) -> bool:
    """Return whether an argument seems to take targets, in several languages."""
    return is_target(name) or re.search(f"{TARGETS}|{WANTED}", name.lower()) is not None


def _is_data(name: str) -> bool:
    """Return whether an argument seems to take samples, in several languages."""
    words = re.match(rf"({INPUTS}|({SAMPLES})(_|$))", name.lower())
    return words is not None or re.fullmatch(_DATA_NAME, plain(name)) is not None


def text_of_call(call: Any, known: dict[str, str]) -> str | None:
    """Return the text of a call's arguments, from what is known by name; None: unknown ones."""
    parts = []
    takes_gradients = any("grad" in plain(name) for name in required(call))
    for name in required(call):
        if name == "self":
            continue
        p = plain(name)
        value = None
        if p in known:
            value = known[p]
        elif is_wanted(name):
            value = known.get("target")
        elif _is_data(name) or (p in _BATCHES and "pairs" in known):
            value = known.get("pairs", known.get("x"))
        elif re.search(r"lr|rate|eta|alpha|step", p) or setting_of(name) == "lr":
            value = "0.1"
        elif re.search(r"epoch|iter", p):
            value = "4"
        elif re.search(r"batch", p):
            value = "3"
        elif setting := next((v for pattern, v in _SETTINGS if re.search(pattern, p)), None):
            value = setting
        elif re.search(r"cache|activ|mem|store", p):
            value = known.get("cache")
        elif re.search(r"^par|weights|^w$|model|theta", p):
            value = known.get("params")
        elif re.search(r"grad", p):
            value = known.get("grads")
        elif p == "p" and ("out" not in known or takes_gradients):
            value = known.get("params")
        elif re.search(r"out|pred|^a(\d|l)?$|yhat|probs?|^p$", p):
            value = known.get("out")
        elif re.search(r"dout|delta|err|^d", p):
            value = known.get("dout")
        elif re.search(r"hid|^h$", p):
            value = "5"
        if value is None:
            return None
        parts.append(f"{name}={value}")
    return ", ".join(parts)


def _for_class(cls: Any, kind: str, columns: bool, is_layer: bool, source: Source) -> str | None:
    fit = _method(cls, "fit", "train", "trainmodel", "trainnetwork", "learn", "sgd", _FIT)
    forward = _method(cls, rf"({FORWARDS})(pass|prop)?", "call")
    update = _method(
        cls,
        "update|step|updateparams|updateweights|updateparameters|applygradients|trainstep|trainonbatch|optimize|gradientdescent",
        rf"({UPDATES})\w{{0,4}}",
    )
    backward = _method(cls, "backward", "backprop", rf"({BACKWARDS})(pass|prop)?")
    text = text_of_data(kind, columns) + f"__net = {cls.__name__}({_constructor(cls, kind)})\n"
    if kind in _PAIRS:
        return _with_pairs(cls, fit, text)
    known = {"x": "X_data", "target": "y_data"}
    if fit is not None:
        function = getattr(cls, fit)
        if len([n for n in required(function) if n != "self"]) == 1:
            return text + f"__net.{fit}(list(zip(X_data, y_data)))\n"
        call = text_of_call(function, known)
        if call is None:
            return None
        call = f"__net.{fit}({', '.join([part for part in [call, *_passes(function)] if part])})\n"
        given = [*arguments(cls), *arguments(function)]
        has_passes = any(re.search(r"epoch|iter|steps", plain(name)) for name in given)
        if has_passes or _starts_anew(source.node_of(function)):
            return text + call
        return f"{text}for __i in range(4):\n    {call}"
    results = _results(source.node_of(getattr(cls, forward))) if forward else {}
    taken = required(getattr(cls, update)) if update else []
    if update and is_step(getattr(cls, update)) and results.keys().isdisjoint(map(plain, taken)):
        call = text_of_call(getattr(cls, update), known)
        if call is not None:
            return text + f"for __i in range(4):\n    __net.{update}({call})\n"
    first = backward or update
    if forward is None or first is None or is_layer:
        return None
    takes = [n for n in required(getattr(cls, first)) if n != "self"]
    if takes and not any(is_wanted(n) for n in takes):
        return None
    calls = [("__out", forward, known)]
    calls += [("__grads", backward, results | known)] if backward else []
    calls += [("__new", update, results | known | {"grads": "__grads"})] if update else []
    lines = []
    for result, name, names in calls:
        call = text_of_call(getattr(cls, name), names)
        if call is None:
            return None
        lines.append(f"    {result} = __net.{name}({call})\n")
    return f"{text}for __i in range(4):\n{''.join(lines)}"


def _passes(function: Any) -> list[str]:
    """Return texts of those arguments with a default that tell how long a training is."""
    result = []
    for name, parameter in inspect.signature(function).parameters.items():
        given = parameter.default
        if given is parameter.empty:
            continue
        if re.fullmatch("epochs?|niters?|iterations", plain(name)):
            result.append(f"{name}=4")
        elif isinstance(given, int) and re.fullmatch(r"step|\w*every|\w*interval", plain(name)):
            # A report after more passes than there are may be refused.
            result.append(f"{name}=2")
    return result


def _results(forward: Any) -> dict[str, str]:
    """Return what a forward pass returns, kept in ``__out``, by the names that its code has for it.

    ``return A1, A2`` gives ``a1`` and ``a2``. The output is the last one that is no cache.
    """
    returned = [p.value for p in ast.walk(forward or ast.Pass()) if isinstance(p, ast.Return)]
    value = returned[-1] if returned else None
    several = isinstance(value, ast.Tuple)
    result: dict[str, str] = {"out": "__out", "cache": "__out"}
    for i, part in enumerate(value.elts if isinstance(value, ast.Tuple) else [value]):
        text = f"__out[{i}]" if several else "__out"
        name = plain(getattr(part, "attr", getattr(part, "id", "")))
        if isinstance(part, ast.Dict) or re.search("cache|activations|mem|store", name):
            result["cache"] = text
        else:
            result["out"] = text
        if name and not _is_data(name):
            result[name] = text
    return result


def _starts_anew(node: Any) -> bool:
    """Return whether a training makes the parameters that it changes: twice is no longer one."""
    if node is None:
        return False
    made = {ast.unparse(t) for s in node.body if isinstance(s, ast.Assign) for t in s.targets}
    loops = [s for s in node.body if isinstance(s, ast.For | ast.While)]
    changed = {
        ast.unparse(target)
        for loop in loops
        for part in ast.walk(loop)
        if isinstance(part, ast.Assign | ast.AugAssign)
        for target in (part.targets if isinstance(part, ast.Assign) else [part.target])
    }
    return any(name.startswith("self.") for name in made & changed)


_EACH = {
    "row": ("hot", "__x, __y in zip(X_all, __np.eye(3)[labels_all])"),
    "column": (
        "hot",
        "__x, __y in zip(X_all[:, :, None], __np.eye(3)[labels_all][:, :, None])",
    ),
    "row of one unit": ("flat", "__x, __y in zip(X_all, labels_all.astype(float))"),
    "numbers": ("flat", "__x, __y in zip(X_all.tolist(), labels_all.astype(float))"),
}
"""Kinds of one sample, with the kind of its target and the text of a loop over all."""

_FASTER = """
for __k, __v in list(vars(__net).items()):
    if isinstance(__v, float) and 0 < __v < 0.1 and __k.strip("_") in (
        "lr", "eta", "alpha", "rate", "learning_rate", "learn_rate", "l_rate", "step_size"
    ):
        setattr(__net, __k, 0.1)
"""
"""Code that makes the steps of a training long enough to see in which order they are done."""


def _one_by_one(cls: Any, source: Source) -> Iterator[str]:
    """Yield code that trains a class with one sample at a time."""
    train = _method(cls, "fit", "train", "learn", rf"({TRAININGS})\w{{0,5}}")
    forward = _method(cls, rf"({FORWARDS})(pass|prop)?", "call", "predict")
    backward = _method(cls, "backward", "backprop", rf"({BACKWARDS})(pass|prop)?")
    # What has a loop takes all samples.
    methods = [[train]] if train and not _has_loop(source.node_of(getattr(cls, train))) else []
    methods += [[forward, backward]] if forward and backward else []
    several = rf"{OUTPUTS}|class|layer|size|shape|dim|arch|struct|topol"
    has_outputs = any(re.search(several, name.lower()) for name in required(cls))
    for names in methods:
        last = [n for n in required(getattr(cls, names[-1])) if n != "self"]
        for kind, (data, loop) in _EACH.items() if any(map(is_wanted, last)) else ():
            numbers = [n for n in required(getattr(cls, names[0])) if re.fullmatch(r"[a-z]+\d", n)]
            if (data == "hot") != has_outputs or (kind == "numbers") != (len(numbers) > 1):
                continue
            known = {"x": "__x", "target": "__y"}
            known |= {name: f"__x[{i}]" for i, name in enumerate(numbers) if len(numbers) > 1}
            calls = []
            for name in names:
                call = text_of_call(getattr(cls, name), known)
                calls.append(f"__out = __net.{name}({call})" if call else None)
                known = {**known, "out": "__out", "cache": "__out"}
            if None not in calls:
                body = "".join(f"        {call}\n" for call in calls)
                made = f"__net = {cls.__name__}({_constructor(cls, data)})\n{_FASTER}"
                lines = f"for __i in range(4):\n    for {loop}:\n{body}"
                yield f"{text_of_data(data, False)}{made}{lines}"


def _has_loop(node: Any) -> bool:
    """Return whether a function has a loop."""
    return any(isinstance(part, ast.For | ast.While) for part in ast.walk(node)) if node else True


def _constructor(cls: Any, kind: str) -> str:
    """Return the text of the arguments of a class."""
    return ", ".join(
        f"{name}={text_of_argument(name, kind, i)}" for i, name in enumerate(required(cls))
    )


def _with_pairs(cls: Any, fit: str | None, text: str) -> str | None:
    """Return code that trains with a list of pairs; None for a class that takes none."""
    whole = fit or _method(cls, r"\w+(learn|train|fit|sgd|descent)")
    batch = _method(cls, r"(update|train|process|learn|fit)(on)?(mini)?batch")
    for method, times in ((whole, 1), (batch, 4)):
        function = getattr(cls, method) if method else None
        names = [n for n in required(function) if n != "self"] if function else []
        if len(names) < 2 or any(is_target(n) for n in names):
            continue
        call = text_of_call(function, {"pairs": "pairs_data"})
        if call is not None and "pairs_data" in call:
            return f"{text}for __i in range({times}):\n    __net.{method}({call})\n"
    return None


def is_step(function: Any) -> bool:
    """Return whether a method takes samples and targets."""
    names = required(function)
    return any(is_target(n) for n in names) and any(
        re.fullmatch(r"x\w*|inputs?|data", plain(n)) for n in names
    )


def _pick(functions: dict[str, Any], pattern: str) -> Any:
    for name in functions:
        if re.search(pattern, name.lower()):
            return name
    return None


def _pass(
    functions: dict[str, Any], pattern: str, known: dict[str, str], needed: tuple[str, ...]
) -> tuple[str | None, str | None]:
    """Return a function of a whole network's pass, and the text of its arguments.

    Of several, it is the first that takes all that is needed: others are passes of one layer.
    """
    calls = [
        (name, text)
        for name, function in functions.items()
        if re.search(pattern, name.lower()) and (text := text_of_call(function, known)) is not None
    ]
    whole = [call for call in calls if all(part in call[1] for part in needed)]
    return next(iter([*whole, *calls]), (None, None))


def _for_functions(functions: dict[str, Any], kind: str, columns: bool) -> str | None:
    text = text_of_data(kind, columns)
    base = {"x": "X_data", "target": "y_data"}
    names = {
        "nx": "4",
        "nh": "5",
        "ny": "3" if kind in ("hot", "labels") else "1",
    }
    train = _pick(
        functions,
        r"^(train|fit|model|nn_model|run_training|train_\w+|gradient_descent|l_layer_model)$",
    )
    init = _pick(functions, r"init")
    update = _pick(functions, r"update|^step|^sgd|apply") or _pick(functions, rf"^({UPDATES})")
    params = None
    if init is not None:
        values = []
        for i, name in enumerate(required(functions[init])):
            values.append(names.get(plain(name)) or text_of_argument(name, kind, i))
        text += f"__params = {init}({', '.join(values)})\n"
        params = "__params"
    if train is not None:
        known = {**base, "params": params} if params else dict(base)
        call = text_of_call(functions[train], {k: v for k, v in known.items() if v})
        if call is not None:
            return text + f"{train}({call})\n"
    if not (params and update):
        return None
    known = {**base, "params": "__params"}
    after = {**known, "out": "__out", "cache": "__cache", "grads": "__grads"}
    forward, forward_call = _pass(functions, _FORWARD, known, ("X_data", "__params"))
    backward, backward_call = _pass(functions, _BACKWARD, after, ("y_data",))
    update_call = text_of_call(functions[update], after)
    if forward is None or backward is None or update_call is None:
        return None
    return text + (
        "for __i in range(4):\n"
        f"    __res = {forward}({forward_call})\n"
        "    __out, __cache = __res if isinstance(__res, tuple) and len(__res) == 2 else "
        "(__res, __res)\n"
        f"    __grads = {backward}({backward_call})\n"
        f"    __new = {update}({update_call})\n"
        "    __params = __new if __new is not None else __params\n"
    )
