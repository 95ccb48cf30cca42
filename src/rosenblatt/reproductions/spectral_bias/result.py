"""The spectral bias: what was published, and the page."""

from rosenblatt.report.evidence import number_interval, percent_interval
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.spectral_bias.claims import (
    CLAIMS,
    order_of,
    spectra,
    upper_when_lowest,
)
from rosenblatt.reproductions.spectral_bias.experiment import EQUAL, EXPERIMENT, FULL, GROWING, NAME
from rosenblatt.reproductions.spectral_bias.figures import FIGURES, facts_of


def _order(results: Results, amplitudes: str) -> str:
    _, shares = spectra(results, amplitudes)
    return number_interval(effect(order_of(shares)), 2)


def _upper(results: Results) -> str:
    _, shares = spectra(results, EQUAL)
    return percent_interval(effect([upper_when_lowest(one) for one in shares]))


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
            "rank correlation, equal amplitudes",
            "low ones first",
            "Rahaman et al. 2019, abstract",
            lambda results: _order(results, EQUAL),
            "equal",
        ),
        Published(
            "rank correlation, growing amplitudes",
            "low ones first",
            "notebook ICML_SpectralBias",
            lambda results: _order(results, GROWING),
            "growing",
        ),
        Published(
            "five highest when the lowest is there",
            "near 0, a picture",
            "notebook ICML_SpectralBias",
            _upper,
            "later",
        ),
    ),
    sources=(
        "N. Rahaman, A. Baratin, D. Arpit, F. Draxler, M. Lin, F. A. Hamprecht, Y. Bengio and A. "
        "Courville. On the spectral bias of neural networks. International Conference on Machine "
        "Learning, 2019.",
        "N. Rahaman. Code of the paper: ICML_SpectralBias.ipynb in the repository "
        "nasimrahaman/SpectralBias, 2019.",
    ),
    seeds=8,
    takes="1.5 minutes",
    full=FULL,
    # 16 networks with 60 000 updates each, of some 5 ms of processor time (measured over 2000 of
    # them), halved for two cores.
    full_takes="40 minutes",
)
