"""One file and one line: a class of one's own is registered, and then everything works with it."""

import importlib.util
import json
import subprocess
import sys
import tomllib

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.analysis.gradcheck import check_all_pairs, gradcheck
from rosenblatt.errors import ConfigurationError
from rosenblatt.layers import ACTIVATIONS, INITIALIZERS, LAYERS
from rosenblatt.losses import LOSSES
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES

MODULE = '''
"""A layer, an activation, an initialiser, a loss, an optimizer and a schedule."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.checks import real_field, whole_field
from rosenblatt.layers import INITIALIZERS, LAYERS, Activation, Initializer, Layer
from rosenblatt.losses import LOSSES, RegressionLoss
from rosenblatt.optimizers import OPTIMIZERS, SCHEDULES, Optimizer, Schedule


@LAYERS.add
@dataclass(frozen=True)
class Gain(Layer):
    """y = gain x.

    Args:
        width: of x.
    """

    width: int

    @property
    def shapes(self):
        return {"gain": (self.width,)}

    def init(self, rng):
        return {"gain": np.ones(self.width)}

    def forward(self, params, x):
        return x * params["gain"], x

    def backward(self, params, cache, dy):
        return dy * params["gain"], {"gain": (dy * cache).sum(axis=0)}


@LAYERS.add
@dataclass(frozen=True)
class SmoothRamp(Activation):
    """y = log(1 + e^{s x}) / s.

    Args:
        sharpness: s, above 0.
    """

    aliases = ("smooth_relu",)
    sharpness: float = 1.0

    def __post_init__(self):
        real_field(self, "sharpness", above=0)

    def forward(self, params, x):
        return np.logaddexp(0, self.sharpness * x) / self.sharpness, x

    def backward(self, params, cache, dy):
        return dy / (1 + np.exp(-self.sharpness * cache)), {}


@INITIALIZERS.add
@dataclass(frozen=True)
class Signs(Initializer):
    """W = ± size."""

    size: float = 0.5

    def __call__(self, rng, n_inputs, n_outputs):
        return self.size * rng.choice([-1.0, 1.0], (n_inputs, n_outputs))


@LOSSES.add
@dataclass(frozen=True)
class LogCosh(RegressionLoss):
    """l = log cosh((z - y) / width).

    Args:
        width: of the part that is quadratic, above 0.
    """

    width: float = 1.0

    def __post_init__(self):
        real_field(self, "width", above=0)

    def value_and_gradient(self, z, y):
        difference = (z - y) / self.width
        return np.log(np.cosh(difference)), np.tanh(difference) / self.width


@OPTIMIZERS.add
@dataclass(frozen=True)
class SignDescent(Optimizer):
    """m <- b m + (1 - b) g;  theta <- theta - eta sign(m).

    Args:
        learning_rate: eta.
        forgetting: b, from 0 to below 1.
    """

    learning_rate: float = 0.01
    forgetting: float = 0.5

    def __post_init__(self):
        super().__post_init__()
        real_field(self, "forgetting", at_least=0, below=1)

    def init(self, params):
        return {"m": {name: np.zeros_like(value) for name, value in params.items()}}

    def update(self, params, grads, slots, step):
        b, eta = self.forgetting, self.rate(step)
        m = {name: b * slots["m"][name] + (1 - b) * g for name, g in grads.items()}
        return {name: value - eta * np.sign(m[name]) for name, value in params.items()}, {"m": m}


@SCHEDULES.add
@dataclass(frozen=True)
class Sawtooth(Schedule):
    """eta falls from start to half of it within each period.

    Args:
        start: eta at the start of each period.
        period: updates.
    """

    start: float
    period: int = 10

    def __post_init__(self):
        real_field(self, "start", above=0)
        whole_field(self, "period", at_least=1)

    def __call__(self, step):
        return self.start * (1 - 0.5 * (step % self.period) / self.period)
'''

X = np.random.default_rng(0).normal(size=(30, 3))
DATA = rb.data.Dataset(X, np.sin(X[:, 0]) + X[:, 1])


@pytest.fixture
def added(tmp_path):
    """Import the module, which registers its classes; take them out of the registries after."""
    path = tmp_path / "additions.py"
    path.write_text(MODULE)
    spec = importlib.util.spec_from_file_location("additions", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules["additions"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["additions"]
    for registry, *members in (
        (LAYERS, module.Gain, module.SmoothRamp),
        (INITIALIZERS, module.Signs),
        (LOSSES, module.LogCosh),
        (OPTIMIZERS, module.SignDescent),
        (SCHEDULES, module.Sawtooth),
    ):
        for member in members:
            registry.remove(member)


def model_of(module):
    mlp = rb.MLP(3, [4], 1, activation=module.SmoothRamp(2.0), init="signs")
    return rb.Sequential([*mlp.layers[:2], module.Gain(4), mlp.layers[2]])


def settings_of(module, **changes):
    optimizer = module.SignDescent(module.Sawtooth(0.02, period=7), forgetting=0.4)
    settings = {"loss": module.LogCosh(0.5), "optimizer": optimizer, "epochs": 6}
    return settings | {"batch_size": 7, "seed": 3, "engine": "auto"} | changes


def assert_same(params, expected):
    assert list(params) == list(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(params[name], value)


def test_each_is_found_by_any_spelling_of_its_names(added):
    assert rb.layers.as_activation("smooth_ramp") == added.SmoothRamp()
    assert rb.layers.as_activation("SmoothRamp") == rb.layers.as_activation("smooth-relu")
    assert ACTIVATIONS["smooth_ramp"] is LAYERS["SmoothRamp"] is added.SmoothRamp
    assert rb.losses.as_loss("log_cosh") == added.LogCosh()
    assert rb.optimizers.as_optimizer("sign_descent") == added.SignDescent()
    with pytest.raises(ConfigurationError, match="'lr'; it is called learning_rate here"):
        added.SignDescent(lr=0.1)
    run = rb.train(
        rb.MLP(3, 4, 1, activation="smooth_ramp", init="signs"),
        DATA,
        loss="log_cosh",
        optimizer="sign_descent",
        epochs=1,
    )
    assert run.loss == added.LogCosh()


@pytest.mark.slow
def test_each_is_checked_by_the_gradient_check(added):
    check = gradcheck(model_of(added), DATA.X, DATA.y, loss=added.LogCosh(0.5))
    assert check.passed
    pairs = check_all_pairs()
    assert len(pairs) == len(LAYERS) * len(LOSSES)
    assert all(pair.check.passed for pair in pairs)


def test_a_run_is_saved_loaded_resumed_and_forked(added, tmp_path):
    model = model_of(added)
    run = rb.train(model, DATA, **settings_of(added))
    rb.save_model(tmp_path / "model", run)
    loaded = rb.load_model(tmp_path / "model")
    assert (loaded.model, loaded.loss) == (model, added.LogCosh(0.5))
    np.testing.assert_array_equal(loaded.predict(DATA.X), run.predict(DATA.X))

    rb.train(model, DATA, **settings_of(added, epochs=3, run_dir=tmp_path / "run"))
    assert_same(rb.resume(tmp_path / "run", epochs=6).params, run.params)
    again = rb.load_run(tmp_path / "run")
    assert_same(again.at(update=11).params, run.at(update=11).params)
    branch = again.fork(3, learning_rate=added.Sawtooth(0.05))
    assert_same(branch.params, run.fork(3, learning_rate=added.Sawtooth(0.05)).params)


def test_the_compiled_engine_compiles_them(added):
    compiled, reference = (
        rb.train(model_of(added), DATA, **settings_of(added, engine=engine)).params
        for engine in ("compiled", "reference")
    )
    for name, value in reference.items():
        np.testing.assert_allclose(compiled[name], value, rtol=1e-9, atol=1e-12)


@pytest.mark.slow
def test_the_command_line_offers_each_with_its_settings(tmp_path):
    (tmp_path / "additions.py").write_text(MODULE)
    table = np.column_stack([DATA.X, DATA.y])
    np.savetxt(tmp_path / "d.csv", table, delimiter=",", header="a,b,c,y", comments="")
    words = (
        "train mlp d.csv --hidden 4 --activation smooth_ramp --sharpness 2 --init signs "
        "--loss log_cosh --width 0.5 --optimizer sign_descent --forgetting 0.4 "
        "--schedule sawtooth --period 7 --learning-rate 0.02 --epochs 3 --batch-size 7 --seed 3 "
        "--test-size 0 --json --run run"
    )
    code = "import additions, sys; from rosenblatt.cli import main; sys.exit(main(sys.argv[1:]))"
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    json.loads(done.stdout)
    config = tomllib.loads((tmp_path / "run" / "config.toml").read_text())
    assert config["loss"] == {"name": "LogCosh", "width": 0.5}
    assert config["optimizer"] == {
        "name": "sign_descent",
        "learning_rate": {"name": "sawtooth", "start": 0.02, "period": 7},
        "forgetting": 0.4,
    }
    linear, activation, _ = config["model"]["layers"]
    assert linear["weight_init"] == {"name": "signs", "size": 0.5}
    assert activation == {"name": "SmoothRamp", "sharpness": 2.0}
