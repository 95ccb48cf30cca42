"""The border of trainability, of few networks: dimensions of known shapes, windows, verdicts."""

from itertools import product

import numpy as np
import pyarrow as pa
import pytest

import rosenblatt as rb
from rosenblatt.analysis.trainability import boundary, convergence
from rosenblatt.experiments.base import Result
from rosenblatt.reproductions import find
from rosenblatt.reproductions.build import write_result
from rosenblatt.reproductions.fractal import experiment
from rosenblatt.reproductions.fractal.experiment import (
    CONDITIONS,
    IMAGES,
    counted,
    data_of,
    next_window,
    trained_map,
)

TANH, RELU, LINEAR, MINIBATCHES, ONE_SAMPLE, OFFSET = CONDITIONS


def circle(n):
    """The border of a disc in a map of n × n points: a smooth curve."""
    x = np.linspace(-1, 1, n)
    return boundary(np.hypot.outer(x, x) - 0.8)


def gasket(levels):
    """Pascal's triangle modulo 2: 3 of 4 parts, of dimension log 3 / log 2."""
    triangle = np.ones((1, 1), dtype=bool)
    for _ in range(levels):
        triangle = np.kron(triangle, np.array([[True, False], [True, True]]))
    return triangle


@pytest.mark.parametrize(
    ("shape", "dimension", "within"),
    [
        (np.eye(64, dtype=bool), 1.0, 1e-9),
        (np.ones((64, 64), dtype=bool), 2.0, 1e-9),
        (gasket(6), np.log(3) / np.log(2), 1e-9),
        (circle(257), 1.0, 0.08),  # the cells of a curve are joined by corners at some slopes
    ],
)
def test_shapes_have_their_known_dimension_in_the_range_of_sizes(shape, dimension, within):
    counts = counted(shape)
    assert counts.sizes.tolist() == [2**i for i in range(len(counts.sizes))]
    assert counts.sizes[-1] <= len(shape) / 8
    assert counts.dimension == pytest.approx(dimension, abs=within)


@pytest.mark.parametrize("condition", [TANH, RELU, LINEAR, ONE_SAMPLE], ids=lambda one: one.name)
def test_a_point_is_the_training_of_the_source(condition):
    """In the source's own parameters: y = V σ(√2 W x / √n) / n, and a rate for each of W and V."""
    n, updates, top = 3, 20, 0.3
    found = trained_map(condition, 4, (0.0, top, 0.0, top), 2, n, updates)
    data, gain = data_of(condition, n, 4), 1.0 if condition is LINEAR else np.sqrt(2)
    layers = [rb.layers.Linear(n, m, rb.layers.Normal(), bias=False) for m in (n, 1)]
    if condition.activation is not None:
        layers.insert(1, condition.activation)
    drawn = list(rb.Sequential(layers).init(4).values())
    for i, j in ((0, 0), (0, 1), (1, 0), (1, 1)):
        w, v = (weights.copy() for weights in drawn)
        losses = []
        for _ in range(updates):
            z = gain * data.X @ w / np.sqrt(n)
            h, slope = {
                TANH: (np.tanh(z), 1 - np.tanh(z) ** 2),
                ONE_SAMPLE: (np.tanh(z), 1 - np.tanh(z) ** 2),
                RELU: (np.maximum(z, 0), z > 0),
                LINEAR: (z, np.ones_like(z)),
            }[condition]
            error = h @ v / n - data.y.reshape(-1, 1)
            losses.append(np.mean(error**2))
            d = 2 * error / len(data)
            dv = h.T @ d / n
            dw = data.X.T @ ((d @ v.T) / n * slope) * gain / np.sqrt(n)
            w, v = w - 10 ** (top * j) * dw, v - 10 ** (top * i) * dv
        assert found[i, j] == pytest.approx(convergence(losses).item(), rel=1e-6)


def test_an_offset_moves_all_first_weights_and_minibatches_change_the_map():
    at_zero = trained_map(OFFSET, 1, (0.0, 2.0, 0.5, 1.5), 2, 3, 20)
    rates = trained_map(TANH, 1, (0.5, 1.5, 0.5, 1.5), 2, 3, 20)
    assert at_zero[:, 0] == pytest.approx(np.diag(rates))
    assert not np.allclose(at_zero[:, 0], at_zero[:, 1])
    small = trained_map(MINIBATCHES, 1, (0.5, 1.5, 0.5, 1.5), 2, 5, 20)
    assert np.isfinite(small).all()


def test_a_window_is_an_eighth_as_wide_around_a_cell_of_the_border():
    border = np.zeros((16, 16), dtype=bool)
    border[3, 10] = border[12, 1] = True
    centers = set()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        left, right, low, high = next_window((-2.0, 6.0, 0.0, 4.0), border, "random", rng)
        assert (right - left, high - low) == pytest.approx((1.0, 0.5))
        centers.add((round((left + right) / 2, 6), round((low + high) / 2, 6)))
    assert centers == {(3.25, 0.875), (-1.25, 3.125)}
    border[13, 1] = True  # a neighbour: there are more cells around it
    left, right, low, high = next_window((-2.0, 6.0, 0.0, 4.0), border, "roughest", rng)
    assert ((left + right) / 2, (low + high) / 2) == pytest.approx((-1.25, 3.125))


def test_both_sequences_begin_with_one_map_and_have_maps_of_falling_width():
    found = experiment.zoomed("linear", 0, 2, 10, 16, 4)
    first = []
    for place in experiment.PLACES:
        rows = [row for row in found["boxes"] if row["place"] == place]
        spans = {row["image"]: row["span"] for row in rows}
        assert spans == pytest.approx({i: 7 / 8**i for i in range(len(spans))})
        slopes = experiment.slopes_of(rows)
        assert {row["image"] for row in slopes} == set(spans)
        assert len(slopes) == len(rows) - len(spans)
        first.append([row["boxes"] for row in rows if row["image"] == 0])
    assert first[0] == first[1]
    assert len(found["pixels"]) == 16


def results(dimension=None, *, last=1.5):
    """Boxes of three sequences whose dimensions are the published ones, but for what is given."""
    boxes, pixels = [], []
    for condition in CONDITIONS:
        wanted = condition.published if dimension is None else dimension
        for place, seed, image in product(experiment.PLACES, range(3), range(IMAGES)):
            d = (last if image == IMAGES - 1 else wanted) + 0.01 * seed
            boxes += [
                {"condition": condition.name, "place": place, "seed": seed, "image": image,
                 "size": size, "boxes": (64 / size) ** d, "span": 7 / 8**image}
                for size in (1, 2, 4, 8)
            ]  # fmt: skip
        pixels += [
            {"condition": condition.name, "x": float(x), "y": float(y), "value": x - y - 0.5}
            for x in range(3)
            for y in range(3)
        ]
    outputs = {
        (condition.name, 0): {
            name: [row for row in rows if row["condition"] == condition.name]
            for name, rows in (("boxes", boxes), ("pixels", pixels))
        }
        for condition in CONDITIONS
    }
    tables = experiment.collect(outputs)
    arrow = {name: pa.Table.from_pylist(list(rows)) for name, rows in tables.items()}
    return {"fractal": Result("fractal", {}, arrow, 0.0)}


def verdicts(found):
    return {claim.id: claim.judge(found).verdict for claim in find("fractal").section.claims}


def test_claims_hold_for_the_published_dimensions():
    assert set(verdicts(results()).values()) == {"holds"}


def test_claims_fail_for_curves():
    found = verdicts(results(1.0, last=1.0))
    assert [found[id] for id in ("rough", "scales", "rougher")] == ["fails"] * 3
    assert [found[f"dimension-{i}"] for i in (1, 2, 6)] == ["fails", "not enough runs", "fails"]


@pytest.mark.slow
def test_its_page_has_all_numbers(tmp_path):
    write_result(find("fractal"), results(), tmp_path, seeds=3)
    page = (tmp_path / "fractal" / "index.html").read_text()
    assert page.count("<svg") == 8
    assert "1.98" in page
