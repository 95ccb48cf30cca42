"""Optimizers of a student, compared with the usual rules."""
