"""Layers, losses, optimizers and a schedule as users write them, without any engine in mind."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.layers import Activation, Linear
from rosenblatt.layers.base import Layer
from rosenblatt.losses import Loss
from rosenblatt.losses.base import RegressionLoss
from rosenblatt.optimizers import Optimizer
from rosenblatt.optimizers.base import zeros_like


@dataclass(frozen=True)
class ELU(Activation):
    alpha: float = 1.0

    def forward(self, params, x):
        y = np.where(x > 0, x, self.alpha * (np.exp(np.minimum(x, 0)) - 1))
        return y, (x, y)

    def backward(self, params, cache, dy):
        x, y = cache
        return dy * np.where(x > 0, 1.0, y + self.alpha), {}


@dataclass(frozen=True)
class Swish(Activation):
    def forward(self, params, x):
        s = 1 / (1 + np.exp(-x))
        return x * s, (x, s)

    def backward(self, params, cache, dy):
        x, s = cache
        return dy * (s + x * s * (1 - s)), {}


@dataclass(frozen=True)
class GELU(Activation):
    """The tanh approximation of Hendrycks and Gimpel 2016."""

    def forward(self, params, x):
        c = np.sqrt(2 / np.pi)
        t = np.tanh(c * (x + 0.044715 * x**3))
        return 0.5 * x * (1 + t), (x, t)

    def backward(self, params, cache, dy):
        x, t = cache
        c = np.sqrt(2 / np.pi)
        slope = 0.5 * x * (1 - t**2) * c * (1 + 3 * 0.044715 * x**2)
        return dy * (0.5 * (1 + t) + slope), {}


@dataclass(frozen=True)
class LayerNorm(Layer):
    """With a gain and a shift of its own."""

    width: int
    epsilon: float = 1e-5

    @property
    def shapes(self):
        return {"gain": (self.width,), "shift": (self.width,)}

    def init(self, rng):
        return {"gain": 1 + 0.1 * rng.normal(size=self.width), "shift": np.zeros(self.width)}

    def forward(self, params, x):
        centred = x - x.mean(axis=1, keepdims=True)
        inverse = 1 / np.sqrt((centred**2).mean(axis=1, keepdims=True) + self.epsilon)
        n = centred * inverse
        return n * params["gain"] + params["shift"], (n, inverse)

    def backward(self, params, cache, dy):
        n, inverse = cache
        dn = dy * params["gain"]
        along = n * (dn * n).mean(axis=1, keepdims=True)
        dx = inverse * (dn - dn.mean(axis=1, keepdims=True) - along)
        return dx, {"gain": (dy * n).sum(axis=0), "shift": dy.sum(axis=0)}


@dataclass(frozen=True)
class MaxOut(Layer):
    """The larger of each pair of neighbours."""

    def n_outputs_for(self, n_inputs):
        return None if n_inputs is None else n_inputs // 2

    def forward(self, params, x):
        a, b = x[:, 0::2], x[:, 1::2]
        return np.maximum(a, b), a >= b

    def backward(self, params, cache, dy):
        first = cache[:, :, np.newaxis]
        pairs = np.where(first, np.array([1.0, 0.0]), np.array([0.0, 1.0]))
        return (dy[:, :, np.newaxis] * pairs).reshape(dy.shape[0], -1), {}


@dataclass(frozen=True)
class Residual(Layer):
    """x + tanh(x W)."""

    width: int

    @property
    def shapes(self):
        return {"weight": (self.width, self.width)}

    def init(self, rng):
        return {"weight": 0.3 * rng.normal(size=(self.width, self.width))}

    def forward(self, params, x):
        t = np.tanh(x @ params["weight"])
        return x + t, (x, t)

    def backward(self, params, cache, dy):
        x, t = cache
        dz = dy * (1 - t * t)
        return dy + dz @ params["weight"].T, {"weight": x.T @ dz}


@dataclass(frozen=True)
class Bilinear(Layer):
    """(x U) ⊙ (x V): a gated layer."""

    n_inputs: int
    n_outputs: int

    @property
    def shapes(self):
        return dict.fromkeys(("U", "V"), (self.n_inputs, self.n_outputs))

    def init(self, rng):
        return {name: 0.5 * rng.normal(size=shape) for name, shape in self.shapes.items()}

    def n_outputs_for(self, n_inputs):
        return self.n_outputs

    def forward(self, params, x):
        a, b = x @ params["U"], x @ params["V"]
        return a * b, (x, a, b)

    def backward(self, params, cache, dy):
        x, a, b = cache
        da, db = dy * b, dy * a
        dx = da @ params["U"].T + db @ params["V"].T
        return dx, {"U": x.T @ da, "V": x.T @ db}


@dataclass(frozen=True)
class RBF(Layer):
    """exp(−γ_j ‖x − c_j‖²): Gaussian units with centres and widths."""

    n_inputs: int
    n_outputs: int

    @property
    def shapes(self):
        return {"centres": (self.n_outputs, self.n_inputs), "gamma": (self.n_outputs,)}

    def init(self, rng):
        shape = self.n_outputs, self.n_inputs
        return {"centres": rng.normal(size=shape), "gamma": rng.uniform(0.2, 1, self.n_outputs)}

    def n_outputs_for(self, n_inputs):
        return self.n_outputs

    def forward(self, params, x):
        difference = x[:, np.newaxis, :] - params["centres"]  # (N, H, D)
        squares = (difference**2).sum(axis=2)
        y = np.exp(-params["gamma"] * squares)
        return y, (difference, squares, y)

    def backward(self, params, cache, dy):
        difference, squares, y = cache
        dz = -(dy * y)
        pull = 2 * (dz * params["gamma"])[:, :, np.newaxis] * difference
        return pull.sum(axis=1), {"centres": -pull.sum(axis=0), "gamma": (dz * squares).sum(axis=0)}


@dataclass(frozen=True)
class Focal(Loss):
    """Focal loss on softmax with γ = 2: Lin et al. 2017."""

    def value_and_gradient(self, z, y):
        e = np.exp(z - z.max(axis=1, keepdims=True))
        p = e / e.sum(axis=1, keepdims=True)
        right = (p * y).sum(axis=1, keepdims=True)
        value = -((1 - right) ** 2) * np.log(right)
        slope = 2 * (1 - right) * np.log(right) - (1 - right) ** 2 / right
        return value, slope * right * (y - p)


@dataclass(frozen=True)
class Huber(RegressionLoss):
    delta: float = 0.5

    def value_and_gradient(self, z, y):
        error = z - y
        size = np.abs(error)
        quadratic = np.minimum(size, self.delta)
        value = 0.5 * quadratic**2 + self.delta * (size - quadratic)
        return value.sum(axis=1), np.clip(error, -self.delta, self.delta)


@dataclass(frozen=True)
class Smoothed(Loss):
    """Cross-entropy with label smoothing: Szegedy et al. 2016."""

    epsilon: float = 0.1

    def value_and_gradient(self, z, y):
        y = (1 - self.epsilon) * y + self.epsilon / z.shape[1]
        shifted = z - np.max(z, axis=1, keepdims=True)
        log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
        return -np.sum(y * log_p, axis=1), np.exp(log_p) - y


@dataclass(frozen=True)
class Lion(Optimizer):
    """Chen et al. 2023: the sign of an interpolated momentum."""

    learning_rate: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.99

    def init(self, params):
        return {"m": zeros_like(params)}

    def update(self, params, grads, slots, step):
        eta, new, m = self.rate(step), {}, {}
        for name, g in grads.items():
            old = slots["m"][name]
            new[name] = params[name] - eta * np.sign(self.beta1 * old + (1 - self.beta1) * g)
            m[name] = self.beta2 * old + (1 - self.beta2) * g
        return new, {"m": m}


@dataclass(frozen=True)
class AdaGrad(Optimizer):
    learning_rate: float = 0.1
    epsilon: float = 1e-8

    def init(self, params):
        return {"squares": zeros_like(params)}

    def update(self, params, grads, slots, step):
        eta = self.rate(step)
        squares = {name: slots["squares"][name] + g**2 for name, g in grads.items()}
        new = {
            name: theta - eta * grads[name] / (np.sqrt(squares[name]) + self.epsilon)
            for name, theta in params.items()
        }
        return new, {"squares": squares}


@dataclass(frozen=True)
class SignThenGradient(Optimizer):
    """Steps of one size at first, then steps along the gradient."""

    learning_rate: float = 0.01

    def init(self, params):
        return {}

    def update(self, params, grads, slots, step):
        eta, is_early = self.rate(step), step < 6
        return {
            name: params[name] - eta * np.where(is_early, np.sign(g), g)
            for name, g in grads.items()
        }, {}


@dataclass(frozen=True)
class Cyclical:
    """A triangular schedule: Smith 2017."""

    low: float = 0.01
    high: float = 0.1
    half_cycle: int = 7

    def __call__(self, step):
        cycle = np.floor(1 + step / (2 * self.half_cycle))
        x = np.abs(step / self.half_cycle - 2 * cycle + 1)
        return self.low + (self.high - self.low) * np.maximum(0, 1 - x)


LAYERS = {
    "ELU": [Linear(3, 6), ELU(0.7), Linear(6, 3)],
    "Swish": [Linear(3, 6), Swish(), Linear(6, 3)],
    "GELU": [Linear(3, 6), GELU(), Linear(6, 3)],
    "LayerNorm": [Linear(3, 6), LayerNorm(6), ELU(), Linear(6, 3)],
    "MaxOut": [Linear(3, 6), MaxOut(), Linear(3, 3)],
    "Residual": [Linear(3, 6), Residual(6), Residual(6), Linear(6, 3)],
    "Bilinear": [Linear(3, 6), Bilinear(6, 5), Linear(5, 3)],
    "RBF": [Linear(3, 4), RBF(4, 6), Linear(6, 3)],
}
"""Layers of a network of 3 inputs and 3 outputs, around each of the layers above."""

LOSSES = {"Focal": Focal(), "Huber": Huber(), "Smoothed": Smoothed()}
OPTIMIZERS = {
    "Lion": Lion(),
    "AdaGrad": AdaGrad(),
    "AdaGrad cyclical": AdaGrad(Cyclical()),
    "SignThenGradient": SignThenGradient(),
}
