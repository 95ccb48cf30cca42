"""Correct programs of the lab, in which bugs are planted."""
