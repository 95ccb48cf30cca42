"""Lottery tickets: what was published, and the page."""

from collections.abc import Callable

from rosenblatt.report.evidence import percent_interval
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.lottery.claims import CLAIMS, TOO_FEW, values_of
from rosenblatt.reproductions.lottery.experiment import EXPERIMENT, FULL, NAME, TICKET
from rosenblatt.reproductions.lottery.figures import FIGURES, facts_of

OUTPUT = "greydanus/mnist1d on GitHub, notebook lottery-tickets, printed last_acc of two trials"


def _accuracy(kind: str, kept: float) -> Callable[[Results], str]:
    return lambda results: percent_interval(effect(values_of(results, kind, kept)))


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
            "dense network",
            "60.6–66.4 %",
            f"{OUTPUT}, each of which begins with it twice",
            _accuracy("ticket", 1.0),
            "dense",
        ),
        Published(
            "ticket, 8 % of the weights",
            "74.4–75.6 %",
            OUTPUT,
            _accuracy("ticket", TICKET),
            "best",
        ),
        Published(
            "random zeros, 8 % of the weights",
            "60.6–61.8 %",
            OUTPUT,
            _accuracy("random", TICKET),
            "beats-random",
        ),
        Published(
            "the same without biases",
            "–",
            "not published: the source sets 92 % of the biases to 0, too",
            _accuracy("no biases", TICKET),
        ),
        Published(
            "ticket, 4 % of the weights",
            "69.3–71.5 %",
            OUTPUT,
            _accuracy("ticket", TOO_FEW),
            "beats-few",
        ),
        Published(
            "ticket with other initial weights",
            "less",
            "Frankle and Carbin 2019, for images; of MNIST-1D no number was read",
            _accuracy("other", TICKET),
            "own-weights",
        ),
    ),
    sources=(
        "J. Frankle, M. Carbin. The lottery ticket hypothesis: finding sparse, trainable neural "
        "networks. ICLR 2019. Not read; the notebook below quotes it.",
        "S. Greydanus, D. Kobak. Scaling down deep learning with MNIST-1D. ICML 2024. Protocol "
        "and numbers are those of its authors' notebook lottery-tickets and its train.py "
        "(greydanus/mnist1d on GitHub), which were read; the paper was not.",
    ),
    seeds=4,
    takes="2 minutes",
    full=FULL,
    # 104 trainings for each of four seeds, of some 4.2 s of processor time each; measured over some
    # of the 38 epochs, with all weights and with a twenty-fifth of them. Halved for two cores.
    full_takes="15 minutes",
)
