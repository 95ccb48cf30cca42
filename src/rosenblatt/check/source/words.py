"""Words in the names of a student's code, in several languages.

The modules that look for a kind of name put these words together with the short names of their own
place, such as ``y`` or ``dW``: what those mean depends on where they stand.
"""

import re

ADDS = r"add|append|ajout|agreg|hinzu|dodaj|voeg|aggiung|ekle|prida|lagg"
"""Words for a method that adds a layer to a network."""

LOSSES = (
    r"loss|cost|objective|energy|risk|likelihood|entrop|nll|huber|verlust|kosten|perte|co[uû]t"
    r"|p[eé]rdida|perdita|perda|custo|strat[ay]|koszt|f[oö]rlust|verlies|tappio|kay[iı]p|ztrata"
    r"|veszt"
    r"|(?<![a-zA-Z])([ms]se|bce)(?![a-z])"
)
"""Words for a loss."""

ERRORS = r"err|fehler|b[lł][aą]d|hata|chyba|hiba|eroare"
"""Words for a loss or for a difference."""

GRADIENTS = r"grad|nabla|deriv|steigung|ableitung|pente|pendiente|pochodn|afgeleid"
"""Words for a gradient or a derivative."""

TARGETS = r"target|label|truth|expected|desired|gold|soll|ziel|cible|etiq|etichett|hedef|one_?hot"
"""Words for targets."""

BIASES = r"bias|intercept|intercett|schwelle|biais|sesgo|vi[eé]s|theta_?0"
"""Words for a bias."""

RATES = r"lr|l_?rate|learning_?rate|lernrate|eta|alpha|rate|step_?size"
"""Names of a learning rate."""

RANDOM = r"rand|rng|binomial|uniform|bernoulli|choice"
"""Words for numbers drawn at random."""


def last_name(path: str) -> str:
    """Return the last name in a path; its indices are none.

    >>> last_name("['params']['W1']"), last_name("params[0]"), last_name("[3]")
    ('W1', 'params', '')
    """
    names = re.findall(r"[A-Za-z_]\w*", path)
    return str(names[-1]) if names else ""


def last_word(path: str) -> str:
    """Return the last name or index in a path.

    >>> last_word("['params']['W1']"), last_word("params[0]")
    ('W1', '0')
    """
    words = re.findall(r"\w+", path)
    return str(words[-1]) if words else ""
