import importlib
import inspect
import pkgutil
import subprocess
import sys

import pytest

import rosenblatt as rb

HEAVY = [
    "llvmlite",
    "matplotlib",
    "sklearn",
    "sklearn.linear_model",
    "scipy",
    "joblib",
    "pyarrow",
    "pandas",
    "pydantic",
    "safetensors",
    "filelock",
    "tomli_w",
    "jinja2",
    "rich",
    "cyclopts",
    "tensorboardX",
    "mlflow",
    "numpy.ma",
    "rosenblatt.data.readers",
    "rosenblatt.training.calls",
    "rosenblatt.training.storage.folder",
]


def modules():
    """Return the names of all public modules, rosenblatt itself among them."""
    found = pkgutil.walk_packages(rb.__path__, "rosenblatt.")
    return ["rosenblatt", *(m.name for m in found if "._" not in m.name)]


def loaded_after(code):
    """Return which of the heavy libraries a new interpreter has loaded after ``code``."""
    script = f"{code}\nimport sys\nprint(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return done.stdout.split()


@pytest.mark.parametrize("name", rb.__all__)
def test_every_public_name_can_be_had(name):
    assert getattr(rb, name) is not None
    assert getattr(rb, name).__doc__


def test_all_is_what_there_is_and_in_order():
    assert set(dir(rb)) == {*rb.__all__, "__version__"}
    assert set(rb.__all__) == {*rb._HOME, *rb._MODULES}
    assert len(set(rb.__all__)) == len(rb.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Percepton'"):
        rb.Percepton  # noqa: B018 - reading it is the test


@pytest.mark.parametrize("name", modules())
def test_what_a_module_says_it_exports_is_there(name):
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} does not say what it is"
    for public in getattr(module, "__all__", []):
        assert hasattr(module, public), f"{name}.{public}"


@pytest.mark.parametrize(
    "package", ["data", "engines", "layers", "losses", "models", "optimizers", "training"]
)
def test_a_package_exports_all_it_imports(package):
    module = importlib.import_module(f"rosenblatt.{package}")
    own = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and name != "TYPE_CHECKING"
        and not inspect.ismodule(value)
        and getattr(value, "__module__", module.__name__).startswith(module.__name__)
    }
    assert set(module.__all__) >= own
    assert len(set(module.__all__)) == len(module.__all__)


def test_import_is_light():
    assert loaded_after("import rosenblatt") == []


def test_the_first_script_loads_no_heavy_library():
    code = """
import rosenblatt as rb
train, test = rb.data.moons(100, noise=0.2, seed=42).split(0.2, seed=42, stratify=True)
model = rb.MLP(2, [20], 2, activation="relu", init="he")
run = rb.train(model, train, test=test, optimizer=rb.Adam(), epochs=2, engine="reference")
assert 0 <= run.history[-1]["test_accuracy"] <= 1
run.predict([[0.5, 0.5]])
rb.data.circles(10), rb.data.blobs(10), rb.data.blobs_density()
"""
    assert loaded_after(code) == ["rosenblatt.training.calls"]


@pytest.mark.slow
def test_the_estimators_of_networks_load_what_scikit_learns_own_load():
    ours, theirs = (
        set(loaded_after(f"from {package} import MLPClassifier, MLPRegressor"))
        for package in ("rosenblatt.estimators", "sklearn.neural_network")
    )
    assert "sklearn" in ours
    assert "sklearn.linear_model" not in ours
    assert "rosenblatt.training.calls" not in ours
    assert ours <= theirs


def test_names_that_are_loaded_when_used_are_found_in_any_order():
    code = (
        "import rosenblatt.training.calls, rosenblatt.data.curve_densities\n"
        "import rosenblatt as rb\n"
        "assert callable(rb.train) and callable(rb.training.train) and callable(rb.load_model)\n"
        "assert rb.data.moons_density is rb.data.curve_densities.moons_density"
    )
    assert "sklearn" not in loaded_after(code)
