import pytest

PICTURES = {
    "part1": ["loss", "visualization_train_test"],
    "part2": ["accuracy", "loss", "visualization_test", "visualization_train"],
    "part3": [
        "visualization_test",
        "visualization_train",
        *(
            f"fig/{name}_batch_size_{size}"
            for name in ("accuracy", "loss")
            for size in (1, 10, 100, 200, 400, 800)
        ),
    ],
}


@pytest.mark.slow
def test_one_command_makes_every_file_of_the_tree(part1):
    root = part1.path.parent
    out, _ = part1.run("make_all.py --max_steps 2", cwd=root)
    for part, names in PICTURES.items():
        found = {path.relative_to(root / part).as_posix() for path in (root / part).rglob("*.png")}
        assert found == {f"{name}.png" for name in names}
        assert {path.name for path in (root / part / "datasets").iterdir()} == {
            "train.csv",
            "test.csv",
        }
    steps = [line for line in out.splitlines() if "/16] " in line]
    assert steps[0] == "[1/16] part1/generate_dataset.py"
    assert steps[-1] == "[16/16] part3/train_mlp_numpy.py --sgd --batch_size 800"
    assert len(steps) == 16


@pytest.mark.slow
@pytest.mark.parametrize("name", ["table_1", "table_2"])
def test_the_tables_are_those_of_the_report(import_from, capsys, name):
    import_from("part1", name).main()
    rows = [line for line in capsys.readouterr().out.splitlines() if line.startswith("[")]
    assert [row.split()[-2] for row in rows] == [
        "100.0",
        "100.0",
        "100.0",
        "85.0",
        "47.5",
        "50.0",
        "57.5",
    ]
    # As printed, and as replayed.
    assert [row.split()[-4] for row in rows] == [row.split()[-2] for row in rows]


@pytest.mark.slow
@pytest.mark.parametrize("part", ["part1", "part2"])
def test_clouds_are_drawn_at_one_scale(part, import_from, part1, part2, monkeypatch):
    folder = {"part1": part1, "part2": part2}[part]
    folder.run("generate_dataset.py")
    module = import_from(part, "show_datasets")
    drawn = []
    monkeypatch.setattr(module, "save_figure", lambda figure, _: drawn.append(figure))
    if part == "part1":
        monkeypatch.setattr(module, "HERE", folder.path)
        module.main()
    else:
        module.main(folder.path)
    assert drawn
    assert {ax.get_aspect() for figure in drawn for ax in figure.axes} == {1}
