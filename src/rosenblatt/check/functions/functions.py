"""The functions of a file that belong together: passes, derivatives, losses, a softmax."""

import ast
import inspect
import itertools
import re
from typing import Any

import numpy as np

from rosenblatt.check.functions.gradient_mistakes import is_divided
from rosenblatt.check.functions.makers import maker_of
from rosenblatt.check.functions.pair_names import function_pairs, marks_derivative
from rosenblatt.check.functions.passes import loss_gradient
from rosenblatt.check.layers.layers import check_layer
from rosenblatt.check.layers.losses import LossSubject, check_loss
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.optimizers.optimizers import check_update_function
from rosenblatt.check.source.calls import arguments, required
from rosenblatt.check.source.roles import CACHES, OUTPUT_GRADIENTS, is_target
from rosenblatt.check.source.subjects import Facts, Subject, first_array, probes, seeded
from rosenblatt.check.source.text import Source
from rosenblatt.check.source.words import ERRORS, LOSSES


def check_softmax_methods(
    cls: Any, module: dict[str, Any], source: Source, facts: Facts
) -> list[dict[str, Any]]:
    """Return the findings of methods of a class that compute a softmax."""
    for name in vars(cls):
        if "softmax" not in name.lower() or marks_derivative(name):
            continue
        raw = getattr(cls, name)
        if not callable(raw) or len([n for n in required(raw) if n != "self"]) != 1:
            continue
        make = maker_of(cls, module)
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
    elif len(extra) != 2 or not re.search("b", extra[1].lower()) or "gamma" in extra:
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
                elif CACHES.search(low) and cache is not None:
                    values.append(cache)
                elif (OUTPUT_GRADIENTS.search(low)) and not has_dout:
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


_SETTING = 0.3
"""What an activation is given besides its input, such as the slope of a leaky ReLU."""


def check_derivative(
    forward: Any, derivative: Any, source: Source, settings: tuple[float, ...] = ()
) -> list[dict[str, Any]] | None:
    """Return the findings of f and f', both functions of one argument and of ``settings``.

    f' may be given the input of f, or its output: the file decides by its use, which the check
    of the whole network sees.
    """
    from rosenblatt.check.numbers.compare import first_wrong, ratio, same
    from rosenblatt.check.numbers.reference import (
        factor_name,
        recognize,
        slope,
        slope_detail,
        wrong_slopes,
    )

    rng = np.random.default_rng(4)
    z = rng.normal(size=(5, 4))
    z[np.abs(z) < 0.05] = 0.4
    scalars = False
    try:
        a = first_array(seeded(forward, z.copy(), *settings))
        if a is None or a.shape != z.shape:
            raise FailedError(ValueError("shape"))  # noqa: TRY301
    except FailedError:
        try:
            a = np.array([[float(seeded(forward, float(v), *settings)) for v in row] for row in z])
            scalars = True
        except (FailedError, TypeError):
            return None

    def derive(values: Any) -> Any:
        if scalars:
            found = [
                [float(seeded(derivative, float(v), *settings)) for v in row] for row in values
            ]
            return np.array(found)
        given = first_array(seeded(derivative, values.copy(), *settings))
        return None if given is None or given.shape != values.shape else given

    h = 1e-6
    try:
        at_z, at_a = derive(z), derive(a)
        if scalars:
            above = np.array(
                [[float(seeded(forward, float(v + h), *settings)) for v in r] for r in z]
            )
            below = np.array(
                [[float(seeded(forward, float(v - h), *settings)) for v in r] for r in z]
            )
        else:
            above = first_array(seeded(forward, z + h, *settings))
            below = first_array(seeded(forward, z - h, *settings))
    except (FailedError, TypeError, ValueError):
        return None
    if at_z is None:
        return None
    numeric = (above - below) / (2 * h)
    if "softmax" in forward.__qualname__.lower():
        if scalars:
            return None
        # The derivative of each output by its own input, or 1 next to a gradient p - y.
        own = _own_derivatives(forward, z, h, settings)
        is_right = any(same(given, own, 1e-5) for given in (at_z, at_a))
        return [] if is_right or (at_z == 1).all() else None
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
    text = f"{where} is not the derivative of {forward.__name__}."
    if mistake == "activation-derivative-missing":
        details = [slope_detail(name, z, value) for value in (at_z, at_a) if value is not None]
        text += next((f" With a for its value, {detail}." for detail in details if detail), "")
    return [
        {
            "mistake": mistake or "unexplained",
            "where": where,
            "text": text,
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
        lossy = re.search(rf"{LOSSES}|{ERRORS}", first.lower())
        if len(names) == 2 and (lossy or any(is_target(n) for n in names)):
            result = check_loss(loss_of_functions(forward, backward, source), facts)
            if result and _is_summed(result[0]) and is_divided(second, source):
                result = []
        elif len(names) == 1 and len(required(backward)) == 1:
            result = check_derivative(forward, backward, source)
        elif len(names) > 1 and names == required(backward):
            # A backward pass takes the gradient of the output besides.
            result = check_derivative(forward, backward, source, (_SETTING,) * (len(names) - 1))
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
            if result and result[0]["mistake"] == "sign" and _is_given_a_minus(name, source):
                result = []
        if result is not None:
            findings += [f for f in result if f not in findings]
            checked += [name]
    return findings, checked


def _is_given_a_minus(name: str, source: Source) -> bool:
    """Return whether the file calls a function with a negative argument, such as the rate."""
    return any(
        isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == name
        for part in [*node.args, *(keyword.value for keyword in node.keywords)]
    )


def _is_summed(finding: dict[str, Any]) -> bool:
    """Return whether a gradient is that of a mean loss, times the count."""
    is_larger = abs(finding.get("analytic") or 0.0) > abs(finding.get("numeric") or 0.0)
    return finding["mistake"] == "batch-factor" and is_larger


def _certainty(findings: list[dict[str, Any]]) -> int:
    """Return how well a way of calling explains the numbers: right, named, not explained."""
    return 2 if not findings else int(findings[0]["mistake"] != "unexplained")


def _own_derivatives(forward: Any, z: Any, h: float, settings: tuple[float, ...]) -> Any:
    """Return the derivative of each entry of f(z) by that of z: of a softmax, p (1 - p)."""
    result = np.empty_like(z)
    for entry in np.ndindex(z.shape):
        step = np.zeros_like(z)
        step[entry] = h
        above, below = (
            first_array(seeded(forward, moved, *settings)) for moved in (z + step, z - step)
        )
        result[entry] = (above[entry] - below[entry]) / (2 * h)
    return result


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
        return loss_gradient(backward, outputs, targets, returned)

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
    if "softmax" in low and len(wanted) == 1 and not marks_derivative(name):
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
        from rosenblatt.check.layers.gradients import softmax_findings

        for x in probes(facts.columns):
            try:
                y = first_array(seeded(function, np.array(x)))
            except FailedError:
                continue
            if y is not None and np.ndim(x):
                return softmax_findings(subject, facts, None, x, y)
        return None
    if len(wanted) == 2 and not is_paired and re.search(LOSSES, low):
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
            loss = LossSubject(loss.subject, value, lambda o, a, b: value(o, a, b)[1], 1)
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
