"""Formats of numbers on the page. Fractions become percentages here and nowhere earlier."""

import math
from collections.abc import Sequence

SPACE = "\u00a0"
NARROW_SPACE = "\u202f"
MINUS = "\u2212"


LONGEST_PLAIN = 1e9
"""Numbers from here on are written as powers of ten."""
MOST_DIGITS = 8
"""Decimals of an interval, at most: what differs later is rounding."""


def percent(fraction: float, digits: int = 1) -> str:
    """Write a fraction as a percentage.

    >>> percent(0.915).replace(NARROW_SPACE, " ")
    '91.5 %'
    """
    return f"{percent_number(fraction, digits)}{NARROW_SPACE}%"


def percent_number(fraction: float, digits: int = 1) -> str:
    """Write a fraction in percent, without the sign: for columns whose header has it.

    A last digit that a fraction of a small test set needs is not rounded away.

    >>> percent_number(0.89625, digits=3), percent_number(1.0)
    ('89.625', '100.0')
    """
    return number(100 * fraction, digits)


def percent_spread(mean: float, sd: float | None) -> str:
    """Write mean and standard deviation of fractions in percent, without the sign.

    >>> percent_spread(0.986, 0.0077).replace(SPACE, " "), percent_spread(0.5, None)
    ('98.6 ± 0.8', '50.0')
    """
    return spread(100 * mean, None if sd is None else 100 * sd, digits=1)


def spread(mean: float, sd: float | None, digits: int = 4) -> str:
    """Write mean ± standard deviation; the mean alone where one run gives no deviation.

    >>> spread(0.0575, 0.0012).replace(SPACE, " "), spread(0.0575, None)
    ('0.0575 ± 0.0012', '0.0575')
    """
    if sd is None or math.isnan(sd):
        return number(mean, digits)
    return f"{number(mean, digits)}{SPACE}±{SPACE}{number(sd, digits)}"


def number(value: float, digits: int) -> str:
    """Write a number with a fixed count of decimals and a typographic minus.

    What would have more than nine digits before the point is written as a power of ten.

    >>> number(-0.5, 2) == MINUS + "0.50", number(-0.0, 1), number(math.inf, 1), number(3e227, 4)
    (True, '0.0', '∞', '3×10²²⁷')
    """
    if math.isinf(value):
        return "∞" if value > 0 else f"{MINUS}∞"
    if abs(value) >= LONGEST_PLAIN:
        return f"{MINUS if value < 0 else ''}{scientific(abs(value))}"
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", MINUS)


def interval(low: float, high: float, digits: int) -> str:
    """Write the ends of an interval.

    >>> interval(0.25, 1.5, 2).replace(SPACE, " "), interval(-math.inf, 1, 0).replace(SPACE, " ")
    ('[0.25, 1.50]', '[−∞, 1]')
    """
    return f"[{number(low, digits)},{SPACE}{number(high, digits)}]"


def digits_to_tell_apart(low: float, high: float, digits: int) -> int:
    """Return with how many decimals, at least ``digits``, two numbers are not written alike.

    >>> digits_to_tell_apart(0.9993, 1.0004, 2), digits_to_tell_apart(1.0, 1.5, 2)
    (3, 2)
    """
    while digits < MOST_DIGITS and low != high and number(low, digits) == number(high, digits):
        digits += 1
    return digits


def counted(fraction: float, of: int, noun: str = "") -> str:
    """Write a share of runs as their count.

    >>> counted(0.02, 100, "seed"), counted(0.625, 8)
    ('2 of 100 seeds', '5 of 8')
    """
    written = f"{count(round(fraction * of))} of "
    return written + (plural(of, noun) if noun else count(of))


def difference(value: float, unit: str = "") -> str:
    """Write a difference: 0 where there is none, the order of magnitude where it is tiny.

    >>> difference(0.0), difference(2.5), difference(3.64e-7)
    ('0', '+2.5', '+4×10⁻⁷')
    """
    if value == 0:
        return "0"
    sign = "+" if value > 0 else MINUS
    size = abs(value)
    if size >= 1e-3:
        return f"{sign}{size:.3g}{unit}"
    return f"{sign}{scientific(size)}{unit}"


def scientific(value: float) -> str:
    """Write the order of magnitude of a positive number, with one digit; 0 as 0.

    >>> scientific(3.64e-7), scientific(0.0099), scientific(0.0)
    ('4×10⁻⁷', '1×10⁻²', '0')
    """
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(value))
    mantissa = round(value / 10.0**exponent)
    if mantissa == 10:
        mantissa, exponent = 1, exponent + 1
    return f"{mantissa}×10{_raised(exponent)}"


def power_of_ten(value: float) -> str:
    """Write a power of ten as such: for logarithmic axes.

    >>> power_of_ten(1000.0), power_of_ten(1.0)
    ('10³', '1')
    """
    exponent = round(math.log10(value))
    return f"10{_raised(exponent)}" if exponent else "1"


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def seconds(value: float) -> str:
    """Write a duration as coarsely as it is known.

    >>> seconds(0.034), seconds(4.26), seconds(99.0)
    ('0.03 s', '4.3 s', '99 s')
    """
    digits = 2 if value < 1 else 1 if value < 10 else 0
    return f"{value:.{digits}f} s"


def count(value: int) -> str:
    """Write a whole number with its thousands apart.

    >>> count(1200000).replace(NARROW_SPACE, " "), count(1500)
    ('1 200 000', '1500')
    """
    if abs(value) >= LONGEST_PLAIN:
        return number(float(value), 0)
    return f"{value:,}".replace(",", NARROW_SPACE) if abs(value) >= 10_000 else str(value)


def plain(value: float) -> str:
    """Write a setting as short as it can be: 10 for 10.0, 0.5 for 0.5.

    >>> plain(10.0), plain(0.5)
    ('10', '0.5')
    """
    return f"{value:g}"


def setting(value: object) -> str:
    """Write a setting of any kind as short as it can be.

    >>> setting([10.0, 0.5]), setting(list(range(100))), setting("batch"), setting(None)
    ('10, 0.5', '0 to 99', 'batch', 'none')
    """
    if value is None:
        return "none"
    if isinstance(value, bool) or not isinstance(value, int | float | list | tuple):
        return str(value)
    if isinstance(value, int | float):
        return plain(value)
    items = list(value)
    if len(items) > 3 and all(isinstance(item, int) for item in items):
        first, last = items[0], items[-1]
        if items == list(range(first, last + 1)):
            return f"{first} to {last}"
    return ", ".join(setting(item) for item in items)


def plural(n: int, noun: str) -> str:
    """Write a count and its noun.

    >>> plural(1, "seed"), plural(3, "seed")
    ('1 seed', '3 seeds')
    """
    return f"{count(n)} {noun}" if n == 1 else f"{count(n)} {noun}s"


def sequence(words: Sequence[str]) -> str:
    """Write a list as English does.

    >>> sequence(["a"]), sequence(["a", "b"]), sequence(["a", "b", "c"])
    ('a', 'a and b', 'a, b and c')
    """
    if len(words) < 2:
        return "".join(words)
    return ", ".join(words[:-1]) + " and " + words[-1]
