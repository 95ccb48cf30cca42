"""Analysis: is a gradient right, how is a loss curved, and how good can any classifier be."""

from rosenblatt.analysis.bayes import equal_gaussians_accuracy
from rosenblatt.analysis.curvature import (
    HessianExtremes,
    NoiseScale,
    PerturbedLoss,
    Trace,
    flatten,
    gradient_noise_scale,
    hessian,
    hessian_extremes,
    hessian_trace,
    hessian_vector_product,
    perturbed_loss,
    unflatten,
)
from rosenblatt.analysis.dual import Dual
from rosenblatt.analysis.gradcheck import GradientCheck, PairCheck, check_all_pairs, gradcheck

__all__ = [
    "Dual",
    "GradientCheck",
    "HessianExtremes",
    "NoiseScale",
    "PairCheck",
    "PerturbedLoss",
    "Trace",
    "check_all_pairs",
    "equal_gaussians_accuracy",
    "flatten",
    "gradcheck",
    "gradient_noise_scale",
    "hessian",
    "hessian_extremes",
    "hessian_trace",
    "hessian_vector_product",
    "perturbed_loss",
    "unflatten",
]
