import pytest

from assignment1.flags import parse_flags


@pytest.fixture(scope="module")
def with_data(part3):
    part3.run("generate_dataset.py")
    return part3


@pytest.mark.slow
def test_data_and_pictures(part3):
    assert "run python generate_dataset.py" in part3.refuses("train_mlp_numpy.py")
    part3.run("generate_dataset.py")
    assert (part3.path / "datasets" / "train.csv").exists()
    assert not (part3.path.parent / "part2" / "datasets").exists()
    part3.run("show_datasets.py")
    assert part3.is_png("visualization_train.png")
    assert part3.is_png("visualization_test.png")


@pytest.mark.slow
def test_sgd_does_more_than_the_full_batch(with_data):
    full, _ = with_data.run("train_mlp_numpy.py --max_steps 20")
    sgd, _ = with_data.run("train_mlp_numpy.py --sgd --batch_size 100 -max_steps 20")
    one, _ = with_data.run("train_mlp_numpy.py --sgd --max_steps 2 --eval_freq 5")
    for size in (1, 100, 800):
        assert f"fig/loss_batch_size_{size}.png" in {1: one, 100: sgd, 800: full}[size]
        assert with_data.is_png(f"fig/loss_batch_size_{size}.png")
        assert with_data.is_png(f"fig/accuracy_batch_size_{size}.png")
    assert not (with_data.path / "loss.png").exists()

    def train_loss(out):
        return float(out.splitlines()[1].split()[4].rstrip(","))

    assert train_loss(full) > 0.5
    assert train_loss(sgd) < 0.4
    assert train_loss(one) < 0.3
    assert one.splitlines()[1].startswith("epoch 2:")


@pytest.mark.slow
def test_sgd_with_all_samples_is_the_full_batch(with_data):
    full, _ = with_data.run("train_mlp_numpy.py --max_steps 15")
    sgd, _ = with_data.run("train_mlp_numpy.py --max_steps 15 --sgd --batch_size 800")
    assert full == sgd


@pytest.mark.slow
def test_useless_and_impossible_batches_are_refused(with_data):
    script = "train_mlp_numpy.py"
    assert "without --sgd" in with_data.refuses(f"{script} --batch_size 10")
    assert "only 800 training samples" in with_data.refuses(f"{script} --sgd --batch_size 801")


def test_modules_and_mlp_are_those_of_part_2(import_from):
    modules, mlp_numpy = import_from("part3", "modules"), import_from("part3", "mlp_numpy")
    assert modules.__all__ == ["CrossEntropy", "Linear", "ReLU", "SoftMax"]
    assert all(hasattr(modules, name) for name in modules.__all__)
    assert mlp_numpy.MLP(2, [20], 2).model.n_outputs == 2


def test_the_axes_of_all_batch_sizes_compare(with_data, import_from, monkeypatch):
    module = import_from("part3", "train_mlp_numpy")
    limits = {"loss": set(), "accuracy": set()}

    def keep(figure, path):
        limits[path.name.partition("_")[0]].add(figure.axes[0].get_ylim())

    monkeypatch.setitem(module.draw.__globals__, "save_figure", keep)
    for size in ("10", "200", "800"):
        arguments = ["--sgd", "--batch_size", size, "--max_steps", "3"]
        module.main(parse_flags(arguments, "", with_sgd=True), with_data.path)
    ((low, high),) = limits["loss"]
    assert (low, high > 0.59) == (0, True)
    ((low, high),) = limits["accuracy"]
    assert low < 0.6
    assert high > 1
