"""The studio: a page on which a network is built, trained, rewound and branched.

The package can be called: ``rb.studio(run)`` shows the page in a cell of a notebook.
"""

import sys
from types import ModuleType
from typing import Any


class _Studio(ModuleType):
    """This package, which is called like the function that it is known for."""

    def __call__(self, *args: Any, **settings: Any) -> Any:
        """Return the studio as a widget; see :func:`rosenblatt.studio.widget.show`."""
        from rosenblatt.studio.widget import show

        return show(*args, **settings)


sys.modules[__name__].__class__ = _Studio
