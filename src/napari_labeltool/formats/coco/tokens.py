"""Where the values of valid JSON text begin and end, without decoding them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from napari_labeltool.core.source import Span
from napari_labeltool.core.values import decode_json

STRING_PATTERN: Final = rb'"[^"\\]*(?:\\.[^"\\]*)*"'
COMMA: Final = re.compile(rb"[ \t\r\n]*,[ \t\r\n]*")
_STRING: Final = re.compile(STRING_PATTERN, re.DOTALL)
_STRUCTURE: Final = re.compile(STRING_PATTERN + rb"|[\[\]{}]", re.DOTALL)
_SPACE: Final = re.compile(rb"[ \t\r\n]*")
_SCALAR: Final = re.compile(rb"[^ \t\r\n,\]}]+")
_BETWEEN: Final = re.compile(rb"[ \t\r\n]*,?[ \t\r\n]*")
_COLON: Final = re.compile(rb"[ \t\r\n]*:[ \t\r\n]*")
_OPENING: Final = frozenset(b"[{")
_QUOTE: Final = ord('"')


class Item(NamedTuple):
    """One key of a JSON object: the decoded key, the offset of its quote, and the span of its value."""

    key: str
    key_start: int
    start: int
    end: int


def skip_space(data: bytes, at: int) -> int:
    """Return the offset of the first byte from `at` on that is not white space."""
    match = _SPACE.match(data, at)
    return at if match is None else match.end()


def skip_space_back(data: bytes, at: int) -> int:
    """Return the offset after the last byte before `at` that is not white space."""
    while at > 0 and data[at - 1] in b" \t\r\n":
        at -= 1
    return at


def value_end(data: bytes, start: int) -> int:
    """Return the offset after the value that begins at `start`.

    Raises
    ------
    ValueError
        The value does not end.
    """
    first = data[start]
    if first == _QUOTE:
        match = _STRING.match(data, start)
        if match is not None:
            return match.end()
    elif first in _OPENING:
        depth = 0
        for match in _STRUCTURE.finditer(data, start):
            at = match.start()
            if data[at] in b"[{":
                depth += 1
            elif data[at] in b"]}":
                depth -= 1
                if depth == 0:
                    return match.end()
    else:
        match = _SCALAR.match(data, start)
        if match is not None:
            return match.end()
    raise ValueError(f"byte {start}: a JSON value that does not end")


def object_items(data: bytes, start: int) -> list[Item]:
    """Return the keys of the object whose brace is at `start`, in order, duplicates included.

    Raises
    ------
    ValueError
        The text is not a JSON object.
    """
    items: list[Item] = []
    at = skip_space(data, start + 1)
    while data[at : at + 1] != b"}":
        quote = at
        match = _STRING.match(data, quote)
        colon = None if match is None else _COLON.match(data, match.end())
        if match is None or colon is None:
            raise ValueError(f"byte {at}: a key was expected")
        begin = colon.end()
        end = value_end(data, begin)
        items.append(Item(decode_json(data[quote : match.end()]), quote, begin, end))
        between = _BETWEEN.match(data, end)
        at = end if between is None else between.end()
    return items


def array_items(data: bytes, start: int) -> list[Span]:
    """Return the spans of the values of the array whose bracket is at `start`.

    Raises
    ------
    ValueError
        The text is not a JSON array.
    """
    spans: list[Span] = []
    at = skip_space(data, start + 1)
    while data[at : at + 1] != b"]":
        end = value_end(data, at)
        spans.append((at, end))
        between = _BETWEEN.match(data, end)
        at = end if between is None else between.end()
    return spans


_KEYS_AND_BRACES: Final = re.compile(rb"([{}])|(" + STRING_PATTERN + rb")([ \t\r\n]*:)?", re.DOTALL)


def duplicate_keys(data: bytes, start: int, end: int) -> Iterator[tuple[int, str]]:
    """Yield offset and name of every key that its own object has had before, at any depth of a span."""
    stack: list[set[bytes]] = []
    for match in _KEYS_AND_BRACES.finditer(data, start, end):
        brace, text, colon = match.groups()
        if brace == b"{":
            stack.append(set())
        elif brace == b"}":
            if stack:
                stack.pop()
        elif colon is not None and stack:
            key = text
            if b"\\" in text:
                key = b'"' + str(decode_json(text)).encode("utf-8", "surrogatepass") + b'"'
            if key in stack[-1]:
                yield match.start(), str(decode_json(text))
            stack[-1].add(key)
