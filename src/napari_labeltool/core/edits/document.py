"""Edits of facts about the document as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits.fields import changed_object
from napari_labeltool.core.ops import Op, Patch
from napari_labeltool.core.values import REMOVED

KEYPOINT_SHIFT: Final = "keypoint_shift"
CORNER_SHIFT: Final = -0.5
"""What turns coordinates that are measured from the corner of the first pixel into pixel numbers."""


@dataclass(frozen=True, slots=True)
class SetKeypointOrigin:
    """Say where the keypoints of the document are measured from; their numbers stay as they are.

    Parameters
    ----------
    corner
        True: from the corner of the first pixel, as polygons are; they are shown half a pixel up and left. False:
        they are pixel numbers, as in the original COCO.
    """

    corner: bool

    def label(self, dataset: Dataset) -> str:
        """Return the step in words."""
        origin = "the corner" if self.corner else "the centre"
        return f"Measure keypoints from {origin} of the first pixel"

    def ops(self, dataset: Dataset) -> Sequence[Op]:
        """Return the operations."""
        before = dataset.document.value(0, "labeltool")
        had = before.get(KEYPOINT_SHIFT) if isinstance(before, dict) else None
        wanted = CORNER_SHIFT if self.corner else None
        if had == wanted:
            return []
        after = changed_object(before, {KEYPOINT_SHIFT: wanted})
        return [] if after is REMOVED and before is None else [Patch("document", 0, {"labeltool": after})]


def keypoints_from_corner(dataset: Dataset) -> bool:
    """Tell whether the document says that keypoints are measured from the corner of the first pixel."""
    return dataset.document.facts.get(KEYPOINT_SHIFT) == CORNER_SHIFT
