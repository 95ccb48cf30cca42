"""The comparison of a pair of functions with differences, for given arguments."""

import ast
import copy
import dataclasses
import itertools
import re
from typing import Any

import numpy as np

from rosenblatt.check.numbers.compare import ratio, same
from rosenblatt.check.operations.arguments import is_bias
from rosenblatt.check.operations.ctx_functions import depends_on_inputs
from rosenblatt.check.operations.operations import (
    Operation,
    OperationCase,
    agrees,
    numeric_gradients,
)
from rosenblatt.check.pairs.arguments import STATE, input_leaves
from rosenblatt.check.pairs.calls import Binding, Pair
from rosenblatt.check.pairs.gradients import (
    Returned,
    computing_function,
    matched,
    shaped,
    unpacked,
    variable_of,
)
from rosenblatt.check.pairs.repair import repaired
from rosenblatt.check.report.texts import TITLES
from rosenblatt.check.source.calls import plain, required
from rosenblatt.check.source.state import flat
from rosenblatt.check.source.subjects import Facts

_DECAY = re.compile(r"reg|lam|decay|l2|penalty")

Findings = list[dict[str, Any]]


class PairCheck:
    """One comparison of a pair of functions with given arguments."""

    def __init__(self, pair: Pair, binding: Binding, arguments: dict[str, Any]) -> None:
        self.pair = pair
        self.binding = binding
        self.arguments = arguments
        inputs = input_leaves(arguments)
        self.paths = [leaf.path for leaf in inputs]
        self.values = [leaf.array for leaf in inputs]
        self.names = [re.sub(r"\W+", ".", path).strip(".") for path in self.paths]
        self.found: dict[int, str] = {}
        self.computing = computing_function(pair.backward, pair.backward.__globals__, pair.source)

    def given(self, values: list[Any]) -> dict[str, Any]:
        """Return the arguments with values in the places of the inputs."""
        arguments = copy.deepcopy(self.arguments)
        by_path = dict(zip(self.paths, values, strict=True))
        for leaf in input_leaves(arguments):
            leaf.fill(by_path[leaf.path])
        return arguments

    def forward(self, values: list[Any]) -> list[Any]:
        """Return the outputs."""
        return self.pair.outputs(self.binding, self.pair.run(self.given(values)))

    def returned(self, values: list[Any], douts: list[Any], function: Any) -> dict[str, Any]:
        """Return what backward returns, by path."""
        return flat(self.pair.run_backward(function, self.binding, self.given(values), douts))

    def backward(self, values: list[Any], douts: list[Any], function: Any) -> list[Any]:
        """Return the gradient by each input, None where there is none."""
        returned = self.returned(values, douts, function)
        found = [returned.get(self.found.get(k, "none")) for k in range(len(values))]
        return [
            None if value is None else shaped(value, self.values[k])
            for k, value in enumerate(found)
        ]

    def findings(self, facts: Facts) -> Findings | None:
        """Return the findings; None where nothing can be compared."""
        if not self.values:
            return None
        outputs = self.forward(self.values)
        again = self.forward(self.values)
        if not outputs or not all(np.isfinite(y).all() for y in outputs):
            return None
        if not all(np.array_equal(a, b) for a, b in zip(outputs, again, strict=True)):
            return None
        operation = self._operation(outputs)
        if not depends_on_inputs(operation, outputs):
            return [] if self._is_step(outputs) else None
        douts = self._output_gradients(outputs)
        numeric = numeric_gradients(operation, list(range(len(self.values))), douts)
        numeric = {k: value for k, value in numeric.items() if not np.isnan(value).all()}
        names = self._match(operation, douts, numeric)
        if not self.found:
            return None
        gradients = self.backward(self.values, douts, self.pair.backward)
        averaged = self._averaged(gradients, numeric, operation.counts)
        numeric = {k: value / averaged.get(k, 1) for k, value in numeric.items()}
        wrong = self._wrong(gradients, numeric)
        if wrong and self._is_fused(operation, outputs, douts):
            return []
        if averaged and not wrong:
            facts.averaged_layers.append(operation.where)
        if not wrong:
            return self._order(names)
        case = OperationCase(operation, outputs, douts, gradients, numeric, list(self.found))
        right = {self.names[k] for k in self.found if k not in wrong}
        return [{**self._finding(case, wrong[0]), "right": right}]

    def _is_step(self, outputs: list[Any]) -> bool:
        """Return whether forward has steps, whose gradient is a convention."""
        turned = self.forward([-value for value in self.values])
        return not all(map(np.array_equal, turned, outputs))

    def _operation(self, outputs: list[Any]) -> Operation:
        function = self.pair.backward
        return Operation(
            function.__name__,
            self.names,
            self.values,
            self.forward,
            self.backward,
            function,
            self.pair.source,
            counts=_counts(self.values[0], outputs[0]),
        )

    def _output_gradients(self, outputs: list[Any]) -> list[Any]:
        """Return random gradients of the outputs: small ones, where backward clips on purpose."""
        rng = np.random.default_rng(11)
        node = self.pair.source.node_of(self.pair.backward)
        size = 1e-2 if node is not None and "clip" in ast.unparse(node) else 1.0
        return [np.asarray(size * (rng.normal(size=y.shape) + 0.1)) for y in outputs]

    def _match(
        self, operation: Operation, douts: list[Any], numeric: dict[int, Any]
    ) -> dict[str, str]:
        """Find out what backward returns for each input; return the names by path."""
        source = self.pair.source
        returned = self.returned(self.values, douts, self.pair.backward)
        names = Returned.of(returned, self.computing, self.names, source).names
        inputs = {k: (self.paths[k], self.values[k]) for k in numeric}
        self.found = matched(returned, names, inputs, numeric)
        node = source.node_of(self.computing)
        operation.gradient_names.extend(
            _assigned(node, names.get(self.found.get(k, ""), "")) for k in range(len(self.values))
        )
        return names

    def _finding(self, case: OperationCase, place: int) -> dict[str, Any]:
        """Return the finding of the gradient by the input at ``place``."""
        operation, source = case.operation, self.pair.source
        finding = case.finding(place)
        if finding["line"] == source.line_of_value(self.pair.backward, []):
            names = operation.gradient_names[place]
            finding["line"] = source.line_of_value(self.computing, names)
        if finding["mistake"] == "unexplained":
            finding = self._named(finding, case)
        if finding["mistake"] == "gradients-accumulate":
            # The repair is to add where the code assigns.
            of_bias = is_bias(self.names, place)
            finding = _renamed(finding, "bias-gradient-not-summed" if of_bias else "unexplained")
            finding["text"] += " A later part overwrites an earlier one instead of adding to it."
        return finding

    def _named(self, finding: dict[str, Any], case: OperationCase) -> dict[str, Any]:
        """Return a finding with the mistake that a change of the code tells."""
        numeric, counts = case.numeric, case.operation.counts

        def is_right(forward: Any, backward: Any) -> bool:
            check = PairCheck(
                dataclasses.replace(self.pair, forward=forward), self.binding, self.arguments
            )
            check.found = self.found
            found = check.forward(self.values)
            if not all(map(np.array_equal, found, case.outputs)):
                return False
            gradients = check.backward(self.values, case.douts, backward)
            averaged = check._averaged(gradients, numeric, counts)
            return all(agrees(gradients, k, numeric[k] / averaged.get(k, 1)) for k in self.found)

        pair = self.pair
        found = repaired(pair.forward, pair.backward, pair.source, counts, is_right)
        if found is None:
            return finding
        named = _renamed(finding, found[0]) if found[0] in TITLES else finding
        return {**named, "line": found[1]}

    def _is_fused(self, operation: Operation, outputs: list[Any], douts: list[Any]) -> bool:
        """Return whether backward of a network is given the gradient before its last activation.

        p - y is that of cross-entropy by the inputs of a softmax or of a logistic function.
        """
        matrices = [k for k in self.found if self.values[k].ndim > 1 and not self._is_first(k)]
        y = outputs[0]
        if len(outputs) > 1 or len(matrices) < 2 or y.ndim != 2 or np.abs(y).max() >= 1:
            return False
        if any(STATE.search(plain(self.names[k])) for k in matrices):
            # A step from one state to the next is given the gradient by its output.
            return False
        axes = [axis for axis in (0, 1) if np.allclose(y.sum(axis=axis), 1)]
        if axes:
            before: Any = np.log
            douts = [d - d.mean(axis=axes[0], keepdims=True) for d in douts]
        else:
            before = np.arctanh if y.min() < 0 else lambda p: np.log(p / (1 - p))
        changed = dataclasses.replace(
            operation, forward=lambda values: [before(out) for out in self.forward(values)]
        )
        numeric = numeric_gradients(changed, list(self.found), douts)
        gradients = self.backward(self.values, douts, self.pair.backward)
        averaged = self._averaged(gradients, numeric, operation.counts)
        return all(agrees(gradients, k, numeric[k] / averaged.get(k, 1)) for k in self.found)

    def _is_first(self, place: int) -> bool:
        """Return whether an input is the first argument itself, not a part of it."""
        return place == 0 and self.paths[0].count("[") == 1

    def _averaged(
        self, gradients: list[Any], numeric: dict[int, Any], counts: tuple[int, ...]
    ) -> dict[int, int]:
        """Return by what number of samples gradients are divided, where no parameter has a sum.

        Averaged gradients of all parameters are a usual convention.
        """
        parameters = {k for k in self.found if k > 0}
        summed = any(agrees(gradients, k, numeric[k]) for k in parameters)
        for n in counts if not summed else ():
            averaged = {k for k in self.found if same(n * gradients[k], numeric[k])}
            if averaged & parameters:
                return dict.fromkeys(averaged | parameters, n)
        return {}

    def _wrong(self, gradients: list[Any], numeric: dict[int, Any]) -> list[int]:
        """Return the places of wrong gradients, and of parameters that have none."""
        wrong = [k for k in self.found if not agrees(gradients, k, numeric[k])]
        source = self.pair.source.node_of(self.pair.backward)
        if source is not None and _DECAY.search(ast.unparse(source)):
            wrong = [k for k in wrong if not _has_decay(gradients[k], numeric[k], self.values[k])]
        has_others = any(_is_parameter(self.names[k]) for k in self.found)
        missing = [
            k
            for k in numeric
            if k not in self.found
            and has_others
            and self.names[k] in required(self.pair.forward)
            and _is_parameter(self.names[k])
            and np.nanmax(np.abs(numeric[k])) > 1e-9
        ]
        return sorted(wrong) + missing

    def _order(self, names: dict[str, str]) -> Findings:
        """Return the finding of a call that takes right gradients in another order."""
        inputs = {path: f"d{self.names[k]}" for k, path in self.found.items()}
        returned = [name or inputs.get(path, "") for path, name in names.items()]
        own = [variable_of(name) for name in returned]
        for targets in unpacked(self.pair.backward.__name__, self.pair.source):
            taken = [variable_of(re.sub(r"\d+$", "", target)) for target in targets]
            if len(own) == len(taken) and _are_swapped(own, taken):
                function = self.pair.backward
                return [
                    {
                        "mistake": "gradient-order",
                        "where": function.__name__,
                        "line": self.pair.source.line_of_value(function, []),
                        "text": f"{function.__name__} returns {', '.join(returned)}, and its "
                        f"caller takes {', '.join(targets)}.",
                    }
                ]
        return []


def _are_swapped(own: list[str], taken: list[str]) -> bool:
    """Return whether two of three or more names stand at each other's places.

    >>> _are_swapped(["x", "w", "b"], ["h", "b", "w"]), _are_swapped(["x", "b"], ["b", "x"])
    (True, False)
    """
    return len(own) > 2 and any(
        own[i] == taken[j] != own[j] == taken[i]
        for i, j in itertools.combinations(range(len(own)), 2)
    )


def _is_parameter(name: str) -> bool:
    """Return whether a gradient by an argument of this name is needed."""
    return re.search(r"^[wub][a-z]{0,2}\d?$|weight|bias|^gamma$|^beta$", plain(name)) is not None


def _counts(x: Any, output: Any) -> tuple[int, ...]:
    """Return the numbers of samples that x may have: rows, columns, positions of an image."""
    shape = np.shape(x)
    sizes = [shape[0], shape[-1]] if len(shape) == 2 else [*shape[:1]]
    sizes += [int(np.size(output) / max(np.shape(output)[1:2] or (1,)))]
    return tuple(dict.fromkeys(n for n in sizes if n > 2))


def _has_decay(gradient: Any, numeric: Any, weights: Any) -> bool:
    if np.shape(gradient) != np.shape(numeric):
        return False
    c = ratio(gradient - numeric, weights)
    return c is not None and c > 0


def _assigned(node: Any, name: str) -> list[str]:
    """Return the variable that is computed, where a name is only a part or a copy of it."""
    for part in ast.walk(node) if node is not None and name else ():
        if not isinstance(part, ast.Assign) or ast.unparse(part.targets[0]) != name:
            continue
        value = part.value
        if isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name):
            return [value.value.id]
    return [name] if name else []


def _renamed(finding: dict[str, Any], mistake: str) -> dict[str, Any]:
    text = finding["text"].replace(TITLES[finding["mistake"]], TITLES[mistake])
    return {**finding, "mistake": mistake, "text": text}
