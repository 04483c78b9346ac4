"""What is odd in a file, told with stable codes.

============================ ======== =======================================================================
code                         severity meaning
============================ ======== =======================================================================
byte-order-mark              info     the file begins with a BOM (kept; pycocotools cannot read it)
not-a-number                 warning  NaN or Infinity, which is not JSON (kept where it stands)
repeated-key                 error    a JSON key twice in one object; saving is refused
repeated-top-level-key       error    the same, at the top level
results-list                 info     a bare list of results: no ids, images or categories in the file
no-images, no-annotations    info     the array is missing
no-categories                info     the array is missing
images-not-a-list            warning  ``images`` is an object; its values are shown
array-not-a-list             error    an array key holds something else; kept, not shown
single-image                 info     one image under ``image`` (Segment Anything)
panoptic                     info     segments of a panoptic PNG; kept, not drawn
not-a-record                 error    an entry of an array that is not an object
duplicate-annotation-id      warning  an annotation id twice (all are shown)
duplicate-image-id           warning  an image id twice (annotations go to the first)
duplicate-category-id        warning  a category id twice (annotations go to the first)
duplicate-category-name      warning  a category name twice (they stay distinct)
missing-annotation-id        info     annotations without id (counted)
id-type                      warning  an image_id or category_id matches only as text against number
unknown-image                warning  no image has the image_id; kept, not drawn
unknown-category             warning  no category has the category_id; shown as unlabelled
missing-image-id             warning  no image_id; kept, not drawn
missing-category-id          info     no category_id; shown as unlabelled
image-size-missing           warning  an image without width and height
image-name-missing           warning  an image without file_name
odd-segmentation             warning  a segmentation that no convention explains; kept, shown by its box
odd-polygon-part             warning  a part with fewer than 3 vertices or an odd count; kept, not drawn
flat-polygon                 info     a polygon that is a flat list (counted)
rle-short, rle-long          error    runs that do not fill their size; not drawn
rle-damaged, rle-size-odd    error    runs or a size that cannot be; not drawn
rle-size                     warning  size differs from the image's; not stretched
rle-size-swapped             warning  size is the image's with height and width exchanged
odd-bbox                     warning  a bbox that is not 4 numbers; kept, not shown
bbox-not-finite              warning  NaN or Infinity in a bbox
bbox-negative-size           warning  width or height below 0
bbox-empty                   warning  width or height 0
bbox-outside-image           warning  more than one pixel outside of the image
bbox-form-corners            warning  boxes look like left, top, right, bottom (the file as a whole)
bbox-form-centre             warning  boxes look like centre x, centre y, width, height (the file as a whole)
missing-area                 info     annotations without area (counted)
missing-iscrowd              info     annotations without iscrowd (counted)
odd-keypoints                warning  keypoints that are not a flat list by threes; kept, not shown
keypoint-count               warning  another number of keypoints than the category names
keypoint-visibility          warning  v values that are not 0, 1 or 2; kept
num-keypoints                warning  num_keypoints is not the count of v > 0
skeleton-index               warning  a skeleton that names keypoint 0 or one beyond the last
============================ ======== =======================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.records import Categories, Images
from napari_labeltool.core.values import FloatArray, IntArray
from napari_labeltool.formats.coco.conventions import Sample
from napari_labeltool.formats.coco.filling import MISSING, Filling, Seen
from napari_labeltool.formats.coco.findings import Findings
from napari_labeltool.formats.coco.links import Links

_FEWEST_BOXES: Final = 5
_TOLERANCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Subject:
    """What the checks look at."""

    filling: Filling
    images: Images
    categories: Categories
    image_links: Links
    category_links: Links
    sizes: FloatArray
    """(number of images, 2) declared height and width, NaN where missing."""
    form: str


def check_annotations(subject: Subject, findings: Findings) -> None:
    """Look at ids, references and keys of the annotations."""
    filling = subject.filling
    columns, seen = filling.columns, filling.seen

    def rows_with(mark: Seen) -> IntArray:
        return np.flatnonzero((seen & mark.value) != 0)

    for row in rows_with(Seen.NOT_AN_OBJECT).tolist():
        findings.add(
            "not-a-record",
            "error",
            findings.path("annotations", row),
            "an entry that is not an object was found; it is kept and not shown.",
            "annotations",
            row,
        )
    _check_duplicate_ids(filling, findings, subject.form)
    _check_references(subject, findings)
    findings.add_rows(
        "odd-segmentation",
        "warning",
        np.flatnonzero(columns.kind == Kind.ODD),
        lambda row: (
            "neither polygons (lists of at least 6 numbers, an even count) nor run lengths were "
            "found; it is kept as it is and shown by its bbox. Draw the object anew to replace it."
        ),
        "segmentation",
    )
    findings.add_rows(
        "odd-polygon-part",
        "warning",
        rows_with(Seen.ODD_PART),
        lambda row: (
            "a part with fewer than 3 vertices or an odd count of numbers was found beside good "
            "ones; it is kept and not drawn."
        ),
        "segmentation",
    )
    findings.add_rows(
        "odd-bbox",
        "warning",
        rows_with(Seen.ODD_BBOX),
        lambda row: "4 numbers (left, top, width, height) were expected; what was found is kept.",
        "bbox",
    )
    odd_points = np.flatnonzero((columns.flags & Flag.ODD_KEYPOINTS.value) != 0)
    findings.add_rows(
        "odd-keypoints",
        "warning",
        odd_points,
        lambda row: (
            "a flat list of numbers by threes (x, y, v) was expected; what was found is kept and not shown."
        ),
        "keypoints",
    )
    if subject.form == "object":
        counted = (("missing-area", Seen.NO_AREA, "area"), ("missing-iscrowd", Seen.NO_CROWD, "iscrowd"))
        for code, mark, key in counted:
            count = len(rows_with(mark))
            if count:
                findings.add(
                    code,
                    "info",
                    "annotations",
                    f"{count:,} of {len(filling):,} annotations have no {key}; none is invented until they "
                    "are edited.",
                    "annotations",
                )
    flat = len(rows_with(Seen.FLAT))
    if flat:
        findings.add(
            "flat-polygon",
            "info",
            "annotations",
            f"{flat:,} segmentations are one flat list of numbers instead of a list of parts; they are read "
            "as one polygon and written flat unless edited.",
            "annotations",
        )


def _check_duplicate_ids(filling: Filling, findings: Findings, form: str) -> None:
    columns = filling.columns
    whole = np.ones(len(filling), bool)
    whole[list(columns.odd_ids)] = False
    rows = np.flatnonzero(whole)
    ids = columns.id[rows]
    if len(ids) > 1 and not (np.diff(ids) > 0).all():
        order = np.argsort(ids, kind="stable")
        again = np.flatnonzero(np.diff(ids[order]) == 0) + 1
        findings.add_rows(
            "duplicate-annotation-id",
            "warning",
            np.sort(rows[order][again]),
            lambda row: (
                f"the id {columns.id[row]} was found before; both annotations are shown and kept. "
                "Other tools keep only the last: give new ids in the Problems panel."
            ),
            "id",
        )
    first: dict[tuple[type, object], int] = {}
    missing = 0
    for row, value in columns.odd_ids.items():
        missing += value is None
        if value is None or not isinstance(value, (str, int, float)):
            continue
        if first.setdefault((type(value), value), row) != row:
            findings.add(
                "duplicate-annotation-id",
                "warning",
                findings.path("annotations", row, "id"),
                f"the id {value!r} was found before; both annotations are shown and kept.",
                "annotations",
                row,
            )
    if missing and form == "object":
        findings.add(
            "missing-annotation-id",
            "info",
            "annotations",
            f"{missing:,} of {len(filling):,} annotations have no id; none is invented.",
            "annotations",
        )


def _check_references(subject: Subject, findings: Findings) -> None:
    filling = subject.filling
    image_rows, category_rows = subject.image_links.rows, subject.category_links.rows
    for key, links in (("image_id", subject.image_links), ("category_id", subject.category_links)):
        findings.add_rows(
            "id-type",
            "warning",
            links.lenient,
            lambda row, key=key: (
                f"{key} matches a record only when text and number are taken as the "  # type: ignore[misc]
                "same; it is linked, and the text in the file is kept."
            ),
            key,
        )
    if subject.form == "object" and (len(subject.images) or filling.odd_images != {}):
        orphans = np.flatnonzero(image_rows < 0)
        absent = {row for row, value in filling.odd_images.items() if value is MISSING or value is None}
        findings.add_rows(
            "missing-image-id",
            "warning",
            [row for row in orphans.tolist() if row in absent],
            lambda row: "no image_id was found; the annotation is kept, listed and not drawn.",
        )
        findings.add_rows(
            "unknown-image",
            "warning",
            [row for row in orphans.tolist() if row not in absent],
            lambda row: (
                f"no image has the id {_reference(filling.odd_images, filling.image_ref, row)!r}; "
                "the annotation is kept, listed and not drawn."
            ),
            "image_id",
        )
    unlabelled = np.flatnonzero(category_rows < 0)
    absent = {row for row, value in filling.odd_categories.items() if value is MISSING or value is None}
    if absent and subject.form == "object":
        findings.add(
            "missing-category-id",
            "info",
            "annotations",
            f"{len(absent):,} annotations have no category_id; they are shown as unlabelled.",
            "annotations",
        )
    if len(subject.categories):
        findings.add_rows(
            "unknown-category",
            "warning",
            [row for row in unlabelled.tolist() if row not in absent],
            lambda row: (
                "no category has the id "
                f"{_reference(filling.odd_categories, filling.category_ref, row)!r}; shown as unlabelled, "
                "the id is kept."
            ),
            "category_id",
        )


def _reference(odd: dict[int, object], whole: IntArray, row: int) -> object:
    return odd[row] if row in odd else int(whole[row])


def check_boxes(subject: Subject, sample: Sample, findings: Findings) -> None:
    """Look at the boxes: numbers that cannot be, boxes outside of their image, boxes in another form (case 46)."""
    filling = subject.filling
    bbox, stated = filling.columns.bbox, (filling.seen & (Seen.NO_BBOX | Seen.ODD_BBOX).value) == 0
    finite = np.isfinite(bbox).all(axis=1)
    findings.add_rows(
        "bbox-not-finite",
        "warning",
        np.flatnonzero(stated & ~finite),
        lambda row: "NaN or Infinity was found, 4 finite numbers were expected; kept, not drawn.",
        "bbox",
    )
    stated &= finite
    width, height = bbox[:, 2], bbox[:, 3]
    negative = stated & ((width < 0) | (height < 0))
    findings.add_rows(
        "bbox-negative-size",
        "warning",
        np.flatnonzero(negative),
        lambda row: f"width {width[row]:g} and height {height[row]:g} found, neither below 0 expected; kept.",
        "bbox",
    )
    empty = stated & ~negative & ((width == 0) | (height == 0))
    empty &= (filling.columns.flags & Flag.KEYPOINTS.value) == 0
    findings.add_rows(
        "bbox-empty",
        "warning",
        np.flatnonzero(empty),
        lambda row: f"width {width[row]:g} and height {height[row]:g} found; the box encloses nothing. Kept.",
        "bbox",
    )
    frame = _frames(subject)
    outside = stated & ~negative & _is_outside(bbox, frame)
    findings.add_rows(
        "bbox-outside-image",
        "warning",
        np.flatnonzero(outside),
        lambda row: (
            f"the box reaches more than one pixel out of its image of {frame[row, 1]:g} x "
            f"{frame[row, 0]:g} pixels; kept."
        ),
        "bbox",
    )
    _check_box_form(bbox[stated], frame[stated], sample, findings)


def _frames(subject: Subject) -> FloatArray:
    rows = subject.image_links.rows
    frames = np.full((len(rows), 2), np.nan)
    if len(subject.sizes):
        known = rows >= 0
        frames[known] = subject.sizes[rows[known]]
    return frames


def _is_outside(bbox: FloatArray, frame: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    right, bottom = bbox[:, 0] + bbox[:, 2], bbox[:, 1] + bbox[:, 3]
    before = (bbox[:, 0] < -_TOLERANCE) | (bbox[:, 1] < -_TOLERANCE)
    known = ~np.isnan(frame).any(axis=1)
    behind = (right > frame[:, 1] + _TOLERANCE) | (bottom > frame[:, 0] + _TOLERANCE)
    return np.asarray(known & (before | behind))


def _check_box_form(bbox: FloatArray, frame: FloatArray, sample: Sample, findings: Findings) -> None:
    """Compare three readings of the boxes with the geometry where there is some, else with the image sizes."""
    corners = np.column_stack([bbox[:, :2], bbox[:, 2:] - bbox[:, :2]])
    centred = np.column_stack([bbox[:, :2] - bbox[:, 2:] / 2, bbox[:, 2:]])
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
        votes += [bool(np.abs(reading - extent).max() <= 2.0) for reading in readings]
    if len(examples) >= _FEWEST_BOXES:
        form = (
            int(np.argmax(votes)) if votes.max() > 0.8 * len(examples) and votes[0] < 0.5 * votes.max() else 0
        )
    else:
        known = ~np.isnan(frame).any(axis=1)
        form = 0
        if np.count_nonzero(known) >= _FEWEST_BOXES:
            bbox, corners, centred, frame = bbox[known], corners[known], centred[known], frame[known]
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
    frame = _frames(subject)[rows]
    differs = ~np.isnan(frame).any(axis=1) & (sizes != frame).any(axis=1)
    swapped = differs & (sizes == frame[:, ::-1]).all(axis=1)
    text = {
        int(row): (size, other) for row, size, other in zip(rows[differs], sizes[differs], frame[differs])
    }

    def words(row: int) -> str:
        size, other = text[row]
        return f"size [{size[0]:g}, {size[1]:g}] found, [{other[0]:g}, {other[1]:g}] (height, width of the image) expected"

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
