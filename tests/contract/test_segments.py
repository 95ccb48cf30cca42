"""A run may be trained in segments, cut at any update: its bits are those of training at once."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.data import Dataset
from rosenblatt.engines import ENGINES, Job, Samples
from rosenblatt.optimizers import SGD, Adam, Cosine

every_engine = pytest.mark.parametrize("engine", ENGINES)
N = 23
EPOCHS = 4

WORKS = {
    "units": (rb.MLP(3, [4], 2), 1, SGD(0.1)),
    "units of pairs, dropout": (rb.MLP(3, [4], 2, dropout=0.3), 2, Adam(Cosine(0.1, 20))),
    "samples": (rb.MLP(3, [4], 2, dropout=0.3), 5, SGD(0.1, momentum=0.9)),
    "matrices": (rb.MLP(3, [40, 33], 2), 5, Adam(0.01)),
    "shards": (rb.MLP(3, [40, 33], 2), 130, Adam(0.01)),
    "online": (rb.Perceptron(3), 1, SGD(0.1)),
    "mini-batch": (rb.Perceptron(3, rule="mini-batch"), 4, SGD(0.1)),
    "batch": (rb.Perceptron(3, rule="batch"), N, SGD(0.1)),
}


def job_of(name, population=1, weighted=False):
    model, batch_size, optimizer = WORKS[name]
    rng = np.random.default_rng(0)
    n = 2 * batch_size + 40 if batch_size > N else N
    weights = rng.uniform(0.5, 2, n) if weighted else None
    data = Dataset(rng.normal(size=(n, 3)), np.arange(n) % 2, sample_weight=weights)
    loss = model.default_loss
    samples = Samples.of(model, loss, data, np.float64)
    return Job(model, loss, optimizer, samples, batch_size, True, 2, population=population)


def segments(job, cuts):
    """Yield (epochs, batches) between updates ``cuts``, in whole epochs where there are some."""
    per_epoch = job.updates_per_epoch
    for start, stop in pairwise(cuts):
        while start < stop:
            epoch, batch = divmod(start, per_epoch)
            whole = (stop - start) // per_epoch if batch == 0 else 0
            if whole:
                yield range(epoch + 1, epoch + 1 + whole), None
                start += whole * per_epoch
            else:
                last = min(per_epoch, batch + stop - start)
                yield range(epoch + 1, epoch + 2), range(batch, last)
                start += last - batch


def arrays_of(job, state):
    """Return all that a state is made of, as bytes by name."""
    found = dict(state.params)
    for slot, values in state.slots.items():
        found |= {f"{slot} {name}": value for name, value in values.items()}
    for rule in job.model.selections:
        chosen = rule.chosen(state.selection_state[rule.name])
        found |= {f"{rule.name} {name}": value for name, value in chosen.items()}
    return {name: value.tobytes() for name, value in found.items()}


@every_engine
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("name", WORKS)
def test_cut_at_any_update(engine, name, weighted):
    engine, job = ENGINES[engine](), job_of(name, weighted=weighted)
    total = EPOCHS * job.updates_per_epoch
    start = engine.start(job, job.model.init(2))
    at_once, sums = engine.run(job, start, range(1, EPOCHS + 1))
    rng = np.random.default_rng(1)
    for _ in range(5):
        inner = rng.integers(1, total, 6).tolist() if total > EPOCHS else [1, 3]
        state, mistakes = start, 0
        for epochs, batches in segments(job, sorted({0, *inner, total})):
            state, part = engine.run(job, state, epochs, batches)
            mistakes += part.mistakes
        assert state.update == total
        assert mistakes == sums.mistakes
        assert arrays_of(job, state) == arrays_of(job, at_once)


@every_engine
@pytest.mark.parametrize("name", WORKS)
def test_members_that_go_on_have_the_bits_they_had_among_all(engine, name):
    engine, members = ENGINES[engine](), 11
    jobs = [replace(job_of(name, members), seed=seed) for seed in range(members)]
    starts = [engine.start(job, job.model.init(job.seed)) for job in jobs]
    whole = engine.run_many(jobs, starts, range(1, EPOCHS + 1))
    for who in (slice(10, 11), slice(3, 5), slice(2, 11)):
        states = [state for state, _ in engine.run_many(jobs[who], starts[who], range(1, 2))]
        went_on = engine.run_many(jobs[who], states, range(2, EPOCHS + 1))
        for job, (state, _), (among_all, _) in zip(jobs[who], went_on, whole[who], strict=True):
            assert arrays_of(job, state) == arrays_of(job, among_all)
        alone, _ = engine.run(jobs[who][0], states[0], range(2, EPOCHS + 1))
        assert arrays_of(jobs[0], alone) == arrays_of(jobs[0], went_on[0][0])


def test_weights_that_wait_to_be_averaged_are_in_the_average():
    compiled, reference, job = ENGINES["compiled"](), ENGINES["reference"](), job_of("online")
    rule = next(rule for rule in job.model.selections if rule.name == "averaged")
    for cut in range(1, 12):
        batches = range(cut)
        found, expected = (
            one.run(job, one.start(job, job.model.init(2)), range(1, 2), batches)[0]
            for one in (compiled, reference)
        )
        for state in (found, reference.run(job, found, range(1, 2), range(cut, N))[0]):
            if state is not found:
                expected, _ = reference.run(job, expected, range(1, 2), range(cut, N))
            means = [rule.chosen(one.selection_state["averaged"]) for one in (state, expected)]
            for value, same in zip(*(mean.values() for mean in means), strict=True):
                np.testing.assert_allclose(value, same, rtol=1e-12, atol=1e-14)
