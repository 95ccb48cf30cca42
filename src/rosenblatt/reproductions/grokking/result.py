"""The grokking of modular addition: what was published, and the page."""

from collections.abc import Callable

from rosenblatt.report.evidence import number_interval, percent_interval
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.grokking.claims import CLAIMS, marks_of
from rosenblatt.reproductions.grokking.experiment import EXPERIMENT, NAME
from rosenblatt.reproductions.grokking.figures import FIGURES, facts_of

OUTPUT = "d-doshi/Grokking on GitHub, notebook Grokking_with_label_corruption, printed"


def _mean(column: str, digits: int) -> Callable[[Results], str]:
    return lambda results: number_interval(effect(marks_of(results)[column]), digits)


def _accuracy(column: str) -> Callable[[Results], str]:
    return lambda results: percent_interval(effect(marks_of(results)[column]))


def _last_loss(results: Results) -> str:
    return number_interval(effect(facts_of(results)["last_loss"]), 5)


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
            "update at which all training pairs are right",
            "28",
            f"{OUTPUT} every second update, one run",
            _mean("all", 1),
            "remembers",
        ),
        Published(
            "accuracy on the other pairs at that update",
            "10.6 %",
            f"{OUTPUT} for update 28",
            _accuracy("others_at_all"),
            "gap",
        ),
        Published(
            "update at which all other pairs are right",
            "44",
            f"{OUTPUT} every second update, one run",
            _mean("others", 1),
            "groks",
        ),
        Published(
            "lowest accuracy on the other pairs",
            "0.0 %",
            f"{OUTPUT} for updates 10 and 14",
            _accuracy("lowest"),
            "below-chance",
        ),
        Published(
            "rise of the test loss before it falls",
            "5.1 %",
            f"{OUTPUT} for updates 4 and 24, 0.01031 and 0.01084",
            _accuracy("rise"),
            "loss-rises",
        ),
        Published("test loss at update 100", "0.00101", f"{OUTPUT} for update 100", _last_loss),
    ),
    sources=(
        "A. Gromov. Grokking modular arithmetic. arXiv 2301.02679, 2023. Its abstract was read; "
        "it has no table of updates.",
        "D. Doshi, A. Das, T. He, A. Gromov. To grok or not to grok: disentangling generalization "
        "and memorization on corrupted algorithmic datasets. ICLR 2024. Protocol and numbers are "
        "those of the code and the notebook that its authors published (d-doshi/Grokking on "
        "GitHub), which were read; the paper was not.",
        "Y. Liu. Grokking modular arithmetics. Essay, 2023. Another reproduction, which was read.",
    ),
    seeds=16,
    takes="2 minutes",
)
