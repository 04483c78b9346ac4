"""What is odd in boxes and run lengths; the codes stand in `formats.coco.checks`."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.values import FloatArray, IntArray
from napari_labeltool.formats.coco.checks import Subject
from napari_labeltool.formats.coco.conventions import Sample
from napari_labeltool.formats.coco.filling import Seen
from napari_labeltool.formats.coco.findings import Findings

_FEWEST_BOXES: Final = 5
_TOLERANCE: Final = 1.0
_BLOCK: Final = 1 << 14


def check_boxes(subject: Subject, sample: Sample, findings: Findings) -> None:
    """Look at the boxes: numbers that cannot be, outside of the image, in another form (case 46)."""
    bbox = subject.filling.columns.bbox
    width, height = bbox[:, 2], bbox[:, 3]
    not_finite, negative, empty, outside = _faults(subject)
    findings.add_rows(
        "bbox-not-finite",
        "warning",
        not_finite,
        lambda row: "NaN or Infinity was found, 4 finite numbers were expected; kept, not drawn.",
        "bbox",
    )
    findings.add_rows(
        "bbox-negative-size",
        "warning",
        negative,
        lambda row: f"width {width[row]:g} and height {height[row]:g} found, neither below 0 expected; kept.",
        "bbox",
    )
    findings.add_rows(
        "bbox-empty",
        "warning",
        empty,
        lambda row: f"width {width[row]:g} and height {height[row]:g} found; the box encloses nothing. Kept.",
        "bbox",
    )
    findings.add_rows(
        "bbox-outside-image",
        "warning",
        outside,
        lambda row: (
            "the box reaches more than one pixel out of its image of {1:g} x {0:g} pixels; kept.".format(
                *subject.sizes[subject.image_links.rows[row]]
            )
        ),
        "bbox",
    )
    _check_box_form(subject, sample, findings)


def _faults(subject: Subject) -> tuple[IntArray, ...]:
    """Return the rows of boxes that are not finite, negative, empty, outside; block by block, which is quicker."""
    found: list[list[IntArray]] = [[], [], [], []]
    columns, seen = subject.filling.columns, subject.filling.seen
    frames, images = _frames(subject), subject.image_links.rows
    limits = np.nan_to_num(frames, nan=np.finfo(np.float64).max).T + _TOLERANCE
    for first in range(0, len(subject.filling), _BLOCK):
        part = slice(first, first + _BLOCK)
        if _are_inside(columns.bbox[part], limits, images[part]):
            continue
        bbox, stated = columns.bbox[part], (seen[part] & (Seen.NO_BBOX | Seen.ODD_BBOX).value) == 0
        finite = np.isfinite(bbox).all(axis=1)
        usable = stated & finite
        negative = usable & ((bbox[:, 2] < 0) | (bbox[:, 3] < 0))
        usable &= ~negative
        empty = usable & ((bbox[:, 2] == 0) | (bbox[:, 3] == 0))
        empty &= (columns.flags[part] & Flag.KEYPOINTS.value) == 0
        outside = usable & _is_outside(bbox, frames[images[part]])
        for rows, fault in zip(found, (stated & ~finite, negative, empty, outside), strict=True):
            rows.append(np.flatnonzero(fault) + first)
    return tuple(np.concatenate(rows) if rows else np.empty(0, np.int64) for rows in found)


def _are_inside(bbox: FloatArray, limits: FloatArray, images: NDArray[np.int32]) -> bool:
    """Tell whether boxes have no fault at all; `limits` are the (2, m) lowest and rightmost places of m images."""
    left, top, width, height = np.ascontiguousarray(bbox.T)
    fits = (left >= -_TOLERANCE) & (top >= -_TOLERANCE) & (width > 0) & (height > 0)
    fits &= (top + height <= limits[0][images]) & (left + width <= limits[1][images])
    return bool(fits.all())


def _frames(subject: Subject) -> FloatArray:
    """Return the height and width of every image and, as the last, those that are not known, for row -1."""
    return np.concatenate([subject.sizes, [[np.nan, np.nan]]])


def _is_outside(bbox: FloatArray, frame: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    right, bottom = bbox[:, 0] + bbox[:, 2], bbox[:, 1] + bbox[:, 3]
    before = (bbox[:, 0] < -_TOLERANCE) | (bbox[:, 1] < -_TOLERANCE)
    known = ~np.isnan(frame).any(axis=1)
    behind = (right > frame[:, 1] + _TOLERANCE) | (bottom > frame[:, 0] + _TOLERANCE)
    return np.asarray(known & (before | behind))


def _check_box_form(subject: Subject, sample: Sample, findings: Findings) -> None:
    """Compare three readings of the boxes with the geometry if there is some, else with the images."""
    votes = np.zeros(3, int)
    examples = [(g, b) for g, b, _ in (*sample.polygon, *sample.mask) if b is not None]
    for geometry, stated in examples:
        extent = np.array(geometry.bbox_xywh())
        value = np.array(stated)
        readings = (
            value,
            np.concatenate([value[:2], value[2:] - value[:2]]),
            np.concatenate([value[:2] - value[2:] / 2, value[2:]]),
        )
        with np.errstate(over="ignore"):
            votes += [bool(np.abs(reading - extent).max() <= 2.0) for reading in readings]
    if len(examples) >= _FEWEST_BOXES:
        form = (
            int(np.argmax(votes)) if votes.max() > 0.8 * len(examples) and votes[0] < 0.5 * votes.max() else 0
        )
    else:
        columns, seen = subject.filling.columns, subject.filling.seen
        stated = (seen & (Seen.NO_BBOX | Seen.ODD_BBOX).value) == 0
        stated &= np.isfinite(columns.bbox).all(axis=1)
        bbox, frame = columns.bbox[stated], _frames(subject)[subject.image_links.rows[stated]]
        known = ~np.isnan(frame).any(axis=1)
        form = 0
        if np.count_nonzero(known) >= _FEWEST_BOXES:
            bbox, frame = bbox[known], frame[known]
            corners = np.column_stack([bbox[:, :2], bbox[:, 2:] - bbox[:, :2]])
            centred = np.column_stack([bbox[:, :2] - bbox[:, 2:] / 2, bbox[:, 2:]])
            share = float(_is_outside(bbox, frame).mean())
            if share > 0.2 and (corners[:, 2:] >= 0).all() and not _is_outside(corners, frame).any():
                form = 1
            elif share > 0.2 and (bbox[:, 2:] >= 0).all() and not _is_outside(centred, frame).any():
                form = 2
    if form:
        code, words = (
            ("bbox-form-corners", "left, top, right, bottom"),
            ("bbox-form-centre", "centre x, centre y, width, height"),
        )[form - 1]
        findings.add(
            code,
            "warning",
            "annotations",
            f"the boxes of this file look like {words}; COCO has left, top, width, height. They are kept and "
            "drawn as COCO reads them: convert them with the tool that made the file.",
            "annotations",
        )


def check_masks(subject: Subject, findings: Findings) -> None:
    """Look at run lengths: their sum (case 42) and their size (case 43)."""
    filling = subject.filling
    for row, code, found in filling.rle_faults:
        findings.add(
            code,
            "error",
            findings.path("annotations", row, "segmentation"),
            f"annotation {filling.odd_id(row)}: {found}; the mask is kept and not drawn. Draw it anew to "
            "replace it.",
            "annotations",
            row,
        )
    if not filling.rle_rows:
        return
    rows, sizes = np.concatenate(filling.rle_rows), np.concatenate(filling.rle_sizes)
    frame = _frames(subject)[subject.image_links.rows[rows]]
    differs = ~np.isnan(frame).any(axis=1) & (sizes != frame).any(axis=1)
    swapped = differs & (sizes == frame[:, ::-1]).all(axis=1)
    text = {
        int(row): (size, other) for row, size, other in zip(rows[differs], sizes[differs], frame[differs])
    }

    def words(row: int) -> str:
        size, other = text[row]
        return (
            f"size [{size[0]:g}, {size[1]:g}] found, [{other[0]:g}, {other[1]:g}] (height, width of the"
            " image) expected"
        )

    findings.add_rows(
        "rle-size-swapped",
        "warning",
        rows[swapped],
        lambda row: (
            f"{words(row)}: height and width look exchanged; the mask is kept, and drawn as its "
            "own size says."
        ),
        "segmentation.size",
    )
    findings.add_rows(
        "rle-size",
        "warning",
        rows[differs & ~swapped],
        lambda row: f"{words(row)}; the mask is kept, and not stretched.",
        "segmentation.size",
    )
