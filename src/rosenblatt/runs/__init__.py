"""What is said of finished runs."""

from rosenblatt.runs.contrast import Contrast, contrast

__all__ = ["Contrast", "contrast"]
