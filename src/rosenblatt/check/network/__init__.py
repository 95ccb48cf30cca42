"""A network in a recorded run that is recognized by its values, compared with a reference."""
