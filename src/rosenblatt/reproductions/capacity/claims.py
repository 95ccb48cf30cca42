"""Claims about the capacity of a linear classifier, and their judges."""

import numpy as np

from rosenblatt.report.evidence import (
    POINT,
    listed,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
    points_interval,
    points_of,
)
from rosenblatt.report.format import number, plural
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import columns, groups
from rosenblatt.report.verdicts import Effect, Finding, certain, effect, judged
from rosenblatt.reproductions.capacity.experiment import (
    DIMENSIONS,
    NAME,
    share_of_separable,
)

BEFORE, AFTER = 1.6, 2.4
"""Points per dimension on the two sides of the fall."""


def theorem(results: Results) -> Finding:
    """Is the share of separable draws that of the theorem, in every dimension?"""
    found: dict[str, Effect | None] = {}
    for d, points in groups(results[NAME].tables["points"], "d"):
        expected = np.array([share_of_separable(int(n), d) for n in points["n"]])
        differences = points["separable"] - expected
        found[f"d = {d}"] = effect(differences, above=-3 * POINT, below=3 * POINT)
    return judged(
        found,
        f"Separable draws less the theorem's share, over all N: {listed(found, points_interval)}.",
        points_of,
    )


def half(results: Results) -> Finding:
    """Is half of the draws separable at N = 2d?"""
    points = columns(results[NAME].tables["points"], load=2.0)
    found = effect(points["separable"].astype(float), above=0.45, below=0.55)
    return judged(
        found,
        f"Separable at N = 2d, all d together: {percent_interval(found)}.",
        points_of,
    )


def sharper(results: Results) -> Finding:
    """Is the fall around N = 2d steeper in more dimensions?"""
    dimensions = columns(results[NAME].tables["shares"])["d"]
    few, many = int(dimensions.min()), int(dimensions.max())
    found = effect(_fall(results, many) - _fall(results, few), above=25 * POINT, no_effect=0.0)
    return judged(
        found,
        f"Fall from N = {BEFORE}d to N = {AFTER}d in {many} dimensions less that in {few}: "
        f"{points_interval(found)}; the theorem has "
        f"{number(100 * (_theorem_fall(many) - _theorem_fall(few)), 1)}.",
        points_of,
    )


def _fall(results: Results, d: int) -> Values:
    before, after = (
        columns(results[NAME].tables["points"], d=d, load=load)["separable"].astype(float)
        for load in (BEFORE, AFTER)
    )
    fall: Values = before - after
    return fall


def _theorem_fall(d: int) -> float:
    return share_of_separable(round(BEFORE * d), d) - share_of_separable(round(AFTER * d), d)


def bound(results: Results) -> Finding:
    """Does every perceptron keep within Novikoff's bound?"""
    perceptrons = columns(results[NAME].tables["perceptrons"])
    ratios = perceptrons["mistakes"] / perceptrons["bound"]
    largest = certain(float(ratios.max()), below=1.0)
    typical = effect(ratios)
    return judged(
        largest,
        f"Of {plural(len(ratios), 'perceptron')}, {int(perceptrons['learned'].sum())} ended "
        f"without a mistake; the largest share of its bound is {number(largest.mean, 3)}, "
        f"the mean {number_interval(typical, 3)}.",
        number_of_value,
    )


def settles(results: Results) -> Finding:
    """Does the perceptron stop making mistakes wherever the points are separable?"""
    perceptrons = columns(results[NAME].tables["perceptrons"])
    share = certain(float(perceptrons["learned"].mean()), above=1 - 1e-9)
    return judged(
        share,
        f"{int(perceptrons['learned'].sum())} of {plural(len(perceptrons['learned']), 'run')} on "
        "separable points ended without a mistake.",
        percent_of,
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "theorem",
        "Of the 2ᴺ labellings of N points in general position in d dimensions, C(N, d) are "
        "separated by a hyperplane through the origin: twice the sum of binomial(N − 1, k) over "
        "all k < d.",
        "Cover 1965, theorem 1",
        "share of separable draws within 3 points of C(N, d)/2ᴺ, in every dimension",
        theorem,
        ("separable",),
    ),
    Claim(
        "half",
        "A linear classifier has a capacity of two patterns per weight: at N = 2d, half of all "
        "labellings are separable.",
        "Cover 1965, section on separating capacity",
        "share of separable draws at N = 2d from 45 to 55 %",
        half,
        ("separable",),
    ),
    Claim(
        "sharper",
        "Around N = 2d the probability falls from 1 to 0, the more abruptly the larger d is.",
        "Cover 1965, section on separating capacity",
        f"fall from N = {BEFORE}d to N = {AFTER}d more than 25 points larger in "
        f"{DIMENSIONS[-1]} dimensions than in {DIMENSIONS[0]}, of the same seeds",
        sharper,
        ("separable",),
    ),
    Claim(
        "settles",
        "On separable points the perceptron makes finitely many mistakes.",
        "Novikoff 1962",
        "every perceptron on separable points ends with an epoch without mistakes",
        settles,
        ("mistakes",),
    ),
    Claim(
        "bound",
        "It makes at most (R/γ)² mistakes.",
        "Novikoff 1962",
        "largest ratio of mistakes to (R/γ)², over all perceptrons, below 1",
        bound,
        ("mistakes",),
    ),
)
