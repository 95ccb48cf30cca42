import pytest

from benchmarks.machine import describe_machine
from benchmarks.results import Entry, Keeping, Results, Row, Series, Startup, Whole
from benchmarks.works import WORKS


@pytest.fixture
def results():
    """Results with a winner, a loser, one that differs, one that cannot and one that died."""
    entries = [
        Entry("compiled", "rosenblatt, compiled", rounds=[99.0, 100.0, 120.0], times_ours=1.0),
        Entry(
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
        Entry("jax-sums", "JAX, products as sums", rounds=[50.0], times_ours=0.5),
        Entry(
            "pytorch",
            "PyTorch",
            rounds=[200_000.0],
            times_ours=2000.0,
            asked=1000.0,
            difference=0.5,
            same=False,
        ),
        Entry("sklearn", "scikit-learn", failure="cannot: not that"),
        Entry("reference", "rosenblatt, reference", failure="the process was killed by signal 9"),
    ]
    return Results(
        machine=describe_machine(),
        settings={"quick": False, "rounds": 3},
        rows=[Row(WORKS[0], entries)],
        experiment=Whole(100, 1500, 2, {"1": 30.0, "800": 20.5}, 40.0),
        keeping=Keeping(100, 1500, [20.0, 30.0, 10.0], [20.4, 30.3, 11.0], 0.03),
        scaling=[
            Series(panel, f"curve {panel}", panel, [10.0, 100.0], [1e5, 1e6], 1.0)
            for panel in ("rows", "epochs", "members", "memory")
        ],
        startup=Startup(0.0123, ["numba"], 0.15),
        failures={"scaling": "no luck"},
    )
