import json

import pytest


def settings(run, here, text, flags=""):
    (here / "c.toml").write_text(text)
    answer = run(f"train mlp --config c.toml --json {flags}")
    assert answer.err == ""
    return json.loads(answer.out)


def test_a_file_holds_any_setting(run, here):
    found = settings(
        run,
        here,
        """
        data = "moons"
        n = 100
        hidden = [7, 5]
        learning-rate = 1
        epochs = 3
        batch_size = 10
        optimizer = "adam"
        beta1 = 0.5
        standardize = true
        test-size = 25
        history = "h.csv"
        """,
    )
    assert found["model"]["description"].startswith("MLP 2-7-5-2")
    assert found["settings"]["batch_size"] == 10
    assert "beta1=0.5" in found["settings"]["optimizer"]
    assert "learning_rate=1.0" in found["settings"]["optimizer"]
    assert found["rows"] == {"train": 75, "test": 25}
    assert (here / "h.csv").exists()


def test_flags_override_the_file(run, here):
    text = 'data = "moons"\nepochs = 3\nhidden = [7]\nstandardize = true\n'
    found = settings(run, here, text, "circles --epochs 2 --hidden 5 --no-standardize")
    assert found["settings"]["epochs"] == 2
    assert found["model"]["description"].startswith("MLP 2-5-2")
    assert found["data"]["source"].startswith("circles")
    assert (
        found["settings"]["train"]
        == settings(run, here, "", "circles --epochs 1")["settings"]["train"]
    )


def test_points_are_nested_lists(run, here):
    found = settings(run, here, 'data = "gaussians"\nepochs = 1\nmeans = [[0, 0], [5, 5], [0, 5]]')
    assert len(found["data"]["classes"]) == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no-shuffle = true", 'c.toml: "no-shuffle" is no setting of train mlp; did you mean "shu'),
        ("seed = 1\nlearning-rate = 1\nlearning_rate = 2", "are the same setting"),
        ("epoch = 3", 'c.toml: "epoch" is no setting of train mlp; did you mean "epochs"?'),
        ("[training]\nepochs = 3", 'c.toml: "training" is no setting of train mlp'),
        ('config = "d.toml"', '"config" is no setting'),
        ('epochs = "many"', "c.toml: \"epochs\" is 'many'; input should be a valid integer"),
        ("epochs = 2.5", '"epochs" is 2.5'),
        ("epochs = true", '"epochs" is True'),
        ("hidden = 20", '"hidden" is 20; input should be'),
        ('hidden = ["20"]', '"hidden" is'),
        ("standardize = 1", '"standardize" is 1'),
        ('optimizer = "adan"', "'adam'"),
        ("epochs = ", "c.toml is not a TOML file"),
        ("epochs = 0", "epochs must be a whole number of at least 1"),
        (f"epochs = {'9' * 5000}", "c.toml is not a TOML file: Exceeds the limit"),
        (f"epochs = 0x{'f' * 9000}", '"epochs" is int too long to show; it is too long'),
        (f"epochs = {'9' * 400}", "epochs must be a whole number of at least 1 and at most 2^63"),
        (f"hidden = {'[' * 3000}", "c.toml is not a TOML file for settings: it is nested too deep"),
        (f"{'.'.join('a' * 3000)} = 1", '"a" is no setting'),
        (f"hidden.{'.'.join('a' * 3000)} = 1", '"hidden" is dict too long to show'),
        ("epochs = 99:99:99", "c.toml is not a TOML file"),
        ('save = "\\u0000.safetensors"', "NUL"),
        ("a = 1\n" * 200_000, "c.toml is no file of settings: it has more than 1.0 MB"),
    ],
)
def test_what_a_file_may_not_say(refused, here, text, message):
    (here / "c.toml").write_text(text)
    assert message in refused("train mlp moons --config c.toml")


def test_a_file_that_is_no_text(refused, here):
    (here / "c.toml").write_bytes(b"\xff\xfe\x00")
    assert "c.toml is not a TOML file" in refused("train mlp moons --config c.toml")


def test_a_device_is_read_no_further_than_settings_go(refused, here):
    assert "/dev/zero is no file of settings" in refused("train mlp moons --config /dev/zero")


def test_the_perceptron_has_its_own_keys(run, refused, here):
    (here / "c.toml").write_text('rule = "batch"\nepochs = 5\nbias = false\n')
    assert "batch rule" in run("train perceptron gaussians --config c.toml").out
    assert '"rule" is no setting of train mlp' in refused("train mlp moons --config c.toml")
