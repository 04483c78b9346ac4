"""JSON keys that an object has twice: decoders keep one without a word, so a save would lose the other.

A record's keys are compared in its skeleton, the text without digits, commas and brackets. Records of one
make have one skeleton, so that a file of a million records has a handful to look at; only what is suspicious
there is looked at key by key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from napari_labeltool.core.values import BoolArray, IntArray
from napari_labeltool.formats.coco.tokens import STRING_PATTERN, duplicate_keys

_DROPPED: Final = b"0123456789.,-+[] \t\r\n"
_STEP: Final = 1 << 18
_MANY: Final = 8
# a string that no colon follows; one that a colon follows is the next key, behind a number that was dropped
_TEXT_VALUE: Final = re.compile(rb":" + STRING_PATTERN + rb"(?!:)", re.DOTALL)
_TOKEN: Final = re.compile(rb'("[^"\\]*"):|([{}])|((?:null|true|false|[eE])+|"")')


def repeated_keys(data: bytes, spans: IntArray, has_keys_once: BoolArray) -> Iterator[tuple[int, int, str]]:
    """Yield row, offset and key of every repeated key in the records of one array.

    Parameters
    ----------
    data
        The text.
    spans
        (n, 2) spans of the records.
    has_keys_once
        (n,) records that need no look.
    """
    n = len(spans)
    first = 0
    while first < n:
        if has_keys_once[first]:
            more = np.flatnonzero(~has_keys_once[first:])
            first = n if not len(more) else first + int(more[0])
            continue
        end = first + 1
        limit = int(spans[first, 0]) + _STEP
        end = max(end, int(spans[:, 1].searchsorted(limit, side="right")))
        if _is_suspicious(data[int(spans[first, 0]) : int(spans[end - 1, 1])]):
            for row in range(first, end):
                start, stop = int(spans[row, 0]), int(spans[row, 1])
                for offset, key in duplicate_keys(data, start, stop):
                    yield row, offset, key
        first = end


def _is_suspicious(text: bytes) -> bool:
    """Tell whether a run of records has a skeleton that may repeat a key."""
    skeleton = text.translate(None, _DROPPED)
    pieces = set(skeleton.split(b"}{"))
    if len(pieces) > _MANY:
        pieces = set(_TEXT_VALUE.sub(b':""', skeleton).split(b"}{"))
    if len(pieces) > _MANY:
        return True
    return not all(_has_each_key_once(piece) for piece in pieces)


def _has_each_key_once(piece: bytes) -> bool:
    """Tell whether the skeleton of one record is plain to read and repeats no key; False when in doubt."""
    stack: list[set[bytes]] = [set()]
    body = _TEXT_VALUE.sub(b':""', piece).removeprefix(b"{")
    at = 0
    while at < len(body):
        match = _TOKEN.match(body, at)
        if match is None:
            return False
        key, brace, _ = match.groups()
        at = match.end()
        if key is not None:
            if not stack or key in stack[-1]:
                return False
            stack[-1].add(key)
        elif brace == b"{":
            stack.append(set())
        elif brace == b"}":
            if len(stack) == 1:
                return at == len(body)
            stack.pop()
    return len(stack) == 1
