"""From what was done to points of the layer to one edit of the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from napari_labeltool.core.edits import Compound, Edit
from napari_labeltool.layers.convert_points import PointItem
from napari_labeltool.layers.keypoints_edits import keypoint_edits
from napari_labeltool.layers.keypoints_view import PointKey

if TYPE_CHECKING:
    from napari_labeltool.layers.keypoints import KeypointsBinding


class PointGesture:
    """Makes one edit of each gesture.

    Parameters
    ----------
    binding
        The layer and the dataset.

    Attributes
    ----------
    is_placing
        Whether the edit that is applied now came from points that were placed.
    """

    def __init__(self, binding: KeypointsBinding) -> None:
        self._binding = binding
        self._workspace = binding.workspace
        self.is_placing = False

    def read(self) -> None:
        """Make the dataset agree with the layer, as one step; or the layer with the dataset when it is refused."""
        now, added = self._binding.view.points_now()
        touched = {key[0] for key in self._binding.view.known.keys() ^ now.keys()}
        touched |= {
            key[0] for key, item in now.items() if key in self._binding.view.known and self._moved(key, item)
        }
        edits = self._edits(touched, now)
        target = self._binding.placing.row
        if added:
            placed = self._binding.placing.edit_for(added, now)
            if placed is None:
                self._binding.restore()
                return
            edits.append(placed)
        if not edits:
            return
        text = edits[0].label(self._workspace.dataset)
        self.is_placing = bool(added)
        try:
            change = self._workspace.apply(Compound(text, tuple(edits)), self._binding)
        finally:
            self.is_placing = False
        if change is None:
            self._binding.restore()
            return
        if added:
            rows = change.added_annotations
            self._binding.placing.placed(rows[0] if rows else target)
            self._workspace.select([self._binding.placing.last_row], origin=self._binding)
            self._binding.aim()

    def _moved(self, key: PointKey, item: PointItem) -> bool:
        old = self._binding.view.known[key]
        return old.visibility != item.visibility or not np.array_equal(old.position_yx, item.position_yx)

    def _edits(self, rows: set[int], now: dict[PointKey, PointItem]) -> list[Edit]:
        dataset = self._workspace.dataset
        return [
            edit
            for row in sorted(rows)
            for edit in keypoint_edits(dataset, row, self._binding.view.known, now)
        ]

    def set_visibility(self, visibility: int) -> None:
        """Give the selected points a visibility: 0 not labelled, 1 hidden, 2 visible."""
        keys = list(self._binding.view.known)
        chosen = {keys[index] for index in self._binding.layer.selected_data}
        now = {
            key: PointItem(
                item.index, item.name, visibility if key in chosen else item.visibility, item.position_yx
            )
            for key, item in self._binding.view.known.items()
        }
        edits = self._edits({key[0] for key in chosen}, now)
        if edits:
            self._workspace.apply(Compound(edits[0].label(self._workspace.dataset), tuple(edits)))
