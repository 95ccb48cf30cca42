"""Models: layers in a row, the multi-layer perceptron and the perceptron."""

from rosenblatt.models.base import Model, backpropagate
from rosenblatt.models.gradients import loss_and_grads
from rosenblatt.models.mlp import MLP, Sequential
from rosenblatt.models.perceptron import Perceptron

__all__ = ["MLP", "Model", "Perceptron", "Sequential", "backpropagate", "loss_and_grads"]
