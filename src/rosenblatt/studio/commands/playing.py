"""Playing, pausing and stepping, and where training stops."""

from collections.abc import Mapping
from typing import Any

from rosenblatt.checks import real_number, whole_number
from rosenblatt.errors import ConfigurationError
from rosenblatt.studio.player import CHUNK
from rosenblatt.studio.session import Session

MOST_STEPS = 1_000_000


def play(session: Session, args: Mapping[str, Any]) -> None:
    """Train until something stops it."""
    session.play()
    session.refresh()


def pause(session: Session, args: Mapping[str, Any]) -> None:
    """Stop training."""
    session.pause()
    session.refresh()


def step(session: Session, args: Mapping[str, Any]) -> None:
    """Go forward or back by updates, epochs or a short piece of training."""
    by, n = args.get("by", "update"), args.get("n", 1)
    n = whole_number(n, "n", at_least=1, at_most=MOST_STEPS)
    back = bool(args.get("back", False))
    session.pause()
    session.touched = True
    update, position = session.position.update, session.position
    per_epoch = session.branch.live.plan.job.updates_per_epoch
    if by == "update":
        target = update - n if back else update + n
    elif by == "epoch":
        begin = update - position.batch
        target = begin - (n if position.batch == 0 else n - 1) * per_epoch
        target = target if back else begin + n * per_epoch
    elif by == "segment":
        each = session.branch.live.seconds_per_update or 1e-5
        size = max(1, int(n * CHUNK / each))
        target = update - size if back else update + size
    else:
        raise ConfigurationError(f'by is "update", "epoch" or "segment", got {by!r}')
    session.place.move_to(max(0, target))
    session.refresh()


def speed(session: Session, args: Mapping[str, Any]) -> None:
    """Set how many updates a second are trained; null for as many as the engine does."""
    value = args.get("updates_per_second")
    if value is not None:
        value = real_number(value, "updates_per_second", above=0)
    session.player.updates_per_second = value
    session.refresh(structure=True)


def stop_at(session: Session, args: Mapping[str, Any]) -> None:
    """Set after how many epochs, or at which training loss, training stops."""
    epochs, loss = args.get("epochs"), args.get("loss")
    session.player.stop_epochs = None if epochs is None else real_number(epochs, "epochs", above=0)
    session.player.stop_loss = None if loss is None else real_number(loss, "loss")
    session.refresh(structure=True)


COMMANDS = {"play": play, "pause": pause, "step": step, "speed": speed, "stop_at": stop_at}
