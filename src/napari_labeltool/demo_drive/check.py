"""Finding what was drawn again in the saved file, with pycocotools."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from pycocotools.coco import COCO

from napari_labeltool.core.errors import LabeltoolError
from napari_labeltool.demo_drive.steps import NEW_CLASS, TURN, Drawn


def check(document: Path, original: bytes, drawn: Drawn) -> list[str]:
    """Compare the saved file with what was drawn.

    Parameters
    ----------
    document
        The saved COCO file.
    original
        Its bytes before.
    drawn
        What the mouse drew where.

    Returns
    -------
    list of str
        A sentence for each thing that was found.

    Raises
    ------
    LabeltoolError
        Something is not in the file as it was drawn, or something else was changed.
    """
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO(str(document))
    found = [
        _box(coco, drawn),
        _keypoints(coco, drawn),
        _rotated_box(coco, drawn),
        _polygon(coco, drawn),
        _mask(coco, drawn),
        _tag(coco, drawn),
        _untouched(document, original),
    ]
    return found


def _require(holds: bool, what: str, was: object, expected: object) -> None:
    if not holds:
        raise LabeltoolError(f"demo: {what}: {was} found in the saved file, {expected} expected.")


def _category(coco: COCO, annotation: dict[str, Any]) -> str:
    return str(coco.cats[annotation["category_id"]]["name"])


def _box(coco: COCO, drawn: Drawn) -> str:
    annotation = coco.anns[drawn.box_id]
    left, top, width, height = annotation["bbox"]
    corners = np.array([left, top, left + width, top + height])
    near = np.allclose(corners, drawn.box, atol=1.5 * drawn.tolerance)
    _require(near and _category(coco, annotation) == "face", "box", corners, drawn.box)
    return f"box {drawn.box_id}: class face, {annotation['bbox']}"


def _keypoints(coco: COCO, drawn: Drawn) -> str:
    annotation = coco.anns[drawn.keypoints_id]
    points = np.array(annotation["keypoints"], float).reshape(-1, 3)
    placed = np.array(drawn.keypoints) - 0.5
    near = np.allclose(points[: len(placed), :2], placed, atol=1.5 * drawn.tolerance)
    _require(near, "keypoints", points[: len(placed)].tolist(), placed.tolist())
    _require(
        annotation["num_keypoints"] == len(placed), "num_keypoints", annotation["num_keypoints"], len(placed)
    )
    _require(drawn.keypoints_id == drawn.box_id, "owner of the keypoints", drawn.keypoints_id, drawn.box_id)
    return f"keypoints of {drawn.keypoints_id}: {len(placed)} placed on the object with the box"


def _rotated_box(coco: COCO, drawn: Drawn) -> str:
    annotation = coco.anns[drawn.rotated_id]
    corners = np.array(annotation["segmentation"][0]).reshape(-1, 2)
    rotation = annotation["attributes"]["rotation"]
    sides = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    left, top, right, bottom = drawn.turned_from
    expected = np.array([right - left, bottom - top])
    same = np.allclose(np.sort(sides), np.sort(np.repeat(expected, 2)), atol=2 * drawn.tolerance)
    off = (rotation - TURN + 45) % 90 - 45
    _require(same and abs(off) < 3, "rotated box", (sides.tolist(), rotation), (expected.tolist(), TURN))
    return f"rotated box {drawn.rotated_id}: {sides[0]:.1f} x {sides[1]:.1f} pixels, turned by {rotation:.1f} degrees"


def _polygon(coco: COCO, drawn: Drawn) -> str:
    annotation = coco.anns[drawn.polygon_id]
    corners = np.array(annotation["segmentation"][0]).reshape(-1, 2)
    same = corners.shape == (len(drawn.polygon), 2)
    same = same and np.allclose(corners, drawn.polygon, atol=1.5 * drawn.tolerance)
    _require(bool(same), "polygon", corners.tolist(), drawn.polygon)
    area = int(coco.annToMask(annotation).sum())
    return (
        f"polygon {drawn.polygon_id}: {len(corners)} corners, {area} pixels by annToMask, class {NEW_CLASS}"
    )


def _mask(coco: COCO, drawn: Drawn) -> str:
    pixels = coco.annToMask(coco.anns[drawn.mask_id]).astype(bool)
    equal = pixels.shape == drawn.mask.shape and bool((pixels == drawn.mask).all())
    _require(equal and bool(pixels.any()), "mask", int(pixels.sum()), int(drawn.mask.sum()))
    return f"mask {drawn.mask_id}: {int(pixels.sum())} painted pixels, every one as the canvas showed it"


def _tag(coco: COCO, drawn: Drawn) -> str:
    images = {image["file_name"]: image["id"] for image in coco.dataset["images"]}
    names = [
        _category(coco, annotation)
        for annotation in coco.dataset["annotations"]
        if annotation["image_id"] == images[drawn.tagged_file] and "bbox" not in annotation
    ]
    _require(drawn.tag in names, "image tag", names, drawn.tag)
    return f"image tag {drawn.tag} on {drawn.tagged_file}"


def _untouched(document: Path, original: bytes) -> str:
    """Check that every annotation that was there before is still there, to the letter."""
    before = {entry["id"]: entry for entry in json.loads(original)["annotations"]}
    after = {entry["id"]: entry for entry in json.loads(document.read_bytes())["annotations"]}
    changed = [key for key, entry in before.items() if json.dumps(after.get(key)) != json.dumps(entry)]
    _require(not changed, "annotations that nobody touched", changed, "none of them changed")
    return f"{len(before)} annotations that were there before: not one changed"
