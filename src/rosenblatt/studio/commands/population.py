"""Many seeds with the same settings."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.population import PopulationTraining
from rosenblatt.studio.session import Session

MOST_SEEDS = 256


def many(session: Session, args: Mapping[str, Any]) -> None:
    """Train a population, or end it where ``seeds`` is null."""
    seeds, epochs = args.get("seeds"), args.get("epochs")
    if seeds is None:
        session.many = None
    else:
        seeds = whole_number(seeds, "seeds", at_least=2, at_most=MOST_SEEDS)
        if epochs is not None:
            epochs = whole_number(epochs, "epochs", at_least=1)
        session.touched = True
        key = -session.tree.new_id()
        session.pause()
        session.many = PopulationTraining(session.prepared, seeds, epochs, key)
    session.refresh(structure=True)


def many_seed(session: Session, args: Mapping[str, Any]) -> None:
    """Make a member of the population the main run."""
    if session.many is None:
        raise ConfigurationError("there are no seeds to choose from; train many seeds first")
    seed = args.get("seed")
    if isinstance(seed, bool) or seed not in session.many.live.seeds:
        raise ConfigurationError(f"there is no member of seed {seed!r}")
    session.change({"seed": seed})
    session.refresh(structure=True)


COMMANDS = {"many": many, "many_seed": many_seed}
