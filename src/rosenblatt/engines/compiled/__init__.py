"""The compiled engine. Importing its modules loads Numba."""
