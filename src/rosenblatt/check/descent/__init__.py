"""Updates of any other run, compared with derivatives by repeating it."""
