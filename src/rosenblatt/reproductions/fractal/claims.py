"""Claims about the border of trainability, and their judges."""

from collections.abc import Callable, Mapping

import numpy as np

from rosenblatt.report.evidence import listed, number_interval, number_of_value
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import Effect, Finding, effect, judged
from rosenblatt.reproductions.fractal.experiment import (
    CONDITIONS,
    IMAGES,
    NAME,
    PLACES,
    RANDOM,
    ROUGHEST,
    ZOOM,
    Condition,
)

TOLERANCE = 0.2
"""How far a dimension may be from the published one: the source chose its windows by hand, for
their structure, so that the roughest part is compared."""
ROUGH = 1.1
"""The dimension above which a border is no smooth curve; straight lines have 1."""
APART = 0.2
"""How much rougher than the others the border of tanh must be; published are 0.46 and 0.49."""


def dimensions(results: Results, condition: str, place: str) -> Values:
    """Return the dimension of each zoom sequence of a condition to such places, by seed."""
    found = columns(results[NAME].tables["dimensions"], condition=condition, place=place)
    return found["dimension"][np.argsort(found["seed"])]


def dimensions_of_last(results: Results, condition: str, place: str) -> Values:
    """Return the mean slope of the last map of each sequence that came so far."""
    table = results[NAME].tables["slopes"]
    found = columns(table, condition=condition, place=place, image=IMAGES - 1)
    return np.array(
        [found["slope"][found["seed"] == seed].mean() for seed in np.unique(found["seed"])]
    )


def _listed(found: Mapping[str, Effect | None]) -> str:
    return listed(found, lambda one: number_interval(one, 2))


def _published(condition: Condition) -> Callable[[Results], Finding]:
    def judge(results: Results) -> Finding:
        found = effect(
            dimensions(results, condition.name, ROUGHEST),
            above=condition.published - TOLERANCE,
            below=condition.published + TOLERANCE,
        )
        elsewhere = effect(dimensions(results, condition.name, RANDOM))
        return judged(
            found,
            f"Dimension of the roughest part: {number_interval(found, 2)}; around random points of "
            f"the border: {number_interval(elsewhere, 2)}.",
            number_of_value,
        )

    return judge


def rough(results: Results) -> Finding:
    """Is the border rougher than a curve in every condition?"""
    found = {
        f"{one.name} ({place})": effect(dimensions(results, one.name, place), above=ROUGH)
        for place in PLACES
        for one in CONDITIONS
    }
    return judged(found, f"Dimensions: {_listed(found)}.", number_of_value)


def scales(results: Results) -> Finding:
    """Is it still rough in the last and smallest map?"""
    found = {
        f"{one.name} ({place})": effect(dimensions_of_last(results, one.name, place), above=ROUGH)
        for place in PLACES
        for one in CONDITIONS
    }
    return judged(found, f"Dimension of the last map: {_listed(found)}.", number_of_value)


def rougher(results: Results) -> Finding:
    """Is the border of tanh networks rougher than that of ReLU and of linear networks?"""
    found = {}
    for place in PLACES:
        tanh, *others = (dimensions(results, one.name, place) for one in CONDITIONS[:3])
        for other, name in zip(others, ("ReLU", "linear"), strict=True):
            found[f"{name} ({place})"] = effect(difference(tanh, other), above=APART, no_effect=0.0)
    return judged(
        found,
        f"Dimension with tanh less that of the same seeds: {_listed(found)}.",
        number_of_value,
    )


def difference(one: Values, other: Values) -> Values:
    """Return the differences, of as many as there are of both."""
    n = min(len(one), len(other))
    return one[:n] - other[:n]


TABLE = "Sohl-Dickstein 2024, table 1, as quoted by others"
WHERE = "Sohl-Dickstein 2024, abstract"

CLAIMS: tuple[Claim, ...] = (
    *(
        Claim(
            f"dimension-{i + 1}",
            f"The border has dimension {condition.published:.2f}: {condition.name}.",
            TABLE,
            f"mean dimension, roughest part, within {TOLERANCE:g} of {condition.published:.2f}",
            _published(condition),
            ("table_dimensions", "maps" if i < 3 else "other_maps"),
        )
        for i, condition in enumerate(CONDITIONS)
    ),
    Claim(
        "rough",
        "The border between settings that train and settings that diverge is fractal in all "
        "conditions.",
        WHERE,
        f"mean dimension above {ROUGH:g} in every condition",
        rough,
        ("maps", "other_maps", "table_dimensions"),
    ),
    Claim(
        "scales",
        "It is so over many decades of scale.",
        WHERE,
        f"mean dimension of the last map of each sequence, with windows 1/{ZOOM ** (IMAGES - 1)} "
        f"as wide as the first, above {ROUGH:g}",
        scales,
        ("zoom",),
    ),
    Claim(
        "rougher",
        "The border of tanh networks is rougher than that of ReLU and of linear networks.",
        TABLE,
        f"dimension with tanh more than {APART:g} above that with ReLU and that of a linear "
        "network, of the same seeds",
        rougher,
        ("table_dimensions", "zoom"),
    ),
)
