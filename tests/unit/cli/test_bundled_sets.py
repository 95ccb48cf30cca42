import json

import pytest

import rosenblatt as rb


@pytest.mark.parametrize("name", rb.data.BUNDLED)
def test_a_bundled_set_is_trained_on_by_its_name(run, name):
    answer = run(f"train mlp {name} --epochs 2 --standardize --json --quiet")
    assert (answer.status, answer.err) == (0, "")
    result = json.loads(answer.out)
    assert result["data"]["source"] == name
    assert result["data"]["rows"] == len(rb.data.bundled(name))


def test_its_rows_are_shown_and_predicted(run, tmp_path):
    assert run("data show wine").status == 0
    run("train mlp iris --epochs 2 --quiet --save", tmp_path / "m.safetensors")
    answer = run("predict", tmp_path / "m.safetensors", "iris")
    assert answer.status == 0


def test_settings_of_files_and_generators_are_refused(refused):
    for flag, reason in [
        ("--label x", "--label is for files, and iris is a set"),
        ("--noise 0.1", "--noise is for generators, and iris is a set"),
        ("--data-seed 1", "--data-seed is for generators"),
        ("--task regression", "iris has classes, and a regression needs values"),
    ]:
        assert reason in refused(f"train mlp iris {flag}")


def test_values_are_not_taken_for_classes(refused):
    assert "diabetes has values to predict" in refused("train mlp diabetes --task classification")


def test_a_misspelt_name_is_corrected(refused):
    assert 'did you mean "breast_cancer"' in refused("train mlp breast_cancr")


def test_each_hidden_layer_may_have_an_activation_of_its_own(run, here):
    answer = run(
        "train mlp moons --hidden 4,3 --activation Tanh,leaky-relu --slope 0.2 --epochs 2 --quiet "
        "--save m.safetensors"
    )
    assert "MLP 2-4-3-2, tanh, leaky_relu" in answer.out
    model = rb.load_model("m.safetensors").model
    assert model == rb.MLP(2, [4, 3], 2, activation=["tanh", rb.layers.LeakyReLU(0.2)])
    assert isinstance(model, rb.MLP)
    (here / "c.toml").write_text('data = "moons"\nhidden = [4, 3]\nactivation = ["Tanh", "relu"]\n')
    assert "MLP 2-4-3-2, tanh, relu" in run("train mlp --config c.toml --epochs 2").out


def test_activations_must_be_as_many_as_hidden_layers(refused):
    assert "3 names, and there are 2 hidden layers" in refused(
        "train mlp moons --hidden 4,3 --activation relu,tanh,relu"
    )
    assert 'Did you mean "relu"' in refused("train mlp moons --hidden 4,3 --activation tanh,rela")
    assert "--slope has no meaning" in refused(
        "train mlp moons --hidden 4,3 --activation tanh,relu --slope 0.2"
    )
