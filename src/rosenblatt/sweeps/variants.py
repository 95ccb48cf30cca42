"""The networks of a sweep: a base, and what the settings of a cell change about it."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

from rosenblatt.checks import whole_number
from rosenblatt.data import Dataset
from rosenblatt.engines import Job, Samples
from rosenblatt.errors import ConfigurationError, RosenblattError
from rosenblatt.layers import INITIALIZERS, Activation, Linear, flattened
from rosenblatt.losses import LOSSES, Loss
from rosenblatt.models import MLP, Model, Sequential
from rosenblatt.models.base import check_loss
from rosenblatt.optimizers import OPTIMIZERS, Optimizer
from rosenblatt.settings.data_options import GENERATOR_SETTINGS
from rosenblatt.settings.network_options import (
    ACTIVATION_SETTINGS,
    INITIALIZER_SETTINGS,
    LOSS_SETTINGS,
)
from rosenblatt.settings.optimizer_options import (
    OPTIMIZER_SETTINGS,
    SCHEDULE_SETTINGS,
    OptimizerOptions,
    build_schedule,
)
from rosenblatt.settings.plain import naming_keys
from rosenblatt.sweeps.changed_parts import (
    OF_LAYER,
    changed_layer,
    changed_schedule,
    part_of,
    start_of,
    with_layer_rates,
)
from rosenblatt.sweeps.grid import LAYER_RATES, named
from rosenblatt.sweeps.recipes import hash_again, remade, root_of
from rosenblatt.training.plan import default_loss, samples_like

MODEL_WORDS = (
    "hidden",
    "activation",
    *ACTIVATION_SETTINGS.settings,
    "init",
    *INITIALIZER_SETTINGS.settings,
    "dropout",
)
LOSS_WORDS = ("loss", *LOSS_SETTINGS.settings)
RULE_WORDS = ("optimizer", *OPTIMIZER_SETTINGS.settings)
RATE_WORDS = ("learning_rate", "schedule", *SCHEDULE_SETTINGS.settings, "warmup")
TRAINING_WORDS = ("epochs", "batch_size", "shuffle", "dtype")
DATA_WORDS = ("n", "data_seed", *GENERATOR_SETTINGS.settings)
SPLIT_WORDS = ("test_size", "split_seed", "stratify", "standardize")
"""Settings of the division of data, which a sweep over a file of settings can go over too."""
WORDS = tuple(
    dict.fromkeys(
        (*RATE_WORDS, *TRAINING_WORDS, *RULE_WORDS, *MODEL_WORDS, *LOSS_WORDS, *DATA_WORDS)
    )
)
"""All settings that a sweep can go over."""

_OF_RULE = frozenset((*RULE_WORDS, *RATE_WORDS))

DIGEST_BYTES = 16

Settings = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Sets:
    """The rows to train on, and those to measure on."""

    train: Dataset
    test: Dataset | None = None
    validation: Dataset | None = None


@dataclass(frozen=True, eq=False)
class Cell:
    """All that the networks of a cell have in common: everything but the seed.

    Attributes:
        settings: what the sweep says about it.
        job: the job of a network, with a seed that does not matter.
        epochs: the length of the training.
        sets: the rows.
        test: the test rows as engines take them.
        validation: the validation rows.
        shared_digest: of everything that determines the results, the optimizer, the seed and the
            engine left out.
    """

    settings: Settings
    job: Job
    epochs: int
    sets: Sets
    test: Samples | None
    validation: Samples | None
    shared_digest: bytes

    @cached_property
    def digest(self) -> bytes:
        """A digest of all that determines the results, the seed and the engine left out."""
        optimizer = self.job.optimizer
        text = f"{type(optimizer).__qualname__} {optimizer!r}".encode()
        return hashlib.blake2b(self.shared_digest + text, digest_size=DIGEST_BYTES).digest()


class _Shared(NamedTuple):
    """What cells have in common that differ in nothing but the optimizer, as :class:`Cell`."""

    job: Job
    epochs: int
    sets: Sets
    test: Samples | None
    validation: Samples | None
    digest: bytes


class Base:
    """What all networks of a sweep have in common, and how settings change it.

    Args:
        model: the network where no setting says otherwise.
        sets: the rows.
        loss: the loss, or None for the model's own.
        optimizer: the update rule.
        epochs: passes through the rows.
        batch_size: rows per update; None for all.
        shuffle: whether each epoch has an order of its own.
        dtype: "float64" or "float32".
        words: settings of every cell.
        remake: returns the rows with other settings; by default the generator makes them again
            that the recipes of the sets name.
    """

    def __init__(
        self,
        model: Model,
        sets: Sets,
        loss: Loss | None,
        optimizer: Optimizer,
        epochs: int,
        batch_size: int | None,
        shuffle: bool,
        dtype: str,
        words: Settings | None = None,
        remake: Callable[[Settings], Sets] | None = None,
    ) -> None:
        self.model, self.sets, self.loss, self.optimizer = model, sets, loss, optimizer
        self.epochs, self.batch_size, self.shuffle, self.dtype = epochs, batch_size, shuffle, dtype
        self.words = dict(words or {})
        self.allowed = (*WORDS, *SPLIT_WORDS) if remake else WORDS
        self._remake = remake or self._remake_from_recipes
        self._made: dict[Any, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        # Another process makes again what it needs.
        return self.__dict__ | {"_made": {}}

    def cell(self, settings: Settings) -> Cell:
        """Return the networks of a cell.

        Raises:
            RosenblattError: they cannot be; the message names the cell.
        """
        try:
            with naming_keys():
                return self._cell(settings)
        except RosenblattError as error:
            where = f"{named(settings)}: " if settings else ""
            raise type(error)(f"{where}{error}") from error

    def _cell(self, settings: Settings) -> Cell:
        all_settings = {**self.words, **settings} if self.words else settings
        of_rule = {word: all_settings[word] for word in all_settings if _is_of_rule(word)}
        rest = {word: all_settings[word] for word in all_settings if word not in of_rule}
        shared: _Shared = self._once(self._shared_of, rest)
        job = shared.job
        has_length = "schedule" in of_rule or "warmup" in of_rule
        updates = [shared.epochs * job.updates_per_epoch] if has_length else []
        optimizer: Optimizer = self._once(self._optimizer_of, of_rule, job.model, *updates)
        if optimizer is not job.optimizer:
            job = replace(job, optimizer=optimizer)
        return Cell(
            settings,
            job,
            shared.epochs,
            shared.sets,
            shared.test,
            shared.validation,
            shared.digest,
        )

    def _shared_of(self, settings: Settings) -> "_Shared":
        """Return what cells have in common that differ in nothing but the optimizer."""

        def chosen(words: tuple[str, ...]) -> dict[str, Any]:
            return {word: settings[word] for word in words if word in settings}

        sets: Sets = self._once(self._sets_of, chosen((*DATA_WORDS, *SPLIT_WORDS)))
        dtype = str(settings.get("dtype", self.dtype))
        model: Model = self._once(self._model_of, chosen(MODEL_WORDS))
        loss: Loss = self._once(self._loss_of, chosen(LOSS_WORDS), model, sets)
        train, test, validation = self._samples_of(model, loss, sets, dtype)
        size = model.batch_size(settings.get("batch_size", self.batch_size), len(sets.train))
        job = Job(
            model=model,
            loss=loss,
            optimizer=self.optimizer,
            data=train,
            batch_size=size,
            shuffle=bool(settings.get("shuffle", self.shuffle)),
            seed=0,
        )
        epochs = whole_number(settings.get("epochs", self.epochs), "epochs", at_least=1)
        digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
        digest.update(f"{model.layers!r} {type(loss).__qualname__} {loss!r}".encode())
        hashes = [one and one.content_hash for one in (sets.train, sets.test, sets.validation)]
        digest.update(repr((type(model), hashes, size, epochs, job.shuffle, dtype)).encode())
        return _Shared(job, epochs, sets, test, validation, digest.digest())

    def _once(self, make_part: Callable[..., Any], settings: Settings, *more: Any) -> Any:
        """Return what a function makes of settings, made once."""
        key = make_part.__name__, tuple(settings.items()), tuple(map(_identity, more))
        if key not in self._made:
            self._made[key] = make_part(settings, *more), more
        return self._made[key][0]

    def _samples_of(
        self, model: Model, loss: Loss, sets: Sets, dtype: str
    ) -> tuple[Samples, Samples | None, Samples | None]:
        """Return the rows as engines take them; the same object for models that read the same."""
        key = "samples", id(sets), model.n_inputs, model.n_outputs, repr(loss), dtype
        if key not in self._made:
            check_loss(model, loss)
            train = Samples.of(model, loss, sets.train, dtype)
            job = Job(model, loss, self.optimizer, train, 1, False, 0)
            others = [
                None if one is None else samples_like(job, sets.train, one)
                for one in (sets.test, sets.validation)
            ]
            self._made[key] = (train, *others), (sets, loss)
        found: tuple[Samples, Samples | None, Samples | None] = self._made[key][0]
        return found

    # The model

    def _model_of(self, settings: Settings) -> Model:
        model = self.model
        if not settings:
            return model
        if not isinstance(model, Sequential):
            raise ConfigurationError(
                f"{', '.join(settings)} cannot be set on {type(model).__name__}, only on an MLP "
                "or a Sequential"
            )
        init = part_of(
            INITIALIZER_SETTINGS,
            settings,
            "init",
            next(one.weight_init for one in flattened(model.layers) if isinstance(one, Linear)),
            INITIALIZERS,
        )
        activation = self._activation_of(settings)
        dropout = settings.get("dropout")
        if isinstance(model, MLP):
            return MLP(
                model.n_inputs,
                settings.get("hidden", model.n_hidden),
                model.n_outputs,
                activation=model.activation if activation is None else activation,
                init=model.weight_init if init is None else init,
                dropout=model.dropout if dropout is None else dropout,
            )
        if "hidden" in settings or isinstance(activation, list):
            raise ConfigurationError(
                "hidden, and an activation for each layer, can be set on an MLP alone"
            )
        return Sequential(
            [changed_layer(layer, init, activation, dropout) for layer in model.layers]
        )

    def _activation_of(self, settings: Settings) -> Any:
        """Return the activation that settings describe, a list of several, or None."""
        name = settings.get("activation")
        if isinstance(name, tuple):
            given = {word: settings.get(word) for word in ACTIVATION_SETTINGS.settings}
            return ACTIVATION_SETTINGS.make_each(name, ACTIVATION_SETTINGS.options(**given))
        layers = flattened(self.model.layers)
        present = [layer for layer in layers if isinstance(layer, Activation)]
        base = present[0] if present else None
        return part_of(ACTIVATION_SETTINGS, settings, "activation", base, None)

    # The loss and the optimizer

    def _loss_of(self, settings: Settings, model: Model, sets: Sets) -> Loss:
        base = default_loss(model, sets.train) if self.loss is None else self.loss
        loss: Loss | None = part_of(LOSS_SETTINGS, settings, "loss", base, LOSSES)
        return base if loss is None else loss

    def _optimizer_of(self, settings: Settings, model: Model, updates: int = 1) -> Optimizer:
        base = self.optimizer
        rule: Optimizer | None = part_of(
            OPTIMIZER_SETTINGS, settings, "optimizer", base, OPTIMIZERS, {"learning_rate": 0.01}
        )
        optimizer: Any = base if rule is None else rule
        changed: dict[str, Any] = {}
        rate = self._rate_of(settings, updates)
        if rate != optimizer.learning_rate:
            changed["learning_rate"] = rate
        of_layers = {word: value for word, value in settings.items() if word.startswith(OF_LAYER)}
        if of_layers:
            changed[LAYER_RATES] = with_layer_rates(optimizer.layer_rates, of_layers, model)
        result: Optimizer = replace(optimizer, **changed) if changed else optimizer
        result.check_layers(model.shapes)
        return result

    def _rate_of(self, settings: Settings, updates: int) -> Any:
        """Return the learning rate, or the schedule, that settings describe."""
        rate, start = self.optimizer.learning_rate, settings.get("learning_rate")
        of_schedule = {
            word: settings[word] for word in SCHEDULE_SETTINGS.settings if word in settings
        }
        if "schedule" in settings or "warmup" in settings:
            given = {word: of_schedule.get(word) for word in SCHEDULE_SETTINGS.settings}
            options = OptimizerOptions(
                schedule=settings.get("schedule", "constant"),
                schedule_settings=SCHEDULE_SETTINGS.options(**given),
                warmup=settings.get("warmup"),
            )
            first = start_of(rate) if start is None else start
            schedule = build_schedule(options, updates, first)
            return first if schedule is None else schedule
        if not callable(rate):
            if of_schedule:
                raise ConfigurationError(
                    f"{', '.join(of_schedule)} has no meaning without a schedule; name one in "
                    "schedule"
                )
            return rate if start is None else start
        return changed_schedule(rate, start, of_schedule)

    # The data

    def _sets_of(self, settings: Settings) -> Sets:
        return self._remake(settings) if settings else self.sets

    def _remake_from_recipes(self, settings: Settings) -> Sets:
        root = root_of(self.sets.train.recipe)
        if "generator" not in root:
            raise ConfigurationError(
                f"{', '.join(settings)} can be set on data that a generator made, such as "
                "rb.data.moons, and on parts that split made of it"
            )

        def again(data: Dataset | None, name: str) -> Dataset | None:
            if data is None:
                return None
            if remade(data.recipe, {}) is None or hash_again(data.recipe, {}) != data.content_hash:
                raise ConfigurationError(
                    f"the {name} set is not what its recipe makes, so that it cannot be made with "
                    f"another {', '.join(settings)}"
                )
            # Data that was drawn by itself keeps its size and its seed.
            is_same = root_of(data.recipe) == root
            mine = (
                settings
                if is_same
                else {
                    word: value
                    for word, value in settings.items()
                    if word not in ("n", "data_seed")
                }
            )
            return remade(data.recipe, mine)

        train = again(self.sets.train, "training")
        assert train is not None
        return Sets(train, again(self.sets.test, "test"), again(self.sets.validation, "validation"))


def _is_of_rule(word: str) -> bool:
    """Return whether a setting is one of the optimizer."""
    return word in _OF_RULE or word.startswith(OF_LAYER)


def _identity(value: Any) -> Any:
    return value if isinstance(value, int) else id(value)
