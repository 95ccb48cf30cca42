"""Second derivatives of a loss by the parameters, and measures of its curvature.

The product of the Hessian H with a vector v is the derivative of the gradient along v,

    H v = d/dε ∇L(θ + ε v) at ε = 0

(Pearlmutter, *Fast exact multiplication by the Hessian*, Neural Computation 1994). The forward and
backward passes of layers and losses run on :class:`Dual` numbers whose tangents start as v; the
tangents of the gradient are H v. This is exact to rounding, for every layer and loss, and one pass
takes many directions.

H is that of the mean loss over the given samples. At a kink, as of ReLU at 0, there is no second
derivative, and H is that of the branch which the layer takes: a linear piece.
Everything here computes in float64, whatever the dtype of the parameters. Dropout draws the masks
of ``key``; without a key it is off, as after training.

Where a vector or a matrix belongs to all parameters, they are in the order of :func:`flatten`: the
model's ``shapes``, one after another, each row by row.

>>> import rosenblatt as rb
>>> data = rb.data.moons(100, noise=0.2, seed=0)
>>> run = rb.train(rb.MLP(2, [4], 2), data, epochs=50)
>>> ends = rb.analysis.hessian.hessian_extremes(run.model, run.params, data.X, data.y)
>>> ends.largest > 0
True
"""

from rosenblatt.analysis.hessian.curvature import (
    HessianExtremes,
    PerturbedLoss,
    Trace,
    gradient_noise_scale,
    hessian,
    hessian_extremes,
    hessian_extremes_of_many,
    hessian_trace,
    hessian_vector_product,
    perturbed_loss,
)
from rosenblatt.analysis.hessian.dual import Dual
from rosenblatt.analysis.hessian.many import eigenvalues_of_many, traces_of_many
from rosenblatt.analysis.hessian.many_noise import gradient_noise_scales
from rosenblatt.analysis.hessian.objective import NoiseScale
from rosenblatt.analysis.hessian.vectors import flatten, unflatten

__all__ = [
    "Dual",
    "HessianExtremes",
    "NoiseScale",
    "PerturbedLoss",
    "Trace",
    "eigenvalues_of_many",
    "flatten",
    "gradient_noise_scale",
    "gradient_noise_scales",
    "hessian",
    "hessian_extremes",
    "hessian_extremes_of_many",
    "hessian_trace",
    "hessian_vector_product",
    "perturbed_loss",
    "traces_of_many",
    "unflatten",
]
