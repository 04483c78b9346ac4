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

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.records import Categories, Images
from napari_labeltool.core.values import FloatArray, IntArray
from napari_labeltool.formats.coco.filling import MISSING, Filling, Seen
from napari_labeltool.formats.coco.findings import Findings
from napari_labeltool.formats.coco.links import Links


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
    ids = columns.id
    if columns.odd_ids or not (ids[1:] > ids[:-1]).all():
        whole = np.ones(len(filling), bool)
        whole[list(columns.odd_ids)] = False
        rows = np.flatnonzero(whole)
        ids = ids[rows]
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
    category_rows = subject.category_links.rows
    for key, links in (("image_id", subject.image_links), ("category_id", subject.category_links)):
        words = (
            f"{key} matches a record only when text and number are taken as the same; it is linked, and the text in "
            "the file is kept."
        )
        findings.add_rows("id-type", "warning", links.lenient, partial(_fixed, words), key)
    if subject.form == "object":
        _check_orphans(subject, findings)
    absent = _absent(filling.odd_categories)
    if absent and subject.form == "object":
        findings.add(
            "missing-category-id",
            "info",
            "annotations",
            f"{len(absent):,} annotations have no category_id; they are shown as unlabelled.",
            "annotations",
        )
    unknown = [row for row in np.flatnonzero(category_rows < 0).tolist() if row not in absent]
    if len(subject.categories):
        findings.add_rows(
            "unknown-category",
            "warning",
            unknown,
            lambda row: (
                "no category has the id "
                f"{_reference(filling.odd_categories, filling.category_ref, row)!r}; shown as unlabelled, "
                "the id is kept."
            ),
            "category_id",
        )
    elif unknown and subject.form == "object":
        findings.add(
            "unknown-category",
            "warning",
            "categories",
            f"{len(unknown):,} annotations name a category, but the file has none; they are shown as unlabelled "
            "and the ids are kept.",
            "categories",
        )


def _fixed(words: str, row: int) -> str:
    return words


def _check_orphans(subject: Subject, findings: Findings) -> None:
    """Look for annotations without an image (case 23)."""
    filling = subject.filling
    orphans = np.flatnonzero(subject.image_links.rows < 0).tolist()
    if orphans and not len(subject.images):
        findings.add(
            "unknown-image",
            "warning",
            "images",
            f"the file has no images, so none of its {len(orphans):,} annotations can be drawn; all are kept. Add "
            "the images, or open the file that has them.",
            "images",
        )
        return
    absent = _absent(filling.odd_images)
    findings.add_rows(
        "missing-image-id",
        "warning",
        [row for row in orphans if row in absent],
        lambda row: "no image_id was found; the annotation is kept, listed and not drawn.",
    )
    findings.add_rows(
        "unknown-image",
        "warning",
        [row for row in orphans if row not in absent],
        lambda row: (
            f"no image has the id {_reference(filling.odd_images, filling.image_ref, row)!r}; "
            "the annotation is kept, listed and not drawn."
        ),
        "image_id",
    )


def _absent(odd: Mapping[int, object]) -> set[int]:
    """Return the rows whose reference is missing or null."""
    return {row for row, value in odd.items() if value is MISSING or value is None}


def _reference(odd: Mapping[int, object], whole: IntArray, row: int) -> object:
    return odd[row] if row in odd else int(whole[row])
