"""scikit-learn's ``MLPClassifier``."""

from typing import ClassVar

import numpy as np
from sklearn.neural_network import MLPClassifier

from benchmarks.contenders.contender import Contender, UnsupportedError
from benchmarks.orders import orders_of
from rosenblatt.layers import Params

NEVER = 10**9
BYTES_PER_CALL = 1 << 22
SWITCHED_OFF = -1e3
"""A bias whose softmax is exactly 0."""


class ScikitLearnContender(Contender):
    """``partial_fit`` on the rows in the order in which they are to be visited.

    It takes no order, but visits the rows as they come with ``shuffle=False``: several epochs, one
    behind the other, are one long epoch of the same batches, and one call. Where an epoch ends in a
    smaller batch, each is a call of its own.

    For two classes it would have one logistic output. A third class, which no row belongs to and
    whose bias keeps its probability at exactly 0, gives it the softmax over two outputs that the
    other contenders have.
    """

    one_by_one: ClassVar[bool] = True

    @property
    def ways(self) -> tuple[str, ...]:
        """There is one, unless the work is of another kind."""
        if self.work.is_perceptron:
            raise UnsupportedError(
                "its Perceptron has the online rule only, with its own shuffling"
            )
        return ("",)

    def prepare(self, way: str) -> float | None:
        """Make the network; what it was fitted to does not matter, its weights are replaced."""
        work, material = self.work, self.material
        self._network = MLPClassifier(
            hidden_layer_sizes=work.widths[1:-1],
            activation=work.activation,
            solver=work.optimizer,
            alpha=0.0,
            batch_size=work.batch_size,
            learning_rate_init=work.learning_rate,
            momentum=0.0,
            nesterovs_momentum=False,
            shuffle=False,
            tol=0.0,
            n_iter_no_change=NEVER,
        )
        self._spare = work.widths[-1] == 2
        classes = np.arange(work.widths[-1] + self._spare)
        size = work.batch_size
        self._network.partial_fit(material.x[:size], material.y[:size], classes=classes)
        self.run(1)
        return None

    def run(self, epochs: int) -> Params:
        """Train the first member."""
        return self._train(epochs, seed=0)

    def final(self, epochs: int) -> list[Params]:
        """Train the members one after the other."""
        return [self._train(epochs, seed) for seed in range(self.work.members)]

    def _train(self, epochs: int, seed: int) -> Params:
        x, y, n = self.material.x, self.material.y, len(self.material.x)
        self._start(self.material.start[seed])
        at_once = 1 if n % self.work.batch_size else max(1, BYTES_PER_CALL // x.nbytes)
        for first in range(1, epochs + 1, at_once):
            count = min(at_once, epochs + 1 - first)
            if self.work.shuffles:
                rows = orders_of(range(seed, seed + 1), first, count, n).ravel()
                self._network.partial_fit(x[rows], y[rows])
            else:
                self._network.partial_fit(np.tile(x, (count, 1)), np.tile(y, count))
        return self._weights()

    def _start(self, params: Params) -> None:
        """Give the network its initial weights, and Adam its initial moments."""
        weights = [value.copy() for name, value in params.items() if name.endswith("weight")]
        biases = [value.copy() for name, value in params.items() if name.endswith("bias")]
        if self._spare:
            weights[-1] = np.pad(weights[-1], ((0, 0), (0, 1)))
            biases[-1] = np.append(biases[-1], biases[-1].dtype.type(SWITCHED_OFF))
        self._network.coefs_, self._network.intercepts_ = weights, biases
        # There is no public way to forget the moments and to keep the weights.
        vars(self._network).pop("_optimizer", None)

    def _weights(self) -> Params:
        outputs = self.work.widths[-1]
        values = []
        for weight, bias in zip(self._network.coefs_, self._network.intercepts_, strict=True):
            values += [weight, bias]
        values[-2:] = values[-2][:, :outputs], values[-1][:outputs]
        return dict(zip(self.material.model.shapes, values, strict=True))
