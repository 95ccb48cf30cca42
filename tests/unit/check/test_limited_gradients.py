"""Runs that limit the norm of the gradient, so that every update has a factor of its own."""

import textwrap

import pytest

from check_corpus.corpus import check_text

NETWORK = textwrap.dedent(
    """
    import numpy as np

    rng = np.random.default_rng(4)
    X = rng.normal(size=(60, 3))
    T = np.sin(X[:, :1]) + X[:, 1:2] * X[:, 2:]
    par = {
        "V": rng.normal(size=(3, 5)),
        "c": np.zeros(5),
        "W": rng.normal(size=(5, 1)),
        "b": np.zeros(1),
    }

    def passes(par, x, t):
        h = np.tanh(x @ par["V"] + par["c"])
        y = h @ par["W"] + par["b"]
        dy = (y - t) / len(x)
        dz = (dy @ par["W"].T) * (1 - h**2)
        g = {"W": h.T @ dy, "b": dy.sum(axis=0), "V": x.T @ dz, "c": dz.sum(axis=0)}
        return 0.5 * np.mean((y - t) ** 2), g

    def limited(g, max_norm=0.3):
        norm = np.sqrt(sum(np.sum(v**2) for v in g.values()))
        return {k: v * min(1.0, max_norm / norm) for k, v in g.items()}

    for epoch in range(8):
        for i in range(0, 60, 20):
            loss, g = passes(par, X[i : i + 20], T[i : i + 20])
            g = limited(g)
            for k in par:
                par[k] -= 0.1 * g[k]
    print(loss)
    """
)


def test_a_limit_is_no_mistake():
    result = check_text(NETWORK)
    assert result["findings"] == []
    assert "training" in result["checked"]


@pytest.mark.parametrize(
    ("old", "new", "mistake"),
    [
        ("h.T @ dy", "-h.T @ dy", "sign"),
        ("x.T @ dz", "x.T @ dz * 20", "batch-factor"),
        ("for k in par:", 'for k in ("W", "b", "c"):', "gradient-missing"),
        ("for k in par:", 'for k in ("W", "V", "c"):', "bias-gradient-missing"),
    ],
)
def test_what_the_limit_does_not_change_is_named(old, new, mistake):
    assert old in NETWORK
    findings = check_text(NETWORK.replace(old, new))["findings"]
    assert [finding["mistake"] for finding in findings] == [mistake]


def test_a_limit_without_its_usual_words_is_none_either():
    text = NETWORK.replace("def limited(g, max_norm=0.3):", "def limited(g, grenze=0.3):")
    text = text.replace("min(1.0, max_norm / norm)", "min(1.0, grenze / norm)")
    assert "max_norm" not in text
    result = check_text(text)
    assert result["findings"] == []
    assert "training" in result["checked"]


ONE_OUTPUT = textwrap.dedent(
    """
    import numpy as np

    rng = np.random.default_rng(3)
    W, U = rng.normal(size=(5, 3)) * 0.4, rng.normal(size=(1, 5)) * 0.4
    for step in range(400):
        x = rng.uniform(-1, 1, size=(3, 1))
        target = float(x[0, 0] * x[1, 0] + 0.3)
        h = np.tanh(W @ x)
        y = U @ h
        dy = y - target
        gU, gW = dy @ h.T, ((U.T @ dy) * (1 - h**2)) @ x.T
        for p, g in ((W, gW), (U, gU)):
            np.clip(g, -50, 50, out=g)
            p -= 0.05 * g
    """
)


@pytest.mark.slow
def test_with_one_output_every_loss_has_a_multiple_of_its_gradient():
    assert check_text(ONE_OUTPUT)["findings"] == []
    away = check_text(ONE_OUTPUT.replace("dy = y - target", "dy = target - y"))
    assert [finding["mistake"] for finding in away["findings"]] == ["sign"]


@pytest.mark.slow
def test_with_one_output_no_schedule_explains_steps_away_from_the_targets():
    text = textwrap.dedent(
        """
        import numpy as np
        rng = np.random.default_rng(SEED)
        X = rng.normal(size=(80, 5))
        kinds = (X[:, 0] + 0.5 * X[:, 1] > 0) * 1
        W, u = rng.normal(0, 0.4, (3, 5)), rng.normal(0, 0.4, 3)
        for epoch in range(5):
            for n in rng.permutation(80):
                x, t = X[n], kinds[n]
                h = np.maximum(W @ x, 0)
                z = h @ u
                d = t - 1 / (1 + np.exp(-z))
                dW, du = np.outer(d * u * (h > 0), x), d * h
                W -= 0.1 * dW
                u -= 0.1 * du
        """
    )
    for seed in range(4):
        found = check_text(text.replace("SEED", str(seed)))["findings"]
        assert [finding["mistake"] for finding in found] == ["sign"]
