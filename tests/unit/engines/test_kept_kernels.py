"""Compiled kernels on the disk: which of them may be used, and what happens where none can be."""

import ast
import importlib
import os
import shutil
import sys
import warnings
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pytest
from numba.core.dispatcher import Dispatcher

import rosenblatt.engines.compiled
from rosenblatt.engines.compiled import cache, loading, matrices, measures, units  # noqa: F401
from rosenblatt.engines.online import choose_online
from rosenblatt.errors import ConfigurationError

KERNEL = """
from rosenblatt.engines.compiled.cache import kept_kernel
from {name}.parts import part

@kept_kernel()
def train(x):
    return part(x)
"""
PART = """
from numba import njit

@njit
def part(x):
    return {factor} * x
"""
TIME = 1_000_000_000


class Installation:
    """A package with a kernel, and a part of it in another file."""

    def __init__(self, folder, monkeypatch):
        self.name = f"installation_{os.getpid()}"
        self.folder = folder / "site" / self.name
        self.folder.mkdir(parents=True)
        (self.folder / "__init__.py").touch()
        (self.folder / "kernels.py").write_text(KERNEL.format(name=self.name))
        self.write_part(2.0)
        monkeypatch.setattr(cache, "SOURCES", {self.name: "*.py"})
        monkeypatch.setattr(cache.config, "CACHE_DIR", "")
        monkeypatch.setattr(sys, "dont_write_bytecode", True)
        monkeypatch.setattr(sys, "path", [str(self.folder.parent), *sys.path])

    def write_part(self, factor):
        part = self.folder / "parts.py"
        part.write_text(PART.format(factor=factor))
        # The same size and the same time, as after an upgrade from a wheel with a fixed time.
        os.utime(part, (TIME, TIME))

    def kernel(self):
        """Return the kernel as another process would find it."""
        self.forget()
        return importlib.import_module(f"{self.name}.kernels").train

    def forget(self):
        for name in [name for name in sys.modules if name.split(".")[0] == self.name]:
            del sys.modules[name]
        importlib.invalidate_caches()
        cache.sources_digest.cache_clear()
        cache._folder_for.cache_clear()
        cache.warn_that_nothing_is_kept.cache_clear()


@pytest.fixture
def installation(tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        made = Installation(tmp_path, patch)
        yield made
    made.forget()


def hits(kernel):
    return sum(kernel.stats.cache_hits.values())


@pytest.mark.parametrize("where", ["beside the sources", "NUMBA_CACHE_DIR", "the user's folder"])
def test_a_kernel_is_kept_until_a_part_of_it_changes(installation, where, tmp_path, monkeypatch):
    if where == "NUMBA_CACHE_DIR":
        monkeypatch.setattr(cache.config, "CACHE_DIR", str(tmp_path / "kept"))
    if where == "the user's folder":
        (installation.folder / "__pycache__").touch()
        monkeypatch.setenv("HOME", str(tmp_path / "home"))
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home" / "kept"))
    first = installation.kernel()
    assert not cache.is_kept(first)
    assert first(3.0) == 6.0
    assert Path(first.stats.cache_path).is_relative_to(tmp_path)
    second = installation.kernel()
    assert cache.is_kept(second)
    assert second(3.0) == 6.0
    assert hits(second) == 1
    installation.write_part(4.0)
    changed = installation.kernel()
    assert not cache.is_kept(changed)
    assert changed(3.0) == 12.0
    assert hits(changed) == 0
    # What was compiled from other sources is gone.
    assert len(list(Path(changed.stats.cache_path).glob("*.nbi"))) == 1


def test_a_kernel_in_a_zip_archive(installation, tmp_path, monkeypatch):
    archive = shutil.make_archive(
        str(tmp_path / "archive"), "zip", installation.folder.parent, installation.name
    )
    shutil.rmtree(installation.folder)
    monkeypatch.setattr(cache.config, "CACHE_DIR", str(tmp_path / "kept"))
    monkeypatch.syspath_prepend(archive)
    for is_kept in (False, True):
        kernel = installation.kernel()
        assert cache.is_kept(kernel) == is_kept
        assert kernel(3.0) == 6.0
        assert hits(kernel) == is_kept


@pytest.mark.parametrize("name", ["*.nbi", "*.nbc"])
def test_a_damaged_file_is_compiled_again(installation, name):
    kernel = installation.kernel()
    kernel(3.0)
    for path in Path(kernel.stats.cache_path).glob(name):
        path.write_bytes(b"damaged")
    for expected in (0, 1):
        again = installation.kernel()
        assert again(3.0) == 6.0
        assert hits(again) == expected


@pytest.mark.parametrize("cache_dir", ["", "a file"])
def test_without_a_folder_kernels_are_compiled_and_a_line_says_so_once(
    installation, tmp_path, monkeypatch, cache_dir
):
    file = tmp_path / "file"
    file.touch()
    # Nobody, not even root, can make a folder below a file.
    (installation.folder / "__pycache__").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    monkeypatch.setattr(cache.config, "CACHE_DIR", str(file) if cache_dir else "")
    monkeypatch.setattr(loading, "_loaded", set())
    kernel = installation.kernel()
    assert not cache.has_folder(kernel)
    assert not cache.is_kept(kernel)
    with pytest.warns(UserWarning, match="set NUMBA_CACHE_DIR to a folder") as warned:
        loading.load_kernel(kernel, (), 3.0)
    assert len(warned) == 1
    assert "\n" not in str(warned[0].message)
    assert kernel(3.0) == 6.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loading.load_kernel(kernel, ("another form",), np.float32(3.0))


def test_a_disk_that_is_full_costs_no_training(installation, monkeypatch):
    def fail(*arguments):
        raise OSError("No space left on device")

    kernel = installation.kernel()
    monkeypatch.setattr(cache._KernelFiles, "_save_data", fail)
    with pytest.warns(UserWarning, match="cannot be kept in .*No space left"):
        assert kernel(3.0) == 6.0


def test_kernels_are_made_of_the_sources_that_their_names_hold():
    folder = Path(rosenblatt.engines.compiled.__file__).parent
    makers = []
    for path in folder.glob("*.py"):
        module = importlib.import_module(f"rosenblatt.engines.compiled.{path.stem}")
        compiled = [one for one in vars(module).values() if isinstance(one, Dispatcher)]
        if any(one.py_func.__module__ == module.__name__ for one in compiled):
            makers.append(path)
    assert len(makers) > 8
    for path in makers:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "rosenblatt":
                used = [f"{node.module}.{name.name}" for name in node.names]
                if node.module not in cache.SOURCES:
                    used = [node.module]
                for package, _, name in (module.rpartition(".") for module in used):
                    pattern = cache.SOURCES.get(package, "")
                    assert fnmatch(f"{name}.py", pattern), (path.name, package, name)


def test_perceptrons_without_numbas_compiler(monkeypatch):
    assert choose_online("auto", 10**9) == "compiled"
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    assert choose_online("auto", 10**9) == "reference"
    assert choose_online("reference", 10**9) == "reference"
    with pytest.raises(ConfigurationError, match="NUMBA_DISABLE_JIT"):
        choose_online("compiled", 10**9)
