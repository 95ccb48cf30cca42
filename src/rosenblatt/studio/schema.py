"""The event ``schema``: every setting with its type, default, help and when it applies."""

from typing import Any

from rosenblatt import __version__
from rosenblatt.data import GENERATORS
from rosenblatt.data.bundled_sets import BUNDLED
from rosenblatt.settings import describe_settings
from rosenblatt.studio.uploads import Uploads


def schema(uploads: Uploads) -> dict[str, Any]:
    """Return the event for a page that connects."""
    return {
        "settings": describe_settings(),
        "generators": {name: {} for name in GENERATORS},
        "bundled": list(BUNDLED),
        "uploads": uploads.about,
        "version": __version__,
    }
