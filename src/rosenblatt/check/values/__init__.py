"""Mistakes that the recorded values alone show."""
