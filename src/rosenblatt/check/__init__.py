"""Check of hand-written backpropagation: where a student's code is wrong, and why.

The package can be called: ``rb.check("modules.py")`` checks a file in a process of its own, and
``rb.check(Linear)`` a class, an object or a function of this process.
"""

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from rosenblatt.lazy import loads

if TYPE_CHECKING:
    from rosenblatt.check.checking import check_file, check_object
    from rosenblatt.check.report.report import Finding, Report

__all__ = ["Finding", "Report", "check_file", "check_object"]

__getattr__ = loads(
    __name__,
    {
        "Finding": "report.report",
        "Report": "report.report",
        "check_file": "checking",
        "check_object": "checking",
    },
)


class _Check(ModuleType):
    """This package, which is called like the function that it is known for."""

    def __call__(self, checked: Any) -> Any:
        """Return the :class:`Report` of a file (a path), a class, an object or a function."""
        from rosenblatt.check.checking import check_object

        return check_object(checked)


sys.modules[__name__].__class__ = _Check
