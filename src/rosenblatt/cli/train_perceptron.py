"""``rosenblatt train perceptron DATA``."""

from dataclasses import dataclass, field
from typing import Any, Literal

from cyclopts import Parameter

from rosenblatt.cli.conclusion import conclude
from rosenblatt.cli.groups import MODEL
from rosenblatt.cli.output import Output
from rosenblatt.cli.preparation import Preparation, divide
from rosenblatt.cli.printing import percent, table
from rosenblatt.cli.source import Source, read_source
from rosenblatt.cli.training import Outcome, Training, fit
from rosenblatt.errors import DataError, shorten


@Parameter(name="*", group=MODEL)
@dataclass(frozen=True, kw_only=True)
class Rule:
    """How a perceptron learns, and which of its weights are its answer."""

    rule: Literal["online", "batch", "mini-batch"] = "online"
    """After how many rows weights change: one, all, or --batch-size."""

    scale: Literal["samples", "sum", "mistakes"] = "samples"
    """What divides the sum over mistakes: the number of rows, nothing, the number of mistakes."""

    weights: Literal["last", "pocket", "averaged"] = "last"
    """Which weights are saved and predict; all three are measured."""

    bias: bool = True
    """Whether there is a bias; without it the line passes through the origin."""

    learning_rate: float = 0.01
    """η."""


@Parameter(name="*")
@dataclass(frozen=True)
class PerceptronSettings:
    """All settings of the command: its flags, its TOML keys and its help."""

    source: Source
    preparation: Preparation = field(default_factory=Preparation)
    rule: Rule = field(default_factory=Rule)
    training: Training = field(default_factory=Training)
    output: Output = field(default_factory=Output)


def train_perceptron(settings: PerceptronSettings) -> int:
    """Train on a part of the data, measure on the rest, and compare the weights it kept."""
    from rosenblatt.models import Perceptron
    from rosenblatt.optimizers import SGD

    settings.output.check()
    data = read_source(settings.source, "classification")
    if data.n_classes != 2:
        raise DataError(
            f"a perceptron tells two classes apart, and the data has {data.n_classes}: "
            f"{shorten(data.class_names)}; train mlp takes any number"
        )
    parts = divide(data, settings.preparation)
    rule = settings.rule
    model = Perceptron(data.n_features, rule.rule, rule.scale, rule.weights, rule.bias)
    outcome = fit(
        model,
        model.default_loss,
        lambda updates: SGD(rule.learning_rate),
        data,
        parts,
        settings.training,
        settings.output,
        command="train perceptron",
        description=f"perceptron of {data.n_features} inputs, {rule.rule} rule, "
        f"{rule.weights} weights",
    )
    return conclude(outcome, settings.output, compare_weights(outcome))


def compare_weights(outcome: Outcome) -> tuple[dict[str, object], list[str]]:
    """Return the accuracy of all the weights that were kept, and the mistakes made on the way."""
    from rosenblatt.models.perceptron import WEIGHTS

    run, parts = outcome.run, outcome.parts
    sets = {"train": parts.train, "test": parts.test}
    kept: dict[str, dict[str, Any]] = {
        weights: {
            f"{name}_accuracy": run.with_weights(weights).evaluate(rows).accuracy
            for name, rows in sets.items()
            if rows is not None
        }
        for weights in WEIGHTS
    }
    mistakes = int(run.history[-1]["mistakes"]) if run.history else 0
    header = ["accuracy", *(f"{name} %" for name, rows in sets.items() if rows is not None)]
    rows = [[name, *map(percent, measured.values())] for name, measured in kept.items()]
    lines = [f"mistakes    {mistakes} while training", "", *table(header, rows)]
    return {"mistakes": mistakes, "weights": kept}, lines
