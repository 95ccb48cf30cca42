"""Fitted estimators as ONNX models: matrix products, activations, and labels at the end.

The graph takes "X" (N, D) and gives what the estimator's methods give: "label" and "probabilities"
of a classifier, "label" and "scores" of a perceptron, "value" of a regressor. Labels have the
type of those that ``predict`` returns; several labels per sample are int64. It holds standard
operators only (ONNX operator set 17 and onnxruntime's basic ones).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.utils.validation import check_is_fitted

from rosenblatt.errors import ConfigurationError, given
from rosenblatt.estimators.classifier import MLPClassifier
from rosenblatt.estimators.network_estimator import NetworkEstimator, as_dense
from rosenblatt.estimators.perceptron_classifier import Perceptron
from rosenblatt.files import atomic_write
from rosenblatt.layers import LeakyReLU

OPSET = 17
OPERATORS: Mapping[str, str | None] = {
    "identity": None,
    "logistic": "Sigmoid",
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "Relu",
    "softmax": "Softmax",
    "exp": "Exp",
}
"""The operator of each activation that has one, hidden or of the outputs."""


def to_onnx(estimator: Any, *, dtype: npt.DTypeLike = np.float32) -> Any:
    """Return a fitted estimator as an ONNX model.

    Args:
        estimator: an MLPClassifier, MLPRegressor or Perceptron of this package.
        dtype: float32 or float64: of the inputs, of the weights and of the arithmetic.

    Returns:
        An ``onnx.ModelProto``; ``SerializeToString()`` of it is what onnxruntime loads.

    Raises:
        ConfigurationError: another estimator or type, or onnx is not installed.
        NotFittedError: the estimator is not fitted.

    >>> from rosenblatt.estimators import Perceptron
    >>> perceptron = Perceptron().fit([[0.0, 1.0], [1.0, 0.0]], ["a", "b"])
    >>> model = to_onnx(perceptron)
    >>> [value.name for value in model.graph.input], [value.name for value in model.graph.output]
    (['X'], ['scores', 'label'])
    """
    if not isinstance(estimator, NetworkEstimator | Perceptron):
        raise ConfigurationError(
            f"to_onnx takes an estimator of rosenblatt.estimators, got {given(estimator)}"
        )
    if np.dtype(dtype) not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ConfigurationError(f"dtype must be float32 or float64, got {given(dtype)}")
    check_is_fitted(estimator)
    graph = _Graph(np.dtype(dtype))
    if isinstance(estimator, Perceptron):
        scores = graph.linear("X", as_dense(estimator.coef_).T, estimator.intercept_)
        graph.output("scores", scores, graph.dtype, len(estimator.intercept_))
        threshold = 0.0
    else:
        scores = graph.network(estimator)
        threshold = 0.5
    if isinstance(estimator, MLPClassifier | Perceptron):
        _add_labels(graph, estimator, scores, threshold)
    else:
        graph.output("value", scores, graph.dtype, estimator.n_outputs_)
    return graph.model(type(estimator).__name__, estimator.n_features_in_)


def save_onnx(estimator: Any, path: str | Path, *, dtype: npt.DTypeLike = np.float32) -> None:
    """Write a fitted estimator to a file as :func:`to_onnx` returns it, whole or not at all.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from rosenblatt.estimators import Perceptron
    >>> perceptron = Perceptron().fit([[0.0, 1.0], [1.0, 0.0]], [0, 1])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "perceptron.onnx"
    ...     save_onnx(perceptron, path)
    ...     path.read_bytes() == to_onnx(perceptron).SerializeToString()
    True
    """
    content = to_onnx(estimator, dtype=dtype).SerializeToString()
    with atomic_write(Path(path)) as file:
        file.write(content)


def _add_labels(graph: "_Graph", estimator: Any, scores: str, threshold: float) -> None:
    """Add the outputs of a classifier: labels, and probabilities where it has them."""
    classes = np.asarray(estimator.classes_)
    n_outputs = len(estimator.intercept_) if threshold == 0.0 else estimator.n_outputs_
    several = threshold and estimator._label_binarizer.y_type_.startswith("multilabel")
    if threshold and not several and n_outputs == 1:
        one = graph.constant(np.ones(1, graph.dtype))
        both = [graph.node("Sub", one, scores), scores]
        graph.output("probabilities", graph.node("Concat", *both, axis=1), graph.dtype, 2)
    elif threshold:
        graph.output("probabilities", scores, graph.dtype, n_outputs)
    if several or n_outputs == 1:
        yes = graph.node("Greater", scores, graph.constant(np.array(threshold, graph.dtype)))
        index = graph.node("Cast", yes, to=7)
        if not several:
            index = graph.node("Reshape", index, graph.constant(np.array([-1])))
    else:
        index = graph.node("ArgMax", scores, axis=1, keepdims=0)
    if several:
        graph.output("label", index, np.dtype(np.int64), n_outputs)
        return
    labels = _labels(classes)
    # Of one class there is one output, and it may be on either side of the threshold.
    labels = np.repeat(labels, 2) if len(labels) == 1 else labels
    chosen = graph.node("Gather", graph.constant(labels), index)
    graph.output("label", chosen, labels.dtype)


def _labels(classes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return labels in a type that ONNX has, in which they equal those of ``predict``.

    Raises:
        ConfigurationError: there is none.
    """
    labels = classes
    if classes.dtype.kind == "O":
        kinds = {np.asarray(label).dtype.kind for label in classes}
        labels = np.array(classes.tolist()) if len(kinds) == 1 else classes
    is_number = labels.dtype.kind in "biuf" and labels.dtype.itemsize <= 8
    if is_number or labels.dtype.kind == "U":
        return labels.astype(labels.dtype.newbyteorder("="))
    raise ConfigurationError(
        f"ONNX has no type for these labels: {given(classes.tolist())} of type {classes.dtype}; "
        "fit to whole numbers, floats up to 64 bits, booleans or text"
    )


class _Graph:
    """An ONNX graph while it is built. Names are numbered; a node has one output."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        try:
            import onnx
        except ImportError as error:
            raise ConfigurationError(
                "ONNX models need the package onnx: pip install 'rosenblatt[onnx]'"
            ) from error
        self.dtype, self._onnx = dtype, onnx
        self._nodes: list[Any] = []
        self._constants: list[Any] = []
        self._outputs: list[Any] = []

    def constant(self, values: npt.NDArray[Any]) -> str:
        """Return the name of values that the model holds."""
        name = f"constant_{len(self._constants)}"
        if values.dtype.kind == "U":
            data = [str(value).encode() for value in values.tolist()]
            kind = self._onnx.TensorProto.STRING
            tensor = self._onnx.helper.make_tensor(name, kind, values.shape, data)
        else:
            tensor = self._onnx.numpy_helper.from_array(np.ascontiguousarray(values), name)
        self._constants.append(tensor)
        return name

    def node(self, operator: str, *inputs: str, **settings: Any) -> str:
        """Return the name of what an operator makes of its inputs."""
        name = f"value_{len(self._nodes)}"
        made = self._onnx.helper.make_node(operator, list(inputs), [name], **settings)
        self._nodes.append(made)
        return name

    def linear(self, x: str, weight: npt.NDArray[Any], bias: npt.NDArray[Any]) -> str:
        """Return the name of x W + b."""
        product = self.node("MatMul", x, self.constant(weight.astype(self.dtype)))
        return self.node("Add", product, self.constant(bias.astype(self.dtype)))

    def activation(self, name: str, x: str) -> str:
        """Return the name of f(x) for an activation of the estimators."""
        if name == "leaky_relu":
            # The slope of ONNX's own operator is a float32 whatever the arithmetic.
            positive = self.node("Relu", x)
            slope = self.constant(np.array(LeakyReLU().slope, self.dtype))
            negative = self.node("Mul", slope, self.node("Sub", x, positive))
            return self.node("Add", positive, negative)
        if name == "square":
            return self.node("Mul", x, x)
        if name not in OPERATORS:
            raise ConfigurationError(
                f"ONNX has no operator for the activation {name!r}; it has {', '.join(OPERATORS)}"
            )
        operator = OPERATORS[name]
        settings = {"axis": 1} if name == "softmax" else {}
        return self.node(operator, x, **settings) if operator else x

    def network(self, estimator: NetworkEstimator) -> str:
        """Return the name of a network's outputs, of several runs' the mean."""
        runs = getattr(estimator, "estimators_", [estimator])
        if estimator.select == "best":
            runs = [estimator]
        outputs = [self._one_network(run) for run in runs]
        total = outputs[0]
        for output in outputs[1:]:
            total = self.node("Add", total, output)
        if len(outputs) == 1:
            return total
        # Not the operator Mean, which onnxruntime has in float32 only.
        return self.node("Div", total, self.constant(np.array(len(outputs), self.dtype)))

    def _one_network(self, estimator: NetworkEstimator) -> str:
        names = (*estimator._activations(), estimator.out_activation_)
        x = "X"
        for weight, bias, name in zip(estimator.coefs_, estimator.intercepts_, names, strict=True):
            x = self.activation(name, self.linear(x, weight, bias))
        return x

    def output(self, name: str, value: str, dtype: np.dtype[Any], *width: int) -> None:
        """Give a value out under a name, (N,) or (N, width)."""
        self._nodes.append(self._onnx.helper.make_node("Identity", [value], [name]))
        kind = self._onnx.TensorProto.STRING
        if dtype.kind != "U":
            kind = self._onnx.helper.np_dtype_to_tensor_dtype(dtype)
        self._outputs.append(self._onnx.helper.make_tensor_value_info(name, kind, ["N", *width]))

    def model(self, name: str, n_inputs: int) -> Any:
        """Return the finished model, checked."""
        helper = self._onnx.helper
        kind = helper.np_dtype_to_tensor_dtype(self.dtype)
        x = helper.make_tensor_value_info("X", kind, ["N", n_inputs])
        graph = helper.make_graph(self._nodes, name, [x], self._outputs, self._constants)
        opset = [helper.make_opsetid("", OPSET)]
        made = helper.make_model(graph, opset_imports=opset, producer_name="rosenblatt")
        made.ir_version = 8
        self._onnx.checker.check_model(made)
        return made
