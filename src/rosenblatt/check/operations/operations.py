"""Operations: a forward pass of several inputs, and the gradient by each of them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rosenblatt.check.edits.function_repair import repaired
from rosenblatt.check.limits.sandbox import FailedError
from rosenblatt.check.numbers.compare import first_wrong, numeric_gradient, ratio, same
from rosenblatt.check.numbers.reference import factor_name, recognize, wrong_slopes
from rosenblatt.check.operations.arguments import is_bias, is_parameter, is_real_array
from rosenblatt.check.report.texts import TITLES
from rosenblatt.check.source.calls import N
from rosenblatt.check.source.roles import is_target
from rosenblatt.check.source.text import Source


@dataclass(frozen=True)
class Operation:
    """An operation with given inputs.

    Attributes:
        where: the name of its backward pass, "Linear.backward" of a class.
        names: the names of the inputs.
        values: the inputs: arrays and numbers.
        forward: returns the outputs, arrays, of inputs.
        backward: returns a gradient or None for each input, of inputs, gradients of the outputs,
            and the function that is the backward pass.
        backward_function: the backward pass as it stands in the code.
        source: the code.
        counts: numbers of samples by which a gradient may be divided by mistake.
        gradient_names: the names in the backward pass of the gradient by each input; empty where
            the places of what it returns are those of the inputs.
    """

    where: str
    names: list[str]
    values: list[Any]
    forward: Callable[[list[Any]], list[Any]]
    backward: Callable[[list[Any], list[Any], Any], list[Any]]
    backward_function: Any
    source: Source
    counts: tuple[int, ...] = (N,)
    gradient_names: list[list[str]] = field(default_factory=list)

    def differentiable(self, outputs: list[Any]) -> list[int]:
        """Return the places of the inputs whose gradients are compared.

        Targets have none; next to outputs of the inputs' own shape, y is an operand.
        """
        elementwise = outputs[0].size > 1 and outputs[0].shape == np.shape(self.values[0])
        return [
            place
            for place, (name, value) in enumerate(zip(self.names, self.values, strict=True))
            if is_real_array(value) and (not is_target(name) or (elementwise and len(name) == 1))
        ]


def check_operation(operation: Operation) -> list[dict[str, Any]]:
    """Return the findings of an operation; at most one, of its first wrong gradient.

    Raises:
        FailedError: the forward or the backward pass raised an error.
    """
    outputs = operation.forward(operation.values)
    rng = np.random.default_rng(11)
    douts = [np.asarray(rng.normal(size=y.shape) + 0.1) for y in outputs]
    gradients = operation.backward(operation.values, douts, operation.backward_function)
    numeric = numeric_gradients(operation, operation.differentiable(outputs), douts)
    compared = [k for k in numeric if _is_known(numeric[k])]
    wrong = [k for k in compared if not agrees(gradients, k, numeric[k])]
    # Where the name does not tell that an input has a gradient, None says that it has none.
    wrong = [
        k
        for k in wrong
        if k == 0 or is_parameter(operation.names[k]) or _gradient(gradients, k) is not None
    ]
    if not wrong:
        return []
    case = OperationCase(operation, outputs, douts, gradients, numeric, compared)
    return [case.finding(wrong[0])]


def _is_known(numeric: Any) -> bool:
    return not bool(np.isnan(numeric).all())


def _gradient(gradients: list[Any], place: int) -> Any:
    return gradients[place] if place < len(gradients) else None


def agrees(gradients: list[Any], place: int, numeric: Any) -> bool:
    """Return whether a gradient is the numeric one; None is a gradient of 0."""
    value = _gradient(gradients, place)
    if value is None:
        return not np.nanmax(np.abs(numeric), initial=0.0) > 1e-9
    return same(value, numeric)


def numeric_gradients(operation: Operation, places: list[int], douts: list[Any]) -> dict[int, Any]:
    """Return central differences by the inputs at ``places``; NaN where there is no gradient."""
    values = [np.array(v) if isinstance(v, np.ndarray) else v for v in operation.values]

    def total() -> float:
        outputs = operation.forward(values)
        return float(sum((d * y).sum() for d, y in zip(douts, outputs, strict=True)))

    result = {}
    for place in places:
        value = values[place]
        result[place] = numeric_gradient(total, value, value.__setitem__)
    return result


@dataclass
class OperationCase:
    """One comparison, and the search for the mistake that explains it."""

    operation: Operation
    outputs: list[Any]
    douts: list[Any]
    gradients: list[Any]
    numeric: dict[int, Any]
    compared: list[int]

    def finding(self, place: int) -> dict[str, Any]:
        """Return the finding of the gradient by the input at ``place``."""
        operation = self.operation
        value = _gradient(self.gradients, place)
        numeric = self.numeric[place]
        mistake, line = self._explain(place, value, numeric), None
        if mistake in ("unexplained", "gradient-missing") and value is not None:
            mistake, line = self._repaired() or (mistake, None)
        name = operation.names[place]
        function = operation.backward_function
        if operation.gradient_names:
            names = operation.gradient_names[place]
        else:
            names = operation.source.returned_name(function, place)
        line = line or operation.source.line_of_value(function, names)
        backward = getattr(function, "__name__", "backward")
        shape = np.shape(value)
        if value is None:
            text = f"{backward} returns no gradient for {name}, on which the output depends."
        elif shape != np.shape(numeric):
            text = (
                f"{backward} returns a gradient of shape {shape} for {name}, which has the shape "
                f"{np.shape(numeric)}: {TITLES[mistake]}."
            )
        else:
            text = (
                f"The gradient that {backward} returns for {name} is not the derivative of the "
                f"forward pass: {TITLES[mistake]}."
            )
        return {
            "mistake": mistake,
            "where": operation.where,
            "parameter": name,
            "line": line,
            "text": text,
            **({} if value is None else first_wrong(value, numeric)),
        }

    def _explain(self, place: int, value: Any, numeric: Any) -> str:
        of_bias = is_bias(self.operation.names, place)
        missing = "bias-gradient-missing" if of_bias else "gradient-missing"
        if value is None:
            return missing
        for other in self.compared:
            swapped = _gradient(self.gradients, other)
            if other != place and same(value, self.numeric[other]) and same(swapped, numeric):
                return "gradient-order"
        if np.shape(value) != np.shape(numeric):
            if np.shape(value) == np.shape(numeric)[::-1]:
                return "transposed"
            more = np.size(value) > np.size(numeric)
            return "bias-gradient-not-summed" if more else "broadcast"
        if not np.any(value):
            return missing
        if self._ignores_upstream():
            return "upstream-gradient-missing"
        if len(self.compared) == 1 and len(self.outputs) == 1:
            mistake = self._activation(place, value)
            if mistake is not None:
                return mistake
        c = ratio(value, numeric)
        if c is not None:
            names = [factor_name(c, n) for n in self.operation.counts]
            if "batch-factor" in names:
                return "batch-factor"
            return factor_name(c, 1) or ("sign" if c < 0 else "constant-factor")
        if np.ndim(value) == 2 and same(value.T, numeric):
            return "transposed"
        own = self.operation.values[place]
        several = len(self.compared) > 1 and self.outputs[0].shape == np.shape(own)
        if several and same(value, self.douts[0] * own):
            return "wrong-input-cached"
        if of_bias and self._is_of_one_sample(value):
            return "bias-gradient-not-summed"
        return "transposed" if self._turns_an_input(place) else "unexplained"

    def _is_of_one_sample(self, value: Any) -> bool:
        """Return whether each entry is that of a gradient of the outputs, not a sum of several."""
        entries = np.concatenate([d.ravel() for d in self.douts])
        return all(np.isclose(entries, v, rtol=1e-6, atol=0).any() for v in np.ravel(value))

    def _turns_an_input(self, place: int) -> bool:
        """Return whether the gradient is right for an input with its last axes exchanged."""
        operation = self.operation
        for k, other in enumerate(operation.values):
            if k == place or np.ndim(other) < 2 or np.shape(other)[-1] != np.shape(other)[-2]:
                continue
            values = [*operation.values]
            values[k] = np.swapaxes(other, -1, -2).copy()
            try:
                found = operation.backward(values, self.douts, operation.backward_function)
            except FailedError:
                continue
            if same(_gradient(found, place), self.numeric[place]):
                return True
        return False

    def _ignores_upstream(self) -> bool:
        """Return whether the gradients stay the same where those of the outputs are doubled."""
        operation = self.operation
        doubled = operation.backward(
            operation.values, [np.asarray(2 * d) for d in self.douts], operation.backward_function
        )
        known = [k for k in self.compared if _gradient(self.gradients, k) is not None]
        return bool(known) and all(
            np.any(self.gradients[k]) and same(doubled[k], self.gradients[k]) for k in known
        )

    def _activation(self, place: int, value: Any) -> str | None:
        x, y, dout = self.operation.values[place], self.outputs[0], self.douts[0]
        name = recognize(x, y)
        if name is None:
            return None
        if ratio(value, self.numeric[place]) is not None:
            return None
        slopes = list(wrong_slopes(name, x, dout))
        equal = [mistake for mistake, slope in slopes if same(value, slope)]
        scaled = [mistake for mistake, slope in slopes if ratio(value, slope) is not None]
        return next(iter([*equal, *scaled]), None)

    def _repaired(self) -> tuple[str, int] | None:
        """Return the mistake and the line whose repair makes all gradients right."""
        operation = self.operation

        def is_right(changed: Any) -> bool:
            found = operation.backward(operation.values, self.douts, changed)
            return all(agrees(found, k, self.numeric[k]) for k in self.compared)

        edit = repaired(operation.backward_function, operation.source, is_right)
        return None if edit is None else (edit.mistake, edit.line)
