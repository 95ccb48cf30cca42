"""Runs on disk: folders, settings, checkpoints and saved models."""
