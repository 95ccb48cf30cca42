"""A file's own engine of automatic differentiation, and the training by it."""
