"""Arrays in files: equal content is equal bytes."""

import json

import numpy as np
import pytest

import rosenblatt as rb
from rosenblatt.tensors import read_tensors, write_tensors


def test_equal_content_is_an_equal_file(tmp_path):
    tensors = {"b": np.arange(3.0), "a é": np.ones((2, 2), np.float32)}
    document = {"kind": "x", "text": '日本 \x07 "quoted"'}
    contents = set()
    # The library's own order of the metadata differs from call to call.
    for i in range(20):
        path = tmp_path / f"{i}.safetensors"
        write_tensors(path, tensors, document)
        contents.add(path.read_bytes())
    assert len(contents) == 1
    found, about = read_tensors(path)
    assert about == document
    assert {name: value.tolist() for name, value in found.items()} == {
        name: value.tolist() for name, value in tensors.items()
    }


def test_the_file_is_one_that_safetensors_reads(tmp_path):
    from safetensors.numpy import load

    path = tmp_path / "a.safetensors"
    for length in range(9):
        # The header is padded for every length of it.
        write_tensors(path, {"x": np.arange(5.0)}, {"text": "x" * length})
        content = path.read_bytes()
        size = int.from_bytes(content[:8], "little")
        assert size % 8 == 0
        assert list(json.loads(content[8 : 8 + size])["__metadata__"]) == ["digest", "rosenblatt"]
        np.testing.assert_array_equal(load(content)["x"], np.arange(5.0))


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_equal_models_are_equal_files(tmp_path, engine):
    data = rb.data.moons(60, noise=0.2, seed=0)
    files = set()
    for i in range(6):
        run = rb.train(rb.MLP(2, [4], 2), data, epochs=3, engine=engine, run_dir=tmp_path / str(i))
        rb.save_model(tmp_path / "m.safetensors", run, feature_names=data.feature_names)
        files.add((tmp_path / "m.safetensors").read_bytes())
        files.add((tmp_path / str(i) / "model.safetensors").read_bytes())
    assert len(files) == 1
