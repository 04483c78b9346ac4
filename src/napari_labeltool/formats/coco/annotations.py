"""Annotation records to columns: many at once where they are as usual, one by one where they are not.

The fast way decodes a chunk of records into typed structs that leave segmentation and keypoints as text; the
structs live only as long as the chunk. What does not fit the types goes the slow way, with the same result.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any, Final

import msgspec
import numpy as np
from msgspec import UNSET, UnsetType

from napari_labeltool.core.columns import Flag, Kind, bbox_of, flags_of, is_number, is_rotated_box
from napari_labeltool.core.decode import geometry_of
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.values import FloatArray, IntArray, JsonValue, decode_json
from napari_labeltool.formats.coco.filling import Filling, Seen, references
from napari_labeltool.formats.coco.keypoints import put_keypoints
from napari_labeltool.formats.coco.segments import kind_of_value, put_kinds

_MOST_RECORDS: Final = 16_384
_MOST_BYTES: Final = 1 << 23
_FEWEST: Final = 16
_Id = int | float | str | UnsetType | None


class _Record(msgspec.Struct, gc=False):
    id: _Id = UNSET
    image_id: _Id = UNSET
    category_id: _Id = UNSET
    bbox: list[float] | UnsetType | None = UNSET
    area: float | UnsetType | None = UNSET
    iscrowd: int | float | bool | UnsetType | None = UNSET
    segmentation: msgspec.Raw | UnsetType = UNSET
    keypoints: msgspec.Raw | UnsetType = UNSET
    num_keypoints: float | UnsetType | None = UNSET
    score: float | UnsetType | None = UNSET
    attributes: msgspec.Raw | UnsetType = UNSET
    labeltool: msgspec.Raw | UnsetType = UNSET


_decoder: Final = msgspec.json.Decoder(list[_Record])


def fill_columns(data: bytes, shadow: bytes, hidden: IntArray, spans: IntArray) -> Filling:
    """Decode all annotation records.

    Parameters
    ----------
    data, shadow
        The text, and the text for the fast decoder.
    hidden
        Offsets where the two differ; those records go the slow way.
    spans
        (n, 2) spans of the records.
    """
    filling = Filling(spans)
    rows = np.unique(np.searchsorted(spans[:, 0], hidden, side="right") - 1)
    slow = {int(row) for row in rows if row >= 0}
    for first, end in _chunks(spans):
        _fill_chunk(filling, data, shadow, slow, first, end)
    _extents(filling, data)
    return filling


def _chunks(spans: IntArray) -> list[tuple[int, int]]:
    chunks: list[tuple[int, int]] = []
    first = 0
    while first < len(spans):
        limit = int(np.searchsorted(spans[:, 1], spans[first, 0] + _MOST_BYTES, side="right"))
        end = min(max(limit, first + 1), first + _MOST_RECORDS)
        chunks.append((first, end))
        first = end
    return chunks


def _fill_chunk(filling: Filling, data: bytes, shadow: bytes, slow: set[int], first: int, end: int) -> None:
    """Decode rows first to end; halves where the fast way fails, so that one odd record costs little."""
    spans = filling.columns.spans
    odd = bool(slow) and not slow.isdisjoint(range(first, end))
    if not odd:
        try:
            text = b"[" + shadow[spans[first, 0] : spans[end - 1, 1]] + b"]"
            records = _decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            odd = True
        else:
            _fill_fast(filling, first, records)
            return
    if end - first <= _FEWEST:
        for row in range(first, end):
            _fill_slow(filling, row, decode_json(data[spans[row, 0] : spans[row, 1]]))
        return
    middle = (first + end) // 2
    _fill_chunk(filling, data, shadow, slow, first, middle)
    _fill_chunk(filling, data, shadow, slow, middle, end)


def _fill_fast(filling: Filling, first: int, records: list[_Record]) -> None:
    columns = filling.columns
    n = len(records)
    part = slice(first, first + n)
    filling.put_ids(
        columns.id, columns.odd_ids, first, [r.id if r.id is not UNSET else None for r in records]
    )
    filling.put_ids(filling.image_ref, filling.odd_images, first, [r.image_id for r in records])
    filling.put_ids(filling.category_ref, filling.odd_categories, first, [r.category_id for r in records])
    columns.bbox[part] = _bboxes(filling, first, [r.bbox for r in records])
    columns.area[part] = _floats([r.area for r in records])
    filling.seen[part][np.isnan(columns.area[part])] |= Seen.NO_AREA.value
    crowds = [r.iscrowd for r in records]
    missing = np.fromiter((c is UNSET for c in crowds), bool, n)
    filling.seen[part][missing] |= Seen.NO_CROWD.value
    columns.flags[part][np.fromiter((c == 1 for c in crowds), bool, n)] |= Flag.CROWD.value
    scored = np.fromiter((type(r.score) is float for r in records), bool, n)
    columns.flags[part][scored] |= Flag.SCORE.value
    _put_segmentations(filling, first, records)
    with_points = [k for k, r in enumerate(records) if r.keypoints is not UNSET]
    if with_points:
        put_keypoints(
            filling,
            np.array(with_points, np.int64) + first,
            [bytes(_raw(records[k].keypoints)) for k in with_points],
            _floats([records[k].num_keypoints for k in with_points]),
        )


def _raw(value: msgspec.Raw | UnsetType) -> msgspec.Raw:
    return msgspec.Raw(b"null") if isinstance(value, UnsetType) else value


def _put_segmentations(filling: Filling, first: int, records: list[_Record]) -> None:
    columns = filling.columns
    shapes = [k for k, r in enumerate(records) if r.segmentation is not UNSET]
    if shapes:
        texts = [bytes(_raw(records[k].segmentation)) for k in shapes]
        put_kinds(filling, np.array(shapes, np.int64) + first, texts)
        for k, text in zip(shapes, texts, strict=True):
            record = records[k]
            if record.attributes is UNSET and record.labeltool is UNSET:
                continue
            if columns.kind[first + k] == Kind.POLYGON and text.count(b",") == 7:
                facts = {
                    "segmentation": decode_json(text),
                    "attributes": decode_json(bytes(_raw(record.attributes))),
                    "labeltool": decode_json(bytes(_raw(record.labeltool))),
                }
                if is_rotated_box(facts):
                    columns.flags[first + k] |= Flag.ROTATED.value
    kinds = columns.kind[first : first + len(records)]
    boxed = ~np.isnan(columns.bbox[first : first + len(records)]).any(axis=1)
    kinds[(kinds == Kind.NONE) & boxed] = Kind.BOX


def _bboxes(filling: Filling, first: int, values: Sequence[list[float] | UnsetType | None]) -> FloatArray:
    n = len(values)
    try:
        if all(len(value) == 4 for value in values):  # type: ignore[arg-type]
            flat: Any = chain.from_iterable(values)  # type: ignore[arg-type]
            return np.fromiter(flat, np.float64, 4 * n).reshape(n, 4)
    except TypeError:
        pass
    bboxes = np.full((n, 4), np.nan)
    for k, value in enumerate(values):
        if isinstance(value, list) and len(value) == 4:
            bboxes[k] = value
        else:
            filling.seen[first + k] |= (Seen.ODD_BBOX if isinstance(value, list) else Seen.NO_BBOX).value
    return bboxes


def _floats(values: Sequence[Any]) -> FloatArray:
    try:
        array = np.array(values)
    except ValueError:
        array = np.empty(0, object)
    if array.dtype == np.float64 and len(array) == len(values):
        return array
    return np.array([value if isinstance(value, float) else np.nan for value in values], np.float64)


def _fill_slow(filling: Filling, row: int, record: JsonValue) -> None:
    """Decode one record with the functions of the core themselves."""
    columns = filling.columns
    if not isinstance(record, dict):
        filling.seen[row] |= Seen.NOT_AN_OBJECT.value
        record = {}
    image, category = references(record)
    filling.put_ids(columns.id, columns.odd_ids, row, [record.get("id")])
    filling.put_ids(filling.image_ref, filling.odd_images, row, [image])
    filling.put_ids(filling.category_ref, filling.odd_categories, row, [category])
    bbox = bbox_of(record)
    if bbox is not None:
        columns.bbox[row] = bbox
    else:
        filling.seen[row] |= (Seen.NO_BBOX if record.get("bbox") is None else Seen.ODD_BBOX).value
    area = record.get("area")
    if is_number(area):
        columns.area[row] = float(area)
    else:
        filling.seen[row] |= Seen.NO_AREA.value
    if "iscrowd" not in record:
        filling.seen[row] |= Seen.NO_CROWD.value
    columns.flags[row] = flags_of(record)
    kind = kind_of_value(filling, row, record.get("segmentation"))
    columns.kind[row] = Kind.BOX if kind == Kind.NONE and bbox is not None else kind
    if "keypoints" in record:
        declared = record.get("num_keypoints")
        count = float(declared) if is_number(declared) else np.nan
        put_keypoints(filling, np.array([row]), [record["keypoints"]], np.array([count]))


def _extents(filling: Filling, data: bytes) -> None:
    """Give polygons and masks without a bbox the extent of their geometry."""
    columns = filling.columns
    shaped = np.isin(columns.kind, (Kind.POLYGON, Kind.RLE, Kind.RLE_COMPRESSED))
    unboxed = (filling.seen & (Seen.NO_BBOX | Seen.ODD_BBOX).value) != 0
    for row in np.flatnonzero(shaped & unboxed).tolist():
        start, end = columns.spans[row]
        try:
            geometry = geometry_of(decode_json(data[start:end]), Kind(int(columns.kind[row])))
        except LabeltoolError:
            continue
        if geometry is not None:
            columns.bbox[row] = geometry.bbox_xywh()
