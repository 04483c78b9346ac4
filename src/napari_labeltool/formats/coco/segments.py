"""What stands under ``segmentation``, decided from the text of many records at once."""

from __future__ import annotations

from operator import methodcaller
from typing import Any, Final

import msgspec
import numpy as np

from napari_labeltool.core.columns import Kind, is_flat
from napari_labeltool.core.values import IntArray, JsonValue, decode_json
from napari_labeltool.formats.coco.filling import Filling, Seen
from napari_labeltool.formats.coco.runs import look_at_runs

_SPACE: Final = b" \t\r\n"
_NUMBERS: Final = b"0123456789.,-+eE[] \t\r\n"
_NOT_DECIDED: Final = 255
_count_commas: Final = methodcaller("count", b",")
_count_brackets: Final = methodcaller("count", b"[")
_is_nested_list: Final = methodcaller("startswith", b"[[")
_ends_nested_list: Final = methodcaller("endswith", b"]]")


class _Rle(msgspec.Struct, gc=False):
    size: list[float]
    counts: str | list[int]


_rle_decoder: Final = msgspec.json.Decoder(list[_Rle])


def put_kinds(filling: Filling, rows: IntArray, texts: list[bytes]) -> IntArray:
    """Decide the kinds of rows whose segmentation text is given, as `core.columns.kind_of` would.

    Parameters
    ----------
    filling
        Gets kinds, odd parts and what is wrong with run lengths.
    rows
        (n,) rows; each has a segmentation.
    texts
        The value of each as JSON text.

    Returns
    -------
    (n,) int64 array
        How many commas each text has.
    """
    commas = np.fromiter(map(_count_commas, texts), np.int64, len(texts))
    kinds = _polygon_kinds(filling, rows, texts, commas)
    objects = [k for k, text in enumerate(texts) if kinds[k] == _NOT_DECIDED and text.startswith(b"{")]
    if objects:
        _put_rles(filling, rows, texts, objects, kinds)
    for k in np.flatnonzero(kinds == _NOT_DECIDED).tolist():
        kinds[k] = kind_of_value(filling, int(rows[k]), decode_json(texts[k]))
    filling.columns.kind[rows] = kinds
    return commas


def _polygon_kinds(filling: Filling, rows: IntArray, texts: list[bytes], commas: IntArray) -> IntArray:
    n = len(texts)
    kinds = np.full(n, _NOT_DECIDED, np.int64)
    opens = np.fromiter(map(_count_brackets, texts), np.int64, n)
    lists = texts
    nested = (opens == 2).all() and all(map(_is_nested_list, texts)) and all(map(_ends_nested_list, texts))
    if not nested:
        lists = [text for text in texts if text.startswith(b"[")]
    plain = bool(lists) and not b"".join(lists).translate(None, _NUMBERS)
    if plain and nested:
        good = (commas >= 5) & (commas % 2 == 1)
        kinds[good] = Kind.POLYGON
        rest = np.flatnonzero(~good).tolist()
    else:
        rest = list(range(n))
    for k in rest:
        text = texts[k]
        if not text.startswith(b"[") or (not plain and text.translate(None, _NUMBERS)):
            continue
        kinds[k] = _list_kind(filling, int(rows[k]), text.translate(None, _SPACE))
    return kinds


def _list_kind(filling: Filling, row: int, text: bytes) -> int:
    """Return the kind of a list of numbers, or of lists of numbers, of which the text has no white space."""
    opens = text.count(b"[")
    if opens == 1:
        if text == b"[]":
            return Kind.NONE
        numbers = text.count(b",") + 1
        filling.seen[row] |= Seen.FLAT.value
        return Kind.POLYGON if numbers >= 6 and numbers % 2 == 0 else Kind.ODD
    if not (text.startswith(b"[[") and text.endswith(b"]]") and text.count(b"],[") == opens - 2):
        return _NOT_DECIDED
    parts = text[2:-2].split(b"],[")
    drawable = [part.count(b",") >= 5 and part.count(b",") % 2 == 1 for part in parts]
    if any(drawable):
        if not all(drawable):
            filling.seen[row] |= Seen.ODD_PART.value
        return Kind.POLYGON
    return Kind.ODD if any(parts) else Kind.NONE


def kind_of_value(filling: Filling, row: int, value: JsonValue) -> int:
    """Return the kind of one decoded segmentation, NONE where the box decides; note what is wrong with it."""
    if isinstance(value, dict):
        size: Any = value.get("size")
        counts: Any = value.get("counts")
        if not (is_flat(size) and len(size) == 2):
            return Kind.ODD
        if isinstance(counts, str):
            kind = Kind.RLE_COMPRESSED
        elif is_flat(counts):
            kind = Kind.RLE
        else:
            return Kind.ODD
        _put_runs(filling, np.array([row], np.int64), [_Rle([float(size[0]), float(size[1])], counts)])
        return kind
    if not isinstance(value, list):
        return Kind.NONE if value is None else Kind.ODD
    if is_flat(value):
        filling.seen[row] |= Seen.FLAT.value
        return Kind.POLYGON if len(value) >= 6 and len(value) % 2 == 0 else Kind.ODD
    drawable = [is_flat(part) and len(part) >= 6 and len(part) % 2 == 0 for part in value]
    if any(drawable):
        if not all(drawable):
            filling.seen[row] |= Seen.ODD_PART.value
        return Kind.POLYGON
    return Kind.ODD if any(part != [] for part in value) else Kind.NONE


def _put_rles(
    filling: Filling, rows: IntArray, texts: list[bytes], objects: list[int], kinds: IntArray
) -> None:
    try:
        records = _rle_decoder.decode(b"[" + b",".join([texts[k] for k in objects]) + b"]")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    whole = [len(r.size) == 2 and (isinstance(r.counts, str) or len(r.counts) > 0) for r in records]
    good = [k for k, fits in zip(objects, whole, strict=True) if fits]
    fitting = [record for record, fits in zip(records, whole, strict=True) if fits]
    for k, record in zip(good, fitting, strict=True):
        kinds[k] = Kind.RLE_COMPRESSED if isinstance(record.counts, str) else Kind.RLE
    for k, fits in zip(objects, whole, strict=True):
        if not fits:
            kinds[k] = Kind.ODD
    if good:
        _put_runs(filling, rows[good], fitting)


def _put_runs(filling: Filling, rows: IntArray, records: list[_Rle]) -> None:
    sizes = np.array([record.size for record in records], np.float64)
    filling.rle_rows.append(rows)
    filling.rle_sizes.append(sizes)
    unboxed = (filling.seen[rows] & (Seen.NO_BBOX | Seen.ODD_BBOX).value) != 0
    faults, boxes = look_at_runs([record.counts for record in records], sizes, unboxed)
    filling.columns.bbox[rows[unboxed]] = boxes[unboxed]
    filling.rle_faults.extend((int(rows[k]), code, found) for k, code, found in faults)
