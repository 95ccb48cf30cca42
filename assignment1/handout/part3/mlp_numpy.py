"""The multi-layer perceptron: that of part 2."""

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))

from part2.mlp_numpy import MLP

__all__ = ["MLP"]
