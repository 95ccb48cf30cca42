"""Claims about lottery tickets, and their judges."""

import numpy as np

from rosenblatt.report.evidence import (
    POINT,
    number_interval,
    number_of_value,
    percent_interval,
    percent_of,
    points_interval,
    points_of,
)
from rosenblatt.report.format import percent
from rosenblatt.report.parts import Claim, Results, Values
from rosenblatt.report.rows import columns
from rosenblatt.report.verdicts import Finding, effect, judged
from rosenblatt.reproductions.lottery.experiment import NAME, TICKET

TOO_FEW = 0.04
"""The share of weights at which a ticket is worse again."""
DENSE, BEST, RANDOM, FEW = 0.633, 0.750, 0.612, 0.704
"""Means of the published runs: accuracies of the dense network (four runs: each of two trials
begins with it twice), the ticket with 8 % of its weights, the random one with as many, and the
ticket with 4 % (two runs each)."""
NOTEBOOK = "notebook lottery-tickets of greydanus/mnist1d, printed output of two trials"


def values_of(results: Results, kind: str, kept: float, what: str = "test_accuracy") -> Values:
    """Return a column of the networks of a kind, one for each seed, at the nearest share kept."""
    found = columns(results[NAME].tables["accuracies"], kind=kind)
    nearest = found["kept"][np.abs(found["kept"] - kept).argmin()]
    chosen = found["kept"] == nearest
    return np.asarray(found[what][chosen][np.argsort(found["seed"][chosen])], dtype=np.float64)


def dense(results: Results) -> Finding:
    """Has the dense network the published accuracy?"""
    return _as_published(results, 1.0, DENSE)


def best(results: Results) -> Finding:
    """Has the ticket with 8 % of the weights the published accuracy?"""
    return _as_published(results, TICKET, BEST)


def _as_published(results: Results, kept: float, published: float) -> Finding:
    found = effect(
        values_of(results, "ticket", kept),
        above=published - 2 * POINT,
        below=published + 2 * POINT,
    )
    return judged(found, f"Test accuracy {percent_interval(found)}.", percent_of)


def beats_dense(results: Results) -> Finding:
    """Is the ticket better than the dense network by half of the published difference?"""
    return _better(results, ("ticket", 1.0), (BEST - DENSE) / 2)


def beats_random(results: Results) -> Finding:
    """Is it better than a random network as sparse, by half of the published difference?"""
    return _better(results, ("random", TICKET), (BEST - RANDOM) / 2)


def beats_few(results: Results) -> Finding:
    """Is it better than a ticket with half its weights, by half of the published difference?"""
    return _better(results, ("ticket", TOO_FEW), (BEST - FEW) / 2)


def beats_other(results: Results) -> Finding:
    """Is it better with its own initial weights than with others?"""
    return _better(results, ("other", TICKET), 0.0)


def _better(results: Results, than: tuple[str, float], above: float) -> Finding:
    ticket, other = values_of(results, "ticket", TICKET), values_of(results, *than)
    found = effect(ticket - other, above=above, no_effect=0.0 if above else None)
    return judged(
        found,
        f"Test accuracy {percent_interval(effect(ticket))} and {percent_interval(effect(other))}; "
        f"the difference is {points_interval(found)}.",
        points_of,
    )


def local(results: Results) -> Finding:
    """Are neighbouring inputs kept together more than half again as often as by chance?"""
    found = effect(values_of(results, "ticket", TICKET, "neighbours"), above=1.5, no_effect=1.0)
    chance = effect(values_of(results, "random", TICKET, "neighbours"))
    return judged(
        found,
        f"{number_interval(found, 2)} times as often as by chance; with random zeros "
        f"{number_interval(chance, 2)} times.",
        number_of_value,
    )


CLAIMS: tuple[Claim, ...] = (
    Claim(
        "dense",
        "The dense network has a test accuracy of 63.3 %, the mean of four printed runs.",
        NOTEBOOK,
        "test accuracy within 2 points of the published",
        dense,
        ("accuracy",),
    ),
    Claim(
        "best",
        "The ticket with 8 % of the weights has a test accuracy of 75.0 %.",
        NOTEBOOK,
        "test accuracy within 2 points of the published",
        best,
        ("accuracy",),
    ),
    Claim(
        "beats-dense",
        "The ticket learns better than the dense network.",
        "Frankle and Carbin 2019, as the notebook quotes it; " + NOTEBOOK,
        f"more than half of the published {percent(BEST - DENSE)} better",
        beats_dense,
        ("accuracy",),
    ),
    Claim(
        "beats-random",
        "It learns better than a network with as many weights, drawn at random.",
        NOTEBOOK,
        f"more than half of the published {percent(BEST - RANDOM)} better",
        beats_random,
        ("accuracy",),
    ),
    Claim(
        "beats-few",
        "With still fewer weights the accuracy falls again.",
        NOTEBOOK,
        f"{percent(TICKET, 0)} of the weights more than half of the published "
        f"{percent(BEST - FEW)} better than {percent(TOO_FEW, 0)}",
        beats_few,
        ("accuracy",),
    ),
    Claim(
        "own-weights",
        "A ticket needs its own initial weights: with others it learns worse.",
        "Frankle and Carbin 2019; not read, quoted after its title and abstract",
        "test accuracy with its own weights less that with other initial weights above 0",
        beats_other,
        ("accuracy",),
    ),
    Claim(
        "local",
        "Tickets have learned that neighbouring inputs belong together.",
        "Greydanus, introduction of the notebook lottery-tickets",
        "kept inputs of a unit of the first layer have a kept neighbour more than 1.5 times as "
        "often as by chance",
        local,
        ("connections",),
    ),
)
