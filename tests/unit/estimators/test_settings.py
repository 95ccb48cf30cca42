"""The estimators take scikit-learn's settings, with scikit-learn's defaults, in its order."""

import inspect

import pytest
import sklearn.linear_model
import sklearn.neural_network

from rosenblatt import estimators

THEIRS = {
    "MLPClassifier": sklearn.neural_network.MLPClassifier,
    "MLPRegressor": sklearn.neural_network.MLPRegressor,
    "Perceptron": sklearn.linear_model.Perceptron,
}


@pytest.mark.parametrize("name", THEIRS)
def test_settings_are_scikit_learns_and_some_more(name):
    theirs = list(inspect.signature(THEIRS[name]).parameters.values())
    ours = list(inspect.signature(getattr(estimators, name)).parameters.values())
    for expected, found in zip(theirs, ours, strict=False):
        assert (found.name, found.default, found.kind) == (
            expected.name,
            expected.default,
            expected.kind,
        )
    assert len(ours) >= len(theirs)


@pytest.mark.parametrize("name", THEIRS)
def test_every_setting_is_described(name):
    kind, described = getattr(estimators, name), getattr(estimators, name).__doc__
    if "All other arguments and the attributes are those of\n" in described:
        described += estimators.MLPClassifier.__doc__
    for setting in inspect.signature(kind).parameters:
        assert f"        {setting}: " in described
