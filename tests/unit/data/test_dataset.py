import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.model_selection import train_test_split

from rosenblatt.data import Dataset
from rosenblatt.errors import ConfigurationError, DataError, ShapeError

X = np.arange(12.0).reshape(6, 2)
Y = [0, 1, 0, 1, 0, 1]


def test_labels_of_every_type_become_indices_of_sorted_classes():
    for labels, classes in [
        ([1, -1, 1], (-1, 1)),
        ([True, False, True], (False, True)),
        (["yes", "no", "yes"], ("no", "yes")),
        (np.array([7, 3, 7], dtype=np.uint8), (3, 7)),
        (np.array(["b", "a", "b"], dtype=object), ("a", "b")),
    ]:
        data = Dataset(X[:3], labels)
        assert data.classes == classes
        assert [type(label) for label in data.classes] == [type(label) for label in classes]
        assert data.y.dtype == np.int64
        assert data.y.tolist() == [1, 0, 1]
        assert data.labels.tolist() == list(labels)


def test_given_classes_set_the_order_and_may_have_no_sample():
    data = Dataset(X[:3], [1, -1, 1], classes=(1, -1, 5))
    assert data.y.tolist() == [0, 1, 0]
    assert data.n_classes == 3
    assert data.class_names == ("1", "-1", "5")


def test_whole_numbers_beside_text_classes_are_indices():
    data = Dataset(X[:3], [2, 0, 2], classes=["a", "b", "c"])
    assert data.labels.tolist() == ["c", "a", "c"]
    with pytest.raises(DataError, match="row 1 of y is 3, but 3 class names"):
        Dataset(X[:3], [2, 3, 2], classes=["a", "b", "c"])


@pytest.mark.parametrize("shape", [(6,), (6, 3)])
def test_floats_are_targets_of_a_regression(shape):
    targets = np.linspace(0, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    data = Dataset(X, targets)
    assert data.classes is None
    assert data.n_classes == 0
    assert data.class_names == ()
    assert data.y.dtype == np.float64
    np.testing.assert_array_equal(data.y, targets)
    assert data.labels is data.y
    assert "regression" in repr(data)


def test_arrays_are_row_major_float64_copies_that_cannot_be_written():
    source = np.asfortranarray(X, dtype=np.float32)
    weights = np.ones(6)
    data = Dataset(source, Y, sample_weight=weights)
    source[0, 0] = weights[0] = 99
    assert data.X[0, 0] == 0
    assert data.sample_weight[0] == 1
    assert data.X.dtype == np.float64
    assert data.X.flags.c_contiguous
    for array in (data.X, data.y, data.sample_weight):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_a_view_of_read_only_memory_is_copied_too():
    owner = X.copy()
    view = owner[:]
    view.flags.writeable = False
    data = Dataset(view, Y)
    owner[0, 0] = 99
    assert data.X[0, 0] == 0


def test_a_pickled_copy_is_the_same_and_as_immutable():
    data = Dataset(X, list("aabbcc"), classes="cbad", sample_weight=Y, recipe={"a": [1, {"b": 2}]})
    copy = pickle.loads(pickle.dumps(data))
    assert copy.content_hash == data.content_hash
    assert copy.classes == ("c", "b", "a", "d")
    assert copy.recipe == data.recipe
    assert not copy.X.flags.writeable
    with pytest.raises(TypeError):
        copy.recipe["a"] = 1


def test_the_columns_of_a_data_frame_name_the_features():
    class Frame:
        columns = ("height", "width")

        def __array__(self, dtype=None, copy=None):
            return X

    assert Dataset(Frame(), Y).feature_names == ("height", "width")
    assert Dataset(Frame(), Y, feature_names=["a", "b"]).feature_names == ("a", "b")
    Frame.columns = range(2)
    assert Dataset(Frame(), Y).feature_names == ("x1", "x2")


def test_repr_is_one_short_line():
    assert repr(Dataset(X, Y)) == "Dataset(6 samples × 2 features; classes 0: 3, 1: 3)"
    many = Dataset(X, list("abcdef"))
    assert repr(many).endswith('"e": 1, ... (6 in all))')


def with_cell(row, column, value):
    changed = X.copy()
    changed[row, column] = value
    return changed


@pytest.mark.parametrize(
    ("arguments", "error", "told"),
    [
        ({"X": X[:, 0]}, ShapeError, ["(6,)", "reshape(-1, 1)"]),
        ({"X": X.reshape(6, 1, 2)}, ShapeError, ["(6, 1, 2)", "flatten"]),
        ({"X": [[1, 2], [3]]}, ShapeError, ["different lengths"]),
        ({"X": np.empty((0, 2)), "y": []}, DataError, ["(0, 2)", "at least one sample"]),
        ({"X": np.empty((6, 0))}, DataError, ["(6, 0)", "one feature"]),
        ({"X": with_cell(4, 1, np.nan)}, DataError, ["row 4", "column 1", '"x2"', "nan"]),
        ({"X": with_cell(2, 0, -np.inf)}, DataError, ["row 2", "column 0", "-inf"]),
        (
            {"X": with_cell(4, 1, np.nan), "feature_names": ["a", "petal"]},
            DataError,
            ["row 4", '"petal"'],
        ),
        ({"X": [[1, "oops"]] * 6}, DataError, ["row 0", "column 0", "number"]),
        ({"X": np.array([[1, "oops"]] * 6, dtype=object)}, DataError, ["column 1", "'oops'"]),
        ({"X": np.array([[1, None]] * 6, dtype=object)}, DataError, ["column 1", "missing"]),
        ({"X": X + 1j}, DataError, ["row 0", "number"]),
        ({"y": [0, 1]}, ShapeError, ["6 rows", "(2,)"]),
        ({"y": np.array([Y]).T}, ShapeError, ["(6, 1)", "ravel"]),
        ({"y": [0.5, np.nan, 1, 1, 1, 1]}, DataError, ["row 1 of y", "nan"]),
        ({"y": np.zeros((6, 2, 2))}, ShapeError, ["(6, 2, 2)"]),
        ({"y": ["a", None, "b", "a", "a", "a"]}, DataError, ["row 1 of y is missing"]),
        ({"y": ["a", "b", np.nan, "a", "a", "a"]}, DataError, ["row 2 of y is missing"]),
        ({"y": ["a", "b", "a", 3, "a", "a"]}, DataError, ["row 3 of y is 3 (int)"]),
        ({"y": [1, 2, 1, "x", 1, 1]}, DataError, ["row 3 of y is 'x' (str)"]),
        ({"y": np.array([b"a"] * 6)}, DataError, ["|S1", "text"]),
        ({"y": np.array(Y, dtype="datetime64[s]")}, DataError, ["datetime64"]),
        ({"y": ["a", "", "b", "a", "a", "a"]}, DataError, ["empty"]),
        ({"y": [2**63, 0, 1, 1, 1, 1]}, DataError, ["64 bits"]),
        ({"y": [0.0, 1, 0, 1, 0, 1], "classes": (0, 1)}, ConfigurationError, ["y.astype(int)"]),
        ({"classes": (0, 2)}, DataError, ["unknown label 1 (in 3 rows)", "0, 2"]),
        ({"classes": (False, True)}, DataError, ["unknown labels 0 (in 3 rows), 1 (in 3 rows)"]),
        ({"classes": (0, 1, 0)}, DataError, ["distinct", "0"]),
        ({"classes": (0, "1")}, DataError, ["int, str"]),
        ({"classes": 5}, ConfigurationError, ["sequence of labels", "5"]),
        ({"feature_names": 5}, ConfigurationError, ["sequence of names", "5"]),
        ({"classes": ()}, DataError, ["at least one class"]),
        ({"feature_names": ["a"]}, ShapeError, ["2 columns", "1 feature"]),
        ({"feature_names": ["a", "a"]}, DataError, ['"a" more than once']),
        ({"feature_names": ["a", ""]}, DataError, ["empty"]),
        ({"sample_weight": [1, 2]}, ShapeError, ["(6,)", "(2,)"]),
        ({"sample_weight": [1, 1, -1, 1, 1, 1]}, DataError, ["row 2", "-1", ">= 0"]),
        ({"sample_weight": [1, np.inf, 1, 1, 1, 1]}, DataError, ["row 1", "inf"]),
        ({"sample_weight": [0] * 6}, DataError, ["0 for every sample"]),
        ({"sample_weight": ["a"] * 6}, DataError, ["row 0 of sample_weight", "number"]),
        ({"recipe": {"when": object()}}, ConfigurationError, ["JSON", "object"]),
        ({"recipe": {"x": np.nan}}, ConfigurationError, ["JSON"]),
    ],
)
def test_what_cannot_be_used_is_refused(arguments, error, told):
    with pytest.raises(error) as caught:
        Dataset(**{"X": X, "y": Y} | arguments)
    for words in told:
        assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_hash_depends_on_the_content_and_not_on_the_recipe():
    base = {
        "X": X,
        "y": Y,
        "classes": (0, 1),
        "feature_names": ("a", "b"),
        "sample_weight": np.ones(6),
    }
    changes = [
        {},
        {"X": with_cell(5, 1, 11.000000001)},
        {"X": X.reshape(6, 2)[::-1]},
        {"y": [0, 1, 0, 1, 1, 1]},
        {"y": np.array(Y, dtype=float), "classes": None},
        {"classes": (1, 0)},
        {"classes": (0, 1, 2)},
        {"y": list("ababab"), "classes": ("a", "b")},
        {"y": [str(label) for label in Y], "classes": ("0", "1")},
        {"y": np.array(Y, dtype=bool), "classes": (False, True)},
        {"feature_names": ("a", "c")},
        {"sample_weight": None},
        {"sample_weight": np.full(6, 2.0)},
    ]
    hashes = {Dataset(**base | change).content_hash for change in changes}
    assert len(hashes) == len(changes)
    assert all(len(text) == 71 and text.startswith("sha256:") for text in hashes)
    same = Dataset(**base, recipe={"generator": "by hand"})
    assert same.content_hash == Dataset(**base).content_hash


def test_the_hash_is_the_same_on_every_machine():
    data = Dataset([[1.0, 2.0], [3.0, 4.0]], ["a", "b"])
    assert data.content_hash == (
        "sha256:74aabcc18022041bc9c33e591c987ded77cf3a7caf16d046e77c5c7903d076a0"
    )


@given(
    n=st.integers(2, 60),
    test_size=st.one_of(st.floats(0.01, 0.99), st.integers(1, 59)),
    seed=st.integers(0, 2**32 - 1),
)
def test_split_is_scikit_learns(n, test_size, seed):
    rows = np.arange(float(n))
    data = Dataset(rows[:, None], rows)
    try:
        expected = train_test_split(rows, test_size=test_size, random_state=seed)
    except ValueError:
        with pytest.raises(ConfigurationError, match="test_size"):
            data.split(test_size, seed)
    else:
        for part, wanted in zip(data.split(test_size, seed), expected, strict=True):
            np.testing.assert_array_equal(part.X[:, 0], wanted)
            np.testing.assert_array_equal(part.y, wanted)


@given(
    labels=st.lists(st.integers(0, 4), min_size=10, max_size=60).map(sorted)
    | st.integers(1, 5).map(lambda each: [0, 1, 2, 3, 4] * 2 * each),
    test_size=st.floats(0.05, 0.95),
    seed=st.integers(0, 2**32 - 1),
)
def test_a_stratified_split_is_scikit_learns(labels, test_size, seed):
    rows = np.arange(float(len(labels)))
    data = Dataset(rows[:, None], labels)
    try:
        expected = train_test_split(rows, test_size=test_size, random_state=seed, stratify=labels)
    except ValueError:
        with pytest.raises((ConfigurationError, DataError), match=r"test_size|one sample only"):
            data.split(test_size, seed, stratify=True)
    else:
        for part, wanted in zip(data.split(test_size, seed, True), expected, strict=True):
            np.testing.assert_array_equal(part.X[:, 0], wanted)


def test_a_stratified_split_keeps_exact_shares():
    data = Dataset(np.arange(100.0)[:, None], [0] * 20 + [1] * 80)
    train, test = data.split(0.25, seed=3, stratify=True)
    assert np.bincount(train.y).tolist() == [15, 60]
    assert np.bincount(test.y).tolist() == [5, 20]


def test_parts_keep_classes_names_weights_and_say_where_they_come_from():
    labels = ["c", "a", "b", "a", "b", "a"]
    data = Dataset(X, labels, feature_names="pq", sample_weight=X[:, 0] + 1, recipe={"made": 1})
    train, test = data.split(1, seed=5)
    assert (len(train), len(test)) == (5, 1)
    for part, name in ((train, "train"), (test, "test")):
        assert part.classes == ("a", "b", "c")
        assert part.feature_names == ("p", "q")
        np.testing.assert_array_equal(part.sample_weight, part.X[:, 0] + 1)
        assert dict(part.recipe) == {
            "part": name,
            "test_size": 1,
            "seed": 5,
            "stratify": False,
            "of": {"made": 1},
        }
        for row, label in zip(part.X, part.labels, strict=True):
            assert label == labels[int(row[0]) // 2]


@pytest.mark.parametrize(
    "test_size", [0, -1, 6, 7, 0.0, 1.0, -0.5, 1.5, 0.999, True, "0.2", None, float("nan")]
)
def test_impossible_test_sizes_are_refused(test_size):
    with pytest.raises(ConfigurationError, match=r"test_size must be .* of the 6"):
        Dataset(X, Y).split(test_size)


def test_what_cannot_be_stratified_is_refused():
    with pytest.raises(DataError, match='class "b" has one sample'):
        Dataset(X, list("aabccc")).split(0.5, stratify=True)
    with pytest.raises(ConfigurationError, match="all 3 classes"):
        Dataset(X, list("aabbcc")).split(2, stratify=True)
    with pytest.raises(ConfigurationError, match="regression"):
        Dataset(X, X[:, 0]).split(0.5, stratify=True)
    with pytest.raises(ConfigurationError, match="2\\^32"):
        Dataset(X, Y).split(0.5, seed=2**32)


def test_encode_as_takes_over_the_indices_of_other_classes():
    data = Dataset(X[:3], ["b", "c", "b"])
    other = data.encode_as(["a", "b", "c"])
    assert data.y.tolist() == [0, 1, 0]
    assert other.y.tolist() == [1, 2, 1]
    assert other.classes == ("a", "b", "c")
    assert other.labels.tolist() == data.labels.tolist()


def test_encode_as_names_the_labels_it_does_not_know():
    data = Dataset(X, ["a", "z", "b", "z", "a", "q"])
    with pytest.raises(DataError) as caught:
        data.encode_as(["a", "b"])
    assert '"q" (in 1 row), "z" (in 2 rows)' in str(caught.value)
    assert 'known ones are "a", "b"' in str(caught.value)
    with pytest.raises(DataError, match="unknown labels 0"):
        Dataset(X, Y).encode_as(["0", "1"])
    with pytest.raises(DataError, match="regression"):
        Dataset(X, X[:, 0]).encode_as([0, 1])


def test_require_classes_says_what_was_found():
    one = Dataset(X, ["only"] * 6, classes=("only", "other"))
    assert one.require_classes(1) is one
    with pytest.raises(DataError, match=r'at least 2 classes .* found 1: "only"'):
        one.require_classes(2)
    regression = Dataset(X, X[:, 0])
    assert regression.require_classes(2) is regression


def test_replace_keeps_everything_else():
    data = Dataset(X, [1, -1] * 3, classes=(1, -1), sample_weight=Y, recipe={"a": 1})
    other = data.replace(feature_names=("p", "q"))
    assert other.feature_names == ("p", "q")
    assert other.replace(feature_names=("x1", "x2")).content_hash == data.content_hash
    assert other.recipe == data.recipe
    assert other.X is data.X
