"""The layout of a COCO text: where its keys, arrays and records stand."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.source import Span
from napari_labeltool.core.values import IntArray
from napari_labeltool.formats.coco import damage
from napari_labeltool.formats.coco.shadow import shadow_of
from napari_labeltool.formats.coco.tokens import (
    COMMA,
    STRING_PATTERN,
    Item,
    object_items,
    skip_space,
    skip_space_back,
)

BOM: Final = b"\xef\xbb\xbf"
ARRAYS: Final = ("annotations", "images", "categories")
_GAP: Final = re.compile(rb"[ \t\r\n]*,?[ \t\r\n]*(" + STRING_PATTERN + rb")[ \t\r\n]*:[ \t\r\n]*", re.DOTALL)
_SPACES: Final = np.frombuffer(b" \t\r\n", np.uint8)
_DECODE_STEP: Final = 1 << 22


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands in a COCO text.

    Parameters
    ----------
    shadow
        The text for the fast decoder, of the same length; see `formats.coco.shadow`.
    hidden
        Offsets where it differs from the text.
    body
        Span of the top-level value.
    form
        ``"object"`` or ``"list"``.
    keys, key_starts
        As in `core.source.Source`.
    repeated
        Top-level keys that occur more than once.
    spans
        (n, 2) spans of the records of every array that is one (or, for ``images`` as an object, its values).
    odd_arrays
        Array keys whose value is neither a list nor null, with the first byte of the value.
    """

    shadow: bytes
    hidden: IntArray
    body: Span
    form: str
    keys: dict[str, Span]
    key_starts: dict[str, int]
    repeated: tuple[str, ...]
    spans: dict[str, IntArray]
    odd_arrays: dict[str, bytes]


class _Document(msgspec.Struct):
    annotations: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


_document_decoder = msgspec.json.Decoder(_Document)
_object_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
list_decoder = msgspec.json.Decoder(list[msgspec.Raw])


def assume(data: bytes, name: str, records: IntArray, ascii_size: int = 0) -> Layout | None:
    """Find the layout of a COCO text of which the spans of the annotations are assumed; None if they are not these.

    Parameters
    ----------
    data
        The whole file.
    name
        What to call it in messages.
    records
        (n, 2) the assumed spans.
    ascii_size
        How many of its first bytes are known to be ASCII.

    Raises
    ------
    ReadError
        The text is not UTF-8, or cannot be JSON.
    """
    _check_text(data, name, ascii_size)
    body = _body(data)
    if data[body[0] : body[0] + 1] != b"{" or records[0, 0] < body[0]:
        return None
    try:
        layout = _layout(data, data, np.empty(0, np.int64), body, records)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    whole = _around(data, records)
    return None if layout.repeated or layout.keys.get("annotations") != whole else layout


def scan(data: bytes, name: str) -> Layout:
    """Find the layout of a COCO text.

    Parameters
    ----------
    data
        The whole file.
    name
        What to call it in messages.

    Raises
    ------
    ReadError
        The text is damaged, is not UTF-8, or is not JSON.
    """
    _check_text(data, name)
    shadow, hidden = data, np.empty(0, np.int64)
    try:
        return _scan(data, shadow, hidden, name)
    except msgspec.DecodeError as error:
        shadow, hidden = shadow_of(data)
        if not len(hidden):
            raise damage.damaged(data, error, name) from None
    except RecursionError:
        raise damage.too_deep(name) from None
    try:
        return _scan(data, shadow, hidden, name)
    except msgspec.DecodeError as error:
        raise damage.damaged(data, error, name) from None
    except RecursionError:
        raise damage.too_deep(name) from None


def _check_text(data: bytes, name: str, ascii_size: int = 0) -> None:
    error = damage.not_text(data, name)
    if error is not None:
        raise error
    if ascii_size == len(data) or data.isascii():
        return
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    view = memoryview(data)
    for at in range(0, len(data), _DECODE_STEP):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(view[at : at + _DECODE_STEP], final=at + _DECODE_STEP >= len(data))
        except UnicodeDecodeError as found:
            raise damage.not_utf8(data, min(at - pending + found.start, len(data) - 1), name) from None


def _body(data: bytes) -> Span:
    return skip_space(data, len(BOM) if data.startswith(BOM) else 0), skip_space_back(data, len(data))


def _around(text: bytes, records: IntArray) -> Span:
    """Return the span of the array, brackets included, that holds these records."""
    return skip_space_back(text, int(records[0, 0])) - 1, skip_space(text, int(records[-1, 1])) + 1


def _scan(data: bytes, shadow: bytes, hidden: IntArray, name: str) -> Layout:
    body = _body(data)
    text = memoryview(shadow)[body[0] : body[1]]
    opening = data[body[0] : body[0] + 1]
    if opening == b"[":
        spans = {"annotations": spans_of_raws(list_decoder.decode(text), shadow)}
        return Layout(shadow, hidden, body, "list", {}, {}, (), spans, {})
    if opening != b"{":
        msgspec.json.decode(text)
        raise damage.not_coco("a single value", name)
    try:
        document = _document_decoder.decode(text)
    except msgspec.ValidationError:
        document = _Document()
    records = None
    if document.annotations is not msgspec.UNSET and document.annotations:
        records = spans_of_raws(document.annotations, shadow)
    del document
    return _layout(data, shadow, hidden, body, records)


def _layout(data: bytes, shadow: bytes, hidden: IntArray, body: Span, records: IntArray | None) -> Layout:
    """Return the layout of an object; `records` are the annotations where their array has some."""
    keys, starts, repeated = _top_level(shadow, body, None if records is None else _around(shadow, records))
    spans = {} if records is None else {"annotations": records}
    view = memoryview(shadow)
    odd: dict[str, bytes] = {}
    for key in ARRAYS:
        if key in spans or key not in keys:
            continue
        begin, end = keys[key]
        opening = data[begin : begin + 1]
        if opening == b"[":
            spans[key] = spans_of_raws(list_decoder.decode(view[begin:end]), shadow)
        elif shadow[begin:end] != b"null":
            odd[key] = opening
            if opening == b"{" and key == "images":
                values = [(item.start, item.end) for item in object_items(data, begin)]
                if values and all(data[a : a + 1] == b"{" for a, _ in values):
                    spans[key] = np.array(values, np.int64)
    return Layout(shadow, hidden, body, "object", keys, starts, repeated, spans, odd)


def _top_level(
    shadow: bytes, body: Span, whole: Span | None
) -> tuple[dict[str, Span], dict[str, int], tuple[str, ...]]:
    """Return spans and starts of the top-level keys, and those that repeat; `whole` is an array."""
    first, last = body
    if whole is None:
        shell, offset, cut, gap = memoryview(shadow)[first:last], first, last - first, 0
    else:
        head = shadow[first : whole[0]]
        shell = memoryview(head + b"[]" + shadow[whole[1] : last])
        offset, cut, gap = first, len(head), whole[1] - whole[0] - 2
    text = bytes(shell)
    base = _address(shell)
    values = [
        (key, _address(raw) - base, memoryview(raw).nbytes)
        for key, raw in _object_decoder.decode(shell).items()
    ]
    values.sort(key=lambda value: value[1])
    keys: dict[str, Span] = {}
    starts: dict[str, int] = {}

    def place(at: int) -> int:
        return at + offset + (gap if at > cut else 0)

    at = 1
    for key, begin, size in values:
        match = _GAP.fullmatch(text, at, begin)
        if match is None:
            return _repeating(object_items(shadow, first))
        keys[key] = (place(begin), place(begin + size))
        starts[key] = place(match.start(1))
        at = begin + size
    if text[at:].strip() != b"}":
        return _repeating(object_items(shadow, first))
    return keys, starts, ()


def _repeating(items: list[Item]) -> tuple[dict[str, Span], dict[str, int], tuple[str, ...]]:
    names = [item.key for item in items]
    repeated = tuple(dict.fromkeys(key for key in names if names.count(key) > 1))
    keys = {item.key: (item.start, item.end) for item in items}
    return keys, {item.key: item.key_start for item in items}, repeated


def spans_of_raws(raws: Sequence[msgspec.Raw], text: bytes) -> IntArray:
    """Return the (n, 2) spans in `text` of the records of one array that was decoded from it."""
    n = len(raws)
    if not n:
        return np.empty((0, 2), np.int64)
    lengths = np.fromiter(map(_length, raws), np.int64, n)
    first = _address(raws[0]) - _address(text)
    spans = np.empty((n, 2), np.int64)
    if n > 1:
        gap = _address(raws[1]) - _address(text) - first - int(lengths[0])
        steps = np.concatenate([[0], np.cumsum(lengths[:-1] + gap)])
        spans[:, 0] = first + steps
        spans[:, 1] = spans[:, 0] + lengths
        if not _are_separated_alike(np.frombuffer(text, np.uint8), spans, gap):
            _walk(text, lengths.tolist(), first, spans)
    else:
        spans[0] = first, first + lengths[0]
    return spans


def _are_separated_alike(text: NDArray[np.uint8], spans: IntArray, gap: int) -> bool:
    """Tell whether every record but the first begins where it should, behind the same separator."""
    if spans[-1, 1] > len(text):
        return False
    ends = spans[:-1, 1]
    if any((text[ends + k] != text[ends[0] + k]).any() for k in range(gap)):
        return False
    return not np.isin(text[spans[1:, 0]], _SPACES).any()


def _walk(text: bytes, lengths: list[int], first: int, spans: IntArray) -> None:
    at = first
    for row, length in enumerate(lengths):
        spans[row] = at, at + length
        comma = COMMA.match(text, at + length)
        at = at + length if comma is None else comma.end()


def _length(raw: msgspec.Raw) -> int:
    return memoryview(raw).nbytes


def _address(buffer: Any) -> int:
    return int(np.frombuffer(buffer, np.uint8).__array_interface__["data"][0])
