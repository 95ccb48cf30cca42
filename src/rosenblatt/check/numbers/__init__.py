"""Numbers that are compared: the reference's gradients, tolerance, the first wrong entry."""
