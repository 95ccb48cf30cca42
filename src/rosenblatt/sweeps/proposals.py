"""Settings of a sweep that a sampler of Optuna proposes, batch by batch."""

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.checks import whole_number
from rosenblatt.errors import ConfigurationError, given, nearest
from rosenblatt.progress_bar import Bar
from rosenblatt.sweeps.chunks import Measured
from rosenblatt.sweeps.grid import choices_of, is_whole, setting_named, shown
from rosenblatt.sweeps.groups import MOST_LANES
from rosenblatt.sweeps.measures import is_better_high
from rosenblatt.sweeps.networks import Networks
from rosenblatt.sweeps.ranges import Range
from rosenblatt.sweeps.result import Sweep
from rosenblatt.sweeps.variants import Base, Settings

if TYPE_CHECKING:
    import optuna

MOST_TRIALS = 1_000_000
_ATTRIBUTE = "rosenblatt_sweep"

Train = Callable[[Sequence[Settings]], tuple[Networks, Measured, npt.NDArray[np.bool_]]]
"""Trains the networks of cells that are not trained yet; returns all networks of the cells, what
was measured of them, and which are missing because a budget is used up."""


@dataclass(frozen=True)
class Proposals:
    """Who proposes settings, and how many, as the arguments of :func:`rosenblatt.sweep`."""

    sampler: Any
    n: Any
    storage: Any = None
    study: Any = None
    objective: str | None = None


def propose(
    proposals: Proposals,
    base: Base,
    over: object,
    seeds: Sequence[int],
    measures: Sequence[str],
    train: Train,
    *,
    show: bool,
) -> Sweep:
    """Train the networks that a sampler proposes, and return the sweep.

    Trials are asked for in batches whose networks fill the lanes of a kernel, and the batch is told
    when all are trained (Optuna's ask-and-tell interface; Akiba et al., *Optuna*, KDD 2019). The
    size of a batch is a function of the number of seeds alone, so that a sampler with a seed
    proposes the same on every machine.

    Args:
        proposals: the sampler, and how many trials.
        base: what all networks have in common.
        over: the settings with their ranges or lists of choices.
        seeds: of each trial, whose value is the mean over them.
        measures: those of the sweep.
        train: trains the networks of cells.
        show: whether to show how far it is.

    Raises:
        ConfigurationError: Optuna is not installed, an argument that cannot be, or a value that
            cannot be, with the cell that has it.
    """
    space = Space.of(over, base.allowed)
    objective = _objective(proposals.objective, measures)
    identity = repr((base.cell({}).digest, sorted(space.distributions), list(seeds), objective))
    study = _study(proposals, objective, hashlib.blake2b(identity.encode()).hexdigest()[:16])
    n = whole_number(proposals.n, "n", at_least=1, at_most=MOST_TRIALS)
    batch = -(-MOST_LANES // len(seeds))
    told = Told(study, space, objective, len(seeds))
    with Bar(n, lambda done: f"{done:.0f}/{n} trials", quiet=not show) as bar:
        result = train(told.cells) if told.cells else None
        while told.n < n and not told.is_exhausted:
            bar.show(told.n, told.best)
            trials = told.ask(min(batch, n - told.n))
            try:
                result = train(told.cells)
            except BaseException:
                told.fail(trials)
                raise
            if not told.tell(trials, *result):
                break
        bar.show(told.n, told.best)
    assert result is not None
    networks, measured, missing = result
    return Sweep(networks, *measured, ~missing, study=study)


@dataclass(frozen=True)
class Space:
    """The settings that a sampler chooses.

    Attributes:
        distributions: of each setting, as Optuna has them.
        choices: of settings with a list of values, the values by what Optuna knows them by.
    """

    distributions: "dict[str, optuna.distributions.BaseDistribution]"
    choices: dict[str, dict[Any, Any]]

    @classmethod
    def of(cls, over: object, allowed: Sequence[str]) -> "Space":
        """Return the space of ``over``: ranges, lists of choices, or distributions of Optuna.

        Raises:
            ConfigurationError: Optuna is not installed, or a setting that cannot be.
        """
        distributions = _optuna().distributions
        if not isinstance(over, Mapping) or not over:
            raise ConfigurationError(
                "with a sampler, over must be a mapping such as {'learning_rate': "
                f"rb.log_uniform(0.001, 1)}}, got {given(over)}"
            )
        found: dict[str, Any] = {}
        choices: dict[str, dict[Any, Any]] = {}
        for word, values in over.items():
            if isinstance(values, distributions.BaseDistribution):
                found[setting_named(word, allowed)] = values
                continue
            ((name, chosen),) = choices_of({word: values}, allowed).items()
            if name in found:
                raise ConfigurationError(f'"{name}" is there twice in over')
            if not isinstance(chosen, Range):
                choices[name] = {shown(value): value for value in chosen}
                found[name] = distributions.CategoricalDistribution([*choices[name]])
            elif is_whole(name):
                low, high = math.ceil(chosen.low), math.floor(chosen.high)
                if low > high:
                    raise ConfigurationError(
                        f"there is no whole number between {chosen.low} and {chosen.high} for "
                        f'"{name}"'
                    )
                found[name] = distributions.IntDistribution(low, high, log=chosen.is_log)
            else:
                ends = chosen.low, chosen.high
                found[name] = distributions.FloatDistribution(*ends, log=chosen.is_log)
        return cls(found, choices)

    def settings(self, params: Mapping[str, Any]) -> Settings:
        """Return the settings of a trial."""
        return {
            name: self.choices[name][params[name]] if name in self.choices else params[name]
            for name in self.distributions
        }


class Told:
    """The trials of a study, and the cells that they are.

    Args:
        study: which may have trials from before.
        space: the settings that are chosen.
        objective: the measure.
        n_seeds: of each trial.

    Attributes:
        cells: the settings of the trials, each once.
        n: the trials that count: those with a value, and those that are pruned.
        is_exhausted: whether the sampler has nothing more to propose.
    """

    def __init__(self, study: "optuna.Study", space: Space, objective: str, n_seeds: int) -> None:
        self._study, self._space, self._objective = study, space, objective
        self._n_seeds = n_seeds
        self.cells: list[Settings] = []
        self._places: dict[str, int] = {}
        self.is_exhausted = False
        states = _optuna().trial.TrialState
        earlier = study.get_trials(deepcopy=False, states=(states.COMPLETE, states.PRUNED))
        for trial in earlier:
            self._add(trial.params)
        self.n = len(earlier)

    @property
    def best(self) -> str:
        """The best value so far, in words."""
        try:
            return f"best {self._objective} {self._study.best_value:.4g}"
        except ValueError:
            return ""

    def _add(self, params: Mapping[str, Any]) -> int:
        """Return the cell of a trial; settings that were proposed twice are one cell."""
        settings = self._space.settings(params)
        key = repr(sorted(settings.items()))
        if key not in self._places:
            self._places[key] = len(self.cells)
            self.cells.append(settings)
        return self._places[key]

    def ask(self, n: int) -> "list[tuple[optuna.trial.Trial, int]]":
        """Return new trials, each with its cell."""
        trials = [self._study.ask(self._space.distributions) for _ in range(n)]
        return [(trial, self._add(trial.params)) for trial in trials]

    def tell(
        self,
        trials: "Sequence[tuple[optuna.trial.Trial, int]]",
        networks: Networks,
        measured: Measured,
        missing: npt.NDArray[np.bool_],
    ) -> bool:
        """Tell the study the means over seeds; return whether all of them are known.

        A trial of which a network diverged, or has no number, is pruned: a sampler then takes it
        for worse than those that have a value.
        """
        states = _optuna().trial.TrialState
        for trial, cell in trials:
            mine = slice(cell * self._n_seeds, (cell + 1) * self._n_seeds)
            if missing[mine].any():
                self._end(trial, None, states.FAIL)
                continue
            self.n += 1
            for name, column in measured[1].items():
                if np.isfinite(column[mine]).all():
                    trial.set_user_attr(name, float(column[mine].mean()))
            trial.set_user_attr("diverged", int(measured[0][mine].sum()))
            values = measured[1][self._objective][mine]
            if np.isfinite(values).all():
                self._end(trial, float(values.mean()), None)
            else:
                self._end(trial, None, states.PRUNED)
        return not missing.any()

    def _end(self, trial: "optuna.trial.Trial", value: float | None, state: Any) -> None:
        try:
            self._study.tell(trial, value, state)
        except RuntimeError:
            # A sampler of a grid that is used up stops the study, which raises where it was asked
            # for trials; the trial has ended all the same.
            if not self._study.get_trials(deepcopy=False)[trial.number].state.is_finished():
                raise
            self.is_exhausted = True

    def fail(self, trials: "Sequence[tuple[optuna.trial.Trial, int]]") -> None:
        """Tell the study that trials have ended without a result."""
        for trial, _ in trials:
            self._end(trial, None, _optuna().trial.TrialState.FAIL)


def _optuna() -> Any:
    try:
        import optuna
    except ModuleNotFoundError:
        raise ConfigurationError(
            "a sampler needs the package optuna, which is not installed: pip install "
            "'rosenblatt[optuna]'"
        ) from None
    return optuna


def _objective(wanted: str | None, measures: Sequence[str]) -> str:
    """Return the measure that a sampler improves, by default no measure of the test set."""
    if wanted is None:
        return "validation_loss" if "validation_loss" in measures else "train_loss"
    if wanted not in measures:
        raise ConfigurationError(
            f"the objective {given(wanted)} is not measured{nearest(str(wanted), measures)}; "
            f"known: {', '.join(measures)}"
        )
    return wanted


def _study(proposals: Proposals, objective: str, identity: str) -> "optuna.Study":
    """Return the study: the one that is given, the storage's, or a new one."""
    optuna = _optuna()
    sampler, study = proposals.sampler, proposals.study
    if sampler is not None and not isinstance(sampler, optuna.samplers.BaseSampler):
        raise ConfigurationError(
            f"sampler must be one of Optuna, such as TPESampler(seed=0), got {given(sampler)}"
        )
    direction = "maximize" if is_better_high(objective) else "minimize"
    if isinstance(study, optuna.Study):
        if proposals.storage is not None:
            raise ConfigurationError("a study has its storage; give storage or a study, not both")
        if sampler is not None:
            study.sampler = sampler
    elif study is None or isinstance(study, str):
        level = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        try:
            study = optuna.create_study(
                storage=proposals.storage,
                sampler=sampler,
                study_name=study or (None if proposals.storage is None else "sweep"),
                direction=direction,
                load_if_exists=True,
            )
        finally:
            optuna.logging.set_verbosity(level)
    else:
        raise ConfigurationError(f"study must be one of Optuna, or a name, got {given(study)}")
    if [one.name.lower() for one in study.directions] != [direction]:
        raise ConfigurationError(
            f'the study does not {direction}, which is what "{objective}" needs; take another study'
        )
    if study.user_attrs.get(_ATTRIBUTE, identity) != identity:
        raise ConfigurationError(
            f'the study "{study.study_name}" is of another sweep (other settings, data, seeds or '
            "another objective); name another one in study"
        )
    study.set_user_attr(_ATTRIBUTE, identity)
    study.set_user_attr("objective", objective)
    return study
