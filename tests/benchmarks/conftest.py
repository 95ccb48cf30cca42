import pytest

from benchmarks.machine import describe_machine
from benchmarks.results import (
    ContenderResult,
    ExperimentTimes,
    GrowthCurve,
    ImportCost,
    Results,
    RowResult,
    StorageCost,
)
from benchmarks.works import WORKS


@pytest.fixture
def results():
    """Results with a winner, a loser, one that differs, one that cannot and one that died."""
    entries = [
        ContenderResult(
            "compiled", "rosenblatt, compiled", rounds=[99.0, 100.0, 120.0], times_ours=1.0
        ),
        ContenderResult(
            "jax",
            "JAX",
            rounds=[250.0, 240.0, 300.0],
            times_ours=2.5,
            asked=6.0,
            compile_seconds=1.25,
            peak_bytes=200 << 20,
            difference=3e-16,
            same=True,
            way="unroll=8",
        ),
        ContenderResult("jax-sums", "JAX, products as sums", rounds=[50.0], times_ours=0.5),
        ContenderResult(
            "pytorch",
            "PyTorch",
            rounds=[200_000.0],
            times_ours=2000.0,
            asked=1000.0,
            difference=0.5,
            same=False,
        ),
        ContenderResult("sklearn", "scikit-learn", failure="cannot: not that"),
        ContenderResult(
            "reference", "rosenblatt, reference", failure="the process was killed by signal 9"
        ),
    ]
    return Results(
        machine=describe_machine(),
        settings={"quick": False, "rounds": 3},
        rows=[RowResult(WORKS[0], entries)],
        experiment=ExperimentTimes(100, 1500, 2, {"1": 30.0, "800": 20.5}, 40.0),
        keeping=StorageCost(100, 1500, [20.0, 30.0, 10.0], [20.4, 30.3, 11.0], 0.03),
        scaling=[
            GrowthCurve(panel, f"curve {panel}", panel, [10.0, 100.0], [1e5, 1e6], 1.0)
            for panel in ("rows", "epochs", "members", "memory")
        ],
        startup=ImportCost(0.0123, ["llvmlite"], 0.15),
        failures={"scaling": "no luck"},
    )
