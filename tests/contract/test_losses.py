"""Every loss in the registry keeps the contract of ``rosenblatt.losses.base``."""

import dataclasses

import numpy as np
import pytest
from sklearn.metrics import hinge_loss, log_loss, mean_poisson_deviance, mean_squared_error

from differences import numeric_gradient, relative_error
from instances import MORE_LOSSES, example, labels_for, n_outputs_for, one_of_each, outputs_for
from rosenblatt.analysis.gradcheck import gradcheck
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.layers import Linear, Softmax
from rosenblatt.losses import (
    LOSSES,
    CategoricalCrossEntropy,
    HalfSquaredError,
    Hinge,
    MeanSquaredError,
    PerceptronCriterion,
    Poisson,
    SigmoidCrossEntropy,
    SoftmaxCrossEntropy,
    distance_loss,
    one_hot,
)
from rosenblatt.models import Sequential, loss_and_grads

TOLERANCE = 1e-7
N = 8
ALL = one_of_each(LOSSES.values(), *MORE_LOSSES)
every_loss = pytest.mark.parametrize("loss", ALL, ids=repr)
every_classifier = pytest.mark.parametrize(
    "loss", [loss for loss in ALL if loss.task == "classification"], ids=repr
)
every_mean = pytest.mark.parametrize(
    "loss", [loss for loss in ALL if getattr(loss, "scale", "samples") == "samples"], ids=repr
)
every_kind = pytest.mark.parametrize("name", LOSSES)
weighted = pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])


def drawn(loss, n=N, seed=1, width=None):
    """Return outputs, labels, targets and weights for ``loss``."""
    rng = np.random.default_rng(seed)
    outputs = outputs_for(loss, rng, n, width)
    y = labels_for(loss, rng, n, width)
    return outputs, y, loss.encode(y, outputs.shape[1]), rng.uniform(0.5, 2.0, n)


def gradient_error(loss, weight=True, width=None):
    outputs, _, targets, weights = drawn(loss, width=width)
    weights = weights if weight else None
    _, doutputs = loss.over_batch(outputs, targets, weights)
    numeric = numeric_gradient(lambda z: loss.over_batch(z, targets, weights)[0], outputs, h=1e-6)
    return relative_error(doutputs, numeric)


BROKEN = {
    "1 % too large": lambda doutputs: 1.01 * doutputs,
    "a millionth too large": lambda doutputs: (1 + 1e-6) * doutputs,
    "sign flipped": np.negative,
    "sum in place of mean": lambda doutputs: len(doutputs) * doutputs,
    "rows shifted": lambda doutputs: np.roll(doutputs, 1, axis=0),
    "last sample forgotten": lambda doutputs: doutputs * (np.arange(N) < N - 1)[:, np.newaxis],
    "shares left out": lambda doutputs: (
        doutputs / np.abs(doutputs).max(axis=1, initial=1e-9)[:, None]
    ),
}


def broken(loss, change):
    class Broken(type(loss)):
        def over_batch(self, outputs, targets, sample_weight=None):
            value, doutputs = super().over_batch(outputs, targets, sample_weight)
            return value, change(doutputs)

    return Broken(**{f.name: getattr(loss, f.name) for f in dataclasses.fields(loss)})


def without_weights(loss):
    """Return a copy of ``loss`` whose gradient forgets the sample weights."""

    class Forgetful(type(loss)):
        def over_batch(self, outputs, targets, sample_weight=None):
            value, _ = super().over_batch(outputs, targets, sample_weight)
            return value, super().over_batch(outputs, targets)[1]

    return Forgetful(**{f.name: getattr(loss, f.name) for f in dataclasses.fields(loss)})


@every_loss
@weighted
def test_backward_is_the_gradient_of_forward(loss, weighted):
    assert gradient_error(loss, weighted) < TOLERANCE


def test_backward_is_the_gradient_of_forward_for_several_yes_or_no_questions():
    assert gradient_error(SigmoidCrossEntropy(), width=3) < TOLERANCE


@every_kind
@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_gradient_is_caught(name, how):
    assert gradient_error(broken(example(LOSSES[name]), BROKEN[how])) > TOLERANCE


@every_kind
def test_a_gradient_that_forgets_the_weights_is_caught(name):
    assert gradient_error(without_weights(example(LOSSES[name]))) > TOLERANCE


@every_kind
@pytest.mark.parametrize("how", [*BROKEN, "not a number", "weights forgotten"])
def test_the_packages_own_gradient_check_catches_each_too(name, how):
    loss = example(LOSSES[name])
    breaks = BROKEN | {"not a number": lambda doutputs: np.full_like(doutputs, np.nan)}
    wrong = without_weights(loss) if how == "weights forgotten" else broken(loss, breaks[how])
    width = n_outputs_for(loss)
    ending = [Softmax()] if isinstance(loss, CategoricalCrossEntropy) else []
    model = Sequential([Linear(3, width, "normal"), *ending])
    rng = np.random.default_rng(2)
    X, y, weights = rng.normal(size=(N, 3)), labels_for(loss, rng, N), rng.uniform(0.5, 2, N)
    assert gradcheck(model, X, y, loss=loss, sample_weight=weights).passed
    assert not gradcheck(model, X, y, loss=wrong, sample_weight=weights).passed


@every_loss
def test_shapes_dtypes_and_registry(loss):
    outputs, y, targets, weights = drawn(loss)
    assert targets.shape == outputs.shape
    assert targets.dtype == np.float64
    assert loss.per_sample(outputs, targets).shape == (N,)
    for dtype in (np.float32, np.float64):
        value, doutputs = loss.over_batch(outputs.astype(dtype), dtype(targets), dtype(weights))
        assert type(value) is float
        assert doutputs.shape == outputs.shape
        assert doutputs.dtype == dtype
    assert loss.predict(outputs).shape == (y.shape if y.shape[1:] != (1,) else y.shape[:1])
    assert LOSSES[type(loss).__name__] is type(loss)


@every_mean
def test_forward_is_the_mean_of_per_sample(loss):
    outputs, _, targets, weights = drawn(loss)
    losses = loss.per_sample(outputs, targets)
    assert loss.over_batch(outputs, targets)[0] == pytest.approx(losses.mean(), rel=1e-14)
    expected = np.average(losses, weights=weights)
    assert loss.over_batch(outputs, targets, weights)[0] == pytest.approx(expected, rel=1e-14)


@every_loss
def test_one_sample(loss):
    outputs, _, targets, _ = drawn(loss, n=1)
    value, doutputs = loss.over_batch(outputs, targets)
    assert np.isfinite(value)
    assert np.isfinite(doutputs).all()
    if getattr(loss, "scale", "samples") == "samples":
        assert value == pytest.approx(loss.per_sample(outputs, targets)[0], rel=1e-14)


@every_classifier
def test_one_class_absent_from_the_batch(loss):
    rng = np.random.default_rng(0)
    outputs = outputs_for(loss, rng, N)
    targets = loss.encode(np.zeros(N, dtype=int), outputs.shape[1])
    value, doutputs = loss.over_batch(outputs, targets)
    numeric = numeric_gradient(lambda z: loss.over_batch(z, targets)[0], outputs, h=1e-6)
    assert np.isfinite(value)
    assert relative_error(doutputs, numeric) < TOLERANCE


@every_loss
def test_nothing_given_is_changed(loss):
    arrays = drawn(loss)
    for array in arrays:
        array.flags.writeable = False
    outputs, y, targets, weights = arrays
    loss.encode(y, outputs.shape[1])
    loss.over_batch(outputs, targets, weights)


@every_loss
def test_losses_are_frozen_values(loss):
    assert dataclasses.replace(loss) == loss
    assert hash(dataclasses.replace(loss)) == hash(loss)


@every_loss
def test_the_predictions_of_perfect_outputs_are_right(loss):
    outputs, _, targets, _ = drawn(loss)
    right = loss.n_correct(targets, targets)
    if loss.task == "regression":
        assert np.isnan(right)
        said = np.exp(outputs) if isinstance(loss, Poisson) else outputs
        np.testing.assert_array_equal(loss.predict(outputs), said)
    else:
        assert right == N
        assert loss.n_correct(1 - targets if targets.min() == 0 else -targets, targets) < N


# Weights


@every_loss
def test_whole_weights_are_repeated_rows(loss):
    outputs, _, targets, _ = drawn(loss)
    counts = np.array([1, 3, 0, 2, 1, 0, 4, 1])
    value, doutputs = loss.over_batch(outputs, targets, counts.astype(float))
    repeated, doutputs_repeated = loss.over_batch(
        np.repeat(outputs, counts, axis=0), np.repeat(targets, counts, axis=0)
    )
    assert value == pytest.approx(repeated, rel=1e-13)
    rows = np.repeat(np.arange(N), counts)
    sums = np.zeros_like(outputs)
    np.add.at(sums, rows, doutputs_repeated)
    np.testing.assert_allclose(doutputs, sums, rtol=1e-12, atol=1e-16)


@every_loss
def test_weight_zero_is_a_row_removed(loss):
    outputs, _, targets, weights = drawn(loss)
    weights[[0, 5]] = 0
    kept = weights > 0
    value, doutputs = loss.over_batch(outputs, targets, weights)
    without, doutputs_without = loss.over_batch(outputs[kept], targets[kept], weights[kept])
    assert value == pytest.approx(without, rel=1e-14)
    np.testing.assert_allclose(doutputs[kept], doutputs_without, rtol=1e-14, atol=0)
    assert not doutputs[~kept].any()


@every_loss
def test_equal_weights_are_no_weights(loss):
    outputs, _, targets, _ = drawn(loss)
    # "sum" does not divide: a weight of 2 is two samples, so only weights of 1 are none.
    equal = np.full(N, 1.0 if getattr(loss, "scale", "") == "sum" else 2.5)
    value, doutputs = loss.over_batch(outputs, targets, equal)
    plain, doutputs_plain = loss.over_batch(outputs, targets)
    assert value == pytest.approx(plain, rel=1e-14)
    np.testing.assert_allclose(doutputs, doutputs_plain, rtol=1e-14)


@every_loss
def test_a_batch_that_counts_for_nothing_has_no_gradient(loss):
    outputs, _, targets, weights = drawn(loss)
    value, doutputs = loss.over_batch(outputs, targets, 0 * weights)
    assert value == 0
    assert not doutputs.any()


# What is refused


@every_loss
def test_targets_and_weights_that_would_broadcast_are_refused(loss):
    outputs, _, targets, weights = drawn(loss)
    for wrong in (targets[:1], targets[:, 0], targets[:-1], np.hstack([targets, targets])):
        with pytest.raises(ShapeError, match="must be equal"):
            loss.over_batch(outputs, wrong)
        with pytest.raises(ShapeError, match="must be equal"):
            loss.per_sample(outputs, wrong)
    for wrong in (weights[:1], weights[:, np.newaxis], weights[:-1]):
        with pytest.raises(ShapeError, match=r"8 samples need \(8,\)"):
            loss.over_batch(outputs, targets, wrong)


@every_classifier
def test_labels_without_a_place_are_refused(loss):
    n_outputs = n_outputs_for(loss)
    n_classes = loss.n_classes(n_outputs)
    for wrong in (-1, n_classes):
        with pytest.raises(DataError, match=f"label {wrong} is not one of the {n_classes} classes"):
            loss.encode(np.array([0, wrong, 1]), n_outputs)
    for wrong in (np.array([0.0, 1.0]), np.array(["a", "b"])):
        with pytest.raises(DataError, match="whole numbers"):
            loss.encode(wrong, n_outputs)
    with pytest.raises(ShapeError):
        loss.encode(np.zeros((3, 1, 1), dtype=int), n_outputs)


@pytest.mark.parametrize(
    ("loss", "y", "n_outputs", "error"),
    [
        (SoftmaxCrossEntropy(), np.eye(3), 2, ShapeError),
        (SoftmaxCrossEntropy(), [[0.5, 0.6]], 2, DataError),
        (SoftmaxCrossEntropy(), [[1.5, -0.5]], 2, DataError),
        (CategoricalCrossEntropy(), [[np.nan, 1.0]], 2, DataError),
        (SigmoidCrossEntropy(), [0, 1], 2, ShapeError),
        (SigmoidCrossEntropy(), [[0.5], [1.1]], 1, DataError),
        (SigmoidCrossEntropy(), [[0.0, 1.0]], 3, ShapeError),
        (PerceptronCriterion(), [0, 1], 2, ShapeError),
        (PerceptronCriterion(), [-1, 1], 1, DataError),
        (Hinge(), [0, 1], 2, ShapeError),
        (Hinge(), [0, 1, 2], 1, DataError),
        (HalfSquaredError(), [1.0, 2.0], 2, ShapeError),
        (HalfSquaredError(), [[[1.0]]], 1, ShapeError),
    ],
)
def test_targets_that_do_not_fit_are_refused(loss, y, n_outputs, error):
    with pytest.raises(error):
        loss.encode(y, n_outputs)


def test_an_unknown_scale_is_refused_with_the_nearest():
    with pytest.raises(ConfigurationError, match='did you mean "mistakes"'):
        PerceptronCriterion("mistake")


@pytest.mark.parametrize("loss", [HalfSquaredError(), PerceptronCriterion(), Hinge()], ids=repr)
def test_losses_without_probabilities_say_so(loss):
    with pytest.raises(ConfigurationError, match="no probabilities"):
        loss.probabilities(np.zeros((2, 1)))


# Values


def test_softmax_cross_entropy_is_scikit_learns_log_loss():
    z, y, targets, weights = drawn(SoftmaxCrossEntropy(), n=50)
    p = SoftmaxCrossEntropy().probabilities(z)
    for w in (None, weights):
        value, _ = SoftmaxCrossEntropy().over_batch(z, targets, w)
        assert value == pytest.approx(log_loss(y, p, sample_weight=w), rel=1e-13)
        value, _ = CategoricalCrossEntropy().over_batch(p, targets, w)
        assert value == pytest.approx(log_loss(y, p, sample_weight=w), rel=1e-13)


def test_binary_cross_entropy_is_scikit_learns_log_loss():
    z, y, targets, weights = drawn(SigmoidCrossEntropy(), n=50)
    p = SigmoidCrossEntropy().probabilities(z)
    np.testing.assert_allclose(p.sum(axis=1), 1, rtol=1e-15)
    for w in (None, weights):
        value, _ = SigmoidCrossEntropy().over_batch(z, targets, w)
        assert value == pytest.approx(log_loss(y, p, sample_weight=w), rel=1e-13)


def test_squared_error_is_half_of_scikit_learns_mean_squared_error():
    z, y, targets, weights = drawn(HalfSquaredError(), n=50)
    for w in (None, weights):
        value, _ = HalfSquaredError().over_batch(z, targets, w)
        total = mean_squared_error(y, z, sample_weight=w) * y.shape[1]  # theirs: mean over outputs
        assert value == pytest.approx(total / 2, rel=1e-13)


def test_the_perceptron_criterion_is_scikit_learns_hinge_loss_with_its_margin_moved_to_0():
    z, y, targets, _ = drawn(PerceptronCriterion(), n=50)
    signs = 2 * y - 1
    value, _ = PerceptronCriterion().over_batch(z, targets)
    moved = (z[:, 0] * signs + 1) * signs  # max(0, 1 - y z') with y z' = y z + 1
    assert value == pytest.approx(hinge_loss(y, moved, labels=[0, 1]), rel=1e-13)


def test_hinge_is_scikit_learns_hinge_loss():
    z, y, targets, weights = drawn(Hinge(), n=50)
    for w in (None, weights):
        value, _ = Hinge().over_batch(z, targets, w)
        expected = hinge_loss(y, z[:, 0], labels=[0, 1], sample_weight=w)
        assert value == pytest.approx(expected, rel=1e-13)


def test_hinge_has_no_gradient_at_its_margin_and_beyond():
    z, y = (
        np.array([[1.0], [1.5], [-1.0], [0.999], [-0.999]]),
        np.array([[1], [1], [-1], [1], [-1.0]]),
    )
    values, dz = Hinge().value_and_gradient(z, y)
    np.testing.assert_allclose(values[:, 0], [0, 0, 0, 0.001, 0.001], rtol=1e-12)
    np.testing.assert_array_equal(dz[:, 0], [0, 0, 0, -1, 1])


@weighted
def test_softmax_then_cross_entropy_has_the_gradient_of_the_two_in_one(weighted):
    z, _, targets, weights = drawn(SoftmaxCrossEntropy())
    w = weights if weighted else None
    p, p_cache = Softmax().forward({}, z)
    apart, dp = CategoricalCrossEntropy().over_batch(p, targets, w)
    dz, _ = Softmax().backward({}, p_cache, dp)
    fused, fused_dz = SoftmaxCrossEntropy().over_batch(z, targets, w)
    assert apart == pytest.approx(fused, rel=1e-14)
    np.testing.assert_allclose(dz, fused_dz, rtol=1e-13)


def test_two_logits_are_one_logit_their_difference():
    z, y, _, _ = drawn(SoftmaxCrossEntropy(), width=2)
    one = z[:, 1:] - z[:, :1]
    two_losses = SoftmaxCrossEntropy().per_sample(z, one_hot(y, 2))
    one_losses = SigmoidCrossEntropy().per_sample(one, SigmoidCrossEntropy().encode(y, 1))
    np.testing.assert_allclose(two_losses, one_losses, rtol=1e-13)
    np.testing.assert_array_equal(
        SoftmaxCrossEntropy().predict(z), SigmoidCrossEntropy().predict(one)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_softmax_cross_entropy_at_logits_of_1000(dtype):
    z = np.array([[1000, -1000], [1000, -1000], [-1000, -1000]], dtype)
    targets = one_hot([0, 1, 1], 2).astype(dtype)
    losses = SoftmaxCrossEntropy().per_sample(z, targets)
    np.testing.assert_allclose(losses, [0, 2000, np.log(2)], rtol=1e-6)
    value, dz = SoftmaxCrossEntropy().over_batch(z, targets)
    assert value == pytest.approx((2000 + np.log(2)) / 3, rel=1e-6)
    np.testing.assert_allclose(
        dz,
        np.array([[0, 0], [1, -1], [0.5, -0.5]]) / 3,
        rtol=1e-6,
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_cross_entropy_behind_a_softmax_at_logits_of_1000(dtype):
    z = np.array([[1000, -1000], [1000, -1000], [-1000, -1000]], dtype)
    targets = one_hot([0, 1, 1], 2).astype(dtype)
    p, p_cache = Softmax().forward({}, z)
    underflowed = -np.log(np.finfo(dtype).tiny)
    losses = CategoricalCrossEntropy().per_sample(p, targets)
    np.testing.assert_allclose(losses, [0, underflowed, np.log(2)], rtol=1e-6)
    value, dp = CategoricalCrossEntropy().over_batch(p, targets)
    dz, _ = Softmax().backward({}, p_cache, dp)
    assert np.isfinite(value)
    assert np.isfinite(dp).all()
    np.testing.assert_allclose(dz, np.array([[0, 0], [0, 0], [0.5, -0.5]]) / 3, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_binary_cross_entropy_at_logits_of_1000(dtype):
    z = np.array([[1000], [1000], [-1000], [0]], dtype)
    targets = np.array([[1], [0], [1], [1]], dtype)
    losses = SigmoidCrossEntropy().per_sample(z, targets)
    np.testing.assert_allclose(losses, [0, 1000, 1000, np.log(2)], rtol=1e-6)
    value, dz = SigmoidCrossEntropy().over_batch(z, targets)
    assert value == pytest.approx((2000 + np.log(2)) / 4, rel=1e-6)
    np.testing.assert_allclose(dz, np.array([[0], [1], [-1], [-0.5]]) / 4, rtol=1e-6)


def test_a_tiny_chance_of_the_wrong_keeps_all_its_digits():
    # log(1 + e^-40) rounds to 0 when it is computed as a log of a sum.
    losses = SigmoidCrossEntropy().per_sample(np.array([[40.0], [-40.0]]), np.array([[1.0], [0.0]]))
    np.testing.assert_allclose(losses, np.exp(-40), rtol=1e-14)


def test_the_perceptron_criterion_by_hand():
    # In order: right, wrong, wrong, on the line as +1 (right), on the line as -1 (a mistake).
    z = np.array([[2.0], [-3.0], [1.0], [0.0], [0.0]])
    y = np.array([[1.0], [1.0], [-1.0], [1.0], [-1.0]])
    loss = PerceptronCriterion("sum")
    value, doutputs = loss.over_batch(z, y)
    assert value == 4.0
    assert doutputs[:, 0].tolist() == [0, -1, 1, 0, 1]
    assert loss.per_sample(z, y).tolist() == [0, 3, 1, 0, 0]
    assert loss.n_correct(z, y) == 2
    assert loss.predict(z).tolist() == [1, 0, 1, 1, 1]


@pytest.mark.parametrize("scale", ["samples", "sum", "mistakes"])
def test_the_scales_of_the_perceptron_criterion(scale):
    z, _, targets, weights = drawn(PerceptronCriterion(scale), n=40)
    wrong = np.sign(z) != targets
    for w in (None, weights):
        each = np.ones(40) if w is None else w
        s = {"samples": 1 / each.sum(), "sum": 1.0, "mistakes": 1 / each[wrong[:, 0]].sum()}[scale]
        value, dz = PerceptronCriterion(scale).over_batch(z, targets, w)
        expected = s * sum(each[i] * -targets[i, 0] * z[i, 0] for i in range(40) if wrong[i, 0])
        assert value == pytest.approx(expected, rel=1e-13)
        np.testing.assert_allclose(
            dz,
            -s * each[:, None] * targets * wrong,
            rtol=1e-13,
        )


@pytest.mark.parametrize("scale", ["samples", "sum", "mistakes"])
def test_without_mistakes_the_perceptron_criterion_is_0(scale):
    z, y = np.array([[1.0], [-1.0]]), np.array([[1.0], [-1.0]])
    value, dz = PerceptronCriterion(scale).over_batch(z, y)
    assert value == 0
    assert not dz.any()


def test_the_distance_loss_is_the_distance_of_the_mistakes_from_the_line():
    weight, bias = np.array([[3.0], [4.0]]), -5.0
    x = np.array([[3.0, 4.0], [0.0, 0.0]])  # distances 4 and -1
    scores = x @ weight + bias
    assert distance_loss(scores, np.array([[-1.0], [1.0]]), weight) == pytest.approx(5.0)
    assert distance_loss(scores, np.array([[1.0], [-1.0]]), weight) == 0
    assert distance_loss(np.zeros((2, 1)), np.array([[1.0], [-1.0]]), 0 * weight) == 0


def test_cross_entropy_takes_distributions_as_targets():
    p = np.array([[0.2, 0.3, 0.5]])
    value, _ = CategoricalCrossEntropy().over_batch(p, CategoricalCrossEntropy().encode(p, 3))
    assert value == pytest.approx(-(p * np.log(p)).sum())


def test_several_yes_or_no_questions():
    loss = SigmoidCrossEntropy()
    z = np.array([[1.0, -1.0], [2.0, 3.0]])
    y = np.array([[1.0, 0.0], [1.0, 0.0]])
    assert loss.n_classes(2) is None
    assert loss.predict(z).tolist() == [[1, 0], [1, 1]]
    assert loss.n_correct(z, y) == 1
    assert loss.probabilities(z).shape == (2, 2)


# Clipping


@pytest.mark.parametrize("weights", [None, np.array([1.0, 2.0, 0.5])])
def test_clipped_probabilities_bound_the_loss_and_leave_its_gradient(weights):
    targets = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    outputs = np.array([[-50.0, 50.0], [0.2, 0.1], [-30.0, 40.0]])
    for loss, plain in (
        (SoftmaxCrossEntropy(clip=0.01), SoftmaxCrossEntropy()),
        (SigmoidCrossEntropy(clip=0.01), SigmoidCrossEntropy()),
    ):
        p = plain.probabilities(outputs)
        q = np.clip(p, 0.01, 0.99)
        terms = targets * np.log(q)
        if isinstance(loss, SigmoidCrossEntropy):
            terms = terms + (1 - targets) * np.log(1 - q)
        value, doutputs = loss.over_batch(outputs, targets, weights)
        assert value == pytest.approx(-np.average(terms.sum(axis=1), weights=weights), rel=1e-12)
        np.testing.assert_allclose(loss.per_sample(outputs, targets), -terms.sum(axis=1))
        _, same = plain.over_batch(outputs, targets, weights)
        np.testing.assert_array_equal(doutputs, same)


@pytest.mark.parametrize("kind", [SoftmaxCrossEntropy, SigmoidCrossEntropy])
@pytest.mark.parametrize("clip", [-0.1, 0.6, "0.1"])
def test_a_clip_that_cannot_be_is_refused(kind, clip):
    with pytest.raises(ConfigurationError, match=f"clip of {kind.__name__}"):
        kind(clip=clip)


def test_poisson_is_half_the_deviance():
    rng = np.random.default_rng(0)
    y, z, w = (
        rng.poisson(2.0, (N, 2)).astype(float),
        rng.normal(size=(N, 2)),
        rng.uniform(0.1, 1, N),
    )
    mean = sum(mean_poisson_deviance(y[:, k], np.exp(z[:, k]), sample_weight=w) for k in range(2))
    assert Poisson().over_batch(z, y, w)[0] == pytest.approx(mean / 2, rel=1e-12)
    with pytest.raises(DataError, match="row 1 of y is below 0"):
        Poisson().encode([1.0, -2.0], 1)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_share_is_multiplied_last_within_two_units_in_the_last_place(dtype):
    # (s y) / p has one rounding fewer than s (y / p).
    rng = np.random.default_rng(7)
    p = rng.dirichlet(np.ones(3), 500).astype(dtype)
    y, w = one_hot(rng.integers(0, 3, 500), 3).astype(dtype), rng.uniform(size=500).astype(dtype)
    for weight in (None, w):
        s = dtype(1 / 500) if weight is None else (w / w.sum())[:, np.newaxis]
        _, dp = CategoricalCrossEntropy().over_batch(p, y, weight)
        np.testing.assert_array_max_ulp(dp, -s * y / p, maxulp=2)


@pytest.mark.parametrize("width", [1, 2, 3])
def test_mean_squared_error_is_that_of_scikit_learn(width):
    z, y, targets, w = drawn(MeanSquaredError(), width=width)
    for weight in (None, w):
        value, dz = MeanSquaredError().over_batch(z, targets, weight)
        assert value == pytest.approx(mean_squared_error(y, z, sample_weight=weight), rel=1e-14)
        half, half_dz = HalfSquaredError().over_batch(z, targets, weight)
        assert value == pytest.approx(2 / width * half, rel=1e-14)
        np.testing.assert_allclose(dz, 2 / width * half_dz, rtol=1e-14)


def test_a_loss_is_given_by_its_name():
    model, X = Sequential([Linear(3, 2)]), np.eye(3)
    y = np.arange(6.0).reshape(3, 2)
    by_name = loss_and_grads(model, model.init(0), X, y, loss="mse")
    value, grads = loss_and_grads(model, model.init(0), X, y, loss=MeanSquaredError())
    assert by_name[0] == value
    np.testing.assert_array_equal(by_name[1]["0.weight"], grads["0.weight"])
    assert gradcheck(model, X, y, loss="mse").passed


@pytest.mark.parametrize("shape", ["(N,)", "(N, 1)"])
def test_values_of_samples_may_be_a_column_or_none(shape):
    class SummedError(HalfSquaredError):
        def value_and_gradient(self, z, y):
            values, gradient = super().value_and_gradient(z, y)
            return values.sum(axis=1, keepdims=shape == "(N, 1)"), gradient

    z, _, targets, w = drawn(HalfSquaredError())
    value, dz = SummedError().over_batch(z, targets, w)
    expected, same = HalfSquaredError().over_batch(z, targets, w)
    assert value == pytest.approx(expected, rel=1e-14)
    np.testing.assert_array_equal(dz, same)
    np.testing.assert_allclose(
        SummedError().per_sample(z, targets), HalfSquaredError().per_sample(z, targets), rtol=1e-14
    )
