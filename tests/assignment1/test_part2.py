import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.experiments import replay


@pytest.mark.slow
def test_the_scripts_in_order(part2):
    command = "train_mlp_numpy.py --dnn_hidden_units 20 --learning_rate 0.01"
    command += " --max_steps 1500 --eval_freq 10"
    assert "run python generate_dataset.py" in part2.refuses(command)

    part2.run("generate_dataset.py")
    train, test = replay.moons()
    for name, data in (("train", train), ("test", test)):
        saved = rb.data.load(part2.path / "datasets" / f"{name}.csv")
        assert saved.content_hash == data.content_hash

    part2.run("show_datasets.py")
    assert part2.is_png("visualization_train.png")
    assert part2.is_png("visualization_test.png")

    out, _ = part2.run(command)
    start, end, _ = out.splitlines()
    assert "accuracy 80.75 %" in start
    assert "accuracy 77.00 %" in start
    assert "train loss 0.211649, accuracy 91.25 %" in end
    assert "test loss 0.190894, accuracy 91.50 %" in end
    assert part2.is_png("loss.png")
    assert part2.is_png("accuracy.png")


@pytest.mark.slow
def test_from_another_folder_with_another_seed_and_one_dash(part2, tmp_path):
    """The files appear beside the script; a last epoch off the grid is evaluated."""
    part2.run("generate_dataset.py")
    (part2.path / "loss.png").unlink(missing_ok=True)
    script = part2.path / "train_mlp_numpy.py"
    out, _ = part2.run(f"{script} -seed 4 -max_steps 1 -eval_freq 7", cwd=tmp_path)
    start, end, _ = out.splitlines()
    assert start.startswith("epoch 0:")
    assert "accuracy 53.00 %" in start
    assert end.startswith("epoch 1:")
    assert "accuracy 51.00 %" in end
    assert part2.is_png("loss.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_what_cannot_work_is_one_line(part2):
    part2.run("generate_dataset.py")
    assert 'did you mean "--max_steps"?' in part2.refuses("train_mlp_numpy.py --max_step 5")
    assert "--dnn_hidden_units" in part2.refuses("train_mlp_numpy.py --dnn_hidden_units 20,,x")
    assert "part3" in part2.refuses("train_mlp_numpy.py --sgd")


@pytest.mark.slow
def test_a_figure_that_cannot_be_written_is_one_line(part2):
    part2.run("generate_dataset.py")
    picture = part2.path / "accuracy.png"
    picture.unlink(missing_ok=True)
    picture.mkdir()
    _, err = part2.run("train_mlp_numpy.py --max_steps 1", status=2)
    picture.rmdir()
    assert "accuracy.png: it is a folder" in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_a_diverging_run_is_one_line_after_what_was_measured(part2):
    part2.run("generate_dataset.py")
    command = "train_mlp_numpy.py -learning_rate 1e200 -max_steps 5 -eval_freq 1"
    out, err = part2.run(command, status=2)
    assert "epoch 0" in out
    assert "loss stopped being finite" in err
    assert err.count("\n") == 1


@pytest.mark.slow
def test_a_run_that_is_never_finite_is_one_line(part2):
    datasets = part2.path / "datasets"
    datasets.mkdir(exist_ok=True)
    rows = "".join(f"{sign}1.7e308,{sign}1.7e308,{label}\n" for sign, label in (("", 0), ("-", 1)))
    for name in ("train.csv", "test.csv"):
        (datasets / name).write_text("x1,x2,label\n" + rows * 5)
    out, err = part2.run("train_mlp_numpy.py --max_steps 2", status=2)
    assert out == ""
    assert "loss stopped being finite in epoch 0" in err
    assert err.count("\n") == 1


def test_forward_backward_update_give_the_weights_of_train(import_from):
    data, _ = replay.moons()
    mlp = import_from("part2", "mlp_numpy").MLP(2, [20, 7], 2)
    cross_entropy = import_from("part2", "modules").CrossEntropy()
    run = rb.train(
        mlp.model, data, optimizer=rb.SGD(0.05), epochs=40, init_params=mlp.params, eval_every=40
    )
    targets = np.eye(2)[data.y]
    for _ in range(40):
        probabilities = mlp.forward(data.X)
        mlp.backward(cross_entropy.backward(probabilities, targets))
        mlp.update(0.05)
    assert list(mlp.params) == list(run.params)
    for name, value in mlp.params.items():
        np.testing.assert_allclose(value, run.params[name], rtol=1e-9, atol=1e-12)
    loss = cross_entropy.forward(mlp.forward(data.X), targets)
    assert loss == pytest.approx(run.history[-1]["train_loss"], rel=1e-9)


def test_the_mlp_has_the_weights_it_is_asked_for(import_from):
    mlp = import_from("part2", "mlp_numpy").MLP(3, [5], 4, seed=1)
    draws = np.random.RandomState(1)
    np.testing.assert_array_equal(mlp.params["0.weight"], draws.randn(3, 5))
    np.testing.assert_array_equal(mlp.params["2.weight"], draws.randn(5, 4))
    assert not mlp.params["0.bias"].any()
    assert mlp.forward(np.zeros((2, 3))).tolist() == [[0.25] * 4] * 2
    mlp.load({name: 0 * value for name, value in mlp.params.items()})
    assert not mlp.params["2.weight"].any()


@pytest.mark.parametrize("name", ["Linear", "ReLU", "SoftMax"])
def test_each_module_has_the_gradient_of_its_forward(import_from, name):
    """Against central differences of L = Σ dout ⊙ out."""
    modules = import_from("part2", "modules")
    module = modules.Linear(3, 4) if name == "Linear" else getattr(modules, name)()
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 3))
    dout = rng.normal(size=module.forward(x).shape)
    dx = module.backward(dout)

    def differences(array):
        slopes = np.empty_like(array)
        for at in np.ndindex(array.shape):
            kept = array[at]
            ends = []
            for step in (1e-6, -1e-6):
                array[at] = kept + step
                ends.append((dout * module.forward(x)).sum())
            array[at] = kept
            slopes[at] = (ends[0] - ends[1]) / 2e-6
        return slopes

    np.testing.assert_allclose(dx, differences(x), rtol=1e-6, atol=1e-8)
    assert set(module.grads) == set(module.params)
    assert set(module.params) == ({"weight", "bias"} if name == "Linear" else set())
    for key, value in module.params.items():
        np.testing.assert_allclose(module.grads[key], differences(value), rtol=1e-6, atol=1e-8)


def test_cross_entropy_by_hand(import_from):
    cross_entropy = import_from("part2", "modules").CrossEntropy()
    p, y = np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    assert cross_entropy.forward(p, y) == pytest.approx((np.log(4) + np.log(2)) / 2)
    np.testing.assert_allclose(cross_entropy.backward(p, y), [[-2, 0], [0, -1]])


def test_backward_before_forward_is_refused(import_from):
    with pytest.raises(rb.RosenblattError, match="call forward first"):
        import_from("part2", "modules").ReLU().backward(np.ones((1, 1)))
