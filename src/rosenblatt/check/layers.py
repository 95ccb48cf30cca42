"""Layers: classes with a forward and a backward pass, and pairs of functions."""

import copy
import functools
import inspect
import itertools
import random
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from rosenblatt.check.calls import D, H, N, plain, required
from rosenblatt.check.compare import first_wrong, numeric_gradient, ratio, same
from rosenblatt.check.reference import (
    Net,
    changes,
    factor_name,
    recognize,
    softmax,
    through,
    wrong_slopes,
)
from rosenblatt.check.repair import repairs
from rosenblatt.check.sandbox import FailedError, attempt
from rosenblatt.check.source import Source
from rosenblatt.check.state import Leaf, flat, leaves

RATE = 0.1
_MOST_REPAIRS = 150


@dataclass
class Facts:
    """What the checks of a file found out, for decisions about the whole file."""

    averaged_layers: list[str] = field(default_factory=list)
    averaged_losses: list[str] = field(default_factory=list)
    summed_gradients: list[str] = field(default_factory=list)
    fused_losses: list[str] = field(default_factory=list)
    softmax_jacobian: list[str] = field(default_factory=list)
    softmax_identity: list[str] = field(default_factory=list)
    columns: bool = False
    networks: bool = False


@dataclass
class Subject:
    """A layer or loss to check: how to make one and how to call it."""

    where: str
    make: Callable[[], Any]
    forward: Callable[[Any, Any], Any]
    backward: Callable[[Any, Any, Any, Any], Any]
    forward_function: Any
    backward_function: Any
    source: Source
    name: str = ""


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


def check_layer(subject: Subject, facts: Facts) -> list[dict[str, Any]] | None:
    """Return the findings of a layer; None where it cannot be checked as one."""
    for x in probes(facts.columns):
        try:
            obj = seeded(subject.make)
            y = seeded(subject.forward, obj, copy.deepcopy(x))
            y = first_array(y)
            if y is None or (np.ndim(x) > 0 and y.ndim == 0) or not y.size:
                continue
            if np.ndim(x) == 2 and len(np.shape(y)) == 2 and N not in np.shape(y):
                continue
        except FailedError:
            continue
        findings = _check_at(subject, facts, x)
        if findings and findings[0]["mistake"] == "unexplained" and subject.name == "class":
            return _repaired(subject, facts, x, findings)
        return findings
    return None


def _repaired(
    subject: Subject, facts: Facts, x: Any, findings: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Name an unexplained mistake by the change of the code that repairs it."""
    function = subject.backward_function
    node = subject.source.node_of(function)
    cls = type(seeded(subject.make))
    original = vars(cls).get(getattr(function, "__name__", ""))
    if node is None or not inspect.isfunction(original):
        return findings
    obj = seeded(subject.make)
    with suppress(FailedError):
        seeded(subject.forward, obj, copy.deepcopy(x))
    changes_of = repairs(node, function, list(getattr(obj, "__dict__", {})))
    try:
        for mistake, line, changed in itertools.islice(changes_of, _MOST_REPAIRS):
            setattr(cls, original.__name__, changed)
            if _check_at(subject, facts, x) == []:
                first = {**findings[0], "mistake": mistake, "line": line}
                first["text"] = first["text"].replace(_reason("unexplained"), _reason(mistake))
                return [first, *findings[1:]]
    except FailedError:
        return findings
    finally:
        setattr(cls, original.__name__, original)
    return findings


def _check_at(subject: Subject, facts: Facts, x: Any) -> list[dict[str, Any]] | None:
    rng = np.random.default_rng(11)
    stale = copy.deepcopy(x)
    if isinstance(stale, np.ndarray):
        stale = stale[::-1].copy() * 0.7 + 0.1
    obj = seeded(subject.make)
    other = seeded(subject.make)
    # Random biases: zeros would hide their gradients.
    randomize(obj, rng)
    randomize(other, np.random.default_rng(3))
    before = {leaf.path: leaf.array for leaf in leaves(obj)}
    try:
        seeded(subject.forward, obj, copy.deepcopy(stale))
        returned = seeded(subject.forward, obj, copy.deepcopy(x))
        y = first_array(returned)
        again = first_array(seeded(subject.forward, copy.deepcopy(obj), copy.deepcopy(x)))
        np.random.seed(5)  # noqa: NPY002
        differing = first_array(attempt(subject.forward, copy.deepcopy(obj), copy.deepcopy(x)))
    except FailedError:
        return None
    if y is None or again is None:
        return None
    if not same(again, differing) or not same(y, again):
        return check_dropout(subject, x)
    overflow = _softmax_forward(subject, facts, obj, x, y)
    if overflow:
        return overflow
    dout = rng.normal(size=y.shape)
    kept = {leaf.path: leaf.array for leaf in leaves(obj)}
    worked = copy.deepcopy(obj)
    give = dout.copy() if not isinstance(x, list | float) else dout.tolist()
    try:
        seeded(subject.forward, other, copy.deepcopy(stale))
        result = seeded(subject.backward, obj, give, copy.deepcopy(x), returned)
    except FailedError as error:
        return _broken(subject, error)
    parameters = _parameters(worked, subject, x, y)
    analytic, names, changed = _analytic(
        obj, kept, parameters, result, x, rate_of(obj, subject), subject
    )
    numeric = _numeric(worked, subject, x, dout, parameters)
    if isinstance(x, np.ndarray) and analytic.get("x") is not None and not parameters:
        same_object = analytic["x"]
        if same_object.shape == y.shape and same(same_object, dout) and same(numeric["x"], dout):
            pass
    case = _Case(
        subject, facts, x, y, dout, kept, parameters, analytic, numeric, names, changed, obj
    )
    findings = case.findings()
    if not findings:
        findings = _accumulates(subject, x, give, parameters, worked)
    if not findings:
        findings = _wrong_weights(subject, before, parameters, facts)
    return findings


def randomize(obj: Any, rng: Any) -> None:
    """Give floating-point arrays that are all zero small random values."""
    for leaf in list(leaves(obj)):
        raw = leaf.raw
        name = plain(leaf.path)
        is_bias = re.search(r"b\d*$|bias\w*$|beta$", name) is not None
        if isinstance(raw, np.ndarray) and raw.dtype.kind == "f" and raw.size and not raw.any():
            if is_bias and not re.search(r"^(d|grad|g|v|m)|grad|vel|mom", name):
                raw[...] = rng.normal(size=raw.shape) * 0.5
        elif isinstance(raw, list) and is_bias and not re.search(r"^(d|grad)|grad", name):
            values = leaf.array
            if values is not None and values.dtype.kind == "f" and not values.any():
                leaf.fill(rng.normal(size=values.shape) * 0.5)


def _finding(
    subject: Subject, mistake: str, text: str, function: Any = None, names: Any = None, **more: Any
) -> dict[str, Any]:
    function = subject.backward_function if function is None else function
    suffix = getattr(function, "__name__", "")
    where = subject.where
    if "." not in where and suffix and where != suffix and subject.name == "class":
        where = f"{where}.{suffix}"
    line = subject.source.line_of_value(function, names or [])
    return {"mistake": mistake, "where": where, "text": text, "line": line, **more}


def _broken(subject: Subject, error: FailedError) -> list[dict[str, Any]] | None:
    words = str(error)
    if isinstance(error.cause, TypeError) and "argument" in words:
        return None
    if isinstance(error.cause, ValueError) and re.search("broadcast|shape|matmul|align", words):
        mistake = "transposed" if re.search("matmul|align|mismatch", words) else "broadcast"
        return [_finding(subject, mistake, f"backward raises {words}.")]
    return None


def _parameters(obj: Any, subject: Subject, x: Any, y: Any) -> dict[str, Leaf]:
    """Return the leaves that change the output, by path."""
    result = {}
    for leaf in list(leaves(obj)):
        array = leaf.array
        raw = leaf.raw
        if array is None or not array.size or isinstance(raw, bool | tuple):
            continue
        if isinstance(raw, int) or (
            isinstance(raw, float)
            and re.search(
                r"lr|rate|eps|alpha|slope|momentum|eta|scale|limit|std|gain|leak|lamb|decay",
                plain(leaf.path),
            )
        ):
            continue
        if (
            array.size == 1
            and np.ndim(x) > 0
            and not isinstance(raw, np.ndarray | list)
            and (not re.search(r"w|b", plain(leaf.path)))
        ):
            continue
        index = (0,) * array.ndim
        value = array[index]
        try:
            # The largest entry may be the only one that counts.
            moved = np.array(array) + 0.37
            leaf.fill(moved)
            with_change = first_array(seeded(subject.forward, obj, copy.deepcopy(x)))
            leaf.fill(array)
        except FailedError:
            leaf.fill(array)
            continue
        del value
        if with_change is not None and not same(with_change, y, 1e-9):
            current = leaf.array
            if current is not None and same(current, array, 1e-12):
                result[leaf.path] = leaf
    return result


def _last(path: str) -> str:
    words = re.findall(r"\w+", path)
    return words[-1] if words else ""


def _stem(path: str) -> str:
    """Return a name without what marks a gradient.

    >>> [_stem(name) for name in (".dW", ".grad_weight", ".grads['b']")]
    ['w', 'w', 'b']
    """
    p = plain(_last(path))
    p = re.sub(r"gradients?|grads?|nabla|delta|deriv(ative)?", "", p)
    p = re.sub(r"^(d|g)(?=[wb])", "", p)
    p = re.sub(r"weights?|kernel", "w", p)
    return re.sub(r"bias(es)?|intercept", "b", p)


def _is_gradient_name(path: str) -> bool:
    words = path.lower()
    return bool(re.search(r"grad|nabla|delta|\.d_?[a-z]|'d_?[a-z]|\"d|\.g[wb]|return", words))


def rate_of(obj: Any, subject: Subject) -> float:
    """Return the learning rate with which backward itself moves the weights."""
    names = ("lr", "learningrate", "eta", "alpha", "rate", "stepsize")
    try:
        given = inspect.signature(subject.backward_function).parameters.values()
    except (ValueError, TypeError):
        return RATE
    for parameter in given:
        if plain(parameter.name) in names:
            default = parameter.default
            return RATE if default is parameter.empty else float(default)
    for leaf in leaves(obj):
        if plain(_last(leaf.path)) in names and leaf.array.size == 1:
            return float(leaf.array) or RATE
    return RATE


def _analytic(
    obj: Any,
    kept: dict[str, Any],
    parameters: dict[str, Leaf],
    result: Any,
    x: Any,
    rate: float = RATE,
    subject: Subject | None = None,
) -> tuple[dict[str, Any], dict[str, str], bool]:
    """Return the student's gradients by parameter and "x"; their names; whether weights moved."""
    after = {leaf.path: leaf.array for leaf in leaves(obj)}
    returned = {}
    for path, value in flat(result).items():
        place = re.fullmatch(r"\[(\d+)\]", path)
        words = []
        if place and subject is not None:
            words = subject.source.returned_name(subject.backward_function, int(place[1]))
        returned[f"return{path}{''.join('.' + word for word in words)}"] = value
    analytic: dict[str, Any] = {}
    names: dict[str, str] = {}
    shape = np.shape(x)
    moved = {
        path
        for path in parameters
        if after.get(path) is not None and not np.array_equal(after[path], kept[path])
    }
    order = list(returned)
    for path in order:
        if returned[path].shape == shape and _stem(path) not in ("w", "b"):
            analytic["x"], names["x"] = returned[path], path
            break
    if "x" not in analytic and len(shape) == 2:
        for path in order:
            if returned[path].shape == shape[::-1] and _stem(path) not in ("w", "b"):
                analytic["x"], names["x"] = returned[path], path
                break
    if "x" not in analytic:
        for path, value in after.items():
            if (
                value is not None
                and value.shape == shape
                and re.search(r"d_?(x|inputs?|prev)|grad_?(in|x)|dinput|delta", path.lower())
            ):
                analytic["x"], names["x"] = value, path
    candidates = {**{p: v for p, v in after.items() if p not in parameters}, **returned}
    for path, leaf in parameters.items():
        if path in moved and after[path] is not None and after[path].shape == kept[path].shape:
            analytic[path] = (kept[path] - after[path]) / rate
            names[path] = path
            continue
        target = kept[path].shape
        stem = _stem(path)
        scored = []
        for other, value in candidates.items():
            if value is None or other == names.get("x"):
                continue
            fits = value.shape == target
            ending = plain(_last(other)).endswith(plain(_last(path)))
            like = _stem(other) == stem or (ending and _last(other) != _last(path))
            marked = _is_gradient_name(other)
            size = value.size == int(np.prod(target, dtype=int))
            turned = value.shape == target[::-1]
            changed = other not in kept or not np.array_equal(value, kept[other])
            if not marked and not (fits and changed):
                continue
            if not (fits or like or size):
                continue
            if other in kept and not marked and not changed:
                continue
            score = 8 * like + 4 * fits + 2 * (size or turned) + 2 * changed + marked
            if not like and not fits and not (size and other.startswith("return")):
                continue
            scored.append((score, other, value))
        if scored:
            _, other, value = max(scored, key=lambda entry: (entry[0], -len(entry[1])))
            analytic[path], names[path] = value, other
        del leaf
    return analytic, names, bool(moved)


def _numeric(
    obj: Any, subject: Subject, x: Any, dout: Any, parameters: dict[str, Leaf]
) -> dict[str, Any]:
    def total() -> float:
        y = first_array(seeded(subject.forward, obj, copy.deepcopy(held["x"])))
        return float((y * dout).sum())

    held = {"x": copy.deepcopy(x)}
    numeric: dict[str, Any] = {}
    try:
        for path, leaf in parameters.items():
            numeric[path] = numeric_gradient(total, leaf.array, leaf.put)
        array = np.asarray(x, dtype=float)
        numeric["x"] = numeric_gradient(total, array, Leaf(held, "x", "x").put)
    except (FailedError, TypeError, ValueError):
        pass
    return numeric


def _softmax_forward(
    subject: Subject, facts: Facts, obj: Any, x: Any, y: Any
) -> list[dict[str, Any]]:
    if np.shape(x) != y.shape or y.ndim == 0 or (y < 0).any() or not isinstance(x, np.ndarray):
        return []
    named = "softmax" in plain(subject.where)
    rows = bool(np.allclose(y.sum(axis=-1), 1))
    across = x.ndim == 2 and bool(np.allclose(y.sum(axis=0), 1))
    whole = x.ndim == 2 and bool(np.allclose(y.sum(), 1))
    function = subject.forward_function
    if not rows and (whole or (across and not facts.columns)):
        return [
            _finding(
                subject,
                "softmax-wrong-axis",
                "The probabilities of a sample do not add up to 1: the sum runs over "
                f"{'all numbers' if whole else 'the samples'}.",
                function,
                **first_wrong(y, softmax(x, -1)),
            )
        ]
    if rows and x.ndim == 2 and facts.columns and not across:
        return [
            _finding(
                subject,
                "softmax-wrong-axis",
                "Samples are columns here, and the sum runs over each row.",
                function,
                **first_wrong(y, softmax(x, 0)),
            )
        ]
    if named or ((rows or across or whole) and y.size > 1):
        large = np.where(np.arange(x.size).reshape(x.shape) % 2 == 0, 1000.0, 0.0)
        try:
            result = first_array(seeded(subject.forward, copy.deepcopy(obj), large))
        except FailedError:
            return []
        if result is not None and not np.isfinite(result).all():
            return [
                _finding(
                    subject,
                    "softmax-overflow",
                    "A logit of 1000 gives a value that is not a number; subtract the largest "
                    "logit first.",
                    function,
                )
            ]
    return []


def _rows(value: Any, flipped: bool) -> Any:
    return value.T if flipped and np.ndim(value) == 2 else value


@dataclass
class _Case:
    """One comparison of a layer, and the search for the mistake that explains it."""

    subject: Subject
    facts: Facts
    x: Any
    y: Any
    dout: Any
    kept: dict[str, Any]
    parameters: dict[str, Leaf]
    analytic: dict[str, Any]
    numeric: dict[str, Any]
    names: dict[str, str]
    changed: bool
    obj: Any

    def findings(self) -> list[dict[str, Any]]:
        """Return the findings, none where everything agrees."""
        n = self._n_samples()
        wrong = []
        for path in [*self.parameters, "x"]:
            if path not in self.analytic:
                if path != "x" and path in self.numeric:
                    wrong.append(path)
                continue
            analytic, numeric = self.analytic[path], self.numeric.get(path)
            if numeric is None or same(self._shaped(path), numeric):
                continue
            del analytic
            wrong.append(path)
        if not wrong:
            return self._remember_softmax()
        # Gradients of parameters averaged over the samples are a convention.
        gradients = [p for p in self.parameters if p in self.analytic]
        averaged = n > 1 and gradients and set(wrong) == set(self.parameters) == set(gradients)
        if averaged and all(same(self._shaped(p), self.numeric[p] / n) for p in gradients):
            self.facts.averaged_layers.append(self.subject.where)
            return []
        if averaged and self._takes_residual() and self._is_doubled(gradients, n):
            return []
        missing = [p for p in wrong if p not in self.analytic]
        if missing and len(missing) == len(self.parameters):
            # Gradients that the layer hands over in a way that is not known.
            wrong = [p for p in wrong if p == "x"]
            if not wrong:
                return self._remember_softmax()
        return self._explain(wrong, n)

    def _takes_residual(self) -> bool:
        """Return whether backward is given outputs minus targets, not a gradient."""
        names = " ".join(required(self.subject.backward_function)).lower()
        return re.search(r"resid|err|diff|delta", names) is not None

    def _is_doubled(self, gradients: list[str], n: int) -> bool:
        """Return whether all gradients are those of the squared residual, summed or averaged."""
        factors = [ratio(self._shaped(p), self.numeric[p]) for p in gradients]
        return any(
            all(c is not None and abs(c / f - 1) < 1e-4 for c in factors) for f in (2.0, 2.0 / n)
        )

    def _n_samples(self) -> int:
        if np.ndim(self.x) != 2:
            return 1
        return N if N in np.shape(self.x) else 1

    def _shaped(self, path: str) -> Any:
        """Return the student's gradient in the shape of the parameter where sizes are equal."""
        value, numeric = self.analytic.get(path), self.numeric.get(path)
        if value is None or numeric is None:
            return value
        if value.shape != numeric.shape and value.size == numeric.size:
            if value.ndim == 2 and numeric.ndim == 2 and value.shape == numeric.shape[::-1]:
                return value
            return value.reshape(numeric.shape)
        return value

    def _remember_softmax(self) -> list[dict[str, Any]]:
        x = np.asarray(self.x)
        if self.parameters or np.ndim(self.y) != 2 or x.shape != self.y.shape:
            return []
        if same(self.y, softmax(x, -1)) or same(self.y, softmax(x, 0)):
            self.facts.softmax_jacobian.append(self.subject.where)
        return []

    def _explain(self, wrong: list[str], n: int) -> list[dict[str, Any]]:
        as_layer = self._as_net()
        if as_layer is not None:
            mistake = self._try_net(as_layer)
            if mistake is not None:
                return [self._finding(mistake[0], mistake[1], wrong)]
        if not self.parameters:
            mistake_name = self._try_activation()
            if mistake_name is not None:
                return [self._finding(mistake_name, "x", wrong)]
        for path in wrong:
            value = self._shaped(path)
            numeric: Any = self.numeric.get(path)
            if value is None:
                bias = np.ndim(numeric) < 2 or 1 in np.shape(numeric)
                name = "bias-gradient-missing" if bias else "unexplained"
                return [self._finding(name, path, wrong)]
            if np.ndim(value) == 2 and same(value.T, numeric):
                return [self._finding("transposed", path, wrong)]
            c = ratio(value, numeric)
            if c is not None:
                name = factor_name(c, n) or "constant-factor"
                return [self._finding(name, path, wrong)]
            others = [self.numeric[p] for p in self.parameters if p != path and p in self.numeric]
            if path != "x" and any(same(value, other) for other in others):
                return [self._finding("bias-gradient-times-input", path, wrong)]
            if same(value, 0 * np.asarray(value)) and path != "x":
                bias = np.ndim(numeric) < 2 or 1 in np.shape(numeric)
                return [
                    self._finding("bias-gradient-missing" if bias else "unexplained", path, wrong)
                ]
            if path != "x" and np.size(value) != np.size(numeric):
                if np.shape(value) == np.shape(self.dout):
                    return [self._finding("bias-gradient-not-summed", path, wrong)]
                if np.ndim(numeric) < 2 or 1 in np.shape(numeric):
                    return [self._finding("bias-gradient-not-summed", path, wrong)]
        return [self._finding("unexplained", wrong[0], wrong)]

    def _try_activation(self) -> str | None:
        x, dx = np.asarray(self.x, dtype=float), self.analytic.get("x")
        if dx is None or x.shape != self.y.shape:
            return None
        name = recognize(x, self.y)
        if name is None:
            name = recognize(x.T, self.y.T)
            if name is None:
                return self._diagonal_only(x, dx)
            x, dx, dout = x.T, dx.T, self.dout.T
        else:
            dout = self.dout
        if name == "softmax over samples" and self.facts.columns:
            name, x, dx, dout = "softmax", x.T, dx.T, dout.T
        c = ratio(dx, through(name, x, dout))
        if c is not None:
            return factor_name(c, self._n_samples()) or "constant-factor"
        for mistake, value in wrong_slopes(name, x, dout):
            if same(dx, value):
                if name == "softmax" and mistake == "activation-derivative-missing":
                    self.facts.softmax_identity.append(self.subject.where)
                return mistake
        for mistake, value in wrong_slopes(name, x, dout):
            if ratio(dx, value) is not None:
                return mistake
        return None

    def _diagonal_only(self, x: Any, dx: Any) -> str | None:
        """Return the mistake where dx has nothing but the diagonal of the Jacobian."""
        diagonal = np.zeros(x.shape)
        for index in np.ndindex(x.shape):
            ends = []
            for sign in (1, -1):
                moved = np.array(x)
                moved[index] += sign * 1e-5
                fresh = seeded(self.subject.make)
                ends.append(first_array(seeded(self.subject.forward, fresh, moved)))
            diagonal[index] = (ends[0][index] - ends[1][index]) / 2e-5
        numeric = self.numeric.get("x")
        full = numeric is not None and not same(self.dout * diagonal, numeric, 1e-4)
        return "softmax-diagonal-only" if full and same(dx, self.dout * diagonal, 1e-4) else None

    def _as_net(self) -> tuple[Net, dict[str, str], bool, bool] | None:
        """Return the layer as a reference, names of its parameters, and how it is turned."""
        x = np.asarray(self.x, dtype=float)
        matrices = [p for p in self.parameters if sum(s > 1 for s in self.kept[p].shape) == 2]
        if len(matrices) != 1 or x.ndim > 2:
            return None
        rest = [p for p in self.parameters if p not in matrices]
        if len(rest) > 1:
            return None
        weight = self.kept[matrices[0]]
        bias = self.kept[rest[0]].reshape(-1) if rest else None
        names = {"W0": matrices[0], **({"b0": rest[0]} if rest else {})}
        for flipped in (False, True):
            rows = x.T if flipped else x
            rows = rows.reshape(1, -1) if rows.ndim == 1 else rows
            y = self.y.T if flipped else self.y
            y = y.reshape(1, -1) if y.ndim == 1 else y
            for turned in (False, True):
                w = weight.T if turned else weight
                if rows.shape[1] != w.shape[0]:
                    continue
                if bias is not None and bias.size not in (w.shape[1], 1):
                    continue
                z = rows @ w + (0 if bias is None else bias)
                name = recognize(z, y) if z.shape == y.shape else None
                if name is not None:
                    net = Net([w], [bias], [name])
                    net.forward(rows)
                    return net, names, flipped, turned
        return None

    def _try_net(self, layer: tuple[Net, dict[str, str], bool, bool]) -> tuple[str, str] | None:
        net, names, flipped, turned = layer
        dout = self.dout.T if flipped else self.dout
        dout = dout.reshape(1, -1) if dout.ndim == 1 else dout
        observed: dict[str, Any] = {}
        for key, path in names.items():
            value = self.analytic.get(path)
            if value is None:
                continue
            if key == "W0":
                value = value.T if turned and value.ndim == 2 else value
            elif flipped and value.ndim == 2 and 1 not in value.shape:
                value = value.T
            observed[key] = value
        if "x" in self.analytic:
            dx = self.analytic["x"]
            dx = dx.T if flipped else dx
            observed["x"] = dx.reshape(1, -1) if dx.ndim == 1 else dx
        activation, z = net.activations[0], net.sums[0]
        dz = through(activation, z, dout)
        bases = [1.0, 1.0 / len(net.x)] if len(net.x) > 1 else [1.0]
        right = net.backward(dz)

        def fits(predicted: dict[str, Any], scale: float = 1.0) -> bool:
            for key, value in observed.items():
                want = predicted[key] if key == "x" else scale * predicted[key]
                if key == "b0":
                    if value.size != want.size:
                        return False
                    value, want = value.reshape(-1), want.reshape(-1)
                if not same(value, want):
                    return False
            return True

        path_of = {**names, "x": "x"}
        b = observed.get("b0")
        others = {k: v for k, v in observed.items() if k != "b0"}
        w_right = "W0" not in others or any(same(others["W0"], s * right["W0"]) for s in bases)
        if "b0" in names and w_right and ("x" not in others or same(others["x"], right["x"])):
            if b is None or not np.any(b):
                return "bias-gradient-missing", names["b0"]
            if b.size != right["b0"].size:
                if b.shape == net.weights[0].shape:
                    return "bias-gradient-times-input", names["b0"]
                return "bias-gradient-not-summed", names["b0"]
        for mistake, wrong in wrong_slopes(activation, z, dout):
            predicted = net.backward(wrong)
            if any(fits(predicted, scale) for scale in bases):
                return mistake, names["W0"]
        for change in changes(net, 0):
            predicted = net.backward(dz, 0, change)
            if any(fits(predicted, scale) for scale in bases):
                place = {"W": names["W0"], "b": names.get("b0", "x"), "x": "x", "z": names["W0"]}
                return change.mistake, place[change.parameter]
        if "x" in observed:
            parameters_right = all(
                key == "x" or any(same(v.reshape(right[key].shape), s * right[key]) for s in bases)
                for key, v in observed.items()
                if key == "x" or v.size == right[key].size
            )
            after = {leaf.path: leaf.array for leaf in leaves(self.obj)}.get(names["W0"])
            if self.changed and after is not None:
                new = after.T if turned else after
                if parameters_right and same(observed["x"], dz @ new.T):
                    return "update-before-use", "x"
                # A gradient that is used with another rate still moves the weights.
                if same(observed["x"], dz @ new.T):
                    return "update-before-use", "x"
            if net.weights[0].shape[0] == net.weights[0].shape[1] and same(
                observed["x"], dz @ net.weights[0]
            ):
                return "transposed", "x"
        if "W0" in observed and any(
            same(observed["W0"], s * net.forward(net.x).T @ dz) for s in bases
        ):
            return "wrong-input-cached", names["W0"]
        stale = np.asarray(self.x, dtype=float)
        stale = stale[::-1].copy() * 0.7 + 0.1
        stale = stale.T if flipped else stale
        if "W0" in observed and stale.ndim == 2 and stale.shape == net.x.shape:
            for s in bases:
                if same(observed["W0"], s * stale.T @ dz):
                    return "wrong-input-cached", names["W0"]
        c = None
        for key, value in observed.items():
            if value.size == right[key].size:
                c = ratio(value.reshape(right[key].shape), right[key])
                if (
                    c is not None
                    and abs(c - 1) > 1e-4
                    and (key == "x" or all(abs(c / s - 1) > 1e-4 for s in bases))
                ):
                    found = factor_name(c, len(net.x)) or "constant-factor"
                    return found, path_of[key]
        if "W0" in observed and same(observed["W0"], right["W0"].T):
            return "transposed", names["W0"]
        return None

    def _finding(self, mistake: str, path: str, wrong: list[str]) -> dict[str, Any]:
        if path not in self.numeric:
            path = wrong[0]
        if path not in wrong and mistake != "softmax-wrong-axis":
            path = wrong[0]
        value, numeric = self._shaped(path), self.numeric.get(path)
        numbers = {} if value is None else first_wrong(value, numeric)
        name = self.names.get(path, path)
        words = [_last(name), _last(path)]
        if name.startswith("return"):
            place = re.findall(r"\d+", name)
            words = self.subject.source.returned_name(
                self.subject.backward_function, int(place[0]) if place else 0
            )
        shown = (
            "the gradient by the input" if path == "x" else f"the gradient of {path.lstrip('.')}"
        )
        function = self.subject.backward_function
        return _finding(
            self.subject,
            mistake,
            f"In {self.subject.where}, {shown} is not the derivative of what forward computes: "
            f"{_reason(mistake)}.",
            function,
            words,
            parameter="x" if path == "x" else path.lstrip("."),
            **numbers,
        )


def _reason(mistake: str) -> str:
    from rosenblatt.check.texts import TITLES

    return TITLES.get(mistake, mistake) if mistake != "unexplained" else "no simple mistake fits"


def _accumulates(
    subject: Subject, x: Any, dout: Any, parameters: dict[str, Leaf], worked: Any
) -> list[dict[str, Any]]:
    """Return a finding if a second backward pass adds to the first's gradients."""
    if not parameters or (
        re.search(r"zero|reset|clear|= 0|\* 0", subject.source.code.split("def ", 1)[-1])
        and re.search(r"def \w*(zero|reset|clear)|zero_grad", subject.source.code)
    ):
        return []
    obj = copy.deepcopy(worked)
    results = []
    try:
        for _ in range(2):
            kept = {leaf.path: leaf.array for leaf in leaves(obj)}
            returned = seeded(subject.forward, obj, copy.deepcopy(x))
            result = seeded(subject.backward, obj, copy.deepcopy(dout), copy.deepcopy(x), returned)
            analytic, names, moved = _analytic(
                obj, kept, parameters, result, x, rate_of(obj, subject), subject
            )
            if moved:
                return []
            results.append(analytic)
    except (FailedError, KeyError):
        return []
    for path in parameters:
        if path in results[0] and path in results[1]:
            first, second = results[0][path], results[1][path]
            c = ratio(second, first)
            if c is not None and abs(c - 1) > 1e-3 and np.any(first):
                if len(re.findall(r"\+=", subject.source.code)) == 0 and abs(c - 2) > 1e-6:
                    continue
                # Code outside the class may set the gradients to 0.
                last = _last(names[path])
                if re.search(rf"{last}\b[^\n]*(= 0|zeros|fill\(0|\*= 0)", _outside(subject)):
                    return []
                return [
                    _finding(
                        subject,
                        "gradients-accumulate",
                        f"A second backward pass gives {c:g} times the gradient: it adds to "
                        f"{names[path].lstrip('.')} and nothing resets it.",
                        None,
                        [last],
                        parameter=path.lstrip("."),
                        **first_wrong(second, first),
                    )
                ]
    return []


def _outside(subject: Subject) -> str:
    """Return the code of the file without constructors."""
    text = subject.source.code
    return re.sub(r"def __init__\(.*?(?=\n    def |\nclass |\Z)", "", text, flags=re.S)


def _wrong_weights(
    subject: Subject, before: dict[str, Any], parameters: dict[str, Leaf], facts: Facts
) -> list[dict[str, Any]]:
    """Return a finding for whole-number weights, and for weights that are all equal."""
    fresh = seeded(subject.make)
    init = getattr(type(fresh), "__init__", None) if subject.name == "class" else None
    if init is None or "__dict__" not in dir(fresh):
        return []
    for leaf in leaves(fresh):
        if leaf.path not in parameters:
            continue
        raw, array = leaf.raw, leaf.array
        words = [_last(leaf.path)]
        if isinstance(raw, np.ndarray) and raw.dtype.kind in "iu":
            return [
                _finding(
                    subject,
                    "integer-weights",
                    f"{leaf.path.lstrip('.')} has the dtype {raw.dtype}; small steps are lost.",
                    init,
                    words,
                    parameter=leaf.path.lstrip("."),
                )
            ]
        wide = array.ndim == 2 and min(array.shape) > 1
        if wide and H in array.shape and np.ptp(array) == 0 and not facts.networks:
            if "__name__" in subject.source.text or "perceptron" in subject.where.lower():
                continue
            return [
                _finding(
                    subject,
                    "symmetric-init",
                    f"{leaf.path.lstrip('.')} starts with the same number everywhere, so that all "
                    "units learn the same.",
                    init,
                    words,
                    parameter=leaf.path.lstrip("."),
                )
            ]
    return []


def check_dropout(subject: Subject, x: Any) -> list[dict[str, Any]] | None:
    """Return the findings of a layer that drops numbers at random."""
    if not isinstance(x, np.ndarray):
        return None
    ones = np.ones((40, 50))
    subject = _uneven(subject)
    try:
        obj = seeded(subject.make)
        returned = seeded(subject.forward, obj, ones.copy())
        y = first_array(returned)
        if y is None or y.shape != ones.shape or not (y == 0).any() or not (y != 0).any():
            return None
        scale = float(np.median(y[y != 0]))
        kept = float((y != 0).mean())
        dx = flat(seeded(subject.backward, obj, ones.copy(), ones.copy(), returned))
        use = _in_use(subject, obj, ones)
    except FailedError:
        return None
    mean = scale * kept
    value = next((v for v in dx.values() if v.shape == ones.shape), None)
    findings = []
    expected = 1.0 if use is None else use
    if abs(mean - expected) > 0.1 * max(expected, 0.1):
        findings.append(
            _finding(
                subject,
                "dropout-scale",
                f"The mean output for ones is {mean:.2f} in training and {expected:.2f} in use.",
                subject.forward_function,
                ["mask"],
                entry=None,
                analytic=mean,
                numeric=expected,
            )
        )
    elif value is not None and not same(value, y):
        name = "dropout-scale" if ratio(value, y) is not None else "wrong-input-cached"
        if not (value == 0).any():
            name = "activation-derivative-missing"
        findings.append(
            _finding(
                subject,
                name,
                "backward does not multiply by the mask and the scale of forward.",
                **first_wrong(value, y),
            )
        )
    return findings


def _uneven(subject: Subject) -> Subject:
    """Return a layer that drops 30 % where its constructor has a default of ½."""
    if not isinstance(subject.make, functools.partial):
        return subject
    for name, parameter in inspect.signature(subject.make).parameters.items():
        if parameter.default == 0.5 and re.search(r"rate|drop|keep|prob|^p$|ratio", plain(name)):
            return replace(subject, make=functools.partial(subject.make, **{name: 0.3}))
    return subject


def _in_use(subject: Subject, obj: Any, ones: Any) -> float | None:
    """Return the mean output outside of training; None where there is no such mode."""
    fresh = seeded(subject.make)
    for attribute, value in (
        ("training", False),
        ("train", False),
        ("is_training", False),
        ("mode", "test"),
        ("train_mode", False),
    ):
        if attribute in vars(fresh):
            setattr(fresh, attribute, value)
            y = first_array(seeded(subject.forward, fresh, ones.copy()))
            return None if y is None else float(y.mean())
    from rosenblatt.check.calls import arguments

    for name in ("eval", "test"):
        if callable(getattr(fresh, name, None)):
            getattr(fresh, name)()
            y = first_array(seeded(subject.forward, fresh, ones.copy()))
            return None if y is None else float(y.mean())
    for name in arguments(subject.forward_function):
        if plain(name) in ("training", "train", "istraining", "trainflg", "trainflag", "mode"):
            value = "test" if plain(name) == "mode" else False
            try:
                bound = getattr(fresh, subject.forward_function.__name__)
                y = first_array(seeded(bound, ones.copy(), **{name: value}))
            except (FailedError, AttributeError):
                return None
            return None if y is None else float(y.mean())
    return None
