"""What is odd in images, categories, keypoints and the document; the codes stand in `formats.coco.checks`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from napari_labeltool.core.columns import Kind, is_number
from napari_labeltool.core.records import Categories, Images, KeyedTable, as_size
from napari_labeltool.core.values import FloatArray, JsonValue
from napari_labeltool.formats.coco.filling import Filling
from napari_labeltool.formats.coco.findings import Findings
from napari_labeltool.formats.coco.keypoints import COUNT, DECLARED, OUTSIDE, VISIBLE
from napari_labeltool.formats.coco.scan import ARRAYS, BOM, Layout

_NOT_FINITE: Final = re.compile(rb"NaN|-?Infinity")
_NAMES: Final[Mapping[bytes, str]] = {b"{": "an object", b'"': "a text", b"t": "true", b"f": "false"}


def check_document(data: bytes, layout: Layout, findings: Findings) -> None:
    """Look at the document as a whole."""
    if data.startswith(BOM):
        findings.add(
            "byte-order-mark",
            "info",
            "document",
            "the file begins with a byte order mark; it is kept. pycocotools cannot read such a file.",
        )
    for offset in layout.hidden.tolist():
        word = _NOT_FINITE.match(data, offset)
        if word is not None:
            findings.add(
                "not-a-number",
                "warning",
                f"byte {offset}",
                ""
                f"{word.group().decode('ascii')} "
                "was found, which is not JSON; it is read, and written only where it already stands.",
            )
    for key in layout.repeated:
        findings.add(
            "repeated-top-level-key",
            "error",
            key,
            "the key was found more than once; JSON readers keep only the last. Saving is refused, since it "
            "could lose the others: remove one of them in a text editor.",
        )
    for key, opening in layout.odd_arrays.items():
        found = _NAMES.get(opening, "a number")
        if key == "images" and key in layout.spans:
            findings.add(
                "images-not-a-list",
                "warning",
                key,
                "an object was found, a list was expected; its values are shown as images, and kept as "
                "they are.",
            )
        else:
            findings.add(
                "array-not-a-list",
                "error",
                key,
                f"{found} was found, a list was expected; it is kept and not shown.",
            )
    if layout.form == "list":
        findings.add(
            "results-list",
            "info",
            "document",
            "a bare list was found: results or annotations without images and categories. Open it together "
            "with the dataset it belongs to; it is saved as a list.",
        )
        return
    if "images" not in layout.keys and "image" in layout.keys:
        findings.add(
            "single-image", "info", "image", "one image under the key `image` was found; it is shown."
        )
    for key in ARRAYS:
        if key not in layout.keys and not (key == "images" and "image" in layout.keys):
            findings.add(
                f"no-{key}", "info", key, f"the file has no {key}; the key is made when one is added."
            )


def check_panoptic(segments: int, findings: Findings) -> None:
    """Tell of panoptic annotations, whose pixels stand in PNG files."""
    if segments:
        findings.add(
            "panoptic",
            "info",
            "annotations",
            f"{segments:,} annotations list the segments of a panoptic PNG; they are kept and not drawn.",
            "annotations",
        )


def check_images(images: Images, findings: Findings) -> FloatArray:
    """Look at the image records.

    Returns
    -------
    (n, 2) float64 array
        Declared height and width of every image, NaN where missing.
    """
    sizes = np.full((images.row_count, 2), np.nan)
    _check_ids(images, "image", "annotations go to the first of them", findings)
    for row in range(images.row_count):
        record = images.base(row)
        height, width = as_size(record.get("height")), as_size(record.get("width"))
        if height is not None and width is not None:
            sizes[row] = height, width
        else:
            findings.add(
                "image-size-missing",
                "warning",
                findings.path("images", row),
                "width and height as whole numbers above 0 were expected; the size of the picture is used "
                "when it can be read.",
                "images",
                row,
            )
        name = record.get("file_name")
        if not (isinstance(name, str) and name):
            findings.add(
                "image-name-missing",
                "warning",
                findings.path("images", row, "file_name"),
                "a file name was expected; the image cannot be found on disk.",
                "images",
                row,
            )
    return sizes


def check_categories(categories: Categories, findings: Findings) -> dict[int, int]:
    """Look at the category records.

    Returns
    -------
    dict
        Number of keypoints that a category (row) names, for those that name some.
    """
    _check_ids(
        categories, "category", "annotations go to the first of them; merge them on the schema page", findings
    )
    names: dict[str, int] = {}
    counts: dict[int, int] = {}
    for row in range(categories.row_count):
        category = categories.at(row)
        if names.setdefault(category.name, row) != row:
            findings.add(
                "duplicate-category-name",
                "warning",
                findings.path("categories", row, "name"),
                f"the name {category.name!r} was found before; the two stay distinct by their ids.",
                "categories",
                row,
            )
        keypoints = category.record.get("keypoints")
        if isinstance(keypoints, list) and keypoints:
            counts[row] = len(keypoints)
            _check_skeleton(row, category.record.get("skeleton"), len(keypoints), findings)
    return counts


def _check_ids(table: KeyedTable, what: str, consequence: str, findings: Findings) -> None:
    seen: set[tuple[type, JsonValue]] = set()
    for row in range(table.row_count):
        value = table.id_of(row)
        if value is not None and (type(value), value) in seen:
            findings.add(
                f"duplicate-{what}-id",
                "warning",
                findings.path(table.name, row, "id"),
                f"the id {value!r} was found before; {consequence}.",
                table.name,
                row,
            )
        seen.add((type(value), value))


def _check_skeleton(row: int, skeleton: JsonValue, count: int, findings: Findings) -> None:
    if not isinstance(skeleton, list):
        return
    bad = [
        end
        for bone in skeleton
        for end in (bone if isinstance(bone, list) else [bone])
        if not is_number(end) or not 1 <= end <= count
    ]
    if bad:
        shown = ", ".join(map(str, bad[:5]))
        hint = " It looks zero-based." if 0 in bad and max(filter(is_number, bad), default=0) < count else ""
        findings.add(
            "skeleton-index",
            "warning",
            findings.path("categories", row, "skeleton"),
            f"{shown} found, numbers from 1 to {count} expected (the first keypoint is 1).{hint} These bones "
            "are kept and not drawn.",
            "categories",
            row,
        )


def check_keypoints(
    filling: Filling, categories: NDArray[np.int32], counts: Mapping[int, int], findings: Findings
) -> None:
    """Look at the keypoints: their number, ``num_keypoints`` and visibilities.

    Parameters
    ----------
    filling
        The annotations.
    categories
        (n,) category row of each annotation.
    counts
        Number of keypoints that a category names.
    """
    if not filling.keypoint_rows:
        return
    rows, facts = np.concatenate(filling.keypoint_rows), np.concatenate(filling.keypoint_facts)
    # one more at the end, for row -1
    named = np.full(max(int(categories.max()), *counts, 0) + 2, -1)
    named[list(counts)] = list(counts.values())
    named = named[categories[rows]]

    def place(row: int) -> int:
        return int(np.searchsorted(rows, row))

    findings.add_rows(
        "keypoint-count",
        "warning",
        rows[(named >= 0) & (facts[:, COUNT] != named)],
        lambda row: (
            f"{facts[place(row), COUNT]:g} keypoints found, {named[place(row)]} expected, as its "
            "category names them; kept."
        ),
        "keypoints",
    )
    findings.add_rows(
        "keypoint-visibility",
        "warning",
        rows[facts[:, OUTSIDE] > 0],
        lambda row: (
            f"{facts[place(row), OUTSIDE]:g} visibilities that are not 0, 1 or 2 were found "
            "(confidences?); kept as they are."
        ),
        "keypoints",
    )
    declared = facts[:, DECLARED]
    wrong = ~np.isnan(declared) & (declared != facts[:, VISIBLE])
    findings.add_rows(
        "num-keypoints",
        "warning",
        rows[wrong],
        lambda row: (
            f"{declared[place(row)]:g} found, {facts[place(row), VISIBLE]:g} keypoints with v > 0 "
            "counted; corrected only when the annotation is edited."
        ),
        "num_keypoints",
    )


def count_panoptic(data: bytes, filling: Filling) -> int:
    """Return how many annotations are lists of panoptic segments."""
    rows = np.flatnonzero(filling.columns.kind == Kind.NONE)
    return sum(b'"segments_info"' in data[a:b] for a, b in filling.columns.spans[rows].tolist())
