"""The findings of samples that no batch of a pass contains."""

from typing import Any

RESHUFFLED = "Each pass has another order, so that every sample is used sooner or later."
"""The end of the text where no sample is left out of the whole training."""


def left_over(count: int, size: int, line: int | None, *, is_reshuffled: bool) -> dict[str, Any]:
    """Return the finding of the last samples of each pass, which no batch contains.

    ``is_reshuffled`` tells whether each pass has another order.

    >>> left_over(10, 4, 7, is_reshuffled=False)["text"]
    '10 samples in batches of 4: the last 2 are the same ones in each pass, and are never used.'
    """
    rest = f"{count} samples in batches of {size}: the last {count % size} "
    text = (
        f"{rest}of each pass are left out. {RESHUFFLED}"
        if is_reshuffled
        else f"{rest}are the same ones in each pass, and are never used."
    )
    return {"mistake": "last-batch-dropped", "where": "training", "line": line, "text": text}


def overlapping(count: int, size: int, line: int) -> dict[str, Any]:
    """Return the finding of batches that each begin one sample after the one before.

    >>> overlapping(100, 20, 7)["text"]
    '5 batches of 20 samples begin at samples 0 to 4: only the first 24 of 100 samples are in one.'
    """
    batches = count // size
    used = f"only the first {batches - 1 + size} of {count} samples are in one."
    text = f"{batches} batches of {size} samples begin at samples 0 to {batches - 1}: {used}"
    return {"mistake": "last-batch-dropped", "where": "training", "line": line, "text": text}
