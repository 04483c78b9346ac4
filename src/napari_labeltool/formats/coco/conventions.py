"""How a file measures box and area, found on a bounded sample of its annotations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from napari_labeltool.core.boxes import BboxXywh
from napari_labeltool.core.columns import Flag, Kind, bbox_of, is_number
from napari_labeltool.core.dataset import Conventions
from napari_labeltool.core.decode import geometry_of
from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.core.geometry import AreaConvention, Box, Geometry, detect_convention
from napari_labeltool.core.values import BoolArray, decode_json
from napari_labeltool.formats.coco.filling import Filling

SAMPLE: Final = 100
"""Annotations looked at for each kind of geometry; enough for a majority, cheap for a million."""
_MOST_RUN_BYTES: Final = 200_000

Example = tuple[Geometry, BboxXywh | None, float | None]


@dataclass(frozen=True, slots=True)
class Sample:
    """Decoded geometry of some annotations of each kind, with the bbox and area that the file states."""

    polygon: list[Example]
    mask: list[Example]
    crowd: list[Example]
    box: list[Example]


def sample_of(data: bytes, filling: Filling) -> Sample:
    """Decode a sample of annotations, evenly spread over the file."""
    kind, crowd = filling.columns.kind, (filling.columns.flags & Flag.CROWD.value) != 0
    masks = (kind == Kind.RLE) | (kind == Kind.RLE_COMPRESSED)
    return Sample(
        _examples(data, filling, kind == Kind.POLYGON),
        _examples(data, filling, masks & ~crowd),
        _examples(data, filling, masks & crowd),
        _examples(data, filling, kind == Kind.BOX),
    )


def _examples(data: bytes, filling: Filling, chosen: BoolArray) -> list[Example]:
    count = int(np.count_nonzero(chosen))
    spread = np.linspace(0, count - 1, SAMPLE).astype(np.int64) if count > SAMPLE else np.arange(count)
    rows = spread if count == len(chosen) else np.flatnonzero(chosen)[spread]
    examples: list[Example] = []
    for row in rows.tolist():
        start, end = filling.columns.spans[row]
        if end - start > _MOST_RUN_BYTES:
            continue
        record = decode_json(data[start:end])
        try:
            geometry = geometry_of(record, Kind(int(filling.columns.kind[row])))
        except LabeltoolError:
            continue
        if geometry is None or not np.isfinite(geometry.bbox_xywh()).all():
            continue
        area = record.get("area")
        bbox = bbox_of(record)
        finite = bbox is not None and bool(np.isfinite(bbox).all())
        examples.append(
            (
                geometry,
                bbox if finite else None,
                float(area) if is_number(area) and abs(area) < 1e300 else None,
            )
        )
    return examples


def conventions_of(sample: Sample) -> Conventions:
    """Return the conventions that explain most of a sample; those of official COCO where it says nothing."""
    usual = Conventions()
    small = [example for example in sample.polygon if _is_small(example[0])]
    return Conventions(
        polygon=_detected(small or [], usual.polygon),
        mask=_detected(sample.mask, usual.mask),
        crowd=_detected(sample.crowd, usual.crowd if not sample.mask else _detected(sample.mask, usual.mask)),
        box=_detected(sample.box, usual.box),
    )


def _is_small(geometry: Geometry) -> bool:
    """Tell whether its pixels can be counted without ado (and without trusting a wild coordinate)."""
    left, top, width, height = geometry.bbox_xywh()
    return isinstance(geometry, Box) or (abs(left) + width < 2e5 and abs(top) + height < 2e5)


def _detected(examples: list[Example], usual: AreaConvention) -> AreaConvention:
    if not examples:
        return usual
    found = detect_convention(examples, usual)
    area = found.convention.area if found.n_areas else usual.area
    bbox = found.convention.bbox if found.n_bboxes else usual.bbox
    return AreaConvention(area, bbox)
