"""Sparse networks that learn better than dense ones from their own initial weights: tickets."""
