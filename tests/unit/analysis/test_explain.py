"""Explanations: the numbers are those of the run, the gradients those of differences."""

import json
import re
from dataclasses import dataclass

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.analysis.explain_formulas import Equation
from rosenblatt.errors import ConfigurationError, DataError, ShapeError
from rosenblatt.layers import Activation, Dropout, Linear, ReLU, Softmax, Tanh

DATA = rb.data.moons(60, noise=0.2, seed=0)


def train(model=None, data=DATA, **settings):
    model = rb.MLP(2, [4], 2, activation="tanh") if model is None else model
    return rb.train(
        model, data, **{"epochs": 3, "batch_size": 10, "engine": "reference"} | settings
    )


# Equations


@pytest.mark.parametrize(
    ("source", "text", "latex"),
    [
        ("y = a - (b - c)", "y = a − (b − c)", r"y = a - \left(b - c\right)"),
        ("y = (a + b) * c", "y = (a + b) c", r"y = \left(a + b\right) c"),
        ("y = a / (b * c)", "y = a / (b c)", r"y = \frac{a}{b c}"),
        ("y = a ** 2 / 2", "y = a² / 2", r"y = \frac{{a}^{2}}{2}"),
        ("y = (a + 1) ** -b", "y = (a + 1)^(−b)", r"y = {\left(a + 1\right)}^{-b}"),
        ("y = 2 * 3", "y = 2 · 3", r"y = 2 \cdot 3"),
        ("y = abs(a) + sqrt(b)", "y = |a| + √b", r"y = \left|a\right| + \sqrt{b}"),
        ("y = my_name", "y = my_name", r"y = \mathrm{my\_name}"),
    ],
)
def test_general_forms(source, text, latex):
    equation = Equation.parse(source)
    assert equation.text() == text
    assert equation.latex() == latex


@pytest.mark.parametrize(
    "source",
    [
        "y",
        "y == 1",
        "y = __import__('os')",
        "y = x.real",
        "y = x[0]",
        "y = [1]",
        "y = a if b",
        "y = f(a)",
        "y = 'text'",
        "y = a and b",
        "x = y = 1",
        "y = a @ b",
    ],
)
def test_what_formulas_cannot_have_is_refused(source):
    with pytest.raises(ConfigurationError, match=r"formula|indices"):
        Equation.parse(source)


def test_numbers_take_the_place_of_symbols():
    equation = Equation.parse("y[j] = sum(i, x[i] * w[i, j]) - b")
    values = {"x": [1.0, -2.0], "w": [[0.5], [3.0]], "b": -1.5}
    worked = equation.worked(values, (0,))
    assert worked.text == "y_0 = 1 · 0.5 + (−2) · 3 − (−1.5) = −4"
    assert worked.latex == (
        r"y_{0} = 1 \cdot 0.5 + \left(-2\right) \cdot 3 - \left(-1.5\right) = -4"
    )
    assert worked.value == 1 * 0.5 - 2 * 3 + 1.5


def test_long_sums_are_cut_in_text_and_whole_in_value():
    worked = Equation.parse("y = sum(i, x[i])").worked({"x": np.arange(100.0)})
    assert worked.text == "y = 0 + 1 + 2 + … + 99 = 4950"
    assert worked.value == 99 * 100 / 2


def test_a_sum_with_numbers_has_brackets_within_a_product():
    values = {"x": [1.0, 2.0], "a": 3.0}
    assert Equation.parse("y = a * sum(i, x[i])").worked(values).text == "y = 3 · (1 + 2) = 9"
    assert Equation.parse("y = a / sum(i, 2 * x[i])").worked(values).text == (
        "y = 3 / (2 · 1 + 2 · 2) = 0.5"
    )
    assert Equation.parse("y = a - sum(i, -x[i])").worked(values).text == ("y = 3 − (−1 − 2) = 6")


def test_large_numbers_overflow_as_in_arrays():
    assert Equation.parse("y = exp(x)").value({"x": 1000.0}) == np.inf
    assert Equation.parse("y = 1 / x").value({"x": 0.0}) == np.inf
    assert np.isnan(Equation.parse("y = x / x").value({"x": 0.0}))
    assert np.isnan(Equation.parse("y = x ** 0.5").value({"x": -1.0}))


# Explanations


@pytest.mark.parametrize(
    "optimizer",
    [rb.SGD(0.1), rb.SGD(0.1, momentum=0.9, weight_decay=0.1), rb.Adam(0.01), rb.AdamW(0.01)],
    ids=repr,
)
@pytest.mark.parametrize("shuffle", [True, False])
def test_the_next_update_is_the_runs_own(optimizer, shuffle):
    run = train(optimizer=optimizer, shuffle=shuffle)
    for update in (0, 4, 6, 17):
        explanation = run.at(update=update).explain(differences=0)
        after = run.at(update=update + 1)
        for parameter in explanation.updates:
            np.testing.assert_array_equal(parameter.after, after[parameter.name])
            np.testing.assert_array_equal(parameter.before, run.at(update=update)[parameter.name])
            for slot, values in parameter.slots_after.items():
                np.testing.assert_array_equal(values, after.state.slots[slot][parameter.name])


def test_the_number_of_an_update_is_counted_from_one():
    explanation = train(optimizer=rb.Adam(0.01)).at(update=4).explain(0, differences=0)
    m, _, m_hat, _, theta = explanation.updates[0].example
    assert m_hat.value == pytest.approx(m.value / (1 - 0.9**5), rel=1e-14)
    assert theta.value == explanation.updates[0].after[theta.index]


def test_the_update_after_the_last_is_that_of_a_longer_run():
    short, longer = train(epochs=2), train(epochs=3)
    for parameter in short.explain().updates:
        np.testing.assert_array_equal(parameter.after, longer.at(update=13)[parameter.name])


def test_a_ragged_last_batch_has_fewer_samples():
    run = train(batch_size=25)
    assert [len(run.at(update=u).explain(differences=0).x) for u in range(3)] == [25, 25, 10]


def test_dropout_has_the_mask_of_the_update():
    model = rb.Sequential([Linear(2, 8), ReLU(), Dropout(0.5), Linear(8, 2)])
    run = train(model)
    explanation = run.at(update=5).explain()
    for parameter in explanation.updates:
        np.testing.assert_array_equal(parameter.after, run.at(update=6)[parameter.name])
    assert [quantity.name for quantity in explanation.layers[2].forward] == ["m", "y"]
    mask, y = explanation.layers[2].forward
    assert set(np.unique(mask.values)) == {0.0, 2.0}
    np.testing.assert_array_equal(y.values, mask.values * explanation.layers[1].forward[-1].values)
    assert explanation.agrees


def test_many_seeds_have_each_their_own_batches():
    runs = rb.train_many(rb.MLP(2, [4], 2), DATA, seeds=[3, 5], epochs=2, batch_size=10)
    for run in runs:
        for parameter in run.at(update=3).explain().updates:
            np.testing.assert_allclose(
                parameter.after, run.at(update=4)[parameter.name], rtol=1e-12
            )


def test_gradients_are_those_of_differences_and_wrong_ones_are_not():
    rng = np.random.default_rng(0)
    for _ in range(5):
        run = train(rb.MLP(2, [5, 3], 2, activation="tanh"), seed=int(rng.integers(1000)))
        explanation = run.explain(range(7))
        assert explanation.agrees
        for gradient in explanation.gradients.values():
            differences = gradient.differences
            assert np.isfinite(differences.numeric).all()
            assert not differences.kinks.any()
            assert differences.bound.max() < 1e-8
            # An error of a thousandth is outside the bound.
            wrong = gradient.values + 1e-3 * np.abs(gradient.values).max()
            assert not differences.agree(wrong)


def test_a_kink_is_named_and_not_compared():
    model = rb.Sequential([Linear(2, 2), ReLU(), Linear(2, 2)])
    params = {
        "0.weight": [[1.0, 1.0], [1.0, 1.0]],
        "0.bias": [-1.0, 5.0],
        "2.weight": [[1.0, -1.0], [0.5, 2.0]],
        "2.bias": [0.0, 0.0],
    }
    data = rb.data.Dataset([[1.0, 0.0], [0.0, 1.0]], [0, 1])
    run = rb.train(model, data, epochs=1, init_params=params)
    bias = run.at(update=0).explain(0).gradients["0.bias"]
    assert bias.differences.kinks.tolist() == [True, False]
    assert bias.differences.agree(bias.values)


def test_float32_agrees_within_its_own_bound():
    explanation = train(dtype="float32").explain(range(20))
    assert explanation.layers[0].forward[0].values.dtype == np.float32
    assert explanation.agrees


def test_sample_weights_are_shares():
    weights = np.arange(60) % 3 + 0.5
    data = rb.data.Dataset(DATA.X, DATA.y, sample_weight=weights)
    run = train(data=data)
    explanation = run.explain([1, 2, 5])
    shares = weights[[1, 2, 5]] / weights[[1, 2, 5]].sum()
    losses = {quantity.name: quantity for quantity in explanation.loss.forward}
    assert explanation.loss.value == pytest.approx(shares @ losses["l"].values, rel=1e-14)
    assert explanation.agrees


def test_the_loss_is_that_of_a_closed_form():
    model = rb.MLP(1, [], 1)
    data = rb.data.Dataset([[2.0], [3.0]], [1.0, 5.0])
    run = rb.train(
        model,
        data,
        loss="half_squared_error",
        optimizer=rb.SGD(0.1),
        epochs=1,
        init_params={"0.weight": [[1.5]], "0.bias": [0.25]},
    )
    explanation = run.at(update=0).explain(0)
    # z = 3.25, l = ½ 2.25², dW = 2 · 2.25, W ← 1.5 − 0.45, b ← 0.25 − 0.225
    assert explanation.loss.value == 0.5 * 2.25**2
    assert explanation.gradients["0.weight"].values == [[4.5]]
    assert explanation.updates[0].example[0].text == "θ ← 1.5 − 0.1 · 4.5 = 1.05"
    after = 0.5 * (2 * 1.05 + 0.025 - 1) ** 2
    assert explanation.loss.after == pytest.approx(after, rel=1e-14)


def test_every_worked_entry_ends_in_its_number():
    explanation = train().explain(3)
    for layer in explanation.layers:
        for quantity in (*layer.forward, *layer.backward):
            for index in np.ndindex(quantity.values.shape):
                worked = quantity.worked(index)
                number = f"{quantity.values[index]:.4g}".replace("-", "−")
                assert worked.text.endswith(f"= {number}")
                assert worked.value == quantity.values[index]


def test_samples_of_their_own():
    run = train(rb.MLP(2, [4], 3), rb.data.Dataset(DATA.X, ["a", "b", "c"] * 20))
    with_label = run.explain([0.3, -0.2], "b")
    assert with_label.y.tolist() == [[0.0, 1.0, 0.0]]
    assert with_label.samples is None
    without = run.explain([[0.3, -0.2]])
    assert without.loss is None
    assert without.updates == ()
    assert without.y is None
    np.testing.assert_array_equal(without.layers[-1].forward[-1].values, run.outputs([[0.3, -0.2]]))
    with pytest.raises(DataError):
        run.explain([0.3, -0.2], "d")
    with pytest.raises(ShapeError):
        run.explain([0.3, -0.2, 1.0], "a")


@pytest.mark.parametrize("samples", [60, -1, []])
def test_rows_that_are_not_there(samples):
    with pytest.raises(ConfigurationError):
        train().explain(np.array(samples, dtype=int))


@dataclass(frozen=True)
class Cube(Activation):
    """A layer without formulas."""

    def forward(self, params, x):
        return x**3, x

    def backward(self, params, cache, dy):
        return 3 * cache**2 * dy, {}


def test_a_layer_without_formulas_is_explained_by_its_numbers():
    model = rb.Sequential([Linear(2, 3), Cube(), Linear(3, 2), Softmax()])
    explanation = train(model, loss="categorical_crossentropy").explain(0)
    (y,) = explanation.layers[1].forward
    assert y.formula is None
    assert y.example is None
    assert y.worked((0, 0)) is None
    np.testing.assert_array_equal(y.values, explanation.layers[0].forward[0].values ** 3)
    assert explanation.agrees
    json.dumps(explanation.to_json(examples="all"), allow_nan=False)
    assert "Cube" in str(explanation)
    assert "Cube" in explanation._repr_html_()


@dataclass(frozen=True)
class Swish(Activation):
    """A layer of a user's own, with formulas that have a name of their own in each pass."""

    slope: float = 2.0

    @property
    def formulas(self):
        return (
            "s[n, j] = 1 / (1 + exp(-slope * x[n, j]))",
            "y[n, j] = x[n, j] * s[n, j]",
            "ds[n, j] = dy[n, j] * x[n, j]",
            "dx[n, j] = dy[n, j] * s[n, j] + ds[n, j] * slope * s[n, j] * (1 - s[n, j])",
        )

    def forward(self, params, x):
        s = 1 / (1 + np.exp(-self.slope * x))
        return x * s, (x, s)

    def backward(self, params, cache, dy):
        x, s = cache
        return dy * s + dy * x * self.slope * s * (1 - s), {}


def test_a_layer_of_ones_own_with_formulas():
    run = train(rb.Sequential([Linear(2, 3), Swish(), Linear(3, 2)]))
    layer = run.explain(0).layers[1]
    assert [quantity.name for quantity in layer.forward] == ["s", "y"]
    assert [quantity.name for quantity in layer.backward] == ["ds", "dx"]
    x = run.explain(0).layers[0].forward[0].values
    np.testing.assert_allclose(layer.forward[0].values, 1 / (1 + np.exp(-2 * x)), rtol=1e-12)
    assert [len(one.backward) for one in run.explain([0.1, 0.2]).layers] == [0, 0, 0]


def test_json_has_every_number_and_no_nan():
    run = train()
    explanation = run.explain(range(30), differences=3)
    whole = json.loads(json.dumps(explanation.to_json(rows=4), allow_nan=False))
    assert whole["n_samples"] == 30
    assert len(whole["x"]) == 4
    layer = whole["layers"][0]
    assert np.shape(layer["forward"][0]["values"]) == (4, 4)
    assert layer["forward"][0]["shape"] == [30, 4]
    differences = layer["backward"][1]["differences"]
    assert differences[0][0] is not None
    assert differences[0][1] is None
    assert whole["loss"]["forward"][-1]["name"] == "L"
    every = explanation.to_json(rows=4, examples="all")["layers"][0]["forward"][0]["examples"]
    assert len(every) == 16
    assert every[5]["index"] == [1, 1]


def test_a_notebook_shows_subscripts_and_escapes_names():
    html = train().explain(0)._repr_html_()
    assert "y<sub>j</sub> = Σ<sub>i</sub> x<sub>i</sub> W<sub>ij</sub> + b<sub>j</sub>" in html
    assert re.search(r"dW<sub>\d,\d</sub> = ", html)
    assert "(1 − y<sub>j</sub>²)" in html
    assert "Linear(n_inputs=2" in html
    assert html.count("<table>") == html.count("</table>") == 1
    positive = train(rb.Sequential([Linear(2, 3), ReLU(), Linear(3, 2)])).explain(0)
    assert "x<sub>j</sub> &gt; 0" in positive._repr_html_()


def test_steps_name_each_layer_twice():
    steps = train(rb.Sequential([Linear(2, 3), Tanh(), Linear(3, 2)])).explain(5).steps
    assert sum("Tanh" in step for step in steps) == 2
    assert steps[0] == "Take sample 5 of 2 features."
    assert "falls" in steps[-1]


def test_a_perceptron_updates_its_last_weights():
    data = rb.data.gaussians(30, means=[(1, 1), (-1, -1)], seed=0)
    run = rb.train(rb.Perceptron(2), data, epochs=2)
    explanation = run.at(1).explain()
    for parameter in explanation.updates:
        np.testing.assert_allclose(
            parameter.after, run.at(update=run.at(1).update + 1).weights["last"][parameter.name]
        )
