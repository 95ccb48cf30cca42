"""Names in optimizers: hyper-parameters, gradients, parameters, counts."""

import re

from rosenblatt.check.source.calls import plain

SETTINGS = (
    ("eps", r"^eps|epsilon|^delta$|fuzz|tiny"),
    ("decay", r"weightdecay|^wd$|^lamb|^lmbda|^lam$|^l2|^reg"),
    ("beta2", r"^b(eta)?2$|beta2|decay2|rho2"),
    ("beta1", r"^b(eta)?1$|beta1|decay1|rho1"),
    (
        "lr",
        r"^lr|^l_?rate$|learn|^eta\d?$|^alpha$|stepsize|gradientstep|^rate$|^steplength$|^a$|^lrate"
        r"|^lernrate|^schrittweite|^tasa|^taxa|^tasso|^taux|^pas$|^paso$|^passo$|^krok|^hiz|^stopa",
    ),
    ("rho", r"^rho$|decayrate|^decay$|smoothing"),
    ("momentum", r"moment|^mu$|^beta$|^gamma$|friction|inertia"),
)
"""Hyper-parameters and patterns of their names."""

VALUES = {
    "lr": 0.0523,
    "momentum": 0.817,
    "beta1": 0.793,
    "beta2": 0.947,
    "rho": 0.861,
    "eps": 1e-8,
    "decay": 0.0311,
}
"""Values of hyper-parameters; odd ones, so that no product of them is another one by chance."""

_GRADIENT = re.compile(
    r"grad|^g\d?$|^gs$|^d_?(w|p|x|theta|params?|weights?|b|v?ar|l)\w*$|nabla|^dw"
)
_PARAMETER = re.compile(
    r"^(params?|parameters?|model|net|network|layers?|w|ws|weights?|theta|p|ps|x|var\w*|values?|tensors?)\d?$"
)
COUNT = re.compile(r"^(t|step|iter\w*|epoch|i|n|timestep|k|count\w*|it)$")
"""The plain name of an argument that is the number of the update."""


def setting_of(name: str) -> str | None:
    """Return the hyper-parameter that a name stands for.

    >>> [setting_of(name) for name in ("learning_rate", "mu", "beta_2", "weight_decay", "size")]
    ['lr', 'momentum', 'beta2', 'decay', None]
    """
    p = plain(name)
    return next((key for key, pattern in SETTINGS if re.search(pattern, p)), None)


def is_gradient(name: str) -> bool:
    """Return whether an argument's plain name stands for gradients."""
    return bool(_GRADIENT.search(name)) and setting_of(name) is None


def is_parameter(name: str) -> bool:
    """Return whether an argument's plain name stands for parameters."""
    return bool(_PARAMETER.search(name)) and setting_of(name) is None
