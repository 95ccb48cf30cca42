"""The directive ``studio``: the command that opens the studio with an example's settings.

.. studio:: data=moons&hidden=8&learning_rate=0.5

The argument is a link of the studio, as :mod:`rosenblatt.settings` has them.
"""

from docutils import nodes
from docutils.parsers.rst import Directive

from rosenblatt.settings import from_link, parse_setup


class StudioDirective(Directive):
    """A box with the command, which has a button to copy it."""

    required_arguments = 1
    final_argument_whitespace = False

    def run(self) -> list[nodes.Node]:
        """Return the box."""
        link = self.arguments[0]
        parse_setup(from_link(link))
        box = nodes.admonition(classes=["studio"])
        box += nodes.title(text="Open in the studio")
        box += nodes.literal_block(text=command(link), language="shell", force=True)
        return [box]


def command(link: str) -> str:
    """Return the command that opens the studio with a link.

    >>> command("data=moons&hidden=8")
    "rosenblatt studio 'data=moons&hidden=8'"
    """
    return f"rosenblatt studio '{link}'"
