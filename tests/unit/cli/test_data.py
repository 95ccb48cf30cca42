import json

import numpy as np
import pytest

import rosenblatt as rb


@pytest.mark.parametrize("generator", rb.data.GENERATORS)
@pytest.mark.parametrize("kind", ["csv", "npz", "parquet"])
def test_made_data_is_the_generators(run, here, generator, kind):
    answer = run(f"data make {generator} --n 40 --seed 3 --out d.{kind}")
    assert answer.status == 0
    assert answer.out.splitlines()[-1] == f"wrote       d.{kind}"
    assert (
        rb.data.load(f"d.{kind}").content_hash == rb.data.make(generator, n=40, seed=3).content_hash
    )


def test_settings_of_the_generators(run, here):
    run("data make spirals --n 30 --noise 0 --n-classes 3 --turns 2 --out s.csv")
    expected = rb.data.spirals(30, noise=0, n_classes=3, turns=2)
    np.testing.assert_array_equal(rb.data.load("s.csv").X, expected.X)
    found = json.loads(run("data make gaussians --variance 9 --out g.npz --json").out)
    assert found["data"]["hash"] == rb.data.gaussians(covariances=9.0).content_hash
    assert found["files"] == {"data": "g.npz"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("mons --out a.csv", 'did you mean "moons"?'),
        ("moons --out a.txt", "must end in .csv or .npz or .parquet"),
        ("moons --out none/a.csv", "none does not exist; create it"),
        ("moons --n 0 --out a.csv", "n must be a whole number of at least 2, got 0"),
        ("moons --n -5 --out a.csv", "got -5"),
        ("moons --noise -1 --out a.csv", "noise must be a finite number"),
        ("moons --seed -1 --out a.csv", "seed must be"),
        ("gaussians --noise 1 --out a.csv", "--noise has no meaning for gaussians, which has --n"),
        ("gaussians --means 1,2;3 --out a.csv", "means"),
        ("gaussians --means a,b --out a.csv", "--means"),
        ("moons --data-seed 1 --out a.csv", "unknown option --data-seed"),
    ],
)
def test_what_cannot_be_made_is_refused(refused, here, words, message):
    assert message in refused(f"data make {words}")
    assert list(here.iterdir()) == []


def test_a_summary_of_data(run, here):
    (here / "d.csv").write_text("a,b,colour\n1,10,red\n2,30,blue\n3,20,red\n")
    out = run("data show d.csv").out
    assert out.splitlines()[0] == "data        d.csv: 3 rows × 2 features; classes blue: 1, red: 2"
    assert rb.data.load("d.csv").content_hash in out
    assert "a             1     2        3" in out
    found = json.loads(run("data show d.csv --json").out)
    assert found["ranges"]["b"] == {"lowest": 10.0, "mean": 20.0, "highest": 30.0}
    assert found["data"]["classes"] == {"blue": 1, "red": 2}


def test_many_features_are_not_all_printed(run):
    out = run("data show blobs --n-features 30 --n 9").out
    assert "... and 10 more features (--json has all)" in out
    assert len(json.loads(run("data show blobs --n-features 30 --n 9 --json").out)["ranges"]) == 30


def test_one_class_can_be_shown(run):
    assert "classes 0: 5" in run("data show blobs --n-classes 1 --n 5").out


def test_a_regression_can_be_summarised_but_not_drawn(run, refused, here):
    (here / "r.csv").write_text("a,b,y\n1,2,0.5\n2,3,0.25\n")
    assert "values to predict" in run("data show r.csv").out
    assert "only classes can be drawn" in refused("data show r.csv --out r.png")


@pytest.mark.parametrize(
    ("data", "panels"),
    [("moons", 1), ("blobs --n-features 5", 3), ("blobs --n-features 5 --features x5,x2", 1)],
)
def test_a_drawing_has_a_panel_per_pair(run, here, data, panels):
    assert run(f"data show {data} --n 20 --out d.svg").status == 0
    assert (here / "d.svg").read_text().count('id="axes_') == panels


@pytest.mark.parametrize(("unit", "alike"), [(1, True), (1000, False)])
def test_features_of_like_ranges_are_drawn_to_one_scale(run, here, monkeypatch, unit, alike):
    saved = []
    monkeypatch.setattr(
        "rosenblatt.plotting.save_figure", lambda figure, path: saved.append(figure)
    )
    moons = rb.data.moons(50)
    rb.data.save(moons.replace(X=moons.X * [1, unit]), "m.csv")
    assert run("data show m.csv --out d.png").status == 0
    (ax,) = saved[0].axes
    assert (ax.get_aspect() == 1) == alike


def test_a_drawing_as_pixels(run, here):
    run("data show moons --n 20 --out d.png")
    assert (here / "d.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("blobs --n-features 1 --out d.png", "at least two features"),
        ("moons --out d.bmp", "must end in .png or .svg or .pdf"),
        ("moons --out d.png --features x1,x3", 'there is no feature "x3"'),
        ("moons --features x1,x2", "--features has no meaning without --out"),
        ("moon", 'did you mean "moons"?'),
        ("none.csv", "cannot read none.csv"),
    ],
)
def test_what_cannot_be_shown_is_refused(refused, here, words, message):
    assert message in refused(f"data show {words}")
