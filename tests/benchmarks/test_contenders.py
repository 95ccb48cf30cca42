"""Every contender that is installed ends with the weights of the reference engine."""

import dataclasses

import numpy as np
import pytest

from benchmarks.contenders import CONTENDERS, REFERENCE
from benchmarks.contenders.contender import UnsupportedError
from benchmarks.material import Material, write_samples
from benchmarks.works import WORKS, Work

EPOCHS = 3
ONE = Work("one", "", rows=23, widths=(2, 3, 2), batch_size=5)
TINY = (
    ONE,
    dataclasses.replace(ONE, id="one-full", batch_size=23),
    dataclasses.replace(ONE, id="one-float32", batch_size=1, rows=20, dtype="float32"),
    dataclasses.replace(ONE, id="population", members=3, rows=20),
    dataclasses.replace(ONE, id="population-full", members=3, batch_size=23),
    Work(
        "adam",
        "",
        rows=20,
        widths=(2, 4, 3, 2),
        activation="tanh",
        init="glorot",
        optimizer="adam",
        batch_size=5,
    ),
    Work("three-classes", "", "digits-like", rows=30, widths=(4, 3, 3), batch_size=7),
    Work("perceptron", "", "gaussians", rows=20, widths=(2, 1), batch_size=20, members=3),
)
OTHERS = [name for name in CONTENDERS if name != REFERENCE]
SLOW_TO_COMPILE = "torch.compile"


@pytest.fixture(scope="module")
def materials(tmp_path_factory):
    """The samples of each tiny work."""
    made = {}
    for work in TINY:
        path = tmp_path_factory.mktemp("samples") / "samples.npz"
        write_samples(work, path)
        made[work.id] = Material.load(work, path)
    return made


def made(name, material):
    entrant = CONTENDERS[name]
    if not entrant.is_installed:
        pytest.skip(f"{entrant.title} is not installed")
    return entrant.load()(material)


def final(contender, way):
    contender.prepare(way)
    return contender.final(EPOCHS)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("work", TINY, ids=lambda work: work.id)
def test_it_ends_with_the_weights_of_the_reference(materials, name, work):
    contender = made(name, materials[work.id])
    if name == "sklearn" and work.is_perceptron:
        pytest.skip("it has no batch rule")
    if name == "jax-sums" and work.id not in ("one", "population", "perceptron"):
        pytest.skip("it differs from JAX in its products only")
    right = final(made(REFERENCE, materials[work.id]), "")
    ways = [way for way in contender.ways if SLOW_TO_COMPILE not in way]
    if name.startswith("jax"):
        ways = [ways[0], ways[-1]] if work is ONE else ways[:1]
    tolerance = 1e-4 if work.dtype == "float32" else 1e-12
    if name == "sklearn" and work.optimizer == "adam":
        tolerance = 1e-4  # its epsilon stands elsewhere
    for way in ways:
        members = final(contender, way)
        assert len(members) == work.members
        for mine, theirs, start in zip(members, right, materials[work.id].start, strict=True):
            assert list(mine) == list(theirs)
            for key, value in theirs.items():
                assert mine[key].shape == value.shape
                assert mine[key].dtype == value.dtype
                np.testing.assert_allclose(mine[key], value, rtol=0, atol=tolerance)
            # Not a comparison of models that stood still.
            assert np.abs(theirs["0.weight"] - start["0.weight"]).max() > 1e-3


@pytest.mark.parametrize("name", CONTENDERS)
def test_every_run_starts_from_the_initial_weights(materials, name):
    contender = made(name, materials["one"])
    contender.prepare(contender.ways[0])
    first = contender.final(EPOCHS)
    contender.run(2)
    for name, value in contender.final(EPOCHS)[0].items():
        np.testing.assert_array_equal(value, first[0][name])


def test_what_scikit_learn_cannot_do_is_said(materials):
    with pytest.raises(UnsupportedError, match="online rule"):
        _ = made("sklearn", materials["perceptron"]).ways


def test_products_of_wide_networks_are_not_written_out(materials):
    wide = next(work for work in WORKS if work.id == "wide")
    material = dataclasses.replace(materials["one"], work=wide)
    with pytest.raises(UnsupportedError, match="wide"):
        _ = made("jax-sums", material).ways


def test_members_of_a_population_start_from_different_weights(materials):
    for name in ("population", "perceptron"):
        first, second, _ = materials[name].start
        assert not np.array_equal(first["0.weight"], second["0.weight"])
