"""What an argument is for, by its name: targets, a cache, a rate, what comes from above."""

import re

_TARGETS = re.compile(
    r"^(y|t|yt|y_?true|true|targets?|labels?|lab|gt|truth|expected|actual|y_?batch|onehot|one_hot|d|y_real|ground_truth)\d?$"
)
RATES = re.compile(
    r"lr|learning|eta|alpha|step|rate|taux|tasa|tasso|taxa|takt|krok|rychlost|szybko|snelheid|hiz"
)
CACHES = re.compile(r"cache|ctx|saved|context|memory|tape")
OUTPUT_GRADIENTS = re.compile(
    r"^(d|g|delta|err|up|out_?grad|grad|gy|gout|gz|ga)|grad|delta|error|upstream|dout|chain|above",
    re.I,
)


def is_target(name: str) -> bool:
    """Return whether an argument seems to take targets or labels."""
    return bool(_TARGETS.match(name.lower())) or "true" in name.lower() or "target" in name.lower()
