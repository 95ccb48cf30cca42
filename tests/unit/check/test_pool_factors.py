"""The factor of an average pooling, by which the updates of the filters below it differ."""

import textwrap
from pathlib import Path

import pytest

from rosenblatt.check.network.training import EVENLY
from rosenblatt.check.record.recording import record
from rosenblatt.check.run_judgement import judged
from rosenblatt.check.source.text import Source

POOLED = """
    import numpy as np
    rng = np.random.default_rng(1)
    bilder = rng.normal(size=(12, 6, 6))
    t = (bilder[:, :3].sum(axis=(1, 2)) > 0).reshape(-1, 1) * 1.0
    F, f = rng.normal(size=(2, 3, 3)) / 3, np.zeros(2)
    lr, w, b = 0.3, rng.normal(size=(8, 1)) / 3, np.zeros(1)

    class Dense:
        def forward(self, x):
            self.x = x
            return x @ w + b

        def backward(self, dz):
            self.dw, self.db = self.x.T @ dz, dz.sum(axis=0)
            return dz @ w.T

    dense = Dense()
    for epoche in range(8):
        a = np.zeros((12, 2, 4, 4))
        for i in range(3):
            for j in range(3):
                a = a + F[:, i, j][None, :, None, None] * bilder[:, None, i:i + 4, j:j + 4]
        a = a + f[None, :, None, None]
        r = np.maximum(a, 0)
        m = r.reshape(12, 2, 2, 2, 2, 2).mean(axis=(3, 5))
        z = dense.forward(m.reshape(12, -1))
        loss = np.sum(np.logaddexp(0, z) - t * z)
        p = 1 / (1 + np.exp(-z))
        dz = (p - t) / 12
        dm = dense.backward(dz).reshape(m.shape)
        da = dm.repeat(2, axis=2).repeat(2, axis=3) SHARE * (a > 0)
        dF = np.zeros_like(F)
        for i in range(3):
            for j in range(3):
                dF[:, i, j] = (da * bilder[:, None, i:i + 4, j:j + 4]).sum(axis=(0, 2, 3))
        w -= lr * dense.dw
        b -= lr * dense.db
        F -= lr * dF
        f -= lr * da.sum(axis=(0, 2, 3))
"""


@pytest.mark.slow
@pytest.mark.parametrize(("share", "expected"), [("/ 4", []), ("", ["constant-factor"])])
def test_the_gradient_of_a_mean_over_a_window_is_divided_by_its_size(share, expected):
    text = textwrap.dedent(POOLED).replace("SHARE", share)
    source, path = Source(text), Path("student.py")
    recorder, _, _ = record(source, path, "__main__")
    found = judged(recorder, source, text, path, "__main__", set(), [])
    assert found is not None
    assert [f["mistake"] for f in found if not f["text"].endswith(EVENLY)] == expected
