import csv
import dataclasses
import io
import re
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import nct, t, ttest_1samp

import tiny
from made_up import batch_sizes
from rosenblatt.errors import ConfigurationError
from rosenblatt.experiments import EXPERIMENTS
from rosenblatt.experiments.reference_numbers import FULL_BATCH, TABLE_1
from rosenblatt.plotting.curves import LEAST_FOR_BAND
from rosenblatt.report.contents import (
    CLAIMS,
    FIGURES,
    SECTIONS,
    TABLES,
    file_of,
    number_of,
    with_names,
)
from rosenblatt.report.e6_batch_size import cuts
from rosenblatt.report.format import number, percent, percent_spread
from rosenblatt.report.page import _page_figure
from rosenblatt.report.parts import Panel, ReportFigure, csv_bytes
from rosenblatt.report.rows import columns, noting, points, rows, runs

BATCH_SIZES = (1, 10, 100, 200, 400, 800)


def replaced(results, name, **tables):
    """Return results whose tables are changed: each by a function of its rows."""
    result = results[name]
    new = {
        table: pa.Table.from_pylist(change(result.tables[table].to_pylist()))
        for table, change in tables.items()
    }
    return {**results, name: dataclasses.replace(result, tables={**result.tables, **new})}


def changed(**values):
    """Change the first row."""
    return lambda table: [table[0] | values, *table[1:]]


def cells(key, results, place):
    table = TABLES[key]
    row = rows(table.rows(results))[place]
    return [column.cell(row).replace("\u00a0", " ") for column in table.columns]


def test_figures_have_the_numbers_of_the_source_and_ours_stand_after_them():
    of_source = [number_of(key) for key, figure in FIGURES.items() if figure.number is not None]
    assert sorted(of_source, key=int) == [str(n) for n in range(1, 13)]
    ours = [number_of(key) for key, figure in FIGURES.items() if figure.number is None]
    assert ours == [f"S{n}" for n in range(1, len(ours) + 1)]


def test_what_the_source_shows_has_the_number_that_it_has_there():
    numbered = {number_of(key): key for key in FIGURES}
    assert numbered["1"] == "perceptron_loss"
    assert numbered["2"] == "full_batch"
    for place, size in enumerate(BATCH_SIZES):
        assert numbered[str(3 + place)] == f"batch_size_{size}"
    assert [numbered[n] for n in ("9", "10", "11", "12")] == [
        "gaussians",
        "moons",
        "accuracy_of_seeds",
        "seed_4",
    ]
    assert [number_of(key) for key in ("table_distance", "table_spread")] == ["1", "2"]


def test_every_figure_and_table_is_shown_once_and_has_a_number():
    defined = {figure.key for section in SECTIONS.values() for figure in section.figures}
    assert set(FIGURES) == defined
    assert [number_of(key) for key in TABLES] == [str(n) for n in range(1, len(TABLES) + 1)]
    with pytest.raises(ConfigurationError, match='"unknown"'):
        number_of("unknown")


def test_names_in_texts_are_computed():
    assert with_names("See [[four_cuts]] and [[table_costs]].") == (
        f"See figure {number_of('four_cuts')} and table {number_of('table_costs')}."
    )


def test_claims_are_shown_by_figures_of_their_own_experiment():
    for claim in CLAIMS:
        assert claim.figures
        for key in claim.figures:
            assert claim.experiment in (FIGURES | TABLES)[key].experiments


def test_each_figure_belongs_to_the_experiment_that_the_source_drew_it_for():
    belongs = {number_of(key): figure.experiments for key, figure in FIGURES.items()}
    assert belongs["1"] == belongs["9"] == ("E1",)
    assert belongs["2"] == belongs["10"] == belongs["11"] == ("E4",)
    assert belongs["12"] == ("E5",)
    assert all(belongs[str(number)] == ("E6",) for number in range(3, 9))


def test_figures_3_to_8_are_the_six_batch_sizes_in_order(results):
    for size in BATCH_SIZES:
        titles = [
            ax.get_title(loc="left") for ax in FIGURES[f"batch_size_{size}"].draw(results).axes
        ]
        assert titles == [f"Loss, batch size {size}", f"Accuracy, batch size {size}"]


def test_figure_10_is_the_picture_of_the_moons(results):
    train, test = FIGURES["moons"].draw(results).axes
    for ax, split in ((train, "train"), (test, "test")):
        X, y = points(results["E4"].tables["points"], split)
        drawn = np.concatenate([line.get_xydata() for line in ax.get_lines()])
        np.testing.assert_array_equal(drawn, np.concatenate([X[y == 0], X[y == 1]]))
        assert ax.get_aspect() == 1
    assert (train.get_xlim(), train.get_ylim()) == (test.get_xlim(), test.get_ylim())


def test_figure_12_has_the_accuracy_before_the_loss(results):
    accuracy, loss = FIGURES["seed_4"].draw(results).axes
    assert accuracy.get_title(loc="left") == "(a) Accuracy, seed 4"
    assert loss.get_title(loc="left") == "(b) Loss, seed 4"
    curve = columns(results["E5"].tables["replay_curve"])
    assert accuracy.get_lines()[0].get_ydata().tolist() == curve["train_accuracy"].tolist()
    assert loss.get_lines()[0].get_ydata().tolist() == curve["train_loss"].tolist()


def test_file_names_are_unique_and_carry_the_number():
    names = [file_of(key) for key in (*FIGURES, *TABLES)]
    assert len(set(names)) == len(names)
    assert file_of("perceptron_loss") == "figure_01_perceptron_loss"
    assert file_of("table_distance") == "table_1_distance"


def test_the_rows_that_are_looked_at_are_noted(results):
    watched, noted = noting(results)
    assert noted == set()
    FIGURES["plateau"].draw(watched)
    assert noted == {"rows/E4_plateau.parquet"}
    assert set(watched["E1"].tables) == set(results["E1"].tables)
    assert "plateau" not in watched["E1"].tables
    assert noted == {"rows/E4_plateau.parquet"}


def test_every_experiment_has_a_section():
    assert list(SECTIONS) == list(EXPERIMENTS)


@pytest.mark.parametrize("key", FIGURES)
def test_a_figure_draws_labelled_axes_and_says_what_is_seen(results, key):
    figure = FIGURES[key]
    # Nothing but the experiments that it names is at hand.
    needed = {name: results[name] for name in figure.experiments}
    axes = figure.draw(needed).axes
    assert len(axes) == len(figure.panels)
    for ax in axes:
        assert ax.get_xlabel()
        assert ax.get_ylabel() or ax is not axes[0]
        assert ax.has_data()
        for line in ax.get_lines():
            # Of a batch size with which nobody gets to 95 % there is no dot.
            assert np.isfinite(np.asarray(line.get_ydata(), dtype=float)).all()
    caption = figure.caption(needed)
    assert len(caption) > 80
    assert not re.search(r"\b(nan|None|inf)\b", caption)
    assert all(panel.description.endswith(".") for panel in figure.panels)


def test_panels_are_drawn_one_by_one_as_well(results):
    panels = FIGURES["full_batch"].draw_panels(results)
    assert [ax.get_title(loc="left") for panel in panels for ax in panel.axes] == [
        "Loss",
        "Accuracy",
    ]


def test_the_replay_of_figure_2_is_the_table_of_the_experiment(results):
    loss, accuracy = FIGURES["full_batch"].draw(results).axes
    table = columns(results["E4"].tables["replay_curve"])
    for ax, name in ((loss, "loss"), (accuracy, "accuracy")):
        train, test = ax.get_lines()
        assert train.get_ydata().tolist() == table[f"train_{name}"].tolist()
        assert test.get_ydata().tolist() == table[f"test_{name}"].tolist()


@pytest.mark.parametrize("name", ["loss", "accuracy"])
def test_the_replay_stands_among_own_seeds_on_the_same_data(results, name):
    (ax,) = FIGURES[f"{name}_of_seeds"].draw(results).axes
    _, _, *others = ax.get_lines()
    own = runs(results["E4"].tables["own_curves"], draw=0)
    if name == "accuracy":
        *others, bayes, logistic = others
        # Named by the legend: a label at its line would lie on the curves.
        assert [line.get_label() for line in (bayes, logistic)] == [
            "Bayes rule",
            "logistic regression",
        ]
        assert not ax.texts
        named = [text.get_text() for text in ax.get_legend().get_texts()]
        assert named[-2:] == ["Bayes rule", "logistic regression"]
        assert set(bayes.get_ydata()) == {results["E4"].tables["bayes"]["accuracy"][0].as_py()}
        accuracy = columns(results["E4"].tables["logistic"], draw=0)["test_accuracy"]
        assert set(logistic.get_ydata()) == set(accuracy.tolist())
    assert [line.get_ydata().tolist() for line in others] == [
        run[f"test_{name}"].tolist() for run in own
    ]
    assert len(own) == 3


@pytest.mark.parametrize(("seeds", "lines", "bands"), [(9, 9, 0), (10, 0, 2), (12, 0, 2)])
def test_many_seeds_are_bands(results, seeds, lines, bands):
    assert LEAST_FOR_BAND == 10

    def copies(table):
        first = [row for row in table if row["draw"] == 0 and row["seed"] == 0]
        return [row | {"seed": seed} for seed in range(seeds) for row in first]

    (ax,) = FIGURES["loss_of_seeds"].draw(replaced(results, "E4", own_curves=copies)).axes
    assert len(ax.get_lines()) == 2 + lines
    assert len(ax.collections) == bands


def test_the_seeds_of_the_distance_are_dots_or_bars(results):
    def many(table):
        return [row | {"seed": seed} for row in table for seed in range(13)]

    few, bars = (
        FIGURES["accuracy_against_distance"].draw(results).axes[0],
        FIGURES["accuracy_against_distance"].draw(replaced(results, "E2", runs=many)).axes[0],
    )
    assert len(few.get_lines()) == len(bars.get_lines()) + 4
    assert len(bars.collections) == len(few.collections) + 4


def test_the_decision_regions_are_those_of_the_replay(results):
    # The network is put together again from the weights in the table.
    from rosenblatt.experiments import replay
    from rosenblatt.report.e4_full_batch.e4_figures import _predictor

    _, test = replay.moons()
    predict = _predictor(results["E4"].tables["weights"])
    accuracy = (predict(test.X).argmax(axis=1) == test.y).mean()
    (summary,) = rows(results["E4"].tables["summary"], protocol="replay")
    assert accuracy == summary["test_accuracy"]


def test_the_cuts_are_drawn_as_they_are_measured(results):
    accuracy, losses = FIGURES["four_cuts"].draw(results).axes
    for ax, column, drawn in (
        (accuracy, "fresh_accuracy", ("fixed", "scaled")),
        (losses, "test_loss", ("fixed", None, None, "scaled")),
    ):
        lines = [container.lines[0] for container in ax.containers]
        assert len(lines) == len(drawn)
        for line, rates in zip(lines, drawn, strict=True):
            if rates is not None:
                means = [values.mean() for values in cuts.ends(results, column, rates).values()]
                np.testing.assert_allclose(line.get_ydata(), means)
    by_updates = losses.containers[1].lines[0].get_ydata()
    means = [values.mean() for values in cuts.at_updates(results, "test_loss").values()]
    np.testing.assert_allclose(by_updates, means)


def test_a_figure_is_possible_only_with_its_experiment(results):
    only = {"E4": results["E4"]}
    possible = [number for number, figure in FIGURES.items() if figure.is_possible(only)]
    assert possible == [
        "moons",
        "full_batch",
        "loss_of_seeds",
        "accuracy_of_seeds",
        "decision_regions",
        "plateau",
    ]


# Captions and tables


def test_captions_follow_the_results(results):
    (summary, *_) = rows(results["E4"].tables["summary"])
    assert percent(summary["start_test_accuracy"]) in FIGURES["full_batch"].caption(results)
    other = replaced(results, "E4", summary=changed(start_test_accuracy=0.123))
    assert "12.3\u202f%" in FIGURES["full_batch"].caption(other)


def test_captions_have_the_numbers_of_the_tables(results):
    by_m = {row["m"]: row for row in rows(results["E2"].tables["accuracy"])}
    caption = FIGURES["accuracy_against_distance"].caption(results)
    for weights in ("last", "pocket"):
        assert percent_spread(by_m[1.0][f"{weights}_mean"], by_m[1.0][f"{weights}_sd"]) in caption
    path = columns(results["E2"].tables["trajectory"])["test_accuracy"]
    for value in (path.min(), path.max(), by_m[1.0]["replayed"], by_m[1.0]["bayes"]):
        assert percent(value) in FIGURES["last_epochs"].caption(results)
    assert f"last {len(path)} epochs" in FIGURES["last_epochs"].caption(results)
    plateau = columns(results["E4"].tables["plateau"], protocol="replay")
    for name in ("gradient_norm", "smallest_eigenvalue"):
        assert number(plateau[name][-1], 3) in FIGURES["plateau"].caption(results)
    starts = columns(results["E5"].tables["starts"])["test_accuracy"]
    assert percent_spread(starts.mean(), starts.std(ddof=1)) in FIGURES["starts"].caption(results)
    assert f"of {len(starts)} networks" in FIGURES["starts"].caption(results)
    for std in (0.01, 0.3, 1.0):
        end = columns(results["E5"].tables["scaled"], std=std)["train_loss"].mean()
        assert f"{number(end, 3)} ({std:g})" in FIGURES["initial_scale"].caption(results)
    for size in BATCH_SIZES:
        (row,) = rows(results["E6"].tables["summary"], batch_size=size)
        caption = FIGURES[f"batch_size_{size}"].caption(results)
        assert number(row["replay_test_loss"], 4) in caption
        assert percent(row["replay_test_accuracy"]) in caption
        assert f"in {tiny.EPOCHS} epochs" in caption
    for values in cuts.at_updates(results, "train_loss").values():
        assert number(values.mean(), 3) in FIGURES["batch_sizes_together"].caption(results)
    assert f"After {tiny.EPOCHS} updates" in FIGURES["batch_sizes_together"].caption(results)


@pytest.mark.parametrize("key", TABLES)
def test_a_table_is_written_as_csv_in_full_precision(results, key):
    table = TABLES[key]
    arrow = table.rows(results)
    read = list(csv.DictReader(io.StringIO(csv_bytes(arrow).decode())))
    assert len(read) == arrow.num_rows
    for row, written in zip(arrow.to_pylist(), read, strict=True):
        for name, value in row.items():
            if isinstance(value, float) and value == value:
                assert float(written[name]) == value


@pytest.mark.parametrize("key", TABLES)
def test_every_cell_of_a_table_is_written(results, key):
    table = TABLES[key]
    needed = {name: results[name] for name in table.experiments}
    for row in rows(table.rows(needed)):
        for column in table.columns:
            cell = column.cell(row)
            assert cell
            assert not re.search(r"nan|None|inf\b", cell)
    caption = table.caption(needed)
    assert len(caption) > 80
    assert not re.search(r"\b(nan|None|inf)\b", caption)
    headers = [column.header for column in table.columns]
    assert all(headers)


def test_table_1_sets_the_printed_number_beside_the_measured_ones(results):
    known = {
        f"{w}_{part}": value
        for w in ("last", "pocket", "averaged", "lda")
        for part, value in (("mean", 0.7), ("sd", 0.014142135623730963))
    }
    known |= {"m": 1.0, "reported": 0.475, "replayed": 0.475, "percentile": 0.42, "bayes": 0.76}
    row = cells("table_distance", replaced(results, "E2", accuracy=changed(**known)), 0)
    assert row == ["1", "47.5", "47.5", "42", *["70.0 ± 1.4"] * 4, "76.0"]
    printed = [row["reported"] for row in rows(TABLES["table_distance"].rows(results))]
    assert printed == list(TABLE_1.values())


def test_table_2_has_both_readings(results):
    found = rows(TABLES["table_spread"].rows(results))
    assert [row["reading"] for row in found] == ["variance"] * 7 + ["standard deviation"] * 7
    # Where variance and deviation are one, so are the numbers.
    assert [cells("table_spread", results, 0)[1:]] == [cells("table_spread", results, 7)[1:]]


def test_table_3_computes_the_difference_to_the_independent_number(results):
    near = FULL_BATCH[42]["train_loss"] + 3e-7
    found = replaced(results, "E4", summary=changed(train_loss=near))
    table = rows(TABLES["table_mlp_replay"].rows(found))
    assert {row["experiment"] for row in table} == {"E4", "E5"}
    place = next(i for i, row in enumerate(table) if row["quantity"] == "train_loss")
    assert table[place]["difference"] == pytest.approx(3e-7)
    assert cells("table_mlp_replay", found, place)[2:] == ["0.211649", "0.211649", "+3×10⁻⁷"]


def test_table_3_works_with_either_experiment(results):
    for name in ("E4", "E5"):
        found = rows(TABLES["table_mlp_replay"].rows({name: results[name]}))
        assert {row["experiment"] for row in found} == {name}


def test_table_4_has_the_means_over_the_ends(results):
    for place, size in enumerate(BATCH_SIZES):
        ends = columns(results["E6"].tables["ends"], batch_size=size, rates="fixed")
        row = cells("table_batch_sizes", results, place)
        mean, sd = ends["test_loss"].mean(), ends["test_loss"].std(ddof=1)
        assert row[0] == str(size)
        assert row[3] == f"{mean:.4f} ± {sd:.4f}"
        assert len(ends["seed"]) == 3


def test_a_single_run_has_no_deviation(results):
    one = replaced(results, "E6", summary=changed(test_loss_mean=0.05, test_loss_sd=float("nan")))
    assert cells("table_batch_sizes", one, 0)[3] == "0.0500"


def test_table_5_has_every_cut(results):
    found = {
        (row["measure"], row["batch_size"]): row
        for row in TABLES["table_cuts"].rows(results).to_pylist()
    }
    measured = {
        ("train_loss", "equal_epochs"): cuts.ends(results, "train_loss"),
        ("train_loss", "equal_updates"): cuts.at_updates(results, "train_loss"),
        ("train_loss", "equal_seconds"): cuts.at_seconds(results, "train_loss"),
        ("test_loss", "scaled_rate"): cuts.ends(results, "test_loss", "scaled"),
        ("fresh_accuracy", "equal_epochs"): cuts.ends(results, "fresh_accuracy"),
        ("fresh_accuracy", "scaled_rate"): cuts.ends(results, "fresh_accuracy", "scaled"),
        ("largest_eigenvalue", "equal_epochs"): cuts.sharp(results, "largest_eigenvalue"),
        ("trace", "scaled_rate"): cuts.sharp(results, "trace", "scaled"),
        ("trace", "equal_loss"): cuts.sharp_at_equal_loss(results, "trace"),
    }
    for (measure, cut), by_size in measured.items():
        for size, values in by_size.items():
            values = values[np.isfinite(values)]
            row = found[measure, size]
            assert row[f"{cut}_seeds"] == len(values)
            if len(values):
                assert row[cut] == pytest.approx(values.mean())
            if len(values) > 1:
                assert row[f"{cut}_sd"] == pytest.approx(values.std(ddof=1))
    assert found["fresh_accuracy", 1]["equal_updates"] is None


def test_table_5_has_a_dash_where_nobody_was():
    results = batch_sizes(equal_loss={1: None})
    places = [
        (row["measure"], row["batch_size"]) for row in rows(TABLES["table_cuts"].rows(results))
    ]
    at_loss = [column.header for column in TABLES["table_cuts"].columns].index(
        "equal training loss"
    )
    first, second = (places.index(("largest_eigenvalue", size)) for size in (1, 10))
    assert cells("table_cuts", results, first)[at_loss] == "–"
    assert cells("table_cuts", results, second)[at_loss] == "2.00 ± 0.00"


def test_table_6_counts_those_that_never_got_there():
    # Five of eight get there; the median of all eight lies between the fourth and the fifth.
    results = batch_sizes(seconds={1: 2e-4}, held={1: 2048})
    epochs = [100.0, 200.0, 300.0, 400.0, 500.0, None, None, None]

    def reached(table):
        return [
            row | {"epochs_to_95": epochs[row["seed"]], "updates_to_95": 7.0}
            if row["batch_size"] == 1
            else row | {"epochs_to_95": None, "updates_to_95": None}
            for row in table
        ]

    found = replaced(results, "E6", ends=reached)
    row = cells("table_costs", found, 0)
    assert row[:7] == [
        "1",
        "200 [200, 200]",
        number(1e6 * 2e-4 / 800, 2),
        "2",
        "5 of 8",
        "450",
        "7",
    ]
    assert cells("table_costs", found, 1)[4:7] == ["0 of 8", "–", "–"]


def test_table_7_compares_with_the_full_batch_in_pairs():
    # Seeds differ by points, pairs by half a point give or take little.
    results = batch_sizes()
    gap = [0.0, 0.01] * 4

    def paired(table):
        return [
            row
            | {
                "fresh_accuracy": 0.9
                + 0.01 * row["seed"]
                + (gap[row["seed"]] if row["batch_size"] == 10 else 0.0)
            }
            for row in table
        ]

    found = rows(TABLES["table_pairs"].rows(replaced(results, "E6", ends=paired)))
    assert [(row["rates"], row["batch_size"]) for row in found] == [
        (rates, size) for rates in ("fixed", "scaled") for size in BATCH_SIZES[:-1]
    ]
    ten, other = found[1], found[2]
    sd = np.std(gap, ddof=1)
    half = 2.3646 * sd / 8**0.5
    assert (ten["seeds"], ten["difference"]) == (8, pytest.approx(0.005))
    assert (ten["low"], ten["high"]) == pytest.approx((0.005 - half, 0.005 + half), rel=1e-4)
    assert ten["d_z"] == pytest.approx(0.005 / sd)
    # The smallest of five p-values is multiplied by five.
    p = ttest_1samp(gap, 0).pvalue
    assert (ten["holm_p"], p > 0.01) == (pytest.approx(5 * p), True)
    # As many as give a paired t test a chance of 80 % (its noncentral t) to find half a point.
    chances = [nct.sf(t.ppf(0.975, n - 1), n - 1, 0.005 / sd * n**0.5) for n in range(2, 100)]
    assert ten["seeds_needed"] == 2 + np.searchsorted(chances, 0.8)
    assert (other["difference"], other["holm_p"]) == (0.0, 1.0)
    sure = batch_sizes(fixed={"fresh_accuracy": {1: 0.5}})
    assert cells("table_pairs", sure, 0)[5] == "< 0.001"


def test_the_page_shows_every_panel_of_a_figure():
    panels = tuple(Panel(lambda ax, _: ax.plot([0, 1]), f"Line {i} rises.") for i in range(6))
    figure = ReportFigure("lines", "Lines", panels, lambda _: "")
    contents = SimpleNamespace(
        number_of=lambda key: 1,
        heading_of=lambda key: "Figure 1",
        anchor_of=lambda key: key,
        file_of=lambda key: key,
    )
    svgs = _page_figure(figure, {}, contents).svgs
    assert [f"Line {i} rises." in svg for i, svg in enumerate(svgs)] == [True] * 6
    ids = [set(re.findall(r'\bid="([^"]+)"', svg)) for svg in svgs]
    assert len(set.union(*ids)) == sum(map(len, ids))
