"""Which run a command is about, and what the command line knows of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import Parameter

from rosenblatt.cli.conclusion import conclude
from rosenblatt.cli.output import Output
from rosenblatt.cli.preparation import Parts
from rosenblatt.cli.train_perceptron import compare_weights
from rosenblatt.cli.training import Outcome

if TYPE_CHECKING:
    from rosenblatt.data import Dataset, Standardizer
    from rosenblatt.runs.aside import Command
    from rosenblatt.training import Run


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Folder:
    """Where ids are looked up."""

    runs: Path = Path("runs")
    """The folder of runs in which ids are looked up."""


def read_command(path: Path) -> "tuple[Command, Dataset | None]":
    """Return the command that began a run, and the rows for the test at its end, if it has any.

    For a run that was begun in Python they are made up from what its folder has.
    """
    import warnings

    from rosenblatt.cli.description import describe
    from rosenblatt.errors import FileError
    from rosenblatt.runs.aside import NAME, Command, DataSummary, read_aside
    from rosenblatt.runs.entry import model_in_words
    from rosenblatt.training.storage.folder import RunFolder

    folder = RunFolder(path)
    try:
        return read_aside(folder)
    except FileError as error:
        if (path / NAME).exists():
            warnings.warn(f"{error}; nothing but the run's own rows is measured", stacklevel=2)
    config = folder.read_config()
    train, _, _ = folder.read_data(config)
    measured = [one.settings.get("test") for one in config.callbacks if one.name == "Progress"]
    recipe: Any = train.recipe
    while isinstance(inner := recipe.get("standardized", recipe.get("of")), dict):
        recipe = inner
    made_up = Command(
        name="train",
        model=f"{model_in_words(config.model)}, {config.loss['name']}",
        measured="validation" if measured == ["validation"] else "test",
        data=DataSummary(**describe(train.replace(recipe=recipe))),
    )
    return made_up, None


def conclude_run(
    run: "Run", command: "Command", last_test: "Dataset | None", run_dir: Path, output: Output
) -> int:
    """Print of a run what the command that began it prints at its end."""
    from rosenblatt.models import Perceptron
    from rosenblatt.training.run import plan_of

    plan = plan_of(run)
    train, test = plan.train, plan.test
    validated = command.measured == "validation"
    parts = Parts(
        train=train,
        test=last_test if validated else test,
        validation=test if validated else None,
        standardizer=_standardizer_of(train),
    )
    outcome = Outcome(run, command, parts, run_dir=run_dir)
    if isinstance(run.model, Perceptron):
        return conclude(outcome, output, compare_weights(outcome))
    return conclude(outcome, output)


def _standardizer_of(train: "Dataset") -> "Standardizer | None":
    """Return what the inputs went through, as the recipe has it."""
    import numpy as np

    from rosenblatt.data import Standardizer

    recipe: Any = train.recipe
    if "standardized" not in recipe:
        return None
    return Standardizer(np.array(recipe["mean"], float), np.array(recipe["scale"], float))
