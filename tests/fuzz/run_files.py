"""The files of a run's folder, each in a folder whose other files are sound."""

import json
import shutil
import tempfile
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w
from hypothesis import strategies as st
from safetensors.numpy import load, save

import rosenblatt as rb
from fuzz.hostile import changed_json, json_text
from fuzz.reader import Reader
from sealing import seal_config, seal_tensors

KINDS = ("network", "perceptron", "population")


@cache
def folder_of(kind: str) -> Path:
    """A run's folder, with two checkpoints."""
    folder = Path(tempfile.mkdtemp()) / "run"
    data = rb.data.moons(12, seed=0)
    how: dict[str, Any] = {"epochs": 3, "eval_every": 2, "engine": "reference", "run_dir": folder}
    if kind == "network":
        stop = rb.EarlyStopping("train_loss", patience=2)
        schedule = rb.optimizers.LinearWarmup(2, rb.optimizers.Cosine(0.1, 9))
        optimizer = rb.SGD(schedule, momentum=0.9)
        model = rb.MLP(2, [2], 2, dropout=0.2)
        rb.train(model, data, test=data, optimizer=optimizer, callbacks=[stop], **how)
    elif kind == "perceptron":
        rb.train(rb.Perceptron(2), data, **how)
    else:
        rb.train_many(rb.MLP(2, [], 2), data, seeds=[1, 2], batch_size=5, **how)
    return folder


def contents_of(name: str) -> Callable[[Path], list[bytes]]:
    """The valid contents of a file of that name; the newest, of checkpoints."""
    return lambda _: [sorted(folder_of(kind).glob(name))[-1].read_bytes() for kind in KINDS]


def reads(name: str) -> Callable[[Path], None]:
    """Read a run in whose folder this file takes the place of the newest that matches the name."""

    def read(path: Path) -> None:
        refused = []
        for kind in KINDS:
            with tempfile.TemporaryDirectory() as place:
                copy = Path(place) / "run"
                shutil.copytree(folder_of(kind), copy)
                *others, newest = sorted(copy.glob(name))
                for other in others:
                    other.unlink()
                newest.write_bytes(path.read_bytes())
                try:
                    with warnings.catch_warnings(), np.errstate(all="ignore"):
                        warnings.simplefilter("ignore")
                        use(rb.load_run(copy))
                except rb.RosenblattError as error:
                    refused.append(error)
                else:
                    return
        raise refused[0]

    return read


def use(found: Any) -> None:
    """Visit the run that was read."""
    run = found if isinstance(found, rb.Run) else found[0]
    path = run._trajectory
    if path.last.update - path.first_update < 1000:
        run.at(update=path.last.update)
        run.at(update=path.first_update)
    _ = repr(run), run.history.columns


@st.composite
def configs(draw: Callable[..., Any]) -> bytes:
    """Settings with parts replaced, as TOML if TOML can hold them."""
    import tomllib

    valid = folder_of(draw(st.sampled_from(KINDS))) / "config.toml"
    changed = draw(changed_json(tomllib.loads(valid.read_text())))
    try:
        return tomli_w.dumps(changed).encode()
    except (TypeError, ValueError, AttributeError):
        return repr(changed).encode(errors="replace")
    except RecursionError:
        return b"a = " + 400 * b"[" + 400 * b"]"


def described(name: str) -> Any:
    """Files of arrays whose document, or whose arrays' shapes, are a stranger's."""

    @st.composite
    def draw_file(draw: Callable[..., Any]) -> bytes:
        kind = draw(st.sampled_from(KINDS))
        content = sorted(folder_of(kind).glob(name))[-1].read_bytes()
        length = int.from_bytes(content[:8], "little")
        document = json.loads(json.loads(content[8 : 8 + length])["__metadata__"]["rosenblatt"])
        tensors = load(content)
        if draw(st.booleans()):
            victim = draw(st.sampled_from(sorted(tensors)))
            shape = draw(st.sampled_from([(0,), (1,), (2, 2), (3, 1, 1), ()]))
            dtype = draw(st.sampled_from(["f8", "f4", "i8", "u1", "?"]))
            tensors[victim] = np.full(shape, draw(st.sampled_from([0, 1, 250])), dtype)
        changed = draw(changed_json(document))
        text = json.dumps(changed) if draw(st.integers(0, 5)) else draw(json_text(changed))
        return save(tensors, metadata={"rosenblatt": text})

    return draw_file()


RUN_READERS = (
    Reader(
        "run settings",
        "config.toml",
        contents_of("config.toml"),
        reads("config.toml"),
        configs(),
        seal_config,
    ),
    Reader(
        "run data",
        "data.safetensors",
        contents_of("data.safetensors"),
        reads("data.safetensors"),
        described("data.safetensors"),
        seal_tensors,
    ),
    Reader(
        "checkpoint",
        "c.safetensors",
        contents_of("checkpoints/*.safetensors"),
        reads("checkpoints/*.safetensors"),
        described("checkpoints/*.safetensors"),
        seal_tensors,
    ),
)
