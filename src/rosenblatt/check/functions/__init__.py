"""Classes and functions of a file: found by their words, called, and their gradients compared."""
