"""The optimizer and its learning rate, by flags."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES
from rosenblatt.settings.params import OPTIMIZER, OptionalWhole, parse_numbers
from rosenblatt.settings.registry_options import RegistrySettings, choices

if TYPE_CHECKING:
    from rosenblatt.data import Dataset
    from rosenblatt.losses import Loss
    from rosenblatt.optimizers import Optimizer, Schedule

RATE = 0.01
"""The learning rate by default."""

RATE_AT_SIZE_1 = 0.1
"""The largest rate by default for targets of size 1, and less for larger ones. Tried on
scikit-learn's diabetes data in units from 0.1 to 1000 times its own, in batches of 1, 32 and all
rows."""

OPTIMIZER_SETTINGS = RegistrySettings(
    "optimizer",
    OPTIMIZERS,
    OPTIMIZER,
    without=("learning_rate",),
    types={
        "layer_rates": Annotated[
            tuple[float, ...] | None,
            Parameter(converter=parse_numbers, n_tokens=1, negative=(), metavar="NUMBERS"),
        ]
    },
    texts={
        "layer_rates": "the learning rate of each layer with parameters as a multiple of η, from "
        "the inputs to the outputs, such as 1,0.1"
    },
)
SCHEDULE_SETTINGS = RegistrySettings(
    "schedule",
    {name: schedule for name, schedule in SCHEDULES.items() if name != "linear_warmup"},
    OPTIMIZER,
    without=("start", "updates"),
    flags={
        "every": "decay_every",
        "factor": "decay_factor",
        "power": "decay_power",
        "end": "final_learning_rate",
    },
)

if TYPE_CHECKING:
    OptimizerName = str
    OptimizerSettings = Any
    ScheduleName = str
    ScheduleSettings = Any
else:
    OptimizerName = choices(OPTIMIZERS, OPTIMIZER_SETTINGS.registry)
    ScheduleName = choices(SCHEDULES, SCHEDULE_SETTINGS.registry)
    OptimizerSettings, ScheduleSettings = OPTIMIZER_SETTINGS.options, SCHEDULE_SETTINGS.options


@Parameter(name="*", group=OPTIMIZER)
@dataclass(frozen=True, kw_only=True)
class OptimizerOptions:
    """The update rule; a setting that is left out has the rule's own default."""

    optimizer: OptimizerName = "sgd"
    """The update rule."""

    learning_rate: float | None = None
    """η, at the start where a schedule changes it. [default: 0.01; less for large targets]"""

    settings: OptimizerSettings = field(default_factory=OPTIMIZER_SETTINGS.options)

    schedule: ScheduleName = "constant"
    """The learning rate as a function of the update."""

    schedule_settings: ScheduleSettings = field(default_factory=SCHEDULE_SETTINGS.options)

    warmup: OptionalWhole = None
    """Updates at the start over which the learning rate grows from 0."""


def build_optimizer(options: OptimizerOptions, updates: int, default: float = RATE) -> "Optimizer":
    """Return the optimizer for a run of ``updates`` updates.

    ``default`` is its learning rate where none is given.

    Raises:
        ConfigurationError: a setting of another optimizer or schedule, or one that cannot be.
    """
    settings = OPTIMIZER_SETTINGS.of(options.optimizer, options.settings)
    start = default if options.learning_rate is None else options.learning_rate
    schedule = build_schedule(options, updates, start)
    rule: Callable[..., Optimizer] = OPTIMIZERS[options.optimizer]
    return rule(learning_rate=start if schedule is None else schedule, **settings)


def default_rate(rule: str, loss: "Loss", hidden: Sequence[int], train: "Dataset") -> float:
    """Return the learning rate where none is given.

    The gradient of a network with hidden layers grows with the targets of a regression, and plain
    gradient descent diverges where they are large: the rate is at most ``RATE_AT_SIZE_1`` divided
    by their root mean square. Linear models have no such bound, and the other rules divide by the
    size of the gradient.
    """
    from rosenblatt.losses import HalfSquaredError, MeanSquaredError

    if rule != "sgd" or not hidden or not isinstance(loss, HalfSquaredError | MeanSquaredError):
        return RATE
    largest = float(abs(train.y).max()) or 1.0
    # Relative to the largest: the square of that may be beyond all floats.
    root_mean_square = largest * float(((train.y / largest) ** 2).mean()) ** 0.5
    return min(RATE, RATE_AT_SIZE_1 / max(root_mean_square, RATE_AT_SIZE_1))


def build_schedule(options: OptimizerOptions, updates: int, start: float) -> "Schedule | None":
    """Return the schedule, or None where the rate stays as it is."""
    from rosenblatt.optimizers import Constant, LinearWarmup

    rule: Callable[..., Schedule] = SCHEDULES[options.schedule]
    settings = SCHEDULE_SETTINGS.of(options.schedule, options.schedule_settings)
    if rule is Constant and options.warmup is None:
        return None
    if "updates" in inspect.signature(rule).parameters:
        settings["updates"] = max(1, updates - (options.warmup or 0))
    schedule = rule(start=start, **settings)
    return schedule if options.warmup is None else LinearWarmup(options.warmup, schedule)
