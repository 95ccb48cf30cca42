import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.experiments import replay


@pytest.mark.slow
def test_the_scripts_in_order(part1):
    assert "run python generate_dataset.py" in part1.refuses("train.py")
    assert "run python generate_dataset.py" in part1.refuses("show_datasets.py")

    part1.run("generate_dataset.py")
    for name, per_class in (("train", 80), ("test", 20)):
        data = rb.data.load(part1.path / "datasets" / f"{name}.csv")
        assert data.classes == (-1, 1)
        assert np.bincount(data.y).tolist() == [per_class, per_class]

    part1.run("show_datasets.py")
    assert part1.is_png("visualization_train_test.png")

    out, _ = part1.run("train.py")
    assert "test accuracy 100.00 % after 1000 epochs" in out
    assert part1.is_png("loss.png")

    assert "unknown flag --epochs" in part1.refuses("train.py --epochs 5")


def test_the_perceptron_before_training_says_plus_one(import_from):
    perceptron = import_from("part1", "perceptron").Perceptron(3)
    assert (perceptron.max_epochs, perceptron.learning_rate) == (1000, 0.01)
    assert perceptron.forward(np.array([1.0, -2.0, 3.0])) == 1
    assert perceptron.forward(np.ones((4, 3))).tolist() == [1, 1, 1, 1]


def test_the_perceptron_is_the_batch_rule(import_from):
    """Against the rule written out, sample by sample."""
    train, test = replay.gaussians(2.0)
    perceptron = import_from("part1", "perceptron").Perceptron(2, max_epochs=30, learning_rate=0.1)
    history = perceptron.train(train.X, train.labels, test.X, test.labels)

    w, b = np.zeros(2), 0.0
    for _ in range(30):
        wrong = [
            (x, y)
            for x, y in zip(train.X, train.labels, strict=True)
            if (1 if w @ x + b >= 0 else -1) != y
        ]
        w = w + 0.1 / len(train) * sum(y * x for x, y in wrong)
        b = b + 0.1 / len(train) * sum(y for _, y in wrong)
    np.testing.assert_allclose(perceptron.weights, w, rtol=1e-12)
    assert perceptron.bias == pytest.approx(b, rel=1e-12)

    right = perceptron.forward(test.X) == test.labels
    assert history[-1]["test_accuracy"] == right.mean()
    assert perceptron.forward(test.X[0]) == perceptron.forward(test.X)[0]
    assert len(history) == 31


@pytest.mark.parametrize(("m", "accuracy"), [(10.0, 1.0), (2.0, 0.85), (1.0, 0.475)])
def test_the_perceptron_repeats_the_printed_table(import_from, m, accuracy):
    train, test = replay.gaussians(m)
    perceptron = import_from("part1", "perceptron").Perceptron(2)
    perceptron.train(train.X, train.labels)
    assert np.mean(perceptron.forward(test.X) == test.labels) == accuracy


def test_labels_other_than_one_and_minus_one_are_refused(import_from):
    perceptron = import_from("part1", "perceptron").Perceptron(1)
    with pytest.raises(rb.RosenblattError):
        perceptron.train([[0.0], [1.0]], [0, 1])
