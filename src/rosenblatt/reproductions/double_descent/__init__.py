"""Test error that rises and falls again with the width of a network: double descent."""
