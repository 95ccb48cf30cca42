"""Functions that make batches: samples in rows or in columns, in passes or drawn one by one."""

import textwrap

import pytest

from check_corpus.corpus import check_text

COLUMNS = """
    import numpy as np
    def random_mini_batches(X, Y, mini_batch_size=64, seed=0):
        np.random.seed(seed)
        m = X.shape[1]
        order = np.random.permutation(m)
        X, Y = X[:, order], Y[:, ORDER]
        teile = []
        for k in range(m // mini_batch_size):
            a, b = k * mini_batch_size, (k + 1) * mini_batch_size
            teile.append((X[:, a:b], Y[:, a:b]))
        REST
        return teile
"""

REST = """if m % mini_batch_size:
            a = m - m % mini_batch_size
            teile.append((X[:, a:], Y[:, a:]))"""

DRAWN = """
    import numpy as np
    def random_batches(x, y, size):
        for _ in range(2):
            rows = np.random.choice(len(x), size)
            yield x[rows], y[rows]
"""

DROPPED = """
    import numpy as np
    def batches(x, y, size, drop_last=True):
        for a in range(0, len(x) - size + 1, size):
            yield x[a:a + size], y[a:a + size]
"""

CALLED = """
    x, y = np.ones((12, 3)) * np.arange(12)[:, None], np.arange(12)
    for a, b in batches(x, y, SIZE):
        print(a.sum(), b.sum())
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (COLUMNS.replace("ORDER", "order").replace("REST", REST), []),
        (COLUMNS.replace("ORDER", "order").replace("REST", ""), ["last-batch-dropped"]),
        (COLUMNS.replace("ORDER", ":").replace("REST", REST), ["labels-misaligned"]),
        (DRAWN, []),
        (DROPPED, []),
        (DROPPED.replace(", drop_last=True", ""), ["last-batch-dropped"]),
        (DROPPED.replace(", drop_last=True", "") + CALLED.replace("SIZE", "4"), []),
        (
            DROPPED.replace(", drop_last=True", "") + CALLED.replace("SIZE", "5"),
            ["last-batch-dropped"],
        ),
    ],
)
def test_a_function_that_makes_batches(text, expected):
    result = check_text(textwrap.dedent(text))
    assert [finding["mistake"] for finding in result["findings"]] == expected
    assert result["checked"]
