"""Exceptions as values, which processes send each other."""

import pickle
import traceback


def as_outcome(error: Exception, where: str) -> Exception:
    """Return an exception to send, with a note of where it was raised, which is lost on the way.

    One that another process cannot load becomes a RuntimeError with its text.
    """
    try:
        pickle.loads(pickle.dumps(error))
        sent = error
    except Exception:
        sent = RuntimeError(f"{type(error).__name__}: {error}")
        for note in getattr(error, "__notes__", ()):
            sent.add_note(note)
    if error.__traceback__ is not None:
        sent.add_note(f"{where}:\n{''.join(traceback.format_tb(error.__traceback__))}")
    return sent
