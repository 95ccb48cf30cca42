"""Libraries that compute, whose versions are part of every result."""

LIBRARIES = ("numpy", "scipy", "scikit-learn", "llvmlite")
