"""Task 2: the layers and the loss, forward and backward.

Rows are samples. ``forward`` may remember whatever ``backward`` needs. Import NumPy as ``np``.
"""


class Linear:
    """y = x W + b.

    ``params`` and ``grads`` are dicts with the keys "weight", (n_inputs, n_outputs), and "bias",
    (n_outputs,).
    """

    def __init__(self, n_inputs, n_outputs):
        """Fill ``params``: W standard normal (np.random.randn), b zero; and ``grads``: zeros."""
        raise NotImplementedError("task 2.1")

    def forward(self, x):
        """Return y (N, n_outputs) for x (N, n_inputs)."""
        raise NotImplementedError("task 2.1")

    def backward(self, dout):
        """Return ∂L/∂x (N, n_inputs) for dout = ∂L/∂y (N, n_outputs), and fill ``grads``."""
        raise NotImplementedError("task 2.1")


class ReLU:
    """y = max(0, x)."""

    def forward(self, x):
        """Return y, in the shape of x."""
        raise NotImplementedError("task 2.2")

    def backward(self, dout):
        """Return ∂L/∂x for dout = ∂L/∂y; at x = 0 it is 0."""
        raise NotImplementedError("task 2.2")


class SoftMax:
    """p_j = exp(x_j) / Σ_k exp(x_k), in each row."""

    def forward(self, x):
        """Return p (N, C) for x (N, C), also where x is 1000."""
        raise NotImplementedError("task 2.3")

    def backward(self, dout):
        """Return ∂L/∂x for dout = ∂L/∂p."""
        raise NotImplementedError("task 2.3")


class CrossEntropy:
    """L = -(1/N) Σ y log p, for probabilities x = p (N, C) and one-hot labels y (N, C)."""

    def forward(self, x, y):
        """Return L, a number."""
        raise NotImplementedError("task 2.4")

    def backward(self, x, y):
        """Return ∂L/∂x (N, C)."""
        raise NotImplementedError("task 2.4")
