"""Kubernetes' quantities, such as ``1Gi``: how many bytes they are.

lightkube parses them. What is left to do here is to refuse what is no size, and to read an exponent with a capital E,
which Kubernetes takes and lightkube does not.
"""

import math
import re

from lightkube.utils.quantity import parse_quantity


def read_bytes(text: str) -> int:
    """Return the bytes, rounded up as Kubernetes does.

    Raises:
        ValueError: it is no quantity, a negative one, or one in billionths or millionths of a byte (``n``, ``u``).
    """
    try:
        size = parse_quantity(re.sub(r"E(?=[+-]?\d)", "e", text)) if text.isascii() and text.isprintable() else None
    except ValueError as error:
        raise ValueError(f"invalid quantity {text!r}") from error
    if size is None or size < 0:
        raise ValueError(f"invalid quantity {text!r}")
    return math.ceil(size)
