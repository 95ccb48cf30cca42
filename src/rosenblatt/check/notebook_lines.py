"""Lines of a notebook in a Python file: ``%matplotlib inline``, ``!pip install numpy``."""

import re

_MAGIC = re.compile(r"^([ \t]*)(?=[!%]|get_ipython\(\))", re.M)
_HELP = re.compile(r"^([ \t]*)(?=\??\??[\w.]+\?{1,2}[ \t]*$)", re.M)


def without_magics(text: str) -> str:
    r"""Return a file whose lines for the notebook alone do nothing; each line keeps its number.

    >>> without_magics("!pip install numpy\nif True:\n    %time fit()\nnp.dot?\nx = 7 % 2\n")
    'pass  # !pip install numpy\nif True:\n    pass  # %time fit()\npass  # np.dot?\nx = 7 % 2\n'
    """
    return _HELP.sub(r"\1pass  # ", _MAGIC.sub(r"\1pass  # ", text))
