"""Layers and losses of a student, called with random numbers."""
