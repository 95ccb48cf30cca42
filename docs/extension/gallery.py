"""The order of the gallery's sections."""

SECTIONS = ("first_networks", "optimization", "generalization", "experiments", "own_parts")
"""Folders of the gallery, in the order in which the page shows them."""


def section_order(folder: str) -> int:
    """Return the place of a section, for ``sphinx_gallery_conf``."""
    return SECTIONS.index(folder.rstrip("/").rpartition("/")[2])
