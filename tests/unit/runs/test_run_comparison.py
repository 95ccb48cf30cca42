import json
from dataclasses import replace

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.errors import ConfigurationError, FileError
from rosenblatt.runs import compare, list_runs, plot_comparison
from rosenblatt.runs.listed_run import read_settings, read_status
from rosenblatt.runs.recovery import recover_status
from rosenblatt.runs.stored_histories import read_histories
from rosenblatt.tensors import read_tensors
from rosenblatt.training.storage.folder import RunFolder

TRAIN, TEST = rb.data.moons(60, noise=0.2, seed=3).split(20, seed=0)
MODEL = rb.MLP(2, [3], 2)
SETTINGS = {
    "test": TEST,
    "epochs": 7,
    "batch_size": 10,
    "eval_every": 3,
    "engine": "reference",
    "optimizer": rb.SGD(0.5),
}


def trained(path, **settings):
    return rb.train(MODEL, TRAIN, **SETTINGS | settings, run_dir=path)


def population(path, seeds=range(4), **settings):
    return rb.train_many(MODEL, TRAIN, seeds=seeds, **SETTINGS | settings, run_dir=path)


def test_a_population_has_means_and_standard_deviations(tmp_path):
    runs = population(tmp_path / "many")
    one = trained(tmp_path / "one", batch_size=40)
    first, second = compare([tmp_path / "many", tmp_path / "one"]).table.to_pylist()
    for name in ("train_loss", "train_accuracy", "test_loss", "test_accuracy"):
        final = runs.final(name)
        assert first[name] == pytest.approx(final.sum() / 4, rel=1e-14)
        deviation = np.sqrt(((final - final.sum() / 4) ** 2).sum() / 3)
        assert first[f"{name}_sd"] == pytest.approx(deviation, rel=1e-12)
        assert second[name] == one.history[-1][name]
        assert second[f"{name}_sd"] is None
    assert (first["run"], first["seeds"], first["epoch"], first["updates"]) == ("many", 4, 7, 28)
    assert (second["run"], second["seeds"], second["updates"]) == ("one", 1, 7)


def test_the_row_is_that_of_the_weights_that_early_stopping_kept(tmp_path):
    stopping = rb.EarlyStopping("test_loss", patience=2)
    run = trained(
        tmp_path / "a",
        optimizer=rb.SGD(3.0),
        epochs=90,
        eval_every=1,
        callbacks=[stopping],
    )
    assert run.metrics["epoch"] < run.history[-1]["epoch"]
    (row,) = compare([tmp_path / "a"]).table.to_pylist()
    assert {name: row[name] for name in ("epoch", "test_loss")} == {
        name: run.metrics[name] for name in ("epoch", "test_loss")
    }


def test_runs_that_differ_in_their_seeds_only_are_pooled(tmp_path):
    whole = population(tmp_path / "many", seeds=range(3))
    paths = [tmp_path / name for name in ("a0", "a1", "other", "a2")]
    for path, seed in zip(paths, (0, 1, 2, 2), strict=True):
        rate = 0.1 if path.name == "other" else 0.5
        trained(path, seed=seed, optimizer=rb.SGD(rate))
    pooled = compare(paths, pool=True)
    assert [(run.name, run.seeds) for run in pooled.runs] == [
        ("a0 … a2", (0, 1, 2)),
        ("other", (2,)),
    ]
    assert pooled.runs[0].final("test_loss").tolist() == whole.final("test_loss").tolist()
    assert [run.name for run in compare(paths).runs] == ["a0", "a1", "other", "a2"]


def test_what_makes_runs_hard_to_compare_is_said(tmp_path):
    trained(tmp_path / "a")
    trained(tmp_path / "b", test=None)
    other = rb.data.moons(50, noise=0.2, seed=4)
    rb.train(MODEL, other, epochs=2, engine="reference", run_dir=tmp_path / "c")
    assert compare([tmp_path / "a", tmp_path / "b"]).notes == (
        "the runs do not have the same test set",
    )
    notes = compare([tmp_path / "a", tmp_path / "c"]).notes
    assert notes[0] == "the runs do not have the same train set"


def test_nothing_and_the_same_twice_are_refused(tmp_path):
    trained(tmp_path / "a")
    with pytest.raises(ConfigurationError, match="nothing to compare"):
        compare([])
    with pytest.raises(ConfigurationError, match="named more than once"):
        compare([tmp_path / "a", tmp_path / "b" / ".." / "a"])
    with pytest.raises(FileError, match=r"config\.toml does not exist"):
        compare([tmp_path / "b"])


def test_curves_of_members_that_end_early_keep_their_last_value(tmp_path):
    population(
        tmp_path / "a",
        epochs=60,
        eval_every=1,
        optimizer=rb.SGD(2.0),
        callbacks=[rb.EarlyStopping("test_loss", patience=2)],
    )
    comparison = compare([tmp_path / "a"])
    (run,) = comparison.runs
    lengths = [len(rows["epoch"]) for rows in run.histories]
    assert len(set(lengths)) > 1
    epochs, curves = run.curves("test_loss")
    assert epochs.tolist() == list(range(max(lengths)))
    for rows, curve in zip(run.histories, curves, strict=True):
        n = len(rows["epoch"])
        assert curve[:n].tolist() == rows["test_loss"].tolist()
        assert set(curve[n:]) <= {curve[n - 1]}
    assert comparison.notes == ("not all seeds of a were trained equally long",)


@pytest.mark.parametrize("many", [False, True])
def test_what_a_machine_has_lost_is_made_again_from_the_newest_checkpoint(tmp_path, many):
    path = tmp_path / "runs" / "a"
    # The last epoch is on the beat: the newest checkpoint has all rows.
    (population if many else trained)(path, epochs=9)
    folder = RunFolder(path)
    config, status = read_settings(folder), read_status(folder)
    histories = read_histories(folder, config)
    made = recover_status(folder, config).model_dump(exclude={"at"})
    assert made == status.model_dump(exclude={"at"})
    listed = list_runs(tmp_path / "runs")[0]
    (path / "status.json").write_bytes(b"\0" * 200)
    (path / "history.parquet").write_bytes(b"\0" * 200)
    again = list_runs(tmp_path / "runs")[0]
    assert replace(again, changed=None) == replace(listed, changed=None)
    for rows, expected in zip(read_histories(folder, config), histories, strict=True):
        for name, values in expected.items():
            assert rows[name].tolist() == values.tolist()
    rb.resume(path)
    assert read_status(folder).model_dump(exclude={"at"}) == status.model_dump(exclude={"at"})


def test_a_history_older_than_the_newest_checkpoint_is_not_used(tmp_path):
    trained(tmp_path / "a", epochs=3)
    old = (tmp_path / "a" / "history.parquet").read_bytes()
    run = rb.resume(tmp_path / "a", epochs=9)
    (tmp_path / "a" / "history.parquet").write_bytes(old)
    (compared,) = compare([tmp_path / "a"]).runs
    assert compared.histories[0]["train_loss"].tolist() == run.history["train_loss"].tolist()


def test_a_damaged_checkpoint_is_passed_over(tmp_path):
    path = tmp_path / "a"
    trained(path, epochs=9)
    folder = RunFolder(path)
    newest, oldest = folder.checkpoints()
    content = bytearray(newest.path.read_bytes())
    content[-5] ^= 1
    newest.path.write_bytes(content)
    assert recover_status(folder, read_settings(folder)).updates == oldest.update == 0
    oldest.path.write_bytes(b"")
    with pytest.raises(FileError, match="no sound checkpoint"):
        recover_status(folder, read_settings(folder))


@pytest.mark.parametrize("column", ["epoch", "test_loss", None])
def test_a_history_that_is_none_is_not_believed(tmp_path, column):
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = tmp_path / "a"
    trained(path, epochs=9)
    config = read_settings(RunFolder(path))
    expected = read_histories(RunFolder(path), config)[0]["test_loss"].tolist()
    table = pq.read_table(path / "history.parquet")
    if column is None:
        table = pa.table({"a": ["b"] * 100})
    else:
        at = table.column_names.index(column)
        table = table.set_column(at, column, pa.array(["x"] * len(table)))
    pq.write_table(table, path / "history.parquet")
    assert read_histories(RunFolder(path), config)[0]["test_loss"].tolist() == expected


def test_a_history_with_more_rows_than_memory_is_not_read(tmp_path, monkeypatch):
    path = tmp_path / "a"
    trained(path, epochs=9)
    folder = RunFolder(path)
    monkeypatch.setattr("rosenblatt.runs.stored_histories.MOST_BYTES", 100)
    for checkpoint in folder.checkpoints()[:-1]:
        checkpoint.path.unlink()
    # All that is left is the checkpoint before the first evaluation.
    assert len(read_histories(folder, read_settings(folder))[0]["epoch"]) == 1


def lines_of(ax):
    return [line for line in ax.get_lines() if line.get_linestyle() == "-"]


def test_the_figure_has_a_colour_for_each_run_and_its_numbers(tmp_path):
    many = population(tmp_path / "many", seeds=range(12))
    few = population(tmp_path / "few", seeds=range(3), batch_size=40)
    run = trained(tmp_path / "one", batch_size=2)
    figure = plot_comparison(compare([tmp_path / name for name in ("many", "few", "one")]))
    assert [ax.get_xlabel() for ax in figure.axes] == [
        "epoch",
        "update (logarithmic axis)",
    ] * 2
    assert [ax.get_ylabel() for ax in figure.axes] == [
        "test loss (mean over samples)",
        "test loss (mean over samples)",
        "test accuracy (%)",
        "test accuracy (%)",
    ]
    loss = figure.axes[0]
    assert len(loss.collections) == 2
    strong = [line for line in lines_of(loss) if line.get_marker() not in ("None", "")]
    assert len({line.get_color() for line in strong}) == len({x.get_marker() for x in strong}) == 3
    medians = [
        np.median([one.history["test_loss"] for one in runs], axis=0) for runs in (many, few, [run])
    ]
    for line, median in zip(strong, medians, strict=True):
        assert line.get_xdata().tolist() == [0, 3, 6, 7]
        assert line.get_ydata() == pytest.approx(median, rel=1e-14)
    faint = [line for line in lines_of(loss) if line.get_alpha()]
    assert [line.get_ydata().tolist() for line in faint] == [
        one.history["test_loss"].tolist() for one in few
    ]
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "many (12 seeds)",
        "few (3 seeds)",
        "one",
        "training set",
        "half, and 90 %, of the seeds",
    ]
    updates = [line for line in lines_of(figure.axes[1]) if line.get_marker() not in ("None", "")]
    assert updates[2].get_xdata().tolist() == [60, 120, 140]


@pytest.mark.parametrize("every", [3, 9])
def test_runs_of_few_evaluations_are_drawn_at_equal_updates_from_their_start_on(tmp_path, every):
    trained(tmp_path / "a", batch_size=1, epochs=3, eval_every=every)
    trained(tmp_path / "b", batch_size=40, epochs=3, eval_every=every)
    figure = plot_comparison(compare([tmp_path / "a", tmp_path / "b"]))
    figure.canvas.draw()
    at_updates = figure.axes[1]
    assert at_updates.get_xlabel() == "update (linear to 3, then logarithmic)"
    strong = [line for line in lines_of(at_updates) if line.get_marker() not in ("None", "")]
    assert [line.get_xdata().tolist() for line in strong] == [[0, 120], [0, 3]]
    low, high = at_updates.get_xlim()
    assert (low, high > 120) == (0, True)
    # Each point has its marker, and the first of them a place of its own on the axis.
    assert all(line.get_markevery() is None for line in strong)
    start, one, last = (at_updates.transData.transform((x, 0))[0] for x in (0, 3, 120))
    assert one - start > (last - start) / 20


def test_the_figure_has_no_more_panels_than_there_is_to_see(tmp_path):
    trained(tmp_path / "a")
    trained(tmp_path / "b", optimizer=rb.SGD(0.1), test=None)
    figure = plot_comparison(compare([tmp_path / "a", tmp_path / "b"]))
    assert [ax.get_ylabel() for ax in figure.axes] == [
        "test or training loss (mean over samples)",
        "test or training accuracy (%)",
    ]
    values = rb.data.Dataset(TRAIN.X, TRAIN.X[:, 0])
    model = rb.MLP(2, [3], 1)
    rb.train(
        model,
        values,
        loss=rb.losses.HalfSquaredError(),
        epochs=2,
        engine="reference",
        run_dir=tmp_path / "v",
    )
    (ax,) = plot_comparison(compare([tmp_path / "v"])).axes
    assert ax.get_ylabel() == "training loss (mean over samples)"


def test_a_run_that_diverges_leaves_the_others_visible(tmp_path):
    trained(tmp_path / "a")
    path = tmp_path / "b"
    trained(path)
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(path / "history.parquet")
    at = table.column_names.index("test_loss")
    pq.write_table(
        table.set_column(at, "test_loss", pa.array([0.7, 1e6, 1e9, 1e12])), path / "history.parquet"
    )
    figure = plot_comparison(compare([tmp_path / "a", path]))
    assert figure.axes[0].get_ylim()[1] < 2


def test_a_member_that_was_never_measured_has_no_value(tmp_path):
    start = {name: np.full_like(value, 1e200) for name, value in MODEL.init(0).items()}
    with np.errstate(all="ignore"):
        run = trained(tmp_path / "runs" / "a", init_params=start)
    assert run.diverged
    (row,) = compare([tmp_path / "runs" / "a"]).table.to_pylist()
    assert (row["epoch"], row["train_loss"]) == (None, None)
    plot_comparison(compare([tmp_path / "runs" / "a"]))
    assert list_runs(tmp_path / "runs")[0].state == "diverged"


def test_checkpoints_hold_what_is_read_of_them(tmp_path):
    # What remade.py takes from a checkpoint, under the names that it has there.
    trained(tmp_path / "a")
    (member,) = read_tensors(RunFolder(tmp_path / "a").checkpoints()[0].path)[1]["members"]
    assert {"epoch", "update", "seconds", "stopped", "diverged", "rows"} <= member.keys()
    assert json.dumps(member["epoch"]) == "7"
