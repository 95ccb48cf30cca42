"""The accuracy of the best possible rule, where the density of the data is known."""

import inspect
import json
import threading
from collections.abc import Callable
from typing import Any

from rosenblatt.data import Dataset
from rosenblatt.errors import RosenblattError

MOST_SAMPLES, FEWEST_SAMPLES = 20_000, 4_000
WORK = 2_000_000
"""Samples times components of the density, as far as the numbers above allow."""
SEED = 1_234_567
"""Other samples than those of any exercise."""


class BayesAccuracy:
    """Accuracies of the Bayes rule for generators' data, computed once each in another thread.

    They are means of the largest posterior over samples, and off by some tenths of a percent.

    Args:
        when_known: called, in that thread, when another one is known.
    """

    def __init__(self, when_known: Callable[[], None]) -> None:
        self._known: dict[str, float | None] = {}
        self._when_known = when_known

    def of(self, data: Dataset) -> float | None:
        """Return the accuracy, None where it is not known, or not known yet."""
        recipe = dict(data.recipe)
        if "generator" not in recipe:
            return None
        key = json.dumps(recipe, sort_keys=True)
        if key not in self._known:
            self._known[key] = None
            threading.Thread(target=self._compute, args=(key, recipe), daemon=True).start()
        return self._known[key]

    def _compute(self, key: str, recipe: dict[str, Any]) -> None:
        try:
            self._known[key] = estimate(recipe)
        except (RosenblattError, ValueError, TypeError, MemoryError):
            return
        if self._known[key] is not None:
            self._when_known()


def estimate(recipe: dict[str, Any]) -> float | None:
    """Return the accuracy of the Bayes rule on a generator's data, from samples.

    None where the density is not known, such as that of MNIST-1D.
    """
    from rosenblatt import data

    name = recipe["generator"]
    make: Callable[..., Any] | None = getattr(data, f"{name}_density", None)
    if make is None:
        return None
    density = make(**_known_to(make, recipe))
    n = min(MOST_SAMPLES, max(FEWEST_SAMPLES, WORK // len(density.means)))
    generator = data.GENERATORS[name]
    settings = _known_to(generator, recipe) | {"n": n, "seed": SEED}
    if "seed" in inspect.signature(make).parameters:
        # The seed decides about the density as well.
        settings["seed"] = recipe["seed"]
    settings.pop("n_per_class", None)
    samples = data.make(name, **settings).X
    return float(density.posterior(samples).max(axis=1).mean())


def _known_to(function: Callable[..., Any], recipe: dict[str, Any]) -> dict[str, Any]:
    names = inspect.signature(function).parameters
    return {key: value for key, value in recipe.items() if key in names}
