"""Double descent: what was published, and the page."""

from collections.abc import Callable

from rosenblatt.report.evidence import number_interval, percent_interval
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.double_descent.claims import (
    CLAIMS,
    LARGE,
    NOISY,
    PEAK,
    SMALL,
    errors_of,
)
from rosenblatt.reproductions.double_descent.experiment import EXPERIMENT, FULL, NAME, NOISES
from rosenblatt.reproductions.double_descent.figures import FIGURES, facts_of

OUTPUT = "greydanus/mnist1d on GitHub, notebook deep-double-descent at commit 9129ceb, printed"


def _error(noise: float, width: int) -> Callable[[Results], str]:
    return lambda results: percent_interval(effect(errors_of(results, noise, width)))


def _loss(width: int) -> Callable[[Results], str]:
    return lambda results: number_interval(effect(errors_of(results, NOISY, width, "test_loss")), 2)


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
        Published("test error, 16 units", "47.24 %", OUTPUT, _error(NOISY, SMALL), "values"),
        Published("test error, 47 units", "54.05 %", OUTPUT, _error(NOISY, PEAK), "rises"),
        Published("test error, 300 units", "45.47 %", OUTPUT, _error(NOISY, LARGE), "falls-again"),
        Published("test loss, 47 units", "5.70", OUTPUT, _loss(PEAK)),
        Published("test loss, 300 units", "2.63", OUTPUT, _loss(LARGE)),
        Published(
            "without noise, 16 units", "44.55 %", OUTPUT, _error(NOISES[0], SMALL), "values-clean"
        ),
        Published("without noise, 47 units", "41.01 %", OUTPUT, _error(NOISES[0], PEAK), "no-rise"),
        Published(
            "without noise, 300 units", "37.25 %", OUTPUT, _error(NOISES[0], LARGE), "falls-on"
        ),
    ),
    sources=(
        "M. Belkin, D. Hsu, S. Ma, S. Mandal. Reconciling modern machine-learning practice and the "
        "classical bias-variance trade-off. PNAS 116(32), 2019. Not read; the claims are those "
        "that the notebook below quotes.",
        "S. Greydanus, D. Kobak. Scaling down deep learning with MNIST-1D. ICML 2024. Protocol "
        "and numbers are those of its authors' notebook deep-double-descent (greydanus/mnist1d on "
        "GitHub, commit 9129ceb), which was read; the paper was not.",
        "S. J. D. Prince. Understanding Deep Learning, section 8.4. MIT Press, 2023. The "
        "experiment of its notebook 8.3, with 1000 epochs and 4000 rows for testing, is the model "
        "of the notebook above.",
    ),
    seeds=6,
    takes="3 minutes",
    full=FULL,
    # The default takes 378 s of processor time. The six further widths take 310 s, scaled from 10
    # to 30 of the 500 epochs, six seeds together, and both kinds of labels; halved for two cores.
    full_takes="5.5 minutes",
)
