"""How many points a line can be taught: Cover's theorem, and Novikoff's bound on mistakes."""
