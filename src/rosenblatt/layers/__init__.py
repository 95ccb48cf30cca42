"""Layers, one per file, each with its forward and backward pass. A line in LAYERS adds one."""

from rosenblatt.layers.base import Activation, Array, Layer, Params, RandomLayer
from rosenblatt.layers.concatenate import Concatenate
from rosenblatt.layers.dropout import Dropout
from rosenblatt.layers.init import (
    INITIALIZERS,
    Glorot,
    He,
    Initializer,
    Normal,
    Uniform,
    Zeros,
    as_initializer,
)
from rosenblatt.layers.leaky_relu import LeakyReLU
from rosenblatt.layers.linear import Linear
from rosenblatt.layers.nested import Nested, flattened, input_width
from rosenblatt.layers.relu import ReLU
from rosenblatt.layers.residual import Residual
from rosenblatt.layers.scale import Scale
from rosenblatt.layers.sigmoid import Sigmoid
from rosenblatt.layers.softmax import Softmax
from rosenblatt.layers.square import Square
from rosenblatt.layers.tanh import Tanh
from rosenblatt.registry import Registry, Subregistry

LAYERS: Registry[Layer] = Registry(
    "layer",
    Layer,
    Linear,
    ReLU,
    LeakyReLU,
    Tanh,
    Sigmoid,
    Square,
    Softmax,
    Scale,
    Dropout,
    Residual,
    Concatenate,
    by_class_name=True,
)
ACTIVATIONS: Registry[Activation] = Subregistry("activation", Activation, LAYERS)

as_layer = LAYERS.as_value
as_activation = ACTIVATIONS.as_value

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LAYERS",
    "Activation",
    "Array",
    "Concatenate",
    "Dropout",
    "Glorot",
    "He",
    "Initializer",
    "Layer",
    "LeakyReLU",
    "Linear",
    "Nested",
    "Normal",
    "Params",
    "RandomLayer",
    "ReLU",
    "Residual",
    "Scale",
    "Sigmoid",
    "Softmax",
    "Square",
    "Tanh",
    "Uniform",
    "Zeros",
    "as_activation",
    "as_initializer",
    "as_layer",
    "flattened",
    "input_width",
]
