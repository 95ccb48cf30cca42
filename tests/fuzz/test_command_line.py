"""Whatever stands on the command line: a status, and if it is 2, one line that says why.

Commands are drawn from the flags that there are, so a new flag is fuzzed too. Nothing is trained
for long, no experiment runs, and the reference engine stands in for the compiled one.
"""

import contextlib
import io
import os
import shutil
import typing
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import rosenblatt as rb
import rosenblatt.report.build
import rosenblatt.training
from fuzz.counting import CASES
from fuzz.hostile import HUGE
from fuzz.readers import CONFIGURATIONS, READERS, made
from rosenblatt.cli import main
from rosenblatt.cli.app import app
from rosenblatt.errors import ConfigurationError

MOST_EPOCHS = 3

COMMANDS = [
    ("train", "mlp"),
    ("train", "mlp"),
    ("train", "perceptron"),
    ("predict",),
    ("data", "make"),
    ("data", "show"),
    ("report",),
    ("gradcheck",),
    ("sweep", "show"),
    ("sweep", "map"),
    ("sweep", "curves"),
    ("sweep", "parallel"),
    ("--install-completion",),
]

LONG = "x" * 300


def words(text):
    return text.split()


class Values(NamedTuple):
    """What a flag is given: mostly what people would, and what strangers might."""

    usual: list[str]
    strange: list[str]

    def drawn(self):
        usual = st.sampled_from(self.usual)
        return st.one_of(usual, usual, usual, st.sampled_from(self.strange))


WHOLE = Values(
    words("1 2 3 5 20"),
    [*words("0 -1 1e3 2.7 1_0 ٣ 0x10 nan 1000000000000"), "", "9" * 18, "9" * 25, "9" * 400, HUGE],
)
REAL = Values(
    words("0.1 0.5 0.9 1 2"),
    [*words("0 -0 -1 1e-320 1e-9 1e30 1e300 -1e300 nan inf -inf 1e999 ½"), "", "9" * 400],
)
WIDTHS = Values(
    words("3 4,2 0 1,1,1,1,1,1,1,1"),
    ["", "-1", "2,", "3,0", "1e3", "9" * 25, "1000000000", HUGE],
)
POINTS = Values(
    ["0,0;5,5", "1,2,3;4,5,6;7,8,9", "0,0"],
    [";", "", "nan,0;1,1", "1e300,0;0,0", ",", "0;1", "5e-324,0;0,0"],
)
WORDS = Values(
    words("a y label a,b 0 -1 reference auto one-b1 E1"),
    [
        "99",
        "",
        " ",
        "é",
        "$\\frac{",
        "\n",
        "\udcff",
        "tcp://127.0.0.1:1",
        "--json",
        "x" * 5000,
        HUGE,
        "%s{0}",
        "\u202e",
    ],
)
DATA = Values(
    words("moons circles blobs gaussians xor spirals mnist1d parity modular_addition")
    + words("good.csv text.csv good.npz good.parquet values.csv")
    + words("changed.csv changed.npz changed.parquet strange.csv"),
    [
        *words("zero.csv missing.csv folder folder.csv . c.toml /dev/null moon"),
        "",
        f"{LONG}.csv",
        LONG,
        "é\n.csv",
        "\udcff.csv",
    ],
)
MODELS = Values(
    words("0.safetensors 1.safetensors 2.safetensors changed.safetensors"),
    [*words("missing folder /dev/zero good.csv"), "", LONG],
)
CONFIGS = Values(
    ["c.toml", "changed.toml"], [*words("/dev/zero folder missing good.npz"), "", LONG]
)
SWEEPS = Values(["sweep"], [*words("folder missing good.csv . /dev/null"), "", LONG, "é\n"])
SWEPT = Values(
    words(
        "learning_rate learning-rate hidden seed hidden=3 learning_rate=0.1 learning_rate,hidden"
    ),
    [*words("train_loss = hidden= hidden=9 rate seed=0 learning_rate=nan ,"), "", "$x$", HUGE],
)
MEASURES = Values(
    words("train_loss train_accuracy"), [*words("test_loss hidden seed status loss"), "", "$", HUGE]
)
WRITABLE = Values(
    words("out.csv out.npz out.parquet out.safetensors p.png p.svg p.pdf OUT.CSV good.csv"),
    words("out .. .csv ../up.csv missing/out.csv good.csv/out.csv folder folder.csv broken.csv")
    + words("/proc/none.csv /dev/null /dev/full")
    + ["", f"{LONG}.csv", "é\n.csv", "\udcff.csv"],
)
ENDINGS = {
    "--save": (".safetensors",),
    "--history": (".csv", ".parquet"),
    "--plot": (".png", ".svg", ".pdf"),
}


def values(name, hint):
    """What a flag of that name and type is given."""
    by_name = {"--config": CONFIGS, "--model": MODELS, "--data": DATA, "--generator": DATA}
    by_name |= {"--means": POINTS, "--hidden": WIDTHS, "--value": MEASURES, "--sort": MEASURES}
    by_name |= dict.fromkeys(("--x", "--y", "--by", "--where", "--settings"), SWEPT)
    if name in by_name:
        return by_name[name]
    kinds = typing.get_args(hint) or (hint,)
    if Path in kinds:
        right = [path for path in WRITABLE.usual if path.endswith(ENDINGS.get(name, ""))]
        return Values(right, WRITABLE.usual + WRITABLE.strange)
    if int in kinds:
        return WHOLE
    if float in kinds:
        return REAL
    choices = [
        choice
        for kind in (hint, *kinds)
        for choice in typing.get_args(kind)
        if isinstance(choice, str)
    ]
    return Values(choices, ["nonsense", ""]) if choices else WORDS


def flags(command):
    """Every flag of a command with the values to draw for it; None where it stands alone."""
    found = app
    for word in command:
        found = found[word]
    for argument in found.assemble_argument_collection():
        for name in argument.names:
            if name.startswith("--"):
                alone = argument.hint is bool
                yield name, None if alone else values(name, argument.hint)


FLAGS = {command: dict(flags(command)) for command in COMMANDS}
POSITIONAL = {
    ("train", "mlp"): [DATA],
    ("train", "perceptron"): [DATA],
    ("predict",): [MODELS, DATA],
    ("data", "make"): [DATA],
    ("data", "show"): [DATA],
    ("sweep", "show"): [SWEEPS],
    ("sweep", "map"): [SWEEPS],
    ("sweep", "curves"): [SWEEPS],
    ("sweep", "parallel"): [SWEEPS],
}
USUAL = {
    ("train", "mlp"): ["--epochs", "2"],
    ("train", "perceptron"): ["--epochs", "2"],
    ("data", "make"): ["--out", "out.csv"],
    ("sweep", "map"): ["--x", "learning_rate", "--y", "hidden", "--out", "p.png"],
    ("sweep", "curves"): ["--x", "learning_rate", "--out", "p.svg"],
    ("sweep", "parallel"): ["--out", "p.pdf"],
}


@st.composite
def command_lines(draw):
    command = draw(st.sampled_from(COMMANDS))
    line = [*command]
    for choices in POSITIONAL.get(command, []):
        if draw(st.integers(0, 19)):
            line.append(draw(choices.drawn()))
    if draw(st.integers(0, 3)):
        line += USUAL.get(command, [])
    known = FLAGS[command]
    for name in draw(st.lists(st.sampled_from(sorted(known)), max_size=3, unique=True)):
        choices = known[name]
        value = None if choices is None else draw(choices.drawn())
        if value is None:
            line.append(name)
        elif draw(st.booleans()):
            line.append(f"{name}={value}")
        else:
            line += [name, value]
    if draw(st.integers(0, 9)) == 0:
        usual = st.sampled_from(["--help", "--version", "--nonsense", "--", "-", "train"])
        word = draw(usual | WORDS.drawn() | st.text(max_size=5))
        line.insert(draw(st.integers(0, len(line))), word)
    # No process can be given a NUL.
    return [word.replace("\0", "") for word in line]


STRANGE = """\
$\\frac{x$,"two\nlines",\u202e%s,label
1,2,1e300,$a_
2,1e-300,-1e300,_hidden
3,0,0,$a_
4,-1e300,1,"<b>&amp;"
5,1,1e200,_hidden
"""
"""Names that mean something to those who draw or print them, and numbers at the limits."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Stand in a folder of its own, with nothing that takes long behind the commands."""
    outside = tmp_path_factory.mktemp("outside")
    inside = outside / "deeper" / "here"
    real_train = rosenblatt.training.train

    def train(model, data, *, epochs, engine, **rest):
        short = min(epochs, MOST_EPOCHS) if isinstance(epochs, int) else epochs
        plain = "reference" if engine in ("auto", "compiled") else engine
        return real_train(model, data, epochs=short, engine=plain, **rest)

    def no_experiment(*args, **kwargs):
        raise ConfigurationError("a fuzz runs no experiment")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rosenblatt.training, "train", train)
        patch.setattr(rosenblatt.report.build, "run_experiments", no_experiment)
        for name in ("HOME", "ZDOTDIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(outside))
        patch.chdir(outside)
        over = {"learning_rate": [0.1, 1.0], "hidden": [[3], [2, 2]]}
        how = {"epochs": 1, "engine": "reference", "progress": False}
        rb.sweep(rb.MLP(2, [3], 2), rb.data.moons(8), over=over, folder="sweep", **how)
        yield inside
        os.chdir(outside)


def lay_out(folder, changed):
    """Fill the folder anew; ``changed`` are the contents of the files that were damaged."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.chdir(folder)
    (folder / "text.csv").write_bytes(made("csv")[0])
    (folder / "good.csv").write_bytes(made("csv")[1])
    (folder / "values.csv").write_bytes(made("csv")[2])
    (folder / "strange.csv").write_text(STRANGE, encoding="utf-8")
    (folder / "good.npz").write_bytes(made("npz")[1])
    (folder / "good.parquet").write_bytes(made("parquet")[0])
    for number, content in enumerate(made("model")):
        (folder / f"{number}.safetensors").write_bytes(content)
    (folder / "c.toml").write_bytes(CONFIGURATIONS[0])
    for name, content in changed.items():
        (folder / name).write_bytes(content)
    shutil.copytree(folder.parents[1] / "sweep", folder / "sweep")
    (folder / "folder").mkdir()
    (folder / "folder.csv").mkdir()
    (folder / "zero.csv").symlink_to("/dev/zero")
    (folder / "broken.csv").symlink_to("nowhere/at/all.csv")


def run(line):
    """Run a command in this process; return its status and what it printed."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(line)
    texts = []
    for stream in (out, err):
        stream.flush()
        texts.append(stream.buffer.getvalue().decode())
    return status, *texts


CHANGED = {
    "changed.csv": READERS["csv"],
    "changed.npz": READERS["npz"],
    "changed.parquet": READERS["parquet"],
    "changed.safetensors": READERS["model"],
    "changed.toml": READERS["toml"],
}


@pytest.mark.slow
@settings(
    max_examples=settings.default.max_examples,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(line=command_lines(), data=st.data())
def test_a_command_line_that_a_stranger_typed(home, line, data):
    CASES["command line"] += 1
    named = [name for name in CHANGED if any(name in word for word in line)]
    lay_out(home, {name: data.draw(CHANGED[name].hostile) for name in named})
    status, _, err = run(line)
    assert status in (0, 1, 2), line
    assert "Traceback" not in err, line
    if status == 2:
        complaint = err.splitlines()[-1]
        assert complaint.startswith("rosenblatt: error: "), err
        assert len(complaint) < 30_000, line
