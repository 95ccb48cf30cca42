"""Task 3: the multi-layer perceptron, built of the modules in modules.py."""

import numpy as np
from modules import Linear, ReLU, SoftMax


class MLP:
    """Linear, ReLU, Linear, ReLU, ..., Linear, SoftMax.

    Args:
        n_inputs: D.
        n_hidden: the width of each hidden layer, such as [20] or [20, 10]; [] has no hidden layer.
        n_classes: C.
        seed: of the initial weights.

    ``modules`` is the list of all modules, first to last.
    """

    def __init__(self, n_inputs, n_hidden, n_classes, seed=42):
        self.modules = []
        widths = [n_inputs, *n_hidden]
        for i in range(len(n_hidden)):
            self.modules += [Linear(widths[i], widths[i + 1]), ReLU()]
        self.modules += [Linear(widths[-1], n_classes), SoftMax()]
        self.initialize(seed)

    def initialize(self, seed):
        """Draw the weights of all Linear modules, first to last. Leave this as it is."""
        legacy = np.random.RandomState(seed)
        for module in self.modules:
            if hasattr(module, "params") and "weight" in module.params:
                module.params["weight"] = legacy.randn(*module.params["weight"].shape)

    def forward(self, x):
        """Return probabilities (N, C) for x (N, D)."""
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, dout):
        """Fill the ``grads`` of all modules from dout = ∂L/∂probabilities; return ∂L/∂x."""
        for module in reversed(self.modules):
            dout = module.backward(dout)
        return dout

    def update(self, lr):
        """Take one step: θ <- θ - lr ∂L/∂θ for every parameter."""
        for module in self.modules:
            if isinstance(module, Linear):
                for name in ("weight", "bias"):
                    module.params[name] = module.params[name] - lr * module.grads[name]
