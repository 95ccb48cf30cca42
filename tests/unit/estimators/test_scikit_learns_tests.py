"""scikit-learn's own tests of these classes, as they are installed, run on ours."""

import importlib.util
from pathlib import Path
from types import ModuleType, SimpleNamespace
from unittest import mock

import pytest
import sklearn

from rosenblatt import estimators

pytestmark = pytest.mark.filterwarnings("default")

LEFT_OUT = {
    "test_fit": "sets weights, gradients and velocities by hand, in private attributes",
    "test_gradient": "calls the private objective of lbfgs; ours has its own test of its gradient",
}


@pytest.fixture
def global_random_seed():
    """A seed that scikit-learn's own configuration of pytest draws."""
    return 42


class PrivateNames:
    """scikit-learn's private names for what is public here; its tests read them."""

    @property
    def _optimizer(self):
        return SimpleNamespace(learning_rate=self.learning_rate_)

    @property
    def _no_improvement_count(self):
        return self.no_improvement_count_


class MLPClassifier(PrivateNames, estimators.MLPClassifier):
    pass


class MLPRegressor(PrivateNames, estimators.MLPRegressor):
    pass


def load(path: str, **classes: type) -> ModuleType:
    """Return a copy of a module of tests, which imports these classes in place of its own."""
    file = Path(sklearn.__file__).parent / path
    spec = importlib.util.spec_from_file_location(f"copy_of_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    package = importlib.import_module(f"sklearn.{path.split('/')[0]}")
    with mock.patch.multiple(package, **classes):
        spec.loader.exec_module(module)
    return module


OF_NETWORKS = load(
    "neural_network/tests/test_mlp.py", MLPClassifier=MLPClassifier, MLPRegressor=MLPRegressor
)
OF_PERCEPTRONS = load("linear_model/tests/test_perceptron.py", Perceptron=estimators.Perceptron)
TESTS = {
    f"{name}_of_{module.__name__.removeprefix('copy_of_test_')}": test
    for module in (OF_NETWORKS, OF_PERCEPTRONS)
    for name, test in vars(module).items()
    if name.startswith("test_") and name not in LEFT_OUT
}
globals().update(TESTS)


def test_they_are_the_tests_of_our_classes():
    assert OF_NETWORKS.MLPClassifier is MLPClassifier
    assert OF_PERCEPTRONS.Perceptron is estimators.Perceptron
    assert len(TESTS) >= 40
    assert vars(OF_NETWORKS).keys() >= LEFT_OUT.keys()
