"""Engines: implementations of training. A line in ENGINES, in ``choice.py``, adds one."""

from rosenblatt.engines.base import (
    Divergence,
    Engine,
    EpochStats,
    Job,
    Metrics,
    Order,
    Samples,
    Segment,
    State,
)
from rosenblatt.engines.choice import ENGINES, choose_engine, expected_seconds
from rosenblatt.engines.reference import ReferenceEngine

__all__ = [
    "ENGINES",
    "Divergence",
    "Engine",
    "EpochStats",
    "Job",
    "Metrics",
    "Order",
    "ReferenceEngine",
    "Samples",
    "Segment",
    "State",
    "choose_engine",
    "expected_seconds",
]
