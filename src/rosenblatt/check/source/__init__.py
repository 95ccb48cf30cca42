"""A student's source: its text, its words, its arguments, what a check has reached."""
