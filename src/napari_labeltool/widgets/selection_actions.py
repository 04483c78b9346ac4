"""What can be done with the selected annotations, as buttons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from napari_labeltool.core.columns import Kind
from napari_labeltool.core.dataset import Dataset
from napari_labeltool.core.edits import Compound, Edit
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.layers.mask_conversion import (
    mask_to_polygon_edit,
    merge_masks_edit,
    polygon_to_mask_edit,
    split_mask_edit,
)
from napari_labeltool.widgets.theme import IconButton

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

_MASKS = (Kind.RLE, Kind.RLE_COMPRESSED)
MOST_CONVERTED = 1000
"""Annotations that are converted in one step at most."""


class SelectionActions(QWidget):
    """Buttons for the selection of a workspace: look at it, change its kind, delete it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace: Workspace | None = None
        self.zoom = IconButton("search", "Zoom to the selected annotations", self, text="Zoom to")
        self.convert = IconButton(
            "mask", "Turn masks into polygons and back, split, merge", self, text="Convert"
        )
        self.delete = IconButton("delete", "Delete the selected annotations (Delete)", self, text="Delete")
        self.convert.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        self.to_polygon = menu.addAction("Mask to polygon")
        self.to_mask = menu.addAction("Polygon to mask")
        self.split = menu.addAction("Split mask into its parts")
        self.merge = menu.addAction("Merge into one mask")
        self.convert.setMenu(menu)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        for button in (self.zoom, self.convert, self.delete):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        line.addStretch(1)
        self.zoom.clicked.connect(self._zoom)
        self.delete.clicked.connect(self._delete)
        self.to_polygon.triggered.connect(lambda: self._each(mask_to_polygon_edit, _MASKS, "to polygons"))
        self.to_mask.triggered.connect(lambda: self._each(polygon_to_mask_edit, (Kind.POLYGON,), "to masks"))
        self.split.triggered.connect(self._split)
        self.merge.triggered.connect(self._merge)

    def show_workspace(self, workspace: Workspace | None) -> None:
        """Offer what can be done with the selection of a workspace as it is now."""
        self._workspace = workspace
        rows = () if workspace is None else workspace.selection
        kinds = [] if workspace is None else workspace.dataset.annotations.kind[list(rows)].tolist()
        masks = sum(kind in _MASKS for kind in kinds)
        polygons = kinds.count(Kind.POLYGON)
        self.to_polygon.setEnabled(masks > 0)
        self.to_mask.setEnabled(polygons > 0)
        self.split.setEnabled(len(rows) == 1 and masks == 1)
        self.merge.setEnabled(len(rows) > 1 and masks + polygons == len(rows))
        actions = (self.to_polygon, self.to_mask, self.split, self.merge)
        self.convert.setEnabled(any(action.isEnabled() for action in actions))
        for button in (self.zoom, self.delete):
            button.setEnabled(bool(rows))

    # -- what the buttons do
    def _zoom(self) -> None:
        if self._workspace is not None:
            self._workspace.zoom_to(self._workspace.selection)

    def _delete(self) -> None:
        if self._workspace is not None:
            self._workspace.delete_selection()

    def _each(self, make: Callable[[Dataset, int], Edit], kinds: tuple[Kind, ...], what: str) -> None:
        """Convert each selected annotation of some kinds, all as one step; those that cannot be are told."""
        workspace = self._workspace
        if workspace is None:
            return
        table = workspace.dataset.annotations
        rows = [row for row in workspace.selection if table.kind[row] in kinds]
        if len(rows) > MOST_CONVERTED:
            workspace.message.emit(
                "warning", f"{len(rows):,} annotations selected, {MOST_CONVERTED:,} can be converted at once."
            )
            return
        edits: list[Edit] = []
        refusals: list[str] = []
        for row in rows:
            try:
                edits.append(make(workspace.dataset, row))
            except EditRefused as refusal:
                refusals.append(str(refusal))
        if len(edits) == 1:
            workspace.apply(edits[0])
        elif edits:
            workspace.apply(Compound(f"Convert {len(edits):,} annotations {what}", tuple(edits)))
        if refusals:
            more = f" {len(refusals) - 1:,} more were left as they are." if len(refusals) > 1 else ""
            workspace.message.emit("warning", refusals[0] + more)

    def _split(self) -> None:
        workspace = self._workspace
        if workspace is not None and workspace.selection:
            row, author = workspace.selection[0], workspace.session.author
            self._try(lambda: split_mask_edit(workspace.dataset, row, author))

    def _merge(self) -> None:
        workspace = self._workspace
        if workspace is not None:
            rows = workspace.selection
            self._try(lambda: merge_masks_edit(workspace.dataset, rows))

    def _try(self, make: Callable[[], Edit]) -> None:
        if self._workspace is None:
            return
        try:
            self._workspace.apply(make())
        except EditRefused as refusal:
            self._workspace.message.emit("warning", str(refusal))
