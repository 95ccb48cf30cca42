import csv
import dataclasses
import io

import pyarrow as pa
import pytest

from rosenblatt.experiments import EXPERIMENTS
from rosenblatt.report.figures import FIGURES, draw, draw_panels
from rosenblatt.report.rows import columns, groups, mean_sd, rows
from rosenblatt.report.sections import SECTIONS
from rosenblatt.report.tables import TABLES, csv_bytes

BATCH_SIZES = (1, 10, 100, 200, 400, 800)


def test_the_figures_are_numbered_as_in_the_source_then_supplementary():
    assert list(FIGURES) == [*(str(n) for n in range(1, 13)), "S1", "S2", "S3", "S4"]


def test_each_figure_belongs_to_the_experiment_that_the_source_drew_it_for():
    belongs = {number: figure.experiments for number, figure in FIGURES.items()}
    assert belongs["1"] == belongs["9"] == ("E1",)
    assert belongs["2"] == belongs["10"] == belongs["11"] == ("E4",)
    assert belongs["12"] == ("E5",)
    assert all(belongs[str(number)] == ("E6",) for number in range(3, 9))


def test_figures_3_to_8_are_the_six_batch_sizes_in_order(results):
    for number, size in zip(range(3, 9), BATCH_SIZES, strict=True):
        titles = [ax.get_title(loc="left") for ax in draw(FIGURES[str(number)], results).axes]
        assert titles == [f"Loss, batch size {size}", f"Accuracy, batch size {size}"]


def test_file_names_are_unique_and_carry_the_number():
    names = [figure.name for figure in FIGURES.values()]
    assert len(set(names)) == len(names)
    for number, figure in FIGURES.items():
        padded = number if number.startswith("S") else number.zfill(2)
        assert figure.name.startswith(f"figure_{padded}_")


def test_every_experiment_has_a_section():
    assert list(SECTIONS) == list(EXPERIMENTS)


@pytest.mark.parametrize("number", FIGURES)
def test_a_figure_draws_labelled_axes_and_says_what_is_seen(results, number):
    figure = FIGURES[number]
    axes = draw(figure, results).axes
    assert len(axes) == len(figure.panels)
    for ax in axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel() or ax is not axes[0]
        assert ax.get_lines()
    assert len(figure.caption(results)) > 80
    assert all(panel.description.endswith(".") for panel in figure.panels)


def test_panels_are_drawn_one_by_one_as_well(results):
    panels = draw_panels(FIGURES["2"], results)
    assert [ax.get_title(loc="left") for panel in panels for ax in panel.axes] == [
        "Loss",
        "Accuracy",
    ]


def test_the_replay_of_figure_2_is_the_table_of_the_experiment(results):
    loss, accuracy = draw(FIGURES["2"], results).axes
    table = columns(results["E4"].tables["replay_curve"])
    for ax, name in ((loss, "loss"), (accuracy, "accuracy")):
        train, test = ax.get_lines()
        assert train.get_ydata().tolist() == table[f"train_{name}"].tolist()
        assert test.get_ydata().tolist() == table[f"test_{name}"].tolist()


@pytest.mark.parametrize("number", ["10", "11"])
def test_figures_10_and_11_show_the_replay_among_all_own_seeds(results, number):
    (ax,) = draw(FIGURES[number], results).axes
    assert len(ax.get_lines()) == 2 + 2


def test_a_figure_is_possible_only_with_its_experiment(results):
    only = {"E4": results["E4"]}
    possible = [number for number, figure in FIGURES.items() if figure.is_possible(only)]
    assert possible == ["2", "10", "11", "S3"]


def test_captions_follow_the_results(results):
    assert "77.0\u202f%" in FIGURES["2"].caption(results)
    e4 = results["E4"]
    summary = e4.tables["summary"].to_pylist()
    summary[0]["start_test_accuracy"] = 0.123
    tables = {**e4.tables, "summary": pa.Table.from_pylist(summary)}
    changed = {"E4": dataclasses.replace(e4, tables=tables)}
    assert "12.3\u202f%" in FIGURES["2"].caption(changed)


def test_there_are_four_tables():
    assert list(TABLES) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("number", TABLES)
def test_a_table_is_written_as_csv_in_full_precision(results, number):
    table = TABLES[number]
    arrow = table.rows(results)
    read = list(csv.DictReader(io.StringIO(csv_bytes(table, results).decode())))
    assert len(read) == arrow.num_rows
    for row, written in zip(arrow.to_pylist(), read, strict=True):
        for name, value in row.items():
            if isinstance(value, float) and value == value:
                assert float(written[name]) == value


def test_table_1_sets_the_printed_number_beside_the_measured_ones(results):
    table = TABLES["1"]
    row = rows(table.rows(results))[1]
    cells = [column.cell(row).replace("\u00a0", " ") for column in table.columns]
    assert cells == ["1", "47.5", "47.5", "70.0 ± 1.4", "70.0 ± 1.4", "70.0 ± 1.4", "76.0"]


def test_table_3_computes_the_difference_to_the_published_number(results):
    found = rows(TABLES["3"].rows(results))
    assert {row["experiment"] for row in found} == {"E4", "E5"}
    loss = next(row for row in found if row["quantity"] == "train_loss")
    assert (loss["published"], loss["replayed"]) == (0.211649, 0.2116493)
    assert loss["difference"] == pytest.approx(3e-7)
    cells = {column.header: column.cell(loss) for column in TABLES["3"].columns}
    assert cells["difference"] == "+3×10⁻⁷"
    assert cells["replayed"] == "0.211649"


def test_table_3_works_with_either_experiment(results):
    for name in ("E4", "E5"):
        found = rows(TABLES["3"].rows({name: results[name]}))
        assert {row["experiment"] for row in found} == {name}


def test_a_single_run_has_no_deviation(results):
    row = rows(TABLES["4"].rows(results))[0]
    assert row["test_loss_sd"] is None
    cells = {column.header: column.cell(row) for column in TABLES["4"].columns}
    assert cells["test loss"] == "0.0500"
    assert mean_sd([0.5]) == (0.5, None)


def test_columns_and_groups_select(results):
    table = results["E6"].tables["own_curves"]
    assert len(columns(table, batch_size=10, seed=1)["epoch"]) == 5
    assert [seed for seed, _ in groups(table, "seed", batch_size=10)] == [0, 1]
