"""Settings as a Python script, in public names, that gives the same bits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

from rosenblatt.settings.data_options import GENERATOR_SETTINGS, is_generator, is_name
from rosenblatt.settings.describe import python_name
from rosenblatt.settings.forks import LARGEST_UPDATE, Fork, plan_forks
from rosenblatt.settings.plain import naming_keys
from rosenblatt.settings.points import check_label
from rosenblatt.settings.preparation import Prepared, prepare
from rosenblatt.settings.setup import Setup, parse_setup
from rosenblatt.settings.splits import share_or_count
from rosenblatt.settings.writing import source_name

if TYPE_CHECKING:
    from rosenblatt.data import Dataset

WIDTH = 88
"""Characters of a line of code."""


def as_python(settings: Mapping[str, Any], data: "Dataset | None" = None) -> str:
    """Return a script that trains with these settings, and has the weights of the page in ``run``.

    Args:
        settings: plain values, with the keys of ``EXTRAS``.
        data: the samples where ``data`` names a file: ``upload:NAME`` is read as NAME.

    Raises:
        ConfigurationError: settings that cannot work.

    >>> print(as_python({"data": "moons", "hidden": [8], "epochs": 50}), end="")
    import rosenblatt as rb
    <BLANKLINE>
    data = rb.data.moons()
    train, test = data.split()
    model = rb.MLP(2, [8], 2)
    run = rb.train(model, train, test=test, epochs=50, eval_every=10)
    """
    setup = parse_setup(settings)
    prepared = prepare(setup.options, data, setup.points)
    with naming_keys():
        forks = plan_forks(prepared, setup.changes)
    script = _Script()
    script.data(prepared)
    script.model(prepared)
    script.training(setup, prepared, forks)
    return str(script)


class _Script:
    """The lines of a script, and the names that it imports."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.imports: set[str] = set()

    def __str__(self) -> str:
        uses_numpy = any("np." in line for line in self.lines)
        own = [f"{line}\n" for line in sorted(self.imports)]
        head = ["import numpy as np\n"] * uses_numpy + ["import rosenblatt as rb\n", *own]
        return "".join([*head, "\n", *(f"{line}\n" for line in self.lines)])

    def data(self, prepared: Prepared) -> None:
        """Write the samples, their edits and their division."""
        options = prepared.options
        self.lines.append(f"data = {self._source(prepared)}")
        sets = ["train"]
        splits = options.splits
        how = _given(seed=(splits.split_seed, 0), stratify=(splits.stratify, False))
        if prepared.splits.test is None:
            self.lines.append("train = data")
        else:
            size = share_or_count(splits.test_size)
            sets.append("test")
            self.lines.append(
                f"train, test = {_call('data.split', [repr(size)] * (size != 0.2), how)}"
            )
        self._edits(prepared)
        if prepared.splits.validation is not None:
            size = share_or_count(prepared.validation_size or 0.2)
            self.lines.append(
                f"train, validation = {_call('train.split', [repr(size)] * (size != 0.2), how)}"
            )
            sets.append("validation")
        if prepared.splits.standardizer is not None:
            self.lines.append("scaler = rb.data.Standardizer.fit(train)")
            self.lines += [f"{name} = scaler.apply({name})" for name in sets]

    def _source(self, prepared: Prepared) -> str:
        options, source = prepared.options, prepared.options.source
        if is_generator(source.data):
            given = GENERATOR_SETTINGS.given(source.recipe.settings)
            parameters = GENERATOR_SETTINGS.settings
            values = {
                parameters[flag].parameters[source.data]: repr(_listed(value))
                for flag, value in given.items()
            }
            n = {} if source.recipe.n is None else {"n": repr(source.recipe.n)}
            seed = {} if source.data_seed is None else {"seed": repr(source.data_seed)}
            make = GENERATOR_SETTINGS.registry[source.data]
            name = python_name(make)
            if name.startswith("rb.") and (not n or source.data != "gaussians"):
                return _call(name, [], n | values | seed)
            return _call("rb.data.make", [repr(source.data)], n | values | seed)
        if is_name(source.data):
            return _call("rb.data.bundled", [f'"{source.data}"'], {})
        label = [] if source.label is None else [repr(source.label)]
        how = _given(task=(options.network.task, None), header=(source.header, None))
        return _call("rb.data.load", [repr(source_name(source.data)), *label], how)

    def _edits(self, prepared: Prepared) -> None:
        if not prepared.edits:
            return
        edits, data = prepared.edits, prepared.data
        rows = {"train": data.split_rows(*_split(prepared))[0]} if prepared.splits.test else {}
        if prepared.splits.test is not None:
            rows["test"] = data.split_rows(*_split(prepared))[1]
        else:
            import numpy as np

            rows["train"] = np.arange(len(data))
        for name, numbers in rows.items():
            moved, deleted = edits.rows(numbers), edits.deleted_rows(numbers)
            added = list(edits.added.values()) if name == "train" else []
            if not (moved or deleted or added):
                continue
            self.lines.append(f"X, y = {name}.X.copy(), {name}.labels")
            self.lines += [f"X[{row}] = {list(to)!r}" for row, to in moved]
            if deleted:
                self.lines.append(
                    f"X, y = np.delete(X, {deleted}, axis=0), np.delete(y, {deleted})"
                )
            if added:
                points = [list(sample.to) for sample in added]
                labels = [check_label(sample.label, data) for sample in added]
                self.lines.append(f"X = np.vstack([X, {points!r}])")
                self.lines.append(f"y = np.append(y, {labels!r})")
            self.lines.append(f"{name} = {name}.replace(X=X, y=y)")

    def model(self, prepared: Prepared) -> None:
        """Write the network."""
        from rosenblatt.models import MLP

        model = prepared.model
        if isinstance(model, MLP):
            self.lines.append(f"model = {self._mlp(model)}")
            return
        network: Any = MLP.from_layers(model.layers[:-1])
        last = self.value(model.layers[-1])
        self.lines.append(f"network = {self._mlp(network)}")
        self.lines.append(f"model = rb.Sequential([*network.layers, {last}])")

    def _mlp(self, model: Any) -> str:
        sizes = [repr(model.n_inputs), repr(list(model.n_hidden)), repr(model.n_outputs)]
        how: dict[str, str] = {}
        activation, init = self._named(model.activation), self._named(model.weight_init)
        if activation != "'relu'":
            how["activation"] = activation.replace("'", '"')
        if init != "'he'":
            how["init"] = init.replace("'", '"')
        if model.dropout:
            how["dropout"] = repr(model.dropout)
        return _call("rb.MLP", sizes, how)

    def _named(self, value: Any) -> str:
        """Return the name of an activation or initialiser with default settings, or its code."""
        from rosenblatt.registry import snake_case

        if isinstance(value, tuple):
            return f"[{', '.join(map(self._named, value))}]"
        is_default = all(getattr(value, each.name) == each.default for each in fields(value))
        return repr(snake_case(type(value).__name__)) if is_default else self.value(value)

    def value(self, value: Any) -> str:
        """Return the code of a layer, loss, optimizer or schedule, or of a plain value."""
        if not hasattr(value, "__dataclass_fields__"):
            return repr(value)
        name = python_name(type(value))
        if not name.startswith("rb."):
            self.imports.add(f"from {type(value).__module__} import {name}")
        settings = {}
        for entry in fields(value):
            default = entry.default
            setting = getattr(value, entry.name)
            if default is MISSING or setting != default:
                settings[entry.name] = self.value(setting)
        return _call(name, [], settings)

    def training(self, setup: Setup, prepared: Prepared, forks: Sequence[Fork]) -> None:
        """Write the training, its forks, and the update that is shown."""
        training = prepared.options.training
        if setup.seeds is not None:
            first = training.seed
            seeds = f"range({first}, {first + setup.seeds})" if first else f"range({setup.seeds})"
            many = self._keywords(prepared, training.epochs)
            many.pop("seed", None)
            self.lines.append(
                _call("runs = rb.train_many", ["model", "train"], {"seeds": seeds, **many})
            )
        ends = [*(fork.epochs_begun for fork in forks), _end(setup, prepared, forks)]
        starts = [*(fork.at for fork in forks), LARGEST_UPDATE]
        keywords = self._keywords(prepared, max(1, ends[0]))
        self.lines.append(_call("run = rb.train", ["model", "train"], keywords))
        is_shown = setup.at is None
        for i, start in enumerate(starts):
            if not is_shown and start > (setup.at or 0):
                self.lines.append(f"shown = run.at(update={setup.at})")
                is_shown = True
            if i < len(forks):
                self._fork(forks[i], max(1, ends[i + 1]))

    def _keywords(self, prepared: Prepared, epochs: int) -> dict[str, str]:
        """Return the code of the keywords of ``rb.train`` that are not its defaults."""
        training, stopping = prepared.options.training, prepared.options.stopping
        splits, keywords = prepared.splits, {}
        if splits.test is not None:
            keywords["test"] = "test"
        if splits.validation is not None:
            keywords["validation"] = "validation"
        usual = prepared.model.default_loss
        if prepared.data.classes is None:
            usual = prepared.model.default_regression_loss
        if prepared.loss != usual:
            keywords["loss"] = self.value(prepared.loss)
        from rosenblatt.training.plan import DEFAULT_OPTIMIZER

        optimizer = prepared.optimizer()
        if optimizer != DEFAULT_OPTIMIZER:
            keywords["optimizer"] = self.value(optimizer)
        keywords |= _given(
            epochs=(epochs, 100),
            batch_size=(training.batch_size, None),
            shuffle=(training.shuffle, True),
            eval_every=(training.eval_every, 1),
            seed=(training.seed, 0),
            dtype=(training.dtype, "float64"),
            engine=(training.engine, "auto"),
        )
        if stopping.patience is not None:
            keywords["callbacks"] = (
                f'[rb.EarlyStopping("validation_loss", patience={stopping.patience})]'
            )
        return keywords

    def _fork(self, fork: Fork, epochs: int) -> None:
        keywords = {"update": repr(fork.at)}
        if fork.weights:
            self.lines += ["", "", "def edit(params):"]
            for name, entries in fork.weights.items():
                for *index, value in entries:
                    place = ", ".join(repr(int(i)) for i in index)
                    self.lines.append(f'    params["{name}"][{place}] = {value!r}')
            self.lines += ["", ""]
        if fork.optimizer is not None:
            keywords["optimizer"] = self.value(fork.optimizer)
        if fork.loss is not None:
            keywords["loss"] = self.value(fork.loss)
        if fork.batch_size is not None:
            keywords["batch_size"] = repr(fork.batch_size)
        if fork.weights:
            keywords["edit"] = "edit"
        keywords["epochs"] = repr(epochs)
        self.lines.append(_call("run = run.fork", [], keywords))


def _end(setup: Setup, prepared: Prepared, forks: Sequence[Fork]) -> int:
    """Return the epochs of the last run: those of the settings, or as many as ``at`` needs."""
    last = forks[-1].prepared if forks else prepared
    begun = forks[-1].epochs_begun if forks else 0
    needed = begun
    if setup.at is not None:
        start = forks[-1].at if forks else 0
        # The fork begins within its epoch, or at its end: count from the end.
        per_epoch = last.updates_per_epoch
        to_end = (-_within(prepared, forks)) % per_epoch
        needed = begun + max(0, -((start + to_end - setup.at) // per_epoch))
    has_end = setup.has_end or any("epochs" in change.set for change in setup.changes)
    epochs = last.options.training.epochs
    if has_end or setup.at is None:
        return max(epochs, needed)
    return needed


def _within(prepared: Prepared, forks: Sequence[Fork]) -> int:
    """Return the updates of the begun epoch at the last fork."""
    first = batch = 0
    for fork in forks:
        batch = (fork.at - first) % prepared.updates_per_epoch
        first, prepared = fork.at - batch, fork.prepared
    return batch


def _split(prepared: Prepared) -> tuple[float | int, int, bool]:
    splits = prepared.options.splits
    return share_or_count(splits.test_size), splits.split_seed, splits.stratify


def _given(**values: tuple[object, object]) -> dict[str, str]:
    """Return the code of the values that differ from their defaults."""
    return {
        name: f'"{value}"' if isinstance(value, str) and value.isidentifier() else repr(value)
        for name, (value, default) in values.items()
        if value != default
    }


def _listed(value: Any) -> Any:
    return [_listed(entry) for entry in value] if isinstance(value, tuple) else value


def _call(name: str, arguments: Iterable[str], keywords: Mapping[str, str]) -> str:
    """Return the code of a call, in one line where it fits."""
    parts = [*arguments, *(f"{key}={value}" for key, value in keywords.items())]
    line = f"{name}({', '.join(parts)})"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"{name}(", *(f"    {part}," for part in parts), ")"])
