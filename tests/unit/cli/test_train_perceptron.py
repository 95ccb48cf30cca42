import json

import pytest

import rosenblatt as rb
from rosenblatt.training import load_model


def test_three_weights_and_the_mistakes_are_printed(run):
    answer = run("train perceptron gaussians --epochs 10 --means", "2,2;0,0")
    assert answer.status == 0
    lines = answer.out.splitlines()
    assert lines[2] == "model       perceptron of 2 inputs, online rule, last weights; 3 parameters"
    assert [line.split()[0] for line in lines[-4:]] == ["accuracy", "last", "pocket", "averaged"]
    assert any(line.startswith("mistakes    ") for line in lines)


@pytest.mark.parametrize("rule", ["online", "batch", "mini-batch"])
@pytest.mark.parametrize("weights", ["last", "pocket", "averaged"])
def test_it_does_what_the_library_does(run, here, rule, weights):
    size = 16 if rule == "mini-batch" else None
    flags = "" if size is None else f"--batch-size {size}"
    answer = run(
        f"train perceptron moons --n 100 --epochs 7 --rule {rule} --weights {weights} {flags} "
        "--scale mistakes --learning-rate 0.5 --seed 2 --json --save m.safetensors"
    )
    found = json.loads(answer.out)
    train, test = rb.data.moons(100).split(0.2)
    model = rb.Perceptron(2, rule, "mistakes", weights)
    twin = rb.train(
        model, train, test=test, optimizer=rb.SGD(0.5), epochs=7, batch_size=size, seed=2
    )
    assert found["end"]["test"]["accuracy"] == twin.evaluate(test).accuracy
    assert found["mistakes"] == twin.history[-1]["mistakes"]
    for name, measured in found["weights"].items():
        assert measured["test_accuracy"] == twin.with_weights(name).evaluate(test).accuracy
    saved = load_model("m.safetensors")
    assert saved.model == model
    for name, value in twin.params.items():
        assert saved.params[name].tolist() == value.tolist()


def test_without_a_bias(run):
    answer = run("train perceptron gaussians --epochs 2 --no-bias --json")
    assert json.loads(answer.out)["model"]["parameters"] == 2


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("blobs", "tells two classes apart, and the data has 3: 0, 1, 2"),
        ("moons --rule mini-batch", "needs a batch_size"),
        ("moons --batch-size 10", "the online rule updates after 1 sample"),
        ("moons --rule batched", "--rule"),
        ("moons --learning-rate 0", "learning_rate of SGD must be a finite number above 0"),
    ],
)
def test_what_a_perceptron_cannot_do(refused, flags, message):
    assert message in refused(f"train perceptron {flags}")
