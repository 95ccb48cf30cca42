"""The reference has every public name, once, with what its docstring says."""

import importlib
import inspect
import re

import rosenblatt as rb

WITHOUT_EXAMPLE = """
analysis.Calibration analysis.Checkup analysis.EigenvaluesAlong analysis.Explanation
analysis.Finding analysis.Landscape analysis.bayes.ExpectedAccuracy analysis.gradcheck.PairCheck
analysis.gradcheck.check_all_pairs analysis.hessian.HessianExtremes analysis.hessian.NoiseScale
analysis.hessian.PerturbedLoss analysis.statistics.Equivalence
analysis.statistics.PairedComparison analysis.statistics.RunsNeeded
analysis.trainability.BoxCounts check.Finding check.Report check.check_file engines.Divergence
engines.Engine engines.EpochStats engines.Job engines.Metrics engines.ReferenceEngine
engines.Samples engines.State engines.choose_engine engines.expected_seconds
errors.DerivativeError estimators.save_onnx estimators.to_onnx layers.Activation
layers.Initializer layers.Layer layers.Nested layers.RandomLayer layers.flattened losses.Loss
losses.distance_loss models.backpropagate optimizers.Optimizer plotting.NotebookFigure
plotting.plot_changes plotting.plot_distances plotting.plot_parallel plotting.plot_two_losses
runs.ComparedRun runs.Contrast runs.ListedRun runs.RunComparison runs.plot_comparison
settings.Change settings.Fork settings.Prepared settings.Setup settings.TrainMLPOptions
settings.change_settings settings.changeable settings.plan_forks settings.read_data
sweeps.TrainedNetwork training.Predictor training.RunInProgress training.SavedModel
training.TrainSettings
"""
"""What has no example of its own: contracts that others fill, values that the example of a function
shows, and parts of engines and settings."""


def test_every_public_name_is_in_the_reference_once(docs):
    from extension import reference
    from extension.public_names import MODULES

    text = "\n".join(reference.pages().values())
    entries = re.findall(r"^\.\. (?:auto\w+|py:data):: (\S+)$", text, re.MULTILINE)
    assert len(entries) == len(set(entries))
    described = {id(_value(entry)) for entry in entries}
    for module in MODULES:
        for name in getattr(importlib.import_module(module), "__all__", ()):
            value = getattr(importlib.import_module(module), name)
            is_described = inspect.ismodule(value) or id(value) in described
            assert is_described or name.startswith("_"), f"{module}.{name}"


def test_every_module_that_the_root_names_has_a_page(docs):
    from extension.public_names import MODULES

    assert set(MODULES) >= {f"rosenblatt.{name}" for name in rb._MODULES}


def test_every_public_name_says_what_it_is(docs):
    from extension.public_names import public_names

    silent = [p.full for p in public_names() if p.directive != "autodata" and not p.docstring]
    assert silent == []


def test_every_function_and_every_value_that_users_make_has_an_example(docs):
    from extension.public_names import public_names

    described = [public for public in public_names() if public.directive != "autodata"]
    without = {public.full for public in described if ">>>" not in public.docstring}
    assert without == {f"rosenblatt.{name}" for name in WITHOUT_EXAMPLE.split()}


def _value(entry):
    module, _, name = entry.rpartition(".")
    return getattr(importlib.import_module(module), name)
