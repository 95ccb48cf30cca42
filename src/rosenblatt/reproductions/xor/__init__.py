"""What backpropagation learned in 1986: exclusive or, parity, symmetry, and a code."""
