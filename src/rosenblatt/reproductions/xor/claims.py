"""Claims about the tasks of 1986, and their judges."""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from rosenblatt.report.evidence import (
    listed,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
)
from rosenblatt.report.format import number
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import Columns, columns
from rosenblatt.report.verdicts import Effect, Finding, effect, judged
from rosenblatt.reproductions.xor.experiment import NAME, REACHES, UPDATES, WIDTHS

BOOK = "Rumelhart, Hinton and Williams 1986, Parallel Distributed Processing 1, chapter 8"
SHORT_CUTS = "exclusive or, 1 hidden unit and short-cuts"


def conditions(
    results: Results, problem: str, table: str = "runs"
) -> Iterator[tuple[str, Columns]]:
    """Yield the rows of a task by how far initial weights reach and when weights change."""
    for reach in REACHES:
        for update in UPDATES:
            found = columns(
                results[NAME].tables[table], problem=problem, reach=reach, update=update
            )
            if len(found["seed"]):
                yield f"r = {reach:g}, changed after each {update}", found


def sweeps_of(runs: Columns) -> Values:
    """Return the sweeps of each run, infinitely many where it never learned."""
    sweeps = runs["sweeps"].astype(float)
    return np.where(np.isfinite(sweeps), sweeps, np.inf)


def typical(results: Results, *, problem: str, published: int) -> Finding:
    """Is the published number of sweeps one that our runs have, too?

    It is where between 5 and 95 % of our runs take fewer.
    """
    found: dict[str, Effect | None] = {}
    middle = {}
    for name, runs in conditions(results, problem):
        sweeps = sweeps_of(runs)
        found[name] = effect((sweeps < published).astype(float), above=0.05, below=0.95)
        half = float(np.quantile(sweeps, 0.5, method="inverted_cdf"))
        middle[name] = number(half, 0) if np.isfinite(half) else "never"
    return judged(
        found,
        f"Runs that take fewer than {published} sweeps: {listed(found, percent_interval)}. Median "
        f"number of sweeps: {'; '.join(f'{name}: {value}' for name, value in middle.items())}.",
        percent_of,
    )


def local_minima(results: Results) -> Finding:
    """Do fewer than 2 % of the runs with two hidden units never learn?"""
    found = {
        name: effect(np.isinf(sweeps_of(runs)).astype(float), below=0.02)
        for name, runs in conditions(results, "exclusive or, 2 hidden units")
    }
    return judged(
        found,
        f"Runs with two hidden units that never learn: {listed(found, percent_interval)}.",
        percent_of,
    )


def widths(results: Results) -> Mapping[str, tuple[Values, Values]]:
    """Return, by condition, P = a + b log₂ H by least squares for each seed: a and b."""
    found: dict[str, list[Values]] = {}
    for width in WIDTHS:
        for name, runs in conditions(results, f"exclusive or, {width} hidden units"):
            found.setdefault(name, []).append(sweeps_of(runs))
    x = np.log2(np.array(WIDTHS, dtype=float))
    lines = {}
    for name, columns_of_widths in found.items():
        sweeps = np.stack(columns_of_widths)
        sweeps = sweeps[:, np.isfinite(sweeps).all(axis=0)]
        slope, start = np.polyfit(x, sweeps, 1) if sweeps.size else np.empty((2, 0))
        lines[name] = (start, slope)
    return lines


def more_units(results: Results, *, which: int, published: float) -> Finding:
    """Is the slope, or the value at one unit, within half of the published one?"""
    low, high = sorted((0.5 * published, 1.5 * published))
    found = {
        name: effect(lines[which], above=low, below=high) for name, lines in widths(results).items()
    }
    what = "Sweeps at one unit" if which == 0 else "Change of the sweeps when units double"
    return judged(
        found, f"{what}: {listed(found, partial(number_interval, digits=0))}.", number_of_value
    )


def mirrored(results: Results) -> Finding:
    """Do weights of units that look at mirrored places add up to nothing?"""
    return _weights(results, "opposite", above=None, below=0.1)


def doubling(results: Results) -> Finding:
    """Are the three weights of a hidden unit as 1 to 2 to 4?"""
    return _weights(results, "doubling", above=1.8, below=2.2)


def _weights(results: Results, what: str, *, above: float | None, below: float | None) -> Finding:
    found = {}
    for name, rows in conditions(results, "symmetry of 6 bits", "symmetry"):
        # Both units of a network show the same pattern: their mean is one value.
        values = [
            np.mean(
                [
                    _pattern(rows["value"][(rows["seed"] == seed) & (rows["unit"] == unit)])[what]
                    for unit in np.unique(rows["unit"])
                ]
            )
            for seed in np.unique(rows["seed"])
        ]
        found[name] = effect(values, above=above, below=below)
    said = {
        "opposite": "Sum of the weights of mirrored places over their size",
        "doubling": "Ratio of one size to the next, geometric mean of the two",
    }[what]
    return judged(
        found, f"{said}: {listed(found, partial(number_interval, digits=2))}.", number_of_value
    )


def _pattern(weights: Values) -> dict[str, float]:
    """Return what the six weights of a hidden unit say of symmetry.

    >>> _pattern(np.array([1.0, -2.0, 4.0, -4.0, 2.0, -1.0]))
    {'opposite': 0.0, 'doubling': 2.0}
    """
    mirror = weights[::-1]
    sizes = np.sort((np.abs(weights) + np.abs(mirror))[: len(weights) // 2])
    return {
        "opposite": float(np.abs(weights + mirror).sum() / np.abs(weights).sum() / 2),
        "doubling": float(np.sqrt(sizes[-1] / sizes[0])),
    }


def codes(results: Results) -> Finding:
    """Do the eight patterns have eight different codes, hidden units read as 0 or 1?"""
    found = {}
    for name, rows in conditions(results, "8-3-8 encoder", "codes"):
        found[name] = effect([float(len(set(code)) == 8) for code in _codes(rows, 0.5)], above=0.5)
    return judged(
        found,
        f"Runs with eight different codes: {listed(found, percent_interval)}.",
        percent_of,
    )


def between(results: Results) -> Finding:
    """Do hidden units also take values between 0 and 1?"""
    found = {}
    for name, rows in conditions(results, "8-3-8 encoder", "codes"):
        is_between = (rows["value"] > 0.2) & (rows["value"] < 0.8)
        found[name] = effect(
            [float(is_between[rows["seed"] == seed].any()) for seed in np.unique(rows["seed"])],
            above=0.5,
        )
    return judged(
        found,
        "Runs in which a hidden unit is between 0.2 and 0.8 for some pattern: "
        f"{listed(found, percent_interval)}.",
        percent_of,
    )


def _codes(rows: Columns, threshold: float) -> list[list[tuple[bool, ...]]]:
    """Return the code of each pattern, for each seed."""
    found = []
    for seed in np.unique(rows["seed"]):
        of_seed = rows["seed"] == seed
        table = np.empty((8, 3), dtype=bool)
        table[rows["place"][of_seed], rows["unit"][of_seed]] = rows["value"][of_seed] > threshold
        found.append([tuple(row) for row in table.tolist()])
    return found


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "xor",
        "Exclusive or, with one hidden unit and connections from the inputs to the output, was "
        "learned after 558 sweeps at η = 0.5.",
        f"{BOOK}, p. 331",
        "between 5 and 95 % of our runs take fewer than 558 sweeps",
        partial(typical, problem=SHORT_CUTS, published=558),
        ("sweeps", "table_sweeps"),
    ),
    Claim(
        "local-minima",
        "In hundreds of runs of exclusive or, only two met a local minimum, both with two hidden "
        "units.",
        f"{BOOK}, pp. 331–332",
        "fewer than 2 % of the runs with two hidden units never learn",
        local_minima,
        ("table_sweeps",),
    ),
    Claim(
        "slope",
        "With H hidden units, exclusive or takes 280 − 33 log₂ H presentations at η = 0.25: 33 "
        "fewer whenever H doubles.",
        f"{BOOK}, p. 333",
        "the change of sweeps per doubling, fitted for each seed to H = 2 … 32, from −49.5 to "
        "−16.5",
        partial(more_units, which=1, published=-33.0),
        ("widths",),
    ),
    Claim(
        "intercept",
        "That line begins at 280.",
        f"{BOOK}, p. 333",
        "the same line at one unit from 140 to 420 sweeps",
        partial(more_units, which=0, published=280.0),
        ("widths",),
    ),
    Claim(
        "parity",
        "Parity of four bits with four hidden units was learned after 2825 presentations of each "
        "pattern at η = 0.5.",
        f"{BOOK}, p. 335",
        "between 5 and 95 % of our runs take fewer than 2825 sweeps",
        partial(typical, problem="parity of 4 bits", published=2825),
        ("sweeps", "table_sweeps"),
    ),
    Claim(
        "symmetry",
        "Symmetry of six bits with two hidden units was learned after 1425 sweeps.",
        "Rumelhart, Hinton and Williams 1986, Nature 323, figure 1",
        "between 5 and 95 % of our runs take fewer than 1425 sweeps",
        partial(typical, problem="symmetry of 6 bits", published=1425),
        ("sweeps", "table_sweeps"),
    ),
    Claim(
        "mirrored",
        "The weights of its hidden units from mirrored places are equal and opposite.",
        "Rumelhart, Hinton and Williams 1986, Nature 323, figure 1",
        "the sum of the weights of mirrored places less than 10 % of their size",
        mirrored,
        ("weights",),
    ),
    Claim(
        "doubling",
        "On each side of the middle they are as 1 to 2 to 4.",
        "Rumelhart, Hinton and Williams 1986, Nature 323, figure 1",
        "the square root of the ratio of the largest to the smallest from 1.8 to 2.2",
        doubling,
        ("weights",),
    ),
    Claim(
        "codes",
        "The 8-3-8 encoder gives its eight patterns codes of three binary digits.",
        f"{BOOK}, pp. 335–337",
        "eight different codes, hidden units above ½ read as 1, in more than half of the runs",
        codes,
        ("codes",),
    ),
    Claim(
        "between",
        "It makes use of values between 0 and 1, too.",
        f"{BOOK}, pp. 335–337",
        "a hidden unit between 0.2 and 0.8 for some pattern in more than half of the runs",
        between,
        ("codes",),
    ),
)
