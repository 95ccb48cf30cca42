"""Words in the names of a student's code, in several languages.

The modules that look for a kind of name put these words together with the short names of their own
place, such as ``y`` or ``dW``: what those mean depends on where they stand.
"""

import re

FORWARDS = (
    r"forwards?|fwd|feed_?forward|vorw[aä]?e?rts|voorwaarts|vooruit|fremad|frem|fram[aå]t?|avant"
    r"|adelante|avante|avanti|frente|dop[rř]edu|naprz[oó]d|przod|inainte|naprej|naprijed|v?pered"
    r"|vperjod|napred|ileri|maju|eteenp[aä]in|eteen|el[oő]re|qianxiang|zheng?xiang|zenpou|junpou"
    r"|jun_?denpa|sunbanghyang|sunjeonpa"
)
"""Words for a forward pass."""

BACKWARDS = (
    r"backwards?|bwd|back_?prop[a-z]*|b_?prop|r[uü]?e?ckw[aä]?e?rts|terugwaarts|achterwaarts|terug"
    r"|bagl[aæ]e?ns|bagud|tilbage|bak[aå]t?|bakover|arri[eè]re|retro[a-z]*|atr[aá]s|tr[aá]s|indietro"
    r"|zp[eě]t[a-z]*|wstecz[a-z]*|inapoi|nazaj|nazad|unatrag|unazad|obratn[a-z]*|geri|mundur"
    r"|taaksep[aä]in|taakse|takaisin|vissza|fanxiang|houfang|gyaku[a-z]*|yeok[a-z]*"
)
"""Words for a backward pass."""

UPDATES = (
    r"updat|step|apply|optimi[sz]e|opdat|uppdat|oppdat|aktuali[sz]|mise_?a_?jour|actualiz"
    r"|atualiz|aggiorn|perbarui|g[uü]ncelle|obnov|friss[ií]t|p[aä]ivit|bijwerk|gengxin|kou?shin"
)
"""Words for a step of an optimizer."""

TRAININGS = (
    r"fit|train|learn|sgd|trainier|lern|entren|entra[iî]n|apprend|trein|ajust|addestr|allen|trenuj"
    r"|treniruj|ucz|e[gğ]it|obuch|tren|koulut|opeta|tanit|latih|xunlian|gakushuu?|hakseup"
)
"""Words for a training."""

ADDS = r"add|append|ajout|agreg|hinzu|dodaj|voeg|aggiung|ekle|prida|lagg"
"""Words for a method that adds a layer to a network."""

LOSSES = (
    r"loss|cost|objective|energy|risk|likelihood|entrop|nll|huber|verlust|kosten|perte|co[uû]t"
    r"|p[eé]rdida|perdita|perda|custo|strat[ay]|koszt|f[oö]rlust|verlies|tappio|kay[iı]p|ztrata"
    r"|veszt|pierder|poter[iy]|vtrat|gubit|izgub|rugi|nuksaan|sonsil|sunshi|sonshitsu|apoleia|kostos"
    r"|p[eè]rdua|(?<![a-zA-Z])([ms]se|bce|tab|tap)(?![a-z])"
)
"""Words for a loss."""

ERRORS = (
    r"err|fehler|b[lł][aą]d|hata|chyba|hiba|eroare|oshibk|napak|gre[sš]k|virhe|fejl|feil|galat|ocha"
    r"|gosa|wucha"
)
"""Words for a loss or for a difference."""

GRADIENTS = r"grad|nabla|deriv|steigung|ableitung|pente|pendiente|pochodn|afgeleid"
"""Words for a gradient or a derivative."""

TARGETS = r"target|label|truth|expected|desired|gold|soll|ziel|cible|etiq|etichett|hedef|one_?hot"
"""Words for targets."""

WANTED = (
    r"alvo|objetiv|esperad|desejad|desead|attendu|voulu|erwart|gew[uü]nscht|attes|desider|wanted"
)
"""Further words for the outputs that a network should have."""

INPUTS = r"entr[aeé]|eing[aä]n?[gb]|ingress|inngang|invoer|girdi|giri[sş]|wej[sś]|vstup|vhod"
"""Words for inputs, or for the units of the first layer."""

HIDDEN = r"hid|ocult|escond|cach[eé]|verdeckt|versteckt|verborgen|nascost|ukryt|skryt|gizli|skjult"
"""Words for hidden units."""

OUTPUTS = (
    r"out|sa[ií]d|salid|sortie|ausg[aä]|uscit|uitvoer|[cç][iı]k[iı][sş]|wyj[sś]|v[yý]stup"
    r"|vyhod|utgang|udgang"
)
"""Words for outputs, or for the units of the last layer."""

SAMPLES = (
    r"samples?|amostras?|muestras?|beispiele?|exemples?|esemp\w+|probk\w+|daten|donn[eé]es|dados"
    r"|datos|dati"
)
"""Words for samples."""

BIASES = r"bias|intercept|intercett|schwelle|biais|sesgo|vi[eé]s|theta_?0"
"""Words for a bias."""

RATES = r"lr|l_?rate|learning_?rate|lernrate|eta|alpha|rate|step_?size"
"""Names of a learning rate."""

FURTHER_RATES = r"taxa|tasa|taux|passo"
"""Further names of it, which alone do not tell an update from other sums."""

FROZEN = r"fr[eo]ez|frozen|trainable|fine_?tun|pretrain|transfer|not updated"
"""Words of code that leaves some parameters as they are on purpose."""

RANDOM = r"rand|rng|binomial|uniform|bernoulli|choice"
"""Words for numbers drawn at random."""


def last_name(path: str) -> str:
    """Return the last name in a path; its indices are none.

    >>> last_name("['params']['W1']"), last_name("params[0]"), last_name("[3]")
    ('W1', 'params', '')
    """
    names = re.findall(r"[A-Za-z_]\w*", path)
    return str(names[-1]) if names else ""


def without_index(name: str) -> str:
    """Return a name without the index of an element.

    >>> without_index("self.b[3]")
    'self.b'
    """
    return name.partition("[")[0]


def last_word(path: str) -> str:
    """Return the last name or index in a path.

    >>> last_word("['params']['W1']"), last_word("params[0]")
    ('W1', '0')
    """
    words = re.findall(r"\w+", path)
    return str(words[-1]) if words else ""
