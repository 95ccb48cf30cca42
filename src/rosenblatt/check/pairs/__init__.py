"""Pairs of functions, forward and backward."""
