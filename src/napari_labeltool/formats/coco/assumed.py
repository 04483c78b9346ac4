"""A first guess at where the records stand, from the braces alone.

Records of numbers, one after another with one separator, need no scan by the JSON decoder: every opening brace
begins one. The guess is certain once the decoder finds as many records in each stretch of the text as were
guessed there, because every true beginning is among the guessed ones.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np

from napari_labeltool.core.values import IntArray
from napari_labeltool.formats.coco.tokens import skip_space

_ARRAY: Final = re.compile(rb'"annotations"[ \t\r\n]*:[ \t\r\n]*\[[ \t\r\n]*(?=\{)')
_COMMA: Final = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_BLOCK: Final = 1 << 18
_WORTH_THREADS: Final = 1 << 25


class NotAsAssumed(Exception):
    """The text is not what the guess took it for; it has to be scanned."""


def assumed_records(text: bytes, first: int) -> IntArray | None:
    """Return the (n, 2) spans that the annotations seem to have; None where they are not so simple.

    Parameters
    ----------
    text
        The text for the fast decoder.
    first
        Where to begin.
    """
    match = _ARRAY.search(text, first)
    if match is None:
        return None
    start = match.end()
    close = text.find(b"}", start) + 1
    second = text.find(b"{", start + 1)
    separator = text[close:second] if 0 < close < second else b""
    if _COMMA.fullmatch(separator) is None:
        separator = b""
    head = _regular(text, _braces(text, start, start + _BLOCK), separator)
    if head is None:
        return None
    if head[1]:
        return head[0]
    whole = _regular(text, _braces(text, start, len(text)), separator)
    return None if whole is None or not whole[1] else whole[0]


def _braces(text: bytes, start: int, end: int) -> IntArray:
    """Return the offsets of the opening braces in a span."""
    if end - start < _WORTH_THREADS:
        return _braces_of_blocks(text, start, end)
    middle = (start + end) // 2
    with ThreadPoolExecutor(1, "coco-braces") as pool:
        second = pool.submit(_braces_of_blocks, text, middle, end)
        first = _braces_of_blocks(text, start, middle)
        return np.concatenate([first, second.result()])


def _braces_of_blocks(text: bytes, start: int, end: int) -> IntArray:
    bytes_of = np.frombuffer(text, np.uint8)
    blocks = [
        np.flatnonzero(bytes_of[at : min(at + _BLOCK, end)] == ord("{")) + at
        for at in range(start, end, _BLOCK)
    ]
    return np.concatenate(blocks).astype(np.int64, copy=False)


def _regular(text: bytes, opens: IntArray, separator: bytes) -> tuple[IntArray, bool] | None:
    """Return the spans of records as long as they follow each other regularly, and whether the array ends there."""
    bytes_of = np.frombuffer(text, np.uint8)
    ends = opens[1:] - len(separator)
    if separator:
        fits = bytes_of[ends - 1] == ord("}")
        for k, byte in enumerate(separator):
            fits &= bytes_of[ends + k] == byte
        count = len(fits) if fits.all() else int(np.argmin(fits))
    else:
        count = 0
    last = text.find(b"}", int(opens[count])) + 1
    after = skip_space(text, last)
    is_closed = last > 0 and text[after : after + 1] == b"]"
    if count < len(ends) and not is_closed:
        return None
    spans = np.column_stack([opens[: count + 1], np.concatenate([ends[:count], [last]])])
    return spans, is_closed
