"""Lines of a notebook in a Python file: ``%matplotlib inline``, ``!pip install numpy``."""

import ast
import re

_CALL = re.compile(r"^([ \t]*)(?=get_ipython\(\))", re.M)
_MAGIC = re.compile(r"([ \t]*)(?=[!%?]|[\w.]+\?{1,2}[ \t]*$)")

MOST_LINES = 100
"""Lines that are read as comments, one after the other."""


def without_magics(text: str) -> str:
    r"""Return a file whose lines for the notebook alone do nothing; each line keeps its number.

    Only lines that Python refuses are changed: a line may begin with the operator ``%``.

    >>> without_magics("!pip install numpy\nif True:\n    %time fit()\nnp.dot?\nx = (7\n% 2)\n")
    'pass  # !pip install numpy\nif True:\n    pass  # %time fit()\npass  # np.dot?\nx = (7\n% 2)\n'
    """
    text = _CALL.sub(r"\1pass  # ", text)
    for _ in range(MOST_LINES):
        try:
            ast.parse(text)
        except SyntaxError as error:
            lines = text.split("\n")
            place = (error.lineno or 0) - 1
            if not 0 <= place < len(lines) or not _MAGIC.match(lines[place]):
                break
            lines[place] = _MAGIC.sub(r"\1pass  # ", lines[place], count=1)
            text = "\n".join(lines)
        else:
            break
    return text
