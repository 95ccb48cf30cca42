"""The optimizer and its learning rate, by flags."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from cyclopts import Parameter

from rosenblatt.cli.groups import OPTIMIZER
from rosenblatt.cli.parsing import OptionalWhole
from rosenblatt.errors import ConfigurationError

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.losses import Loss
    from rosenblatt.optimizers import Optimizer, Schedule

OptimizerName = Literal["sgd", "rmsprop", "adam", "adamw"]
ScheduleName = Literal["constant", "step", "exponential", "inverse_scaling", "cosine"]


RATE = 0.01
"""The learning rate by default."""

AT_SIZE_1 = 0.1
"""The largest by default for targets of size 1, and less for larger ones. Tried on scikit-learn's
diabetes data in units from 0.1 to 1000 times its own, in batches of 1, 32 and all rows."""


@Parameter(name="*", group=OPTIMIZER)
@dataclass(frozen=True, kw_only=True)
class Optimization:
    """The update rule; a setting that is left out has the rule's own default."""

    optimizer: OptimizerName = "sgd"
    """The update rule."""

    learning_rate: float | None = None
    """η, at the start where a schedule changes it. [default: 0.01; less for large targets]"""

    momentum: float | None = None
    """sgd: μ."""

    nesterov: bool = False
    """sgd: Nesterov's form of momentum."""

    weight_decay: float | None = None
    """sgd, adamw: λ."""

    rho: float | None = None
    """rmsprop: ρ, how slowly the mean square forgets."""

    beta1: float | None = None
    """adam, adamw: β₁."""

    beta2: float | None = None
    """adam, adamw: β₂."""

    epsilon: float | None = None
    """rmsprop, adam, adamw: ε."""

    schedule: ScheduleName = "constant"
    """How the learning rate changes, update by update."""

    decay_every: OptionalWhole = None
    """step: updates between two drops."""

    decay_factor: float | None = None
    """step, exponential: the factor of each drop."""

    decay_power: float | None = None
    """inverse_scaling: the power of the update's number."""

    final_learning_rate: float | None = None
    """cosine: the learning rate at the last update."""

    warmup: OptionalWhole = None
    """Updates at the start over which the learning rate grows from 0."""


_OF_OPTIMIZER: Mapping[str, Mapping[str, str]] = {
    "sgd": {"momentum": "momentum", "nesterov": "nesterov", "weight_decay": "weight_decay"},
    "rmsprop": {"rho": "rho", "epsilon": "epsilon"},
    "adam": {"beta1": "beta1", "beta2": "beta2", "epsilon": "epsilon"},
    "adamw": {
        "beta1": "beta1",
        "beta2": "beta2",
        "epsilon": "epsilon",
        "weight_decay": "weight_decay",
    },
}
_OF_SCHEDULE: Mapping[str, Mapping[str, str]] = {
    "constant": {},
    "step": {"decay_every": "every", "decay_factor": "factor"},
    "exponential": {"decay_factor": "factor"},
    "inverse_scaling": {"decay_power": "power"},
    "cosine": {"final_learning_rate": "end"},
}
"""For each choice its settings, and what the library calls them."""


def build_optimizer(settings: Optimization, updates: int, default: float = RATE) -> "Optimizer":
    """Return the optimizer for a run of ``updates`` updates.

    ``default`` is its learning rate where none is given.

    Raises:
        ConfigurationError: a setting of another optimizer or schedule, or one that cannot be.
    """
    from rosenblatt.optimizers import OPTIMIZERS

    own = _own_settings(settings, "optimizer", _OF_OPTIMIZER)
    of_schedule = _own_settings(settings, "schedule", _OF_SCHEDULE)
    start = default if settings.learning_rate is None else settings.learning_rate
    rate: float | Schedule = start
    if settings.schedule != "constant" or settings.warmup is not None:
        rate = _build_schedule(settings, of_schedule, updates, start)
    rule: Callable[..., Optimizer] = OPTIMIZERS[settings.optimizer]
    return rule(learning_rate=rate, **own)


def default_rate(rule: str, loss: "Loss", hidden: Sequence[int], train: "Dataset") -> float:
    """Return the learning rate where none is given.

    The gradient of a network with hidden layers grows with the targets of a regression, and plain
    gradient descent diverges where they are large: the rate is at most ``AT_SIZE_1`` divided by
    their root mean square. Linear models have no such bound, and the other rules divide by the size
    of the gradient.
    """
    from rosenblatt.losses import HalfSquaredError

    if rule != "sgd" or not hidden or not isinstance(loss, HalfSquaredError):
        return RATE
    largest = float(abs(train.y).max()) or 1.0
    # Relative to the largest: the square of that may be beyond all floats.
    root_mean_square = largest * float(((train.y / largest) ** 2).mean()) ** 0.5
    return min(RATE, AT_SIZE_1 / max(root_mean_square, AT_SIZE_1))


def _build_schedule(
    settings: Optimization, own: dict[str, float], updates: int, start: float
) -> "Schedule":
    from rosenblatt.optimizers import SCHEDULES, LinearWarmup

    if settings.schedule == "step" and "every" not in own:
        raise ConfigurationError("--schedule step needs --decay-every, in updates")
    if settings.schedule == "cosine":
        own["updates"] = max(1, updates - (settings.warmup or 0))
    rule: Callable[..., Schedule] = SCHEDULES[settings.schedule]
    schedule = rule(start=start, **own)
    return schedule if settings.warmup is None else LinearWarmup(settings.warmup, schedule)


def _own_settings(
    settings: Optimization, choice: str, table: Mapping[str, Mapping[str, str]]
) -> dict[str, float]:
    """Return what was given for the chosen rule, and refuse what was given for another."""
    chosen = getattr(settings, choice)
    for rule, names in table.items():
        for name in names:
            if _is_given(getattr(settings, name)) and name not in table[chosen]:
                raise ConfigurationError(
                    f"--{name.replace('_', '-')} has no meaning for --{choice} {chosen}; "
                    f"it belongs to --{choice} {rule}"
                )
    given = {library: getattr(settings, name) for name, library in table[chosen].items()}
    return {name: value for name, value in given.items() if _is_given(value)}


def _is_given(value: float | None) -> bool:
    """Return whether a setting was made. A plain ``in (None, False)`` would take 0 for False."""
    return value is not None and value is not False
