"""The multi-layer perceptron, built of the modules in ``modules.py``."""

from itertools import pairwise

from modules import Linear, ReLU, SoftMax

import rosenblatt as rb
from rosenblatt.experiments.replay import initial_params


class MLP:
    """Linear, ReLU, ..., Linear, SoftMax.

    It starts from the report's own weights: standard normal, from NumPy's legacy generator, and
    biases 0.

    Args:
        n_inputs: D, the width of a sample.
        n_hidden: the width of each hidden layer; [] leaves a linear classifier.
        n_classes: C.
        seed: of the initial weights.
    """

    def __init__(self, n_inputs, n_hidden, n_classes, seed=42):
        self.modules = []
        for width_in, width_out in pairwise([n_inputs, *n_hidden, n_classes]):
            self.modules += [Linear(width_in, width_out), ReLU()]
        self.modules[-1] = SoftMax()
        # What rosenblatt.train takes: the same layers up to the logits; its loss has the softmax.
        self.model = rb.Sequential([module.layer for module in self.modules[:-1]])
        self.load(initial_params(self.model, seed))

    def forward(self, x):
        """Return class probabilities (N, C) for x (N, D)."""
        for module in self.modules:
            x = module.forward(x)
        return x

    def backward(self, dout):
        """Fill the modules' ``grads`` from dout = ∂L/∂probabilities (N, C); return ∂L/∂x."""
        for module in reversed(self.modules):
            dout = module.backward(dout)
        return dout

    def update(self, lr):
        """Take one step down the gradient: θ ← θ − lr ∂L/∂θ."""
        sgd = rb.SGD(lr)
        for module in self.modules:
            module.params, _ = sgd.update(module.params, module.grads, {}, step=0)

    @property
    def params(self):
        """All parameters by the names that ``rosenblatt`` gives them: "0.weight", "0.bias", ..."""
        return {
            f"{i}.{name}": value
            for i, module in enumerate(self.modules)
            for name, value in module.params.items()
        }

    def load(self, params):
        """Take over parameters by these names, for instance those of a run."""
        for full_name, value in params.items():
            i, name = full_name.split(".")
            self.modules[int(i)].params[name] = value
