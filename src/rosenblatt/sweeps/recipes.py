"""Data made again from its recipe, with other settings of its generator."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.data import Dataset, make
from rosenblatt.errors import ConfigurationError
from rosenblatt.settings.data_options import GENERATOR_SETTINGS

Settings = Mapping[str, Any]


def root_of(recipe: Mapping[str, object]) -> Mapping[str, object]:
    """Return the recipe of the data that parts were split from."""
    while isinstance(recipe.get("of"), Mapping):
        recipe = recipe["of"]  # type: ignore[assignment]
    return recipe


def hash_again(recipe: Mapping[str, object], settings: Settings) -> str | None:
    """Return the hash of the data that a recipe makes, or None where it makes none."""
    data = remade(recipe, settings)
    return None if data is None else data.content_hash


def remade(recipe: Mapping[str, Any], settings: Settings) -> Dataset | None:
    """Return the data that a recipe makes with other settings of its generator."""
    if "generator" in recipe:
        parameters = dict(recipe)
        generator = str(parameters.pop("generator"))
        for word, value in settings.items():
            if word == "n":
                parameters.pop("n_per_class", None)
                parameters["n"] = value
            elif word == "data_seed":
                parameters["seed"] = value
            else:
                names = GENERATOR_SETTINGS.settings[word].parameters
                if generator not in names:
                    raise ConfigurationError(
                        f"{word} has no meaning for {generator}; it belongs to {', '.join(names)}"
                    )
                parameters[names[generator]] = value
        return make(generator, **parameters)
    if recipe.get("part") in ("train", "test") and isinstance(recipe.get("of"), Mapping):
        of = remade(recipe["of"], settings)
        if of is None:
            return None
        parts = of.split(recipe["test_size"], recipe["seed"], recipe["stratify"])
        return parts[0 if recipe["part"] == "train" else 1]
    return None
