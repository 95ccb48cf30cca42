"""The learning of a parity: what was published, and the page."""

import numpy as np

from rosenblatt.report.evidence import number_interval
from rosenblatt.report.format import number
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.parity.claims import CLAIMS, ends
from rosenblatt.reproductions.parity.experiment import (
    BATCHES,
    EXPERIMENT,
    FRESH,
    NAME,
    SINGLE,
    Setting,
)
from rosenblatt.reproductions.parity.figures import FIGURES, facts_of


def _epochs(results: Results, setting: Setting) -> str:
    epochs = ends(results, setting)["epochs"]
    n = int(np.isfinite(epochs).sum())
    return f"{number_interval(effect(epochs), 1)} ({n} of {len(epochs)} networks)"


def _share(results: Results) -> str:
    return f"{number(100 * facts_of(results)['share_moved'], 0)} % below 60 % accuracy"


def _updates(results: Results) -> str:
    return f"{number_interval(effect(ends(results, FRESH)['right']), 0)} updates of 32"


RESULT = Reproduction(
    experiment=EXPERIMENT,
    section=Section(
        experiment=NAME,
        package=__package__,
        figures=FIGURES,
        claims=CLAIMS,
        facts=facts_of,
    ),
    published=(
        Published(
            "epochs to 100 % with single samples",
            "5 to 9",
            "SutroYaro, exp_perlayer_batch, exp_c_perlayer_20bit",
            lambda results: _epochs(results, SINGLE),
            "single",
        ),
        Published(
            "epochs to 100 % with batches of 32",
            "41.4",
            "SutroYaro, exp_perlayer_batch",
            lambda results: _epochs(results, BATCHES),
            "batch",
        ),
        Published(
            "share of ‖w − w₀‖₁ before the rise",
            "75 % at 59 % accuracy",
            "SutroYaro, exp1_fix_hyperparams",
            _share,
            "moves",
        ),
        Published(
            "updates with fresh samples",
            "about nᴼ⁽ᵏ⁾",
            "Barak et al. 2022, abstract",
            _updates,
        ),
    ),
    sources=(
        "B. Barak, B. L. Edelman, S. Goel, S. Kakade, E. Malach and C. Zhang. Hidden progress in "
        "deep learning: SGD learns parities near the computational limit. Advances in Neural "
        "Information Processing Systems 35, 2022. arXiv:2207.08799.",
        "Sutro Group. Notes on sparse parity: docs/findings in the repository "
        "cybertronai/SutroYaro, 2026.",
    ),
    seeds=90,
    takes="2.5 minutes",
)
