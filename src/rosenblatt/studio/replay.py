"""A link as a run: trained to its update, with all its changes."""

from collections.abc import Sequence
from typing import Any

from rosenblatt.errors import ConfigurationError
from rosenblatt.settings import Setup, parse_changes, plan_forks
from rosenblatt.studio.changes import describe_changes
from rosenblatt.studio.prepared import Prepared, Source, change, prepare
from rosenblatt.studio.tree import Branch, Tree
from rosenblatt.training import LiveTraining

MOST_REPLAYED = 20_000_000
"""The number of updates that a link makes the server train."""


def new_run(tree: Tree, prepared: Prepared, label: str) -> Branch:
    """Return a run before its first update."""
    live = LiveTraining(
        prepared.model, prepared.train, seeds=[prepared.seed], **prepared.keywords()
    )
    return Branch(tree.new_id(), None, 0, (), label, prepared, live)


def replay(tree: Tree, setup: Setup, source: Source | None) -> list[Branch]:
    """Return the run that a link describes and its branches; the last is trained to ``at``.

    Raises:
        RosenblattError: the settings or the changes cannot work.
    """
    prepared = prepare({**setup.settings, "points": list(setup.points)}, source)
    forks = plan_forks(prepared.training, setup.changes)
    at = setup.at or 0
    if max([at, *(fork.at for fork in forks)]) > MOST_REPLAYED:
        raise ConfigurationError(
            f"a link is replayed up to update {MOST_REPLAYED:,}; save long runs as folders"
        )
    branches = [new_run(tree, prepared, "start")]
    for made in setup.changes:
        branch = branches[-1]
        branch.live.train(made.at - branch.live.update)
        branch.note_end()
        new = fork(tree, branch, made.plain)
        if new.parent is not branch:
            branches.pop()
        branches.append(new)
    branches[-1].live.train(max(0, at - branches[-1].live.update))
    branches[-1].note_end()
    return branches


def fork(tree: Tree, branch: Branch, made: dict[str, Any]) -> Branch:
    """Return a branch that begins with a change, ``{"at": update, "set": {...}}`` as in a link.

    A change of a branch that was not trained yet gives one branch with both changes. A change that
    trains nothing differently gives the branch itself, with the new settings.

    Raises:
        RosenblattError: a change that cannot work.
    """
    owner = branch.owner(made["at"])
    # All changes from the start: a schedule depends on when the ones before were made.
    forks = plan_forks(owner.root.first.training, parse_changes([*owner.path_changes, made]))
    after = change(owner.prepared, forks[-1].prepared, made.get("set", {}))
    changed = {key: value for key, value in forks[-1].keywords().items() if value is not None}
    if changed.keys() == {"update"}:
        owner.prepared = after
        return owner
    live = owner.live.fork(**changed)
    parent = owner
    changes: tuple[dict[str, Any], ...] = (made,)
    if owner is branch and owner.parent is not None and tree.is_unused(owner):
        parent, changes = owner.parent, (*owner.changes, made)
    return Branch(tree.new_id(), parent, made["at"], changes, label_of(changes), after, live)


def label_of(changes: Sequence[dict[str, Any]]) -> str:
    """Return changes in words.

    >>> label_of([{"weights": {"0.weight": [[0, 1, 0.5]]}}, {"set": {"loss": None}}])
    '0.weight[0, 1] = 0.5, loss default'
    """
    words = []
    for made in changes:
        words += [
            f"{name}[{', '.join(str(i) for i in index)}] = {value:g}"
            for name, entries in made.get("weights", {}).items()
            for *index, value in entries
        ]
        if made.get("set"):
            words.append(describe_changes(made["set"]))
    return ", ".join(words)
