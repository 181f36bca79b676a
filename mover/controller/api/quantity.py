"""Kubernetes' quantities, such as ``1Gi``: how many bytes they are."""

import re
from fractions import Fraction

QUANTITY = re.compile(
    r"\+?(\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:([KMGTPE]i|[numkMGTPE])|[eE]([+-]?\d{1,2}))?", re.ASCII
)
DECIMAL = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def read_bytes(text: str) -> int:
    """Return the bytes, rounded up as Kubernetes does.

    Raises:
        ValueError: it is no quantity, or a negative one.
    """
    found = QUANTITY.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is no quantity")
    number, suffix, exponent = found.groups()
    decimal = int(exponent or DECIMAL.get(suffix, 0))
    factor = Fraction(2 ** BINARY[suffix]) if suffix in BINARY else Fraction(f"1e{decimal}")
    value = Fraction(number) * factor
    return -(-value.numerator // value.denominator)
