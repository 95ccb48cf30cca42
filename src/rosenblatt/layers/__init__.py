"""Layers, one per file, forward beside backward. To add one: its file, and a line here."""

from rosenblatt.layers.base import Array, Layer, Params
from rosenblatt.layers.dropout import Dropout
from rosenblatt.layers.init import (
    INITIALIZERS,
    Glorot,
    He,
    Initializer,
    Normal,
    Uniform,
    Zeros,
    initializer,
)
from rosenblatt.layers.leaky_relu import LeakyReLU
from rosenblatt.layers.linear import Linear
from rosenblatt.layers.relu import ReLU
from rosenblatt.layers.sigmoid import Sigmoid
from rosenblatt.layers.softmax import Softmax
from rosenblatt.layers.tanh import Tanh

LAYERS: dict[str, type[Layer]] = {
    layer.__name__: layer for layer in (Linear, ReLU, LeakyReLU, Tanh, Sigmoid, Softmax, Dropout)
}

ACTIVATIONS: dict[str, type[Layer]] = {
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
}

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LAYERS",
    "Array",
    "Dropout",
    "Glorot",
    "He",
    "Initializer",
    "Layer",
    "LeakyReLU",
    "Linear",
    "Normal",
    "Params",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "Uniform",
    "Zeros",
    "initializer",
]
