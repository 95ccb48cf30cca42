import pytest

from rosenblatt import errors
from rosenblatt.errors import RosenblattError, given, nearest


def test_the_tree_in_the_docstring_is_the_tree():
    drawn = {word for word in errors.__doc__.split() if word.endswith("Error")}
    defined = {
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, RosenblattError)
    }
    assert drawn == defined


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        ("ConfigurationError", ValueError),
        ("DataError", ValueError),
        ("ShapeError", ValueError),
        ("DerivativeError", TypeError),
        ("FileError", OSError),
    ],
)
def test_each_error_is_also_the_builtin_that_others_expect(kind, builtin):
    assert issubclass(getattr(errors, kind), RosenblattError)
    assert issubclass(getattr(errors, kind), builtin)
    assert str(getattr(errors, kind)("what was given")) == "what was given"


def test_what_python_cannot_write_is_named_by_its_type():
    assert given(10**5000) == "int too long to show"
    assert given([10**5000]) == "list too long to show"
    deep = []
    for _ in range(100_000):
        deep = [deep]
    assert given(deep) == "list too long to show"


@pytest.mark.parametrize("word", ["xyz", "", 3, None])
def test_nothing_is_suggested_where_nothing_is_near(word):
    assert nearest(word, ["relu", "tanh"]) == ""
    assert nearest(word, []) == ""
