"""Modular addition that is first remembered, then understood: grokking (Gromov 2023)."""
