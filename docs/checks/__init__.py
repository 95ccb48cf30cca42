"""Checks of the built site: every internal link, and accessibility in a browser."""
