"""Known results about small networks, computed again: ``rosenblatt reproduce``.

One folder each: ``experiment.py`` computes rows, ``result.py`` says what was published and where,
and the rest judges, draws and writes. :func:`reproduce` runs them and writes a page about each.
"""

from typing import TYPE_CHECKING

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.reproductions.base import Published, Reproduction
    from rosenblatt.reproductions.build import Reproduced, reproduce
    from rosenblatt.reproductions.catalogue import NAMES, find

_HOME = {
    "NAMES": "catalogue",
    "Published": "base",
    "Reproduced": "build",
    "Reproduction": "base",
    "find": "catalogue",
    "reproduce": "build",
}

__all__ = ["NAMES", "Published", "Reproduced", "Reproduction", "find", "reproduce"]

__getattr__ = loads(__name__, _HOME)
