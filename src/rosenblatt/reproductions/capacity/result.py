"""The capacity of a linear classifier: what was published, and the page."""

from rosenblatt.report.evidence import percent_interval
from rosenblatt.report.format import number
from rosenblatt.report.parts import Results, Section
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import effect
from rosenblatt.reproductions.base import Published, Reproduction
from rosenblatt.reproductions.capacity.claims import CLAIMS
from rosenblatt.reproductions.capacity.experiment import EXPERIMENT, NAME
from rosenblatt.reproductions.capacity.figures import FIGURES, facts_of


def _at_twice(results: Results) -> str:
    points = columns(results[NAME].tables["points"], load=2.0)
    return percent_interval(effect(points["separable"].astype(float)))


def _farthest(results: Results) -> str:
    shares = columns(results[NAME].tables["shares"])
    apart = 100 * abs(shares["share"] - shares["theorem"])
    mean, most = number(float(apart.mean()), 1), number(float(apart.max()), 1)
    return f"{mean} points apart on average, {most} at most"


def _largest(results: Results) -> str:
    return f"{number(facts_of(results)['largest'], 2)} of the bound at most"


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
        Published("separable draws at N = 2d", "50 %", "Cover 1965", _at_twice, "half"),
        Published(
            "separable draws at any N", "C(N, d)/2ᴺ", "Cover 1965, theorem 1", _farthest, "theorem"
        ),
        Published("mistakes", "at most (R/γ)²", "Novikoff 1962", _largest, "bound"),
    ),
    sources=(
        "T. M. Cover. Geometrical and statistical properties of systems of linear inequalities "
        "with applications in pattern recognition. IEEE Transactions on Electronic Computers "
        "EC-14(3), 1965.",
        "A. B. J. Novikoff. On convergence proofs for perceptrons. Symposium on the Mathematical "
        "Theory of Automata 12, 1962.",
        "C. L. Lawson and R. J. Hanson. Solving Least Squares Problems, chapter 23. "
        "Prentice-Hall, 1974.",
    ),
    seeds=1000,
    takes="1 minute",
)
