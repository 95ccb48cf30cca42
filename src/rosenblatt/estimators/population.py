"""Fits of one kind that train together, in packed arrays, each by its own settings.

The numbers of all fits are columns of a few arrays, and the rules for when to stop are computed for
all of them at once. :mod:`rosenblatt.estimators.stochastic` has the same rules for one fit.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rosenblatt.engines import Job, Samples, State, expected_seconds
from rosenblatt.estimators.stochastic import SMALLEST_RATE, Member, Rules
from rosenblatt.estimators.streams import Orders
from rosenblatt.layers import Params
from rosenblatt.optimizers import Optimizer, Schedule

if TYPE_CHECKING:
    from rosenblatt.engines.compiled.engine import CompiledEngine

SECONDS_AT_ONCE = 0.06
"""Expected seconds of one kernel's call: long enough that Python's share is small, and short enough
that few epochs are repeated where a fit stops within them."""
MOST_EPOCHS = 6
"""Epochs of one call: fits that stop within them are trained again up to the last one."""
MOST_NUMBERS = 1 << 25
"""Numbers of a population, 256 MB in float64; more fits are several populations."""
NUMBERS_PER_PARAMETER = 10
"""Two slots, before and after a call of the kernel, at the start and at the end."""
FEWEST = 32
"""The fits of a population, however large they are, so that lanes and cores are in use."""
MOST_POSITIONS = 1 << 24
"""Positions in orders that are drawn ahead, which take 64 MB."""

Numbers = npt.NDArray[Any]


class SharedOrders:
    """The orders of epochs for all fits that draw the same ones; the last few are kept.

    Args:
        rng: where the first order is drawn next; it is not changed.
        n: the samples of an epoch.

    >>> orders = SharedOrders(np.random.RandomState(0), 4)
    >>> orders.draw(range(1, 3))
    >>> orders(2).tolist()
    [2, 1, 3, 0]
    """

    def __init__(self, rng: np.random.RandomState, n: int) -> None:
        self._state, self._n = rng.get_state(), n
        self._begin()

    def _begin(self) -> None:
        rng = np.random.RandomState()
        rng.set_state(self._state)
        self._orders = Orders(rng, self._n)
        self._drawn: dict[int, npt.NDArray[np.int32]] = {}
        self._last = 0

    def draw(self, epochs: range) -> None:
        """Draw the orders up to these epochs, and forget those before them."""
        if epochs.start <= self._last and epochs.start not in self._drawn:
            self._begin()  # Another population begins.
        while self._last < epochs.stop - 1:
            self._last += 1
            (order,) = self._orders.draw(1)
            self._drawn[self._last] = order.astype(np.int32)
        for epoch in [epoch for epoch in self._drawn if epoch < epochs.start]:
            del self._drawn[epoch]

    def __call__(self, epoch: int) -> npt.NDArray[np.int32]:
        """Return the order (N,) of an epoch that has been drawn."""
        return self._drawn[epoch]


@dataclass(frozen=True)
class InverseScalingByEpoch(Schedule):
    """η = η₀ / (samples seen + 1)^power, the samples being those of the epochs before.

    Args:
        start: η₀.
        power: the power.
        n_samples: of an epoch.
        updates: of an epoch.
    """

    start: float
    power: float
    n_samples: int
    updates: int

    def __call__(self, step: Any) -> Any:
        """Return the learning rate of an update."""
        seen = int(step) // self.updates * self.n_samples
        # A rate that is no longer above 0 in floating point would be refused.
        rate = self.start if seen == 0 else self.start / (seen + 1) ** self.power
        return max(rate, float(np.finfo(np.float64).tiny))


@dataclass(eq=False)
class Fit:
    """A fit of a population, before it is trained and afterwards.

    Attributes:
        job: the training, without orders.
        rules: when it stops.
        start: the initial parameters, (P,).
        orders: of the epochs, or None without shuffling.
        validation: what is scored after each epoch, or None.
        score: of the outputs on the validation set.
        params: the parameters afterwards, (P,), with early stopping the best.
        last: the parameters and slots after the last epoch, (P,) each.
        slot_names: the names of the slots.
        has_failed: whether a loss or a weight was not finite.
    """

    job: Job
    rules: Rules
    start: Numbers
    orders: SharedOrders | None
    validation: Samples | None
    score: Callable[[Numbers, Samples], float]
    params: Numbers = field(default_factory=lambda: np.zeros(0))
    last: list[Numbers] = field(default_factory=list)
    slot_names: tuple[str, ...] = ()
    loss_curve: list[float] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    validation_losses: list[float] = field(default_factory=list)
    best_loss: float = np.inf
    best_score: float = -np.inf
    no_improvement: int = 0
    rate: float = 0.0
    has_stopped: bool = False
    has_failed: bool = False

    def member(self) -> Member:
        """Return the fit as one that has been trained alone."""
        shapes = self.job.model.shapes
        params, *slots = (dict(by_name(one, shapes)) for one in self.last)
        n_iter = len(self.loss_curve)
        state = State(
            params,
            dict(zip(self.slot_names, slots, strict=True)),
            n_iter * self.job.updates_per_epoch,
        )
        return Member(
            job=self.job,
            state=state,
            orders=None,
            rate=self.rate,
            seen=n_iter * len(self.job.data),
            n_iter=n_iter,
            loss_curve=self.loss_curve,
            scores=self.scores,
            best_loss=self.best_loss,
            best_score=self.best_score,
            best_params=dict(by_name(self.params, shapes)) if self.rules.on_validation else {},
            no_improvement=self.no_improvement,
        )


def by_name(numbers: Numbers, shapes: dict[str, tuple[int, ...]]) -> Iterator[tuple[str, Numbers]]:
    """Yield a model's parameters by name, from all of them (P,)."""
    start = 0
    for name, shape in shapes.items():
        stop = start + math.prod(shape)
        yield name, numbers[start:stop].reshape(shape)
        start = stop


def flat(params: Params) -> Numbers:
    """Return all parameters of a model, (P,)."""
    return np.concatenate([value.ravel() for value in params.values()])


def populations(fits: Iterable[Fit]) -> list[tuple[int, list[Fit]]]:
    """Return the fits that train together, with the population that their jobs should name.

    Fits of one kind that need more memory than :data:`MOST_NUMBERS` are several populations.
    """
    from rosenblatt.engines.compiled.dispatch import large_population

    kinds: dict[Hashable, list[Fit]] = {}
    for fit in fits:
        kinds.setdefault(_kind(fit), []).append(fit)
    found = []
    for alike in kinds.values():
        population = large_population(alike[0].job.batch_size, len(alike))
        size = max(FEWEST, MOST_NUMBERS // (NUMBERS_PER_PARAMETER * len(alike[0].start)))
        found += [(population, alike[i : i + size]) for i in range(0, len(alike), size)]
    return found


def _kind(fit: Fit) -> Hashable:
    from rosenblatt.engines.compiled.settings import structure_of

    job = fit.job
    return (
        len(job.data),
        job.batch_size,
        job.data.x.dtype.str,
        job.data.sample_weight is None,
        job.penalty > 0,
        fit.orders is None,
        fit.rules.schedule,
        fit.rules.on_validation,
        fit.rules.loss_scale,
        tuple(job.model.shapes.items()),
        structure_of((job.model, job.loss, job.optimizer)),
    )


def train_together(fits: Sequence[Fit], engine: "CompiledEngine", population: int) -> None:
    """Train fits of one kind, each until its own end.

    Args:
        fits: the fits.
        engine: trains them.
        population: what their jobs name as the size of their population.

    Raises:
        TracingError, LoweringError: there is no kernel for them.
    """
    for fit in fits:
        rate: Any = fit.job.optimizer.learning_rate
        if fit.rules.schedule == "invscaling":
            n, updates = len(fit.job.data), fit.job.updates_per_epoch
            rate = InverseScalingByEpoch(fit.rules.rate, fit.rules.power_t, n, updates)
        optimizer = _at_rate(fit.job.optimizer, rate)
        fit.job = replace(fit.job, optimizer=optimizer, population=population, order=fit.orders)
    slots = engine.load_together([fit.job for fit in fits])
    _Population(fits, engine, slots).train()
    engine.free()


class _Population:
    """Fits while they train; each has its column, and those that go on have an index in ``live``.

    Args:
        fits: the fits.
        engine: trains them.
        slots: the names of the optimizer's slots.
    """

    def __init__(
        self, fits: Sequence[Fit], engine: "CompiledEngine", slots: tuple[str, ...]
    ) -> None:
        self.fits, self.engine, self.slots = fits, engine, slots
        self.live = list(fits)
        # The numbers of a fit lie next to each other.
        start = np.stack([fit.start for fit in fits]).T
        self.numbers = [start, *(np.zeros_like(start) for _ in slots)]
        self.spare = [np.zeros_like(one) for one in self.numbers]
        self.epoch = 0
        job, n = fits[0].job, len(fits)
        self.per_epoch = job.updates_per_epoch
        self.rules = fits[0].rules
        self.tol = np.array([fit.rules.tol for fit in fits])
        self.patience = np.array([fit.rules.n_iter_no_change for fit in fits], dtype=float)
        self.last = np.array([fit.rules.max_iter for fit in fits])
        self.best = np.full(n, -np.inf if self.rules.on_validation else np.inf)
        self.no_improvement = np.zeros(n, dtype=int)
        self.rate = np.array([fit.rules.rate for fit in fits])
        for fit in fits:
            fit.params = fit.start

    def train(self) -> None:
        """Train all fits to their ends."""
        while self.live:
            count = self._count()
            epochs = range(self.epoch + 1, self.epoch + count + 1)
            for orders in {id(fit.orders): fit.orders for fit in self.live}.values():
                if orders is not None:
                    orders.draw(epochs)
            before = self.numbers
            self.numbers, losses, penalties = self._trained(self.live, before, epochs, self.spare)
            self.spare = before
            losses = self.rules.loss_scale * losses + penalties
            ends = self._judge(losses)
            self._rewind(before, ends, count)
            self._keep_live(ends)
            self.epoch += count

    def _trained(
        self,
        fits: Sequence[Fit],
        numbers: Sequence[Numbers],
        epochs: range,
        out: Sequence[Numbers] | None = None,
    ) -> tuple[list[Numbers], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        done = (epochs.start - 1) * self.per_epoch
        jobs = [fit.job for fit in fits]
        return self.engine.run_packed_with_losses(jobs, numbers, done, (epochs, None), out)

    def _count(self) -> int:
        """Return for how many epochs the fits train before they are judged."""
        if self.rules.on_validation:
            return 1
        from rosenblatt.engines.compiled.dispatch import member_lanes
        from rosenblatt.engines.compiled.target import Target

        job = self.live[0].job
        each = expected_seconds(self.engine, job, 1) * max(1, member_lanes(job, Target.host()))
        count = min(MOST_EPOCHS, int(SECONDS_AT_ONCE / each), int(self.last.min()) - self.epoch)
        streams = len({id(fit.orders) for fit in self.live})
        count = min(count, MOST_POSITIONS // (len(job.data) * streams))
        if self.rules.schedule == "adaptive":
            # The rate must not change within these epochs.
            count = min(count, int((self.patience + 1 - self.no_improvement).min()))
        return max(1, count)

    def _judge(self, losses: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Take in the losses (epochs, fits); return after how many epochs each has ended, or 0."""
        ends = np.zeros(len(self.live), dtype=np.int64)
        finite = np.isfinite(losses)
        for i, of_epoch in enumerate(losses):
            going = ends == 0
            for j in np.flatnonzero(going).tolist():
                self.live[j].loss_curve.append(float(of_epoch[j]))
            self._mark_failed(going & ~finite[i])
            if self.rules.on_validation:
                improved = self._scores_improve()
            else:
                improved = going & ~(of_epoch > self.best - self.tol)
                self.best = np.where(going, np.fmin(self.best, of_epoch), self.best)
            self.no_improvement = np.where(
                going, np.where(improved, 0, self.no_improvement + 1), self.no_improvement
            )
            out = going & (self.no_improvement > self.patience)
            if self.rules.schedule == "adaptive":
                out &= ~self._slow_down(out & (self.rate > SMALLEST_RATE))
            failed = np.array([fit.has_failed for fit in self.live])
            ends[going & (out | failed | (self.epoch + i + 1 >= self.last))] = i + 1
        return ends

    def _mark_failed(self, which: npt.NDArray[np.bool_]) -> None:
        for i in np.flatnonzero(which).tolist():
            self.live[i].has_failed = True

    def _slow_down(self, which: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Divide the learning rates of some fits by 5, for the next epochs; return which."""
        for i in np.flatnonzero(which).tolist():
            fit = self.live[i]
            self.rate[i] /= 5.0
            self.no_improvement[i] = 0
            fit.job = replace(fit.job, optimizer=_at_rate(fit.job.optimizer, float(self.rate[i])))
        return which

    def _scores_improve(self) -> npt.NDArray[np.bool_]:
        """Score all fits on their validation sets; return which have improved."""
        improved = np.zeros(len(self.live), dtype=bool)
        for i, fit in enumerate(self.live):
            assert fit.validation is not None
            params = self.numbers[0][:, i].copy()
            loss, score = _measured(fit, params, fit.validation)
            fit.validation_losses.append(self.rules.loss_scale * loss)
            fit.scores.append(score)
            improved[i] = not score < self.best[i] + self.tol[i]
            if score > self.best[i]:
                self.best[i], fit.params = score, params
        return improved

    def _rewind(self, before: Sequence[Numbers], ends: npt.NDArray[np.int64], count: int) -> None:
        """Train those that have ended within the last epochs from before these to their ends."""
        some = np.flatnonzero((ends > 0) & (ends < count))
        numbers, done = [one[:, some] for one in before], 0
        while len(some):
            stop = int(ends[some].min())
            epochs = range(self.epoch + done + 1, self.epoch + stop + 1)
            numbers, _, _ = self._trained([self.live[i] for i in some.tolist()], numbers, epochs)
            for of_all, mine in zip(self.numbers, numbers, strict=True):
                of_all[:, some] = mine
            goes_on = ends[some] > stop
            some, done = some[goes_on], stop
            numbers = [one[:, goes_on] for one in numbers]

    def _keep_live(self, ends: npt.NDArray[np.int64]) -> None:
        """Give those that have ended what they have found, and go on with the others."""
        self._mark_failed(~np.isfinite(self.numbers[0]).all(axis=0))
        over = ends > 0
        over |= [fit.has_failed for fit in self.live]
        for i in np.flatnonzero(over).tolist():
            fit = self.live[i]
            fit.last = [one[:, i].copy() for one in self.numbers]
            fit.slot_names = self.slots
            fit.no_improvement = int(self.no_improvement[i])
            fit.has_stopped = bool(self.no_improvement[i] > self.patience[i])
            fit.rate = self._next_rate(fit, float(self.rate[i]))
            if self.rules.on_validation:
                fit.best_score = float(self.best[i])
            else:
                fit.best_loss, fit.params = float(self.best[i]), fit.last[0]
        if not over.any():
            return
        self.live = [fit for fit, ended in zip(self.live, over.tolist(), strict=True) if not ended]
        count = len(self.live)
        for one in self.numbers:
            one[:, :count] = one[:, ~over]
        self.numbers = [one[:, :count] for one in self.numbers]
        self.spare = [one[:, :count] for one in self.spare]
        for name in ("tol", "patience", "last", "best", "no_improvement", "rate"):
            setattr(self, name, getattr(self, name)[~over])

    def _next_rate(self, fit: Fit, rate: float) -> float:
        """Return the learning rate of the epoch that would follow."""
        schedule = fit.job.optimizer.learning_rate
        if callable(schedule):
            return float(schedule(len(fit.loss_curve) * self.per_epoch))
        return rate


def _at_rate(optimizer: Optimizer, rate: Any) -> Optimizer:
    if optimizer.learning_rate == rate:
        return optimizer
    return replace(optimizer, learning_rate=rate)  # type: ignore[type-var]


def _measured(fit: Fit, params: Numbers, data: Samples) -> tuple[float, float]:
    """Return the mean loss without a penalty, and the score."""
    job = fit.job
    with np.errstate(over="ignore", invalid="ignore"):
        outputs, _ = job.model.forward(dict(by_name(params, job.model.shapes)), data.x)
        loss, _ = job.loss.over_batch(outputs, data.targets, data.sample_weight)
    return loss, fit.score(outputs, data)
