"""Limits of containers, as both versions of control groups state them."""

import pytest

from rosenblatt import control_groups, limits


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A tree of control groups; the process is where ``place(...)`` puts it."""
    membership = tmp_path / "membership"
    monkeypatch.setattr(control_groups, "MEMBERSHIP", membership)

    class Tree:
        root = tmp_path / "groups"

        def place(self, *lines):
            membership.write_text("".join(f"{line}\n" for line in lines))

        def write(self, folder, **files):
            (self.root / folder).mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                name = name.replace("__", ".")
                (self.root / folder / name).write_text(f"{text}\n")

    return Tree()


def test_without_control_groups_there_are_no_limits(tree):
    assert control_groups.free_memory(tree.root) is None
    assert control_groups.cores(tree.root) is None
    tree.place("no line of the kind", "0::/a")
    tree.write("a", memory__max="max", memory__current=10, cpu__max="max 100000")
    assert control_groups.free_memory(tree.root) is None
    assert control_groups.cores(tree.root) is None


def test_version_2_leaves_the_limit_less_what_is_used(tree):
    tree.place("0::/")
    tree.write("", memory__max=1000, memory__current=950)
    assert control_groups.free_memory(tree.root) == 50
    # A cache of files is given back when memory is needed; the part in active use is not.
    tree.write("", memory__stat="anon 500\ninactive_file 300\nactive_file 150")
    assert control_groups.free_memory(tree.root) == 350
    tree.write("", memory__current=2000, memory__stat="inactive_file 0")
    assert control_groups.free_memory(tree.root) == 0


def test_the_limits_of_all_groups_around_count(tree):
    tree.place("0::/outer/inner")
    tree.write("outer/inner", memory__max=900, memory__current=100, cpu__max="350000 100000")
    assert control_groups.free_memory(tree.root) == 800
    assert control_groups.cores(tree.root) == 4
    tree.write("outer", memory__max=1000, memory__current=700, cpu__max="200000 100000")
    assert control_groups.free_memory(tree.root) == 300
    assert control_groups.cores(tree.root) == 2
    # A neighbour's limits do not.
    tree.write("outer/other", memory__max=1, memory__current=0, cpu__max="1000 100000")
    assert control_groups.free_memory(tree.root) == 300


def test_version_1_has_a_tree_for_each_controller(tree):
    tree.place("4:memory:/pod/box", "3:cpu,cpuacct:/pod", "0::/")
    tree.write(
        "memory/pod/box",
        memory__limit_in_bytes=1000,
        memory__usage_in_bytes=600,
        memory__stat="inactive_file 1\ntotal_inactive_file 200",
    )
    tree.write("cpu/pod", **{"cpu__cfs_quota_us": 150000, "cpu__cfs_period_us": 100000})
    assert control_groups.free_memory(tree.root) == 600
    assert control_groups.cores(tree.root) == 2
    tree.write("cpu/pod", cpu__cfs_quota_us=-1)
    assert control_groups.cores(tree.root) is None


def test_a_container_may_see_its_own_group_as_the_root(tree):
    tree.place("4:memory:/docker/0123", "0::/../../elsewhere")
    tree.write("memory", memory__limit_in_bytes=1000, memory__usage_in_bytes=100)
    tree.write("", memory__max=800, memory__current=100)
    assert control_groups.free_memory(tree.root) == 700
    tree.write("", memory__max=2000)
    assert control_groups.free_memory(tree.root) == 900


def test_a_part_of_a_core_is_one(tree):
    tree.place("0::/")
    tree.write("", cpu__max="5000 100000")
    assert control_groups.cores(tree.root) == 1
    tree.write("", cpu__max="100 0")
    assert control_groups.cores(tree.root) is None


def test_what_a_container_leaves_is_what_a_file_may_need(tree, monkeypatch):
    tree.place("0::/")
    tree.write("", memory__max=10**9, memory__current=95 * 10**7)
    monkeypatch.setattr(limits, "_CONTAINER", tree.root / "memory.max")
    assert limits.free_memory() == 5 * 10**7
