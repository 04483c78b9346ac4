"""Placing keypoints one after another: which annotation and which keypoint the next click means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from psygnal import Signal

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.edits import Edit, Rows, SetKeypoints
from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.convert_axes import keypoint_shift
from napari_labeltool.layers.convert_points import (
    PointItem,
    is_placed,
    keypoint_labels_of,
    keypoints_from_points,
    points_of,
)

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


class Placing:
    """The keypoint that is placed next.

    A selected annotation without all of its keypoints gets the next one that is missing; else the click begins a
    new annotation of the chosen class.

    Parameters
    ----------
    workspace
        The session in its viewer.

    Attributes
    ----------
    row
        Annotation that the next point belongs to, -1 for a new one.
    category
        Class of that annotation, by row.
    index
        Which of its keypoints comes next.
    last_row
        Annotation that the last point went to.
    """

    aimed = Signal(str)
    """What the next click places, in words; empty when the class has no keypoints."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.row = -1
        self.category = -1
        self.index = 0
        self.last_row = -1
        self._skipped: frozenset[int] = frozenset()

    def aim(self) -> None:
        """Choose annotation and keypoint by what is selected and what is missing."""
        self.row, self.category, self.index = -1, self.workspace.category, 0
        if len(self.workspace.selection) == 1:
            row = self.workspace.selection[0]
            missing = self._missing(row)
            if missing:
                category = int(self.workspace.dataset.annotations.category[row])
                self.row, self.category, self.index = row, category, missing[0]
        self.aimed.emit(self.words())

    def _missing(self, row: int) -> list[int]:
        dataset = self.workspace.dataset
        if dataset.annotations.flags[row] & Flag.ODD_KEYPOINTS:
            return []
        count = len(keypoint_labels_of(dataset, int(dataset.annotations.category[row])))
        keypoints = dataset.keypoints(row)
        placed = np.zeros(count, bool) if keypoints is None else is_placed(keypoints)
        missing = [i for i in range(count) if i >= len(placed) or not placed[i]]
        if row != self.last_row:
            self._skipped = frozenset()
        return [i for i in missing if i not in self._skipped]

    def skip(self) -> None:
        """Leave the keypoint out that would come next: it cannot be seen in the picture."""
        if self.row >= 0:
            self.last_row = self.row
            self._skipped |= {self.index}
            self.workspace.keypoints.aim()

    def words(self) -> str:
        """Return what the next click places: ``"left eye (2 of 17) of person 4711"``."""
        dataset = self.workspace.dataset
        labels = keypoint_labels_of(dataset, self.category)
        if not labels:
            return ""
        owner = (
            dataset.name_of(self.row)
            if self.row >= 0
            else f"a new {dataset.categories.name_of(self.category)}"
        )
        return f"{labels[self.index]} ({self.index + 1} of {len(labels)}) of {owner}"

    def edit_for(
        self, positions_yx: Sequence[FloatArray], shown: Mapping[tuple[int, int], PointItem]
    ) -> Edit | None:
        """Return the edit that places points; None, with a sentence for the user, when the class has none."""
        workspace, dataset = self.workspace, self.workspace.dataset
        labels = keypoint_labels_of(dataset, self.category)
        if not labels:
            name = dataset.categories.name_of(self.category)
            workspace.message.emit(
                "warning",
                f"Class {name} has no keypoints. Add them in Label schema, or choose another class.",
            )
            return None
        missing = self._missing(self.row) if self.row >= 0 else list(range(len(labels)))
        new = [
            PointItem(index, labels[index], 2.0, position) for index, position in zip(missing, positions_yx)
        ]
        if len(new) < len(positions_yx):
            workspace.message.emit(
                "warning", f"More points than the {len(labels)} keypoints of the class were left out."
            )
        shift = keypoint_shift(dataset)
        if self.row < 0:
            return workspace.new_object(keypoints=keypoints_from_points(new, None, len(labels), shift))
        before = dataset.keypoints(self.row)
        old = [item for key, item in shown.items() if key[0] == self.row] or points_of(dataset, self.row)
        points = keypoints_from_points([*old, *new], before, len(labels), shift)
        return SetKeypoints(Rows([self.row]), points, f"Place {new[0].name} of")

    def placed(self, row: int) -> None:
        """Go on with the annotation that the point went to."""
        self.last_row = row
        if len(self._missing(row)) == 0:
            self.workspace.message.emit(
                "info", f"All keypoints of {self.workspace.dataset.name_of(row)} are placed."
            )
