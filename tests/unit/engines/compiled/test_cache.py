import os
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pytest

from rosenblatt.engines.compiled import cache
from rosenblatt.engines.compiled.cache import VARIABLE, KernelCache, user_folder
from rosenblatt.engines.compiled.target import Target
from rosenblatt.errors import FileError

HERE = Target.host()
OTHER = replace(HERE, cpu="another")
NOT_WINDOWS = pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")


def text(value=2.0):
    """Return a module whose train(x) makes x[0] = value."""
    return f"define void @train(ptr %x) {{\nstore double {value:e}, ptr %x\nret void\n}}\n"


def never():
    raise AssertionError("compiled, although it is there")


def result(library):
    x = np.zeros(1)
    library.function()(x.ctypes.data)
    return x[0]


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "kernels"


@pytest.fixture
def file(folder):
    """The file of the key "key", which computes 2."""
    KernelCache(folder).kernel("key", text, HERE)
    (path,) = folder.iterdir()
    return path


def test_a_kernel_is_compiled_once_and_then_found_in_memory_and_on_the_disk(folder):
    first, second = KernelCache(folder), KernelCache(folder)
    assert not first.is_loaded("key", HERE)
    assert not first.is_kept("key", HERE)
    library = first.kernel("key", text, HERE)
    assert first.kernel("key", never, HERE) is library
    assert first.is_loaded("key", HERE)
    assert second.is_kept("key", HERE)
    assert not second.is_loaded("key", HERE)
    assert result(second.kernel("key", never, HERE)) == 2.0


def test_keys_and_targets_have_kernels_of_their_own(folder):
    kernels = KernelCache(folder)
    assert result(kernels.kernel("one", lambda: text(1.0), HERE)) == 1.0
    assert result(kernels.kernel("two", lambda: text(2.0), HERE)) == 2.0
    lower = replace(HERE, features="")
    assert result(kernels.kernel("one", lambda: text(3.0), lower)) == 3.0
    assert result(KernelCache(folder).kernel("one", never, HERE)) == 1.0
    assert not kernels.is_loaded("three", HERE)
    assert not kernels.is_kept("two", lower)


def test_the_folder_and_its_files_are_the_users(folder, file):
    assert file.suffix == ".kernel"
    assert os.name == "nt" or stat.S_IMODE(folder.stat().st_mode) == 0o700


def corrupt(content):
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:10],
        lambda content: content[:-1],
        lambda content: content + b"\0",
        corrupt,
        lambda content: b"\0" * len(content),
        lambda content: os.urandom(len(content)),
    ],
)
def test_a_damaged_file_is_ignored_and_replaced(folder, file, damage):
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert not KernelCache(folder).is_kept("key", HERE)
    assert result(KernelCache(folder).kernel("key", text, HERE)) == 2.0
    assert file.read_bytes() == whole


@pytest.mark.parametrize(
    ("key", "target", "compiler", "sources"),
    [
        ("another key", HERE, None, None),
        ("key", OTHER, None, None),
        ("key", HERE, "another LLVM", None),
        ("key", HERE, None, "other sources"),
    ],
)
def test_a_whole_file_of_anything_else_is_ignored(
    folder, file, monkeypatch, key, target, compiler, sources
):
    """Each part counts in the name, and once more in the file, whatever the file is called."""
    with monkeypatch.context() as patch:
        if compiler:
            patch.setattr(cache, "compiler_version", lambda: compiler)
        if sources:
            patch.setattr(cache, "sources_digest", lambda: sources)
        foreign = cache._Entry(key, target)
        content = foreign.content(b"code")
        assert foreign.code_in(content) == b"code"
    assert foreign.name != file.name
    file.write_bytes(content)
    assert not KernelCache(folder).is_kept("key", HERE)
    assert result(KernelCache(folder).kernel("key", text, HERE)) == 2.0


def test_a_whole_file_that_llvm_cannot_load_is_replaced(folder, file):
    whole = file.read_bytes()
    file.write_bytes(cache._Entry("key", HERE).content(b"this is no object code"))
    assert result(KernelCache(folder).kernel("key", text, HERE)) == 2.0
    assert file.read_bytes() == whole


def assert_in_memory_only(folder):
    kernels = KernelCache(folder)
    assert result(kernels.kernel("key", text, HERE)) == 2.0
    assert kernels.is_loaded("key", HERE)
    assert not kernels.is_kept("key", HERE)
    assert kernels.kernel("key", never, HERE)


def test_without_a_folder_kernels_are_in_memory():
    assert_in_memory_only(None)


def test_where_no_folder_can_be_made_kernels_are_in_memory(tmp_path):
    (tmp_path / "file").write_text("")
    assert_in_memory_only(tmp_path / "file" / "kernels")
    assert_in_memory_only(tmp_path / "file")
    assert_in_memory_only(tmp_path / ("x" * 300) / "kernels")


@NOT_WINDOWS
@pytest.mark.parametrize("mode", [0o701, 0o710, 0o722, 0o755, 0o770, 0o777])
def test_a_folder_that_is_open_to_others_is_not_used(folder, file, mode):
    folder.chmod(mode)
    assert_in_memory_only(folder)


@NOT_WINDOWS
def test_a_folder_or_file_of_another_user_is_not_used(folder, file, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    assert_in_memory_only(folder)


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away"
)
@pytest.mark.parametrize("which", ["folder", "file"])
def test_what_was_given_to_another_user_is_not_used(folder, file, which):
    os.chown(folder if which == "folder" else file, 65534, 65534)
    assert not KernelCache(folder).is_kept("key", HERE)
    assert result(KernelCache(folder).kernel("key", text, HERE)) == 2.0


@NOT_WINDOWS
def test_links_are_not_followed(tmp_path, folder, file):
    (tmp_path / "link").symlink_to(folder)
    assert_in_memory_only(tmp_path / "link")
    moved = file.rename(tmp_path / "moved")
    file.symlink_to(moved)
    assert not KernelCache(folder).is_kept("key", HERE)


@NOT_WINDOWS
def test_what_is_no_file_is_not_waited_for(folder, file):
    file.unlink()
    os.mkfifo(file)
    assert result(KernelCache(folder).kernel("key", text, HERE)) == 2.0


@NOT_WINDOWS
def test_a_folder_that_cannot_be_written_is_read(folder, file):
    script = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from rosenblatt.engines.compiled.cache import KernelCache\n"
        "from rosenblatt.engines.compiled.target import Target\n"
        "folder = Path(sys.argv[1])\n"
        f"kernels, text, here = KernelCache(folder), {text()!r}, Target.host()\n"
        "if os.geteuid() == 0:\n"
        "    os.chown(folder, 65534, 65534)\n"
        "    for file in folder.iterdir(): os.chown(file, 65534, 65534)\n"
        "    os.setegid(65534); os.seteuid(65534)\n"
        "assert kernels.is_kept('key', here)\n"
        "kernels.kernel('other', lambda: text, here)\n"
        "assert kernels.is_loaded('other', here) and not kernels.is_kept('other', here)\n"
    )
    folder.chmod(0o500)
    for parent in folder.parents:
        if parent.name.startswith(("pytest-", "popen-", "test_")):  # pytest's own
            parent.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", script, folder], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_a_full_disk_leaves_kernels_in_memory(folder, monkeypatch):
    def full(path, *, durable):
        raise FileError("cannot write: No space left on device")

    monkeypatch.setattr(cache, "atomic_write", full)
    assert_in_memory_only(folder)


def test_a_folder_that_disappears_is_made_again(folder, file):
    kernels = KernelCache(folder)
    kernels.kernel("key", never, HERE)
    file.unlink()
    folder.rmdir()
    kernels.kernel("other", text, HERE)
    assert kernels.is_kept("other", HERE)


def test_the_files_not_used_longest_go_first(folder):
    sizes = []
    for number in range(12):
        KernelCache(folder).kernel(f"key {number}", text, HERE)
        path = folder / cache._Entry(f"key {number}", HERE).name
        sizes.append(path.stat().st_size)
        # Each is older than the one before: the first is the newest.
        moment = time.time() - 1e5 * (number + 1)
        os.utime(path, (moment, moment))
    # The last one of all is used now.
    KernelCache(folder).kernel("key 11", never, HERE)
    limit = sum(sizes[:8])
    KernelCache(folder, max_bytes=limit).kernel("new", text, HERE)
    remaining = sum(path.stat().st_size for path in folder.iterdir())
    assert 0.6 * limit < remaining <= limit
    kept = [KernelCache(folder).is_kept(f"key {number}", HERE) for number in range(12)]
    assert kept == [True] * 5 + [False] * 6 + [True]
    assert KernelCache(folder).is_kept("new", HERE)


def test_the_size_stays_bounded_in_a_long_process(folder):
    size = len(cache._Entry("key 00", HERE).content(b"")) + 2000
    kernels = KernelCache(folder, max_bytes=20 * size)
    for number in range(60):
        kernels.kernel(f"key {number:02}", text, HERE)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 25 * size


def test_what_killed_processes_left_is_removed_and_nothing_else(folder, file):
    names = {".old.tmp": 1e5, ".new.tmp": 0.0}
    for name, age in names.items():
        (folder / name).write_text("half a file")
        os.utime(folder / name, (time.time() - age,) * 2)
    KernelCache(folder).kernel("other", text, HERE)
    left = {path.name for path in folder.iterdir()}
    assert ".old.tmp" not in left
    assert {".new.tmp", file.name} < left


def test_memory_holds_the_kernels_used_last():
    kernels = KernelCache(None, max_loaded=2)
    first = kernels.kernel("1", lambda: text(1.0), HERE)
    kernels.kernel("2", text, HERE)
    kernels.kernel("1", never, HERE)
    kernels.kernel("3", text, HERE)
    assert [kernels.is_loaded(key, HERE) for key in "123"] == [True, False, True]
    kernels.kernel("4", text, HERE)
    kernels.kernel("5", text, HERE)
    assert result(first) == 1.0


@pytest.mark.slow
def test_many_processes_at_once_share_one_whole_file(folder):
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from rosenblatt.engines.compiled.cache import KernelCache\n"
        "from rosenblatt.engines.compiled.target import Target\n"
        f"text, here = {text()!r}, Target.host()\n"
        "folder = Path(sys.argv[1])\n"
        "sys.stdin.readline()\n"
        "for turn in range(12):\n"
        "    x = np.zeros(1)\n"
        "    kernels = KernelCache(folder)\n"
        "    kernels.kernel(f'key {turn}', lambda: text, here).function()(x.ctypes.data)\n"
        "    assert x[0] == 2.0 and kernels.is_kept(f'key {turn}', here)\n"
    )
    command = [sys.executable, "-c", script, str(folder)]
    processes = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(8)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=120)[1] for process in processes]
    assert errors == [""] * 8
    assert len(list(folder.iterdir())) == 12


def test_threads_that_ask_for_one_key_compile_it_once(folder):
    kernels, calls = KernelCache(folder), []

    def make():
        calls.append(threading.get_ident())
        time.sleep(0.05)
        return text()

    with ThreadPoolExecutor(8) as pool:
        libraries = list(pool.map(lambda _: kernels.kernel("key", make, HERE), range(8)))
    assert len(calls) == 1
    assert len(set(map(id, libraries))) == 1


def test_text_that_cannot_be_made_leaves_nothing_behind(folder):
    def fail():
        raise ValueError("no lowering")

    with pytest.raises(ValueError, match="no lowering"):
        KernelCache(folder).kernel("key", fail, HERE)
    assert result(KernelCache(folder).kernel("key", text, HERE)) == 2.0


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_that_is_forked_while_a_thread_compiles_can_compile():
    script = (
        "import os, sys, threading, time, warnings\n"
        "warnings.simplefilter('ignore')\n"
        "from rosenblatt.engines.compiled.cache import KernelCache\n"
        "from rosenblatt.engines.compiled.target import Target\n"
        f"text, here, kernels = {text()!r}, Target.host(), KernelCache(None)\n"
        "stop = threading.Event()\n"
        "def compile_on():\n"
        "    number = 0\n"
        "    while not stop.is_set():\n"
        "        number += 1\n"
        "        kernels.kernel(f'key {number}', lambda: text, here)\n"
        "thread = threading.Thread(target=compile_on)\n"
        "thread.start()\n"
        "for turn in range(8):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        kernels.kernel(f'child {turn}', lambda: text, here)\n"
        "        os._exit(7)\n"
        "    deadline = time.time() + 30\n"
        "    while (status := os.waitpid(child, os.WNOHANG))[0] == 0:\n"
        "        if time.time() > deadline:\n"
        "            os.kill(child, 9); stop.set(); sys.exit(f'the child of turn {turn} hangs')\n"
        "        time.sleep(0.001)\n"
        "    assert os.waitstatus_to_exitcode(status[1]) == 7\n"
        "stop.set(); thread.join()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def system(monkeypatch):
    """Set the system and the environment's variables."""
    for name in (VARIABLE, "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)

    def set_to(platform, **variables):
        monkeypatch.setattr(sys, "platform", platform)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return set_to


@NOT_WINDOWS
@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"HOME": "/home/me"}, "/home/me/.cache/rosenblatt/kernels"),
        (
            "linux",
            {"HOME": "/home/me", "XDG_CACHE_HOME": "/scratch"},
            "/scratch/rosenblatt/kernels",
        ),
        (
            "linux",
            {"HOME": "/home/me", "XDG_CACHE_HOME": "here"},
            "/home/me/.cache/rosenblatt/kernels",
        ),
        ("linux", {"HOME": "/home/me", "XDG_CACHE_HOME": ""}, "/home/me/.cache/rosenblatt/kernels"),
        ("linux", {"HOME": "/home/me", VARIABLE: "/mine"}, "/mine/kernels"),
        ("darwin", {"HOME": "/Users/me"}, "/Users/me/Library/Caches/rosenblatt/kernels"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/rosenblatt/kernels"),
        ("win32", {}, None),
        ("linux", {"HOME": "home"}, None),
    ],
)
def test_the_folder_is_the_users_for_caches(system, platform, variables, expected):
    system(platform, **variables)
    assert user_folder() == (expected and Path(expected))


def test_a_relative_folder_is_one_folder_wherever_the_process_goes(system, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    system(sys.platform, **{VARIABLE: "mine"})
    assert user_folder() == tmp_path / "mine" / "kernels"


def test_without_a_home_there_is_no_folder(system, monkeypatch):
    def nobody():
        raise RuntimeError("Could not determine home directory.")

    system("linux")
    monkeypatch.setattr(Path, "home", nobody)
    assert user_folder() is None
    assert result(cache.kernel("key", text, HERE)) == 2.0


def test_kernels_are_kept_in_the_folder_that_the_variable_names(system, tmp_path):
    system(sys.platform, **{VARIABLE: str(tmp_path)})
    library = cache.kernel("key", text, HERE)
    assert cache.kernel("key", never, HERE) is library
    assert KernelCache(tmp_path / "kernels").is_kept("key", HERE)


def test_any_edit_of_the_sources_gives_another_digest(monkeypatch, tmp_path):
    monkeypatch.setattr(cache, "files", lambda package: tmp_path)
    digests = set()
    for change in (
        lambda: (tmp_path / "a.py").write_text("x = 1"),
        lambda: (tmp_path / "a.py").write_text("x = 2"),
        lambda: (tmp_path / "b.py").write_text(""),
        lambda: (tmp_path / "b.py").rename(tmp_path / "c.py"),
    ):
        change()
        digests.add(cache.sources_digest.__wrapped__())
    assert len(digests) == 4
    (tmp_path / "notes.txt").write_text("no source")
    assert cache.sources_digest.__wrapped__() in digests


def test_the_digest_counts_every_module_of_the_compiled_engine(monkeypatch):
    package = Path(cache.__file__).parent
    read = []
    monkeypatch.setattr(Path, "read_bytes", lambda path: read.append(path.name) or b"")
    cache.sources_digest.__wrapped__()
    assert read == sorted(path.name for path in package.glob("*.py"))
    assert {"build.py", "ir.py", "target.py"} <= set(read)


def test_the_package_in_a_zip_archive_has_the_same_digest(tmp_path):
    package = Path(cache.__file__).parents[2]
    with ZipFile(tmp_path / "package.zip", "w") as archive:
        for path in package.rglob("*.py"):
            archive.write(path, Path("rosenblatt") / path.relative_to(package))
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        f"from {cache.__name__} import KernelCache, sources_digest\n"
        f"from {Target.__module__} import Target\n"
        f"KernelCache(None).kernel('key', lambda: {text()!r}, Target.host())\n"
        "assert sys.argv[1] in sys.modules[KernelCache.__module__].__file__\n"
        "print(sources_digest(), end='')\n"
    )
    command = [sys.executable, "-c", script, tmp_path / "package.zip"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == cache.sources_digest()
