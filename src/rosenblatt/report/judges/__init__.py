"""Judges: what the results say of each claim, computed."""
