"""The parity of three of twenty bits: what a network learns while its accuracy is at chance."""
