"""Two spirals told apart by a network with short-cuts (Lang and Witbrock 1988)."""
