import pytest

from assignment1.flags import Flags, parse_flags, parse_no_flags
from rosenblatt.errors import ConfigurationError


def parse(line, with_sgd=True):
    return parse_flags(line.split(), "A script.", with_sgd=with_sgd)


def refusal(line, with_sgd=True):
    with pytest.raises(ConfigurationError) as error:
        parse(line, with_sgd)
    return str(error.value)


def test_defaults_are_those_of_the_report():
    expected = Flags((20,), learning_rate=0.01, max_steps=1500, eval_freq=10, seed=42)
    assert parse("") == expected
    assert parse("", with_sgd=False) == expected
    given = "--dnn_hidden_units 20 --learning_rate 0.01 --max_steps 1500 --eval_freq 10"
    assert parse(given) == expected


def test_one_dash_and_an_equals_sign_mean_the_same():
    expected = parse("--dnn_hidden_units 20,10 --max_steps 7 --sgd --batch_size 3")
    assert parse("-dnn_hidden_units 20,10 -max_steps 7 -sgd -batch_size 3") == expected
    assert parse("-dnn_hidden_units=20,10 --max_steps=7 -sgd --batch_size=3") == expected


def test_batch_size():
    assert parse("").batch_size is None
    assert parse("--sgd").batch_size == 1
    assert parse("--sgd --batch_size 64").batch_size == 64
    assert "has no effect without --sgd" in refusal("--batch_size 10")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        (
            "--dnn_hiden_units 20",
            'unknown flag --dnn_hiden_units; did you mean "--dnn_hidden_units"?',
        ),
        ("-learning-rate 1", 'did you mean "--learning_rate"?'),
        ("--max_step 5", 'did you mean "--max_steps"?'),
        ("--batchsize 5 --sgd", 'did you mean "--batch_size"?'),
        ("-sg", 'did you mean "--sgd"?'),
        ("--momentum 0.9", "the flags are --help, --dnn_hidden_units, --learning_rate"),
        ("-x", "unknown flag -x"),
        ("5", 'unexpected "5"'),
        ("--sgd yes", 'unexpected "yes"'),
    ],
)
def test_unknown_arguments_are_refused(line, named):
    assert named in refusal(line)


def test_sgd_belongs_to_part_3():
    assert "part3" in refusal("--sgd", with_sgd=False)
    assert "part3" in refusal("--batch_size 3", with_sgd=False)


@pytest.mark.parametrize(
    "line",
    [
        "--dnn_hidden_units 20,,x",
        "--dnn_hidden_units 20,",
        "--dnn_hidden_units 0",
        "--dnn_hidden_units 1000000",
        "--dnn_hidden_units -20",
        "--dnn_hidden_units 2.5",
        "--learning_rate 0",
        "--learning_rate -0.1",
        "--learning_rate nan",
        "--learning_rate inf",
        "--learning_rate fast",
        "--max_steps 0",
        "--max_steps -1",
        "--max_steps 1e3",
        "--eval_freq 0",
        "--seed -1",
        "--seed 4294967296",
        "--sgd --batch_size 0",
        "--sgd --batch_size -3",
        "--sgd --batch_size all",
        "--max_steps",
    ],
)
def test_nonsense_is_refused_by_the_name_of_its_flag(line):
    message = refusal(line)
    assert message.startswith(line.removeprefix("--sgd ").split()[0])
    assert "\n" not in message


def test_no_flags():
    parse_no_flags([], "A script.")
    with pytest.raises(ConfigurationError, match="unknown flag --points"):
        parse_no_flags(["--points", "3"], "A script.")
