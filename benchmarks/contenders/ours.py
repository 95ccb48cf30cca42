"""This package's engines, called as a user calls them."""

from dataclasses import replace
from typing import Any, ClassVar

from benchmarks.contenders.contender import Contender, seconds_of
from rosenblatt.data import Dataset
from rosenblatt.engines import ENGINES, EpochStats, Job, Samples, State
from rosenblatt.layers import Params
from rosenblatt.training import Run, train, train_many


class CompiledContender(Contender):
    """``engine="compiled"``: a whole call of ``train`` or ``train_many``, with its evaluations."""

    engine: ClassVar[str] = "compiled"

    def prepare(self, way: str) -> float | None:
        """Train for an epoch twice: what the first takes more than the second is compiling."""
        material = self.material
        classes = range(max(2, self.work.widths[-1]))
        self._train = Dataset(material.x, material.y, classes=classes)
        self._test = Dataset(material.x_test, material.y_test, classes=classes)
        first, second = seconds_of(lambda: self.run(1)), seconds_of(lambda: self.run(1))
        return max(0.0, first - second)

    def run(self, epochs: int) -> list[Run]:
        """Train the members in one call."""
        return self._call(epochs, range(self.members_per_run))

    def final(self, epochs: int) -> list[Params]:
        """Return the last weights of every member, also where others would be predicted with."""
        return [run.weights["last"] for run in self._call(epochs, range(self.work.members))]

    def _call(self, epochs: int, seeds: range) -> list[Run]:
        work, material = self.work, self.material
        settings: dict[str, Any] = {
            "optimizer": material.optimizer,
            "epochs": epochs,
            "batch_size": work.batch_size,
            "dtype": work.dtype,
            "engine": self.engine,
            "eval_every": work.eval_every or epochs,
            "test": self._test if work.eval_every else None,
        }
        if len(seeds) == 1:
            return [train(material.model, self._train, seed=seeds[0], **settings)]
        return list(train_many(material.model, self._train, seeds=seeds, **settings))


class UpdatesContender(Contender):
    """The compiled engine on members that are ready: its updates alone, as others are timed."""

    def prepare(self, way: str) -> float | None:
        """Make the members ready and load the kernels."""
        work, material, model = self.work, self.material, self.material.model
        classes = range(max(2, work.widths[-1]))
        train = Dataset(material.x, material.y, classes=classes)
        job = Job(
            model=model,
            loss=model.default_loss,
            optimizer=material.optimizer,
            data=Samples.of(model, model.default_loss, train, work.dtype),
            batch_size=work.batch_size,
            shuffle=True,
            seed=0,
            population=work.members,
        )
        self._jobs = [replace(job, seed=seed) for seed in range(work.members)]
        self._engine = ENGINES["compiled"]()
        first = [model.init(one.seed, work.dtype) for one in self._jobs]
        self._states = self._engine.start_many(self._jobs, first)
        self._engine.load(self._jobs, self._states)
        return None

    def run(self, epochs: int) -> list[tuple[State, EpochStats]]:
        """Train the members in one call of the engine."""
        return self._engine.run_many(self._jobs, self._states, range(1, epochs + 1))

    def final(self, epochs: int) -> list[Params]:
        """Return the last weights of every member."""
        return [state.params for state, _ in self.run(epochs)]


class ReferenceContender(CompiledContender):
    """``engine="reference"``: NumPy to be read; its weights are the right ones."""

    engine: ClassVar[str] = "reference"
    one_by_one: ClassVar[bool] = True

    def prepare(self, way: str) -> float | None:
        """Train for an epoch; nothing is compiled."""
        super().prepare(way)
        return None
