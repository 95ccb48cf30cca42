"""The largest eigenvalue of the Hessian under full-batch gradient descent: it rises to 2/η."""
