"""Which cases of a long test a quick run has."""

import numpy as np


def spread(total, count):
    """Return ``count`` places of ``total``, evenly spread, the first among them.

    >>> sorted(spread(9, 3)), sorted(spread(5, 1)), sorted(spread(2, 4))
    ([0, 4, 8], [0], [0, 1])
    """
    return {round(place) for place in np.linspace(0, total - 1, count)}
