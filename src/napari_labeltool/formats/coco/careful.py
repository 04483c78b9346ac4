"""Annotation records to columns one by one, with the functions of the core themselves."""

from __future__ import annotations

import numpy as np

from napari_labeltool.core.columns import Kind, bbox_of, flags_of, is_number
from napari_labeltool.core.decode import geometry_of
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.values import JsonValue, decode_json
from napari_labeltool.formats.coco.filling import Filling, Seen, references
from napari_labeltool.formats.coco.keypoints import put_keypoints
from napari_labeltool.formats.coco.segments import kind_of_value


def put_record(filling: Filling, row: int, record: JsonValue) -> None:
    """Write the columns of one decoded record."""
    columns = filling.columns
    if not isinstance(record, dict):
        filling.seen[row] |= Seen.NOT_AN_OBJECT.value
        record = {}
    image, category = references(record)
    filling.put_ids(columns.id, columns.odd_ids, row, [record.get("id")])
    filling.put_ids(filling.image_ref, filling.odd_images, row, [image])
    filling.put_ids(filling.category_ref, filling.odd_categories, row, [category])
    bbox = bbox_of(record)
    columns.bbox[row] = np.nan if bbox is None else bbox
    if bbox is None:
        filling.seen[row] |= (Seen.NO_BBOX if record.get("bbox") is None else Seen.ODD_BBOX).value
    area = record.get("area")
    columns.area[row] = float(area) if is_number(area) else np.nan
    if not is_number(area):
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


def put_extents(filling: Filling, data: bytes) -> None:
    """Give polygons without a bbox the extent of their geometry."""
    columns = filling.columns
    shaped = columns.kind == Kind.POLYGON
    unboxed = (filling.seen & (Seen.NO_BBOX | Seen.ODD_BBOX).value) != 0
    for row in np.flatnonzero(shaped & unboxed).tolist():
        start, end = columns.spans[row]
        try:
            geometry = geometry_of(decode_json(data[start:end]), Kind(int(columns.kind[row])))
        except LabeltoolError:
            continue
        if geometry is not None:
            columns.bbox[row] = geometry.bbox_xywh()
