"""Names that the layer conventions fix: the mark of a layer, its kinds, and the columns of its features."""

from __future__ import annotations

from typing import Any, Final, Literal

LayerKind = Literal["image", "objects", "keypoints", "masks"]

MARK: Final = "napari_labeltool"
"""Key of ``layer.metadata`` that marks a layer as ours and says what it holds."""

ANNOTATION_ID: Final = "annotation_id"
CATEGORY: Final = "category"
PART: Final = "part"
STATUS: Final = "status"
KEYPOINT: Final = "keypoint"
VISIBILITY: Final = "visibility"
INDEX: Final = "index"
ROW: Final = "row"
"""The session's own key of an annotation; only in layers that are bound to a session, -1 for a new object."""

NEW: Final = -1
"""Value of `ANNOTATION_ID` and `ROW` for an object that is not in the dataset yet."""

UNLABELLED: Final = "unlabelled"
"""Value of `CATEGORY` for an annotation without a category."""

HALF_PIXEL: Final = 0.5
"""COCO has the origin at the corner of the first pixel, napari at its centre."""


def mark_of(layer: Any) -> dict[str, Any]:
    """Return what a layer's mark says; empty for a layer that is not ours."""
    mark = layer.metadata.get(MARK)
    return mark if isinstance(mark, dict) else {}


def kind_of_layer(layer: Any) -> LayerKind | None:
    """Return what a layer of ours holds, None for any other layer."""
    kind = mark_of(layer).get("kind")
    return kind if kind in ("image", "objects", "keypoints", "masks") else None
