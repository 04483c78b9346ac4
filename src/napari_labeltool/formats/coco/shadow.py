"""Text that the fast decoder refuses, hidden from it: NaN, Infinity and lone surrogates.

Python's ``json`` reads and writes these, so they occur in COCO files. A shadow of the file has valid tokens
of the same length in their places, so every offset holds for both; values are always taken from the file.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from napari_labeltool.core.values import IntArray
from napari_labeltool.formats.coco.tokens import STRING_PATTERN

_REFUSED: Final = re.compile(rb"(" + STRING_PATTERN + rb")|(-?Infinity|NaN)", re.DOTALL)
_ESCAPE: Final = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|.)", re.DOTALL)
_SURROGATE: Final = re.compile(rb"\\u[dD][89a-fA-F]")


def shadow_of(data: bytes) -> tuple[bytes, IntArray]:
    """Return a text of the same length that the fast decoder takes, and the offsets where it differs.

    A number that is none becomes an empty string, so that no typed field accepts it; half of a surrogate
    pair becomes a question mark.
    """
    places: list[int] = []
    shadow = bytearray(data)
    surrogates = _SURROGATE.search(data) is not None
    if not surrogates and b"NaN" not in data and b"Infinity" not in data:
        return data, np.empty(0, np.int64)
    for match in _REFUSED.finditer(data):
        if match.group(2) is not None:
            start, end = match.span(2)
            shadow[start:end] = b'""'.ljust(end - start)
            places.append(start)
        elif surrogates and b"\\u" in match.group(1):
            for offset in _lone_surrogates(match.group(1)):
                start = match.start() + offset
                shadow[start : start + 6] = b"\\u003f"
                places.append(start)
    return bytes(shadow), np.array(places, np.int64)


def _lone_surrogates(text: bytes) -> list[int]:
    lone: list[int] = []
    high = -1
    for match in _ESCAPE.finditer(text):
        unit = int(match.group(1), 16) if match.group(1) else 0
        if 0xDC00 <= unit < 0xE000:
            if high != match.start() - 6 or high < 0:
                lone.append(match.start())
            high = -1
            continue
        if high >= 0:
            lone.append(high)
        high = match.start() if 0xD800 <= unit < 0xDC00 else -1
        continue
    if high >= 0:
        lone.append(high)
    return lone
