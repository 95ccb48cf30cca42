"""The time of an epoch is measured right, whatever else a call takes and however slow the first."""

import numpy as np
import pytest

from rosenblatt.experiments import timing
from rosenblatt.experiments.timing import median_interval, seconds_per_epoch


class Machine:
    """A clock, and engines that move it on."""

    def __init__(self):
        self.now = 0.0
        self.calls = []

    def clock(self):
        return self.now

    def engine(self, name, per_epoch, overhead=0.0, first=0.0, slow_calls=(), drift=0.0):
        state = {"calls": 0}

        def train(epochs):
            self.calls.append((name, epochs))
            state["calls"] += 1
            speed = 1 + drift * self.now
            self.now += speed * (overhead + per_epoch * epochs)
            if state["calls"] == 1:
                self.now += first
            if state["calls"] in slow_calls:
                self.now += 1.0

        return train


@pytest.mark.parametrize("overhead", [0.0, 2e-4, 0.5])
@pytest.mark.parametrize("first", [0.0, 21.5])
def test_neither_the_overhead_of_a_call_nor_a_slow_first_one_counts(overhead, first):
    machine = Machine()
    known = {1: 96e-6, 10: 58e-6, 800: 24e-6}
    engines = {
        size: machine.engine(size, per_epoch, overhead, first) for size, per_epoch in known.items()
    }
    found = seconds_per_epoch(engines, clock=machine.clock)
    for size, per_epoch in known.items():
        # Differences of a clock that stands at some hundred seconds, over 0.02 s or more.
        assert found[size].seconds_per_epoch == pytest.approx(per_epoch, rel=1e-10)
        assert found[size].epochs * per_epoch + overhead >= timing.ROUND_SECONDS
        assert len(found[size].seconds_per_epoch) == timing.LEAST_ROUNDS


def test_a_call_that_was_kept_waiting_leaves_no_measurement_of_one_epoch():
    for slow in range(2, 12):
        machine = Machine()
        engine = machine.engine("B", 24e-6, slow_calls=(slow,))
        found = seconds_per_epoch({"B": engine}, clock=machine.clock)["B"]
        assert found.epochs * 24e-6 >= timing.ROUND_SECONDS
        assert found.seconds_per_epoch == pytest.approx(24e-6, rel=1e-10)


def test_trainings_are_measured_in_turns_so_that_drift_hits_all_alike():
    machine = Machine()
    engines = {name: machine.engine(name, 1e-3, drift=0.2) for name in "abc"}
    found = seconds_per_epoch(engines, clock=machine.clock)
    medians = [np.median(found[name].seconds_per_epoch) for name in "abc"]
    # In rounds of turns, the three differ by less than a round's drift, not by that of all rounds.
    of_all = found["a"].seconds_per_epoch
    assert max(medians) / min(medians) - 1 < 2 * (of_all[-1] / of_all[0] - 1) / len(of_all)
    measured = [name for name, epochs in machine.calls if epochs == found["a"].epochs]
    assert measured[-6:] in (list("abccba"), list("cbaabc"))


def test_rounds_go_on_until_the_spread_is_known():
    class Noisy(Machine):
        def __init__(self, noise):
            super().__init__()
            self.rng, self.noise = np.random.default_rng(0), noise

        def engine(self, name, per_epoch):
            def train(epochs):
                self.now += per_epoch * epochs * (1 + self.noise * self.rng.exponential())

            return train

    rounds = {}
    for noise in (0.0, 0.1, 10.0):
        machine = Noisy(noise)
        found = seconds_per_epoch({"B": machine.engine("B", 1e-4)}, clock=machine.clock)["B"]
        rounds[noise] = len(found.seconds_per_epoch)
        low, high = median_interval(found.seconds_per_epoch)
        known = (high - low) / 2 <= timing.RELATIVE_HALF_WIDTH * np.median(found.seconds_per_epoch)
        assert known == (rounds[noise] < timing.MOST_ROUNDS)
    assert rounds[0.0] == timing.LEAST_ROUNDS < rounds[0.1] < rounds[10.0] == timing.MOST_ROUNDS


@pytest.mark.parametrize("n", [6, 9, 15, 40, 81])
def test_the_interval_of_a_median_holds_it_as_often_as_it_says(n):
    from scipy.stats import binom

    low, high = median_interval(range(1, n + 1))
    assert low + high == n + 1
    k = int(low)
    # The median lies outside when fewer than k values are on one of its sides.
    assert 2 * binom.cdf(k - 1, n, 0.5) <= 0.05 < 2 * binom.cdf(k, n, 0.5)


def test_few_values_do_not_bound_a_median():
    assert median_interval(range(5)) == (-np.inf, np.inf)
