"""The parts of a student's file: layers, losses and functions that belong together."""

import functools
import inspect
import itertools
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from rosenblatt.check.calls import arguments, constructions, constructor_values, plain, required
from rosenblatt.check.layers import RATE, Facts, Subject, check_layer, first_array, probes, seeded
from rosenblatt.check.losses import LossSubject, check_loss
from rosenblatt.check.optimizers import check_update_function
from rosenblatt.check.sandbox import FailedError
from rosenblatt.check.source import Source

_FORWARD = (
    "forward",
    "__call__",
    "fwd",
    "forwardpass",
    "forwardprop",
    "fprop",
    "call",
    "feedforward",
    "apply",
    "activate",
    "compute",
    "value",
    "fn",
    "func",
    "function",
    "f",
    "loss",
    "calculate",
    "propagate",
    "evaluate",
    "run",
    "cost",
    "error",
    "output",
)
_BACKWARD = (
    "backward",
    "backprop",
    "bwd",
    "backwardpass",
    "bprop",
    "back",
    "gradient",
    "grad",
    "prime",
    "derivative",
    "deriv",
    "df",
    "backpropagate",
    "backpropagation",
    "dloss",
    "delta",
    "dfn",
    "gradients",
    "lossgradient",
    "lossgrad",
    "lossprime",
    "computegradient",
    "backwards",
    "diff",
)
_TARGETS = re.compile(
    r"^(y|t|yt|y_?true|true|targets?|labels?|lab|gt|truth|expected|actual|y_?batch|onehot|one_hot|d|y_real|ground_truth)\d?$"
)
_RATES = re.compile(r"lr|learning|eta|alpha|step|rate")
_CACHES = re.compile(r"cache|ctx|saved|context|memory|tape")
_OUTPUT_GRADIENTS = re.compile(
    r"^(d|g|delta|err|up|out_?grad|grad|gy|gout|gz|ga)|grad|delta|error|upstream|dout|chain|above",
    re.I,
)


def _method(cls: Any, names: tuple[str, ...]) -> str | None:
    methods = {
        plain(name) if name != "__call__" else name: name
        for name in dir(cls)
        if callable(getattr(cls, name, None)) and (not name.startswith("__") or name == "__call__")
    }
    for name in names:
        if name in methods:
            return methods[name]
    for word in names[:3]:
        for key, name in methods.items():
            if len(word) > 4 and key.startswith(word):
                return name
    return None


def is_target(name: str) -> bool:
    """Return whether an argument seems to take targets or labels."""
    return bool(_TARGETS.match(name.lower())) or "true" in name.lower() or "target" in name.lower()


def classes_of(module: dict[str, Any]) -> list[Any]:
    """Return the classes that the file defines, in order."""
    return [
        value
        for name, value in module.items()
        if inspect.isclass(value)
        and value.__module__ == module.get("__name__")
        and value.__name__ == name
    ]


def check_softmax_methods(
    cls: Any, module: dict[str, Any], source: Source, facts: Facts
) -> list[dict[str, Any]]:
    """Return the findings of methods of a class that compute a softmax."""
    for name in vars(cls):
        if "softmax" not in name.lower() or re.search(_MARKS, name.lower()):
            continue
        raw = getattr(cls, name)
        if not callable(raw) or len([n for n in required(raw) if n != "self"]) != 1:
            continue
        make = _maker(cls, module)
        if make is None:
            continue
        try:
            result = _single(f"{name}", getattr(seeded(make), name), source, facts, True)
        except FailedError:
            continue
        if result:
            return result
    return []


def functions_of(module: dict[str, Any]) -> dict[str, Any]:
    """Return the functions that the file defines, by name."""
    return {
        name: value
        for name, value in module.items()
        if inspect.isfunction(value) and value.__module__ == module.get("__name__")
    }


def call_backward(function: Callable[..., Any], dout: Any, x: Any, returned: Any) -> Any:
    """Call a backward pass with what its arguments' names ask for."""
    names = required(function)
    values: list[Any] = []
    has_dout = False
    if len(names) == 1:
        only = names[0]
        # A derivative that takes nothing but the input is multiplied by dout here.
        return function(dout) if only else None
    cache = returned[1] if isinstance(returned, tuple) and len(returned) == 2 else None
    for name in names:
        low = name.lower()
        if _RATES.search(low) and not _OUTPUT_GRADIENTS.match(low):
            values.append(RATE)
        elif _CACHES.search(low):
            values.append(cache if cache is not None else x)
        elif _OUTPUT_GRADIENTS.search(low) and not has_dout:
            values.append(dout)
            has_dout = True
        elif re.search(r"^(x|z|h|inp\w*|a_?prev|prev\w*|data|input\w*)\d?$", low):
            values.append(x)
        elif re.search(r"^(y|a|out\w*|s|p)\d?$", low):
            values.append(first_array(returned))
        elif not has_dout:
            values.append(dout)
            has_dout = True
        else:
            values.append(cache if cache is not None else x)
    return function(*values)


def class_subject(cls: Any, module: dict[str, Any], source: Source) -> Subject | None:
    """Return how to call a class with a forward and a backward pass; None for another class."""
    forward, backward = _method(cls, _FORWARD), _method(cls, _BACKWARD)
    if (forward is None or backward is None) and not _is_network(cls):
        forward, backward = linear_pair(cls, module) or (forward, backward)
    # df takes what f takes, and no gradient of a loss.
    own = re.fullmatch(r"d_?(\w+)", backward or "")
    if own and callable(getattr(cls, own[1], None)):
        return None
    if forward is None or forward == backward:
        return None
    ours = _ours(cls, source)
    if ours is not None:
        return ours
    if backward is None and not re.search(r"loss|entropy|mse", cls.__name__.lower()):
        return None
    takes = [n for n in required(getattr(cls, backward)) if n != "self"] if backward else []
    named = [n for n in required(getattr(cls, forward)) if n != "self"]
    if len(named) == 1 and any(is_target(n) for n in takes) and _is_network(cls):
        return None
    make = _maker(cls, module)
    if make is None:
        return None

    def forward_call(obj: Any, x: Any) -> Any:
        return getattr(obj, forward)(x)

    def backward_call(obj: Any, dout: Any, x: Any, returned: Any) -> Any:
        return call_backward(getattr(obj, backward or ""), dout, x, returned)

    return Subject(
        where=cls.__name__,
        make=make,
        forward=forward_call,
        backward=backward_call,
        forward_function=getattr(cls, forward),
        backward_function=getattr(cls, backward) if backward else None,
        source=source,
        name="class",
    )


def _is_network(cls: Any) -> bool:
    """Return whether a class has more than a layer's methods or a network's arguments."""
    words = " ".join([cls.__name__, *required(cls), *vars(cls)]).lower()
    return bool(re.search(r"net|mlp|sizes|layers|hidden|update|train|fit|fc|model|loss", words))


def linear_pair(cls: Any, module: dict[str, Any]) -> tuple[str, str] | None:
    """Return methods that may be a forward and a backward pass, whatever their names are.

    The second is linear in its argument, as every backward pass is, and gives an array of the
    first one's input.
    """
    make = _maker(cls, module)
    names = [
        name
        for name in dir(cls)
        if (not name.startswith("_") or name == "__call__")
        and callable(getattr(cls, name, None))
        and len([n for n in required(getattr(cls, name)) if n != "self"]) == 1
        and not re.search(r"inverse|invert|decode|transform|load|add|set|update|step", name.lower())
    ]
    if make is None or len(names) < 2:
        return None
    for first, second in itertools.permutations(names, 2):
        for x in probes(False)[:2]:
            try:
                if seeded(_is_linear_pair, make, first, second, np.array(x)):
                    return first, second
            except FailedError:
                continue
    return None


def _is_linear_pair(make: Callable[[], Any], first: str, second: str, x: Any) -> bool:
    obj = make()
    y = getattr(obj, first)(x.copy())
    if not isinstance(y, np.ndarray) or y.ndim != 2 or np.array_equal(x, y):
        return False
    rng = np.random.default_rng(1)
    a: Any = rng.normal(size=y.shape)
    b: Any = rng.normal(size=y.shape)
    backward = getattr(obj, second)
    one, two, both = (np.array(backward(d)) for d in (a.copy(), b.copy(), 2 * a - b))
    if one.dtype == object or one.shape != x.shape or not np.any(one):
        return False
    if not np.allclose(both, 2 * one - two):
        return False
    # Two linear functions may be two forward passes.
    return a.shape != x.shape or not np.allclose(getattr(obj, first)(2 * a), 2 * one)


def _maker(cls: Any, module: dict[str, Any]) -> Callable[[], Any] | None:
    for settings in constructions(cls, module):
        try:
            seeded(cls, **settings)
        except FailedError:
            continue
        return functools.partial(cls, **settings)
    return None


class _OurLayer:
    """A layer of this package, with its parameters and its gradients."""

    def __init__(self, layer: Any) -> None:
        self._layer = [layer]
        self.params = layer.init(np.random.default_rng(0))
        self.grads: dict[str, Any] = {}

    def forward(self, x: Any) -> Any:
        """Keep the cache, return y."""
        y, self._cache = self._layer[0].forward(self.params, x)
        return y

    def backward(self, dy: Any) -> Any:
        """Keep the gradients, return dx."""
        dx, self.grads = self._layer[0].backward(self.params, self._cache, dy)
        return dx


def _ours(cls: Any, source: Source, made: Any = None) -> Subject | None:
    from rosenblatt.layers import Layer

    if not issubclass(cls, Layer):
        return None

    def make() -> Any:
        if made is not None:
            return _OurLayer(made)
        names = required(cls)
        values = [constructor_values(name, i, {})[0] for i, name in enumerate(names)]
        return _OurLayer(cls(*values))

    return Subject(
        where=cls.__name__,
        make=make,
        forward=lambda obj, x: obj.forward(x),
        backward=lambda obj, dout, x, returned: obj.backward(dout),
        forward_function=cls.forward,
        backward_function=cls.backward,
        source=source,
        name="class",
    )


def instance_subject(obj: Any, source: Source) -> Subject | None:
    """Return how to call an object that exists already; it is copied."""
    import copy

    cls = type(obj)
    ours = _ours(cls, source, obj)
    if ours is not None:
        return ours
    forward, backward = _method(cls, _FORWARD), _method(cls, _BACKWARD)
    if forward is None or backward is None or forward == backward:
        return None
    return Subject(
        where=cls.__name__,
        make=lambda: copy.deepcopy(obj),
        forward=lambda o, x: getattr(o, forward)(x),
        backward=lambda o, dout, x, returned: call_backward(
            getattr(o, backward), dout, x, returned
        ),
        forward_function=getattr(cls, forward),
        backward_function=getattr(cls, backward),
        source=source,
        name="class",
    )


def loss_of_class(subject: Subject) -> LossSubject | None:
    """Return a class as a loss; None where forward does not take outputs and targets."""
    names = [n for n in required(subject.forward_function) if n != "self"]
    if isinstance(
        inspect.getattr_static(subject.make().__class__, subject.forward_function.__name__, None),
        staticmethod,
    ):
        names = required(subject.forward_function)
    if len(names) != 2:
        return None
    target_first = is_target(names[0]) and not is_target(names[1])
    from_names = names
    del from_names
    forward_name = subject.forward_function.__name__
    backward_name = getattr(subject.backward_function, "__name__", None)

    def value(obj: Any, outputs: Any, targets: Any) -> Any:
        given = (targets, outputs) if target_first else (outputs, targets)
        returned = getattr(obj, forward_name)(*given)
        if first_array(returned) is None:
            for name in ("loss", "value", "cost", "L", "output"):
                if isinstance(getattr(obj, name, None), float | np.floating | np.ndarray):
                    return getattr(obj, name)
        return returned

    def gradient(obj: Any, outputs: Any, targets: Any) -> Any:
        returned = value(obj, outputs, targets)
        function = getattr(obj, backward_name or "")
        return _loss_gradient(function, outputs, targets, returned)

    return LossSubject(subject, value, gradient if backward_name else None)


def _loss_gradient(function: Any, outputs: Any, targets: Any, returned: Any) -> Any:
    names = required(function)
    values: list[Any] = []
    for name in names:
        if is_target(name):
            values.append(targets)
        elif _CACHES.search(name.lower()):
            values.append(returned[1] if isinstance(returned, tuple) else None)
        elif re.match(r"d_?(out|l|loss)|grad|upstream", name.lower()):
            values.append(1.0)
        else:
            values.append(outputs)
    return function(*values)


_MARKS = (
    r"_?(backward|backprop|back|bwd|derivative|derivate|deriv|der|prime|gradient|grad|jacobian"
    r"|diff|vjp)s?$"
)
_MARKS_BEFORE = r"^(backward|grad|gradient|deriv|derivative|d|bwd|back|der)_?"


def function_pairs(functions: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the names of functions and of the functions that differentiate them.

    >>> function_pairs(dict.fromkeys(["relu", "d_relu", "mse", "mse_prime"]))
    [('relu', 'd_relu'), ('mse', 'mse_prime')]
    """

    def base(name: str) -> str:
        text = re.sub(r"_?(forward|fwd|fn|func)$|^(forward|fwd)_?", "", name.lower())
        return text.replace("_", "")

    pairs = []
    by_base = {base(name): name for name in functions if not re.search(_MARKS, name.lower())}
    for name in functions:
        low = name.lower()
        for stem in (re.sub(_MARKS, "", low), re.sub(_MARKS_BEFORE, "", low)):
            if stem != low and base(stem) in by_base and by_base[base(stem)] != name:
                pairs.append((by_base[base(stem)], name))
                break
    return sorted(set(pairs), key=lambda pair: list(functions).index(pair[0]))


class FunctionLayer:
    """A pair of functions as an object with parameters."""

    def __init__(self, forward: Any, backward: Any, arrays: dict[str, Any]) -> None:
        self._pair = (forward, backward)
        for name, value in arrays.items():
            setattr(self, name, np.array(value))

    def call(self, x: Any) -> Any:
        """Call the forward function with the parameters."""
        values = [v for k, v in vars(self).items() if not k.startswith("_")]
        return self._pair[0](x, *values)


def _function_subjects(forward: Any, backward: Any, source: Source, columns: bool) -> list[Subject]:
    names = required(forward)
    extra = names[1:]
    rng = np.random.default_rng(2)
    shapes: list[list[Any]] = [[(4, 3), (3,)], [(3, 4), (3, 1)], [(3, 4), (3,)], [(4, 3), (1, 3)]]
    if columns:
        shapes = [shapes[1], shapes[0], shapes[2]]
    if not extra:
        shapes = [[]]
    elif len(extra) == 1:
        shapes = [[s[0]] for s in shapes]
    elif len(extra) != 2 or not re.search("b", extra[1].lower()):
        return []
    subjects = []
    for shape, by_output in itertools.product(shapes, (False, True)):
        arrays = {name: rng.normal(size=s) for name, s in zip(extra, shape, strict=False)}

        def make(arrays: dict[str, Any] = arrays) -> Any:
            return FunctionLayer(forward, backward, arrays)

        def backward_call(
            obj: Any, dout: Any, x: Any, returned: Any, by_output: bool = by_output
        ) -> Any:
            wanted = required(backward)
            if by_output:
                x = first_array(returned)
            if len(wanted) == 1:
                return None
            values: list[Any] = []
            has_dout = False
            cache = returned[1] if isinstance(returned, tuple) and len(returned) == 2 else None
            for name in wanted:
                low = name.lower()
                if hasattr(obj, name):
                    values.append(getattr(obj, name))
                elif _CACHES.search(low) and cache is not None:
                    values.append(cache)
                elif (_OUTPUT_GRADIENTS.search(low)) and not has_dout:
                    values.append(dout)
                    has_dout = True
                elif low == names[0].lower() or cache is None:
                    values.append(x)
                else:
                    values.append(cache)
            if not has_dout:
                values[0] = dout
            return backward(*values)

        subjects.append(
            Subject(
                where=backward.__name__,
                make=make,
                forward=lambda obj, x: obj.call(x),
                backward=backward_call,
                forward_function=forward,
                backward_function=backward,
                source=source,
                name="function",
            )
        )
    return subjects


def check_derivative(forward: Any, derivative: Any, source: Source) -> list[dict[str, Any]] | None:
    """Return the findings of f and f', both functions of one argument.

    f' may be given the input of f, or its output: the file decides by its use, which the check
    of the whole network sees.
    """
    from rosenblatt.check.compare import first_wrong, ratio, same
    from rosenblatt.check.reference import (
        factor_name,
        recognize,
        slope,
        wrong_slopes,
    )

    rng = np.random.default_rng(4)
    z = rng.normal(size=(5, 4))
    z[np.abs(z) < 0.05] = 0.4
    scalars = False
    try:
        a = first_array(seeded(forward, z.copy()))
        if a is None or a.shape != z.shape:
            raise FailedError(ValueError("shape"))  # noqa: TRY301
    except FailedError:
        try:
            a = np.array([[float(seeded(forward, float(v))) for v in row] for row in z])
            scalars = True
        except (FailedError, TypeError):
            return None

    def derive(values: Any) -> Any:
        if scalars:
            return np.array([[float(seeded(derivative, float(v))) for v in row] for row in values])
        found = first_array(seeded(derivative, values.copy()))
        return None if found is None or found.shape != values.shape else found

    h = 1e-6
    try:
        at_z, at_a = derive(z), derive(a)
        if scalars:
            above = np.array([[float(seeded(forward, float(v + h))) for v in r] for r in z])
            below = np.array([[float(seeded(forward, float(v - h))) for v in r] for r in z])
        else:
            above = first_array(seeded(forward, z + h))
            below = first_array(seeded(forward, z - h))
    except (FailedError, TypeError, ValueError):
        return None
    if at_z is None:
        return None
    numeric = (above - below) / (2 * h)
    if "softmax" in forward.__name__.lower():
        return []
    if same(at_z, numeric, 1e-5) or same(at_a, numeric, 1e-5):
        return []
    name = recognize(z, a)
    if name is not None and name.startswith("softmax"):
        return None
    mistake = None
    for value in (at_z, at_a):
        c = ratio(value, numeric if name is None else slope(name, z))
        if c is not None:
            mistake = factor_name(c, 0) or "constant-factor"
            break
    if mistake is None and name is not None:
        ones = np.ones_like(z)
        for wrong, value in wrong_slopes(name, z, ones):
            if wrong in ("upstream-gradient-missing", "relu-mask-of-gradient"):
                continue
            if same(at_z, value) or same(at_a, value):
                mistake = wrong
                break
    if mistake is None and name == "sigmoid":
        for value in (at_z, at_a):
            if ratio(value, a * (1 + a)) or ratio(value, a * (a - 1)):
                mistake = "sign"
    where = derivative.__name__
    return [
        {
            "mistake": mistake or "unexplained",
            "where": where,
            "text": f"{where} is not the derivative of {forward.__name__}.",
            "line": source.line_of_value(derivative, source.returned_name(derivative)),
            **first_wrong(at_z, numeric),
        }
    ]


def check_functions(
    functions: dict[str, Any], source: Source, facts: Facts
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the findings of functions, and the names of those that were checked."""
    findings: list[dict[str, Any]] = []
    checked: list[str] = []
    pairs = function_pairs(functions)
    paired = {name for pair in pairs for name in pair}
    for first, second in pairs:
        forward, backward = functions[first], functions[second]
        result = None
        names = required(forward)
        lossy = re.search(r"loss|cost|mse|entropy|error|bce|nll", first.lower())
        if len(names) == 2 and (lossy or any(is_target(n) for n in names)):
            result = check_loss(loss_of_functions(forward, backward, source), facts)
        elif len(names) == 1 and len(required(backward)) == 1:
            result = check_derivative(forward, backward, source)
        else:
            for subject in _function_subjects(forward, backward, source, facts.columns):
                tried = check_layer(subject, facts)
                if tried is not None and (result is None or _certainty(tried) > _certainty(result)):
                    result = tried
                if result == []:
                    break
        if result is not None:
            findings += result
            checked += [second]
    for name, function in functions.items():
        result = _single(name, function, source, facts, name in paired)
        if result is None and name not in paired:
            result = check_update_function(function, functions, source)
        if result is not None:
            findings += [f for f in result if f not in findings]
            checked += [name]
    return findings, checked


def _certainty(findings: list[dict[str, Any]]) -> int:
    """Return how well a way of calling explains the numbers: right, named, not explained."""
    return 2 if not findings else int(findings[0]["mistake"] != "unexplained")


def loss_of_functions(forward: Any, backward: Any, source: Source) -> LossSubject:
    """Return a function of outputs and targets and its gradient as a loss."""
    names = required(forward)
    target_first = is_target(names[0]) and not is_target(names[1])

    def value(_: Any, outputs: Any, targets: Any) -> Any:
        return forward(targets, outputs) if target_first else forward(outputs, targets)

    def gradient(_: Any, outputs: Any, targets: Any) -> Any:
        returned = value(_, outputs, targets)
        if required(backward) == names:
            return backward(targets, outputs) if target_first else backward(outputs, targets)
        return _loss_gradient(backward, outputs, targets, returned)

    subject = Subject(
        where=(backward or forward).__name__,
        make=lambda: None,
        forward=lambda o, x: None,
        backward=lambda o, d, x, r: None,
        forward_function=forward,
        backward_function=backward or forward,
        source=source,
        name="function",
    )
    return LossSubject(subject, value, gradient if backward else None)


def _single(
    name: str, function: Any, source: Source, facts: Facts, is_paired: bool
) -> list[dict[str, Any]] | None:
    """Return the findings of one function alone, by what its name says; None: not checked."""
    low = name.lower()
    wanted = required(function)
    if "softmax" in low and len(wanted) == 1 and not re.search(_MARKS, low):
        subject = Subject(
            where=name,
            make=lambda: None,
            forward=lambda o, x: function(x),
            backward=lambda o, d, x, r: None,
            forward_function=function,
            backward_function=function,
            source=source,
            name="function",
        )
        from rosenblatt.check.layers import _softmax_forward

        for x in probes(facts.columns):
            try:
                y = first_array(seeded(function, np.array(x)))
            except FailedError:
                continue
            if y is not None and np.ndim(x):
                return _softmax_forward(subject, facts, None, x, y)
        return None
    if len(wanted) == 2 and not is_paired and re.search(r"loss|cost|entropy|bce|nll", low):
        returned = source.node_of(function)
        import ast

        both = returned is not None and any(
            isinstance(part, ast.Return)
            and isinstance(part.value, ast.Tuple)
            and len(part.value.elts) == 2
            for part in ast.walk(returned)
        )
        loss = loss_of_functions(function, None, source)
        if both:
            value = loss.value
            loss = LossSubject(loss.subject, value, lambda o, a, b: value(o, a, b)[1])
        return check_loss(loss, facts)
    if len(arguments(function)) == 2 and re.search(r"sigmoid|tanh|relu", low):
        flag = arguments(function)[1]
        if re.search(r"deriv|grad|prime|back", flag.lower()):

            def derivative(z: Any) -> Any:
                return function(z, True)

            derivative.__name__ = name
            derivative.__code__ = derivative.__code__.replace(
                co_name=function.__code__.co_name, co_firstlineno=function.__code__.co_firstlineno
            )

            def forward(z: Any) -> Any:
                return function(z, False)

            forward.__name__ = name
            return check_derivative(forward, derivative, source)
    return None
