"""From a tool to the napari layer and mode that it needs, and from a press on the canvas to the object there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_labeltool._napari_compat.pointing import end_drags_at_the_release, find_by_place
from napari_labeltool._napari_compat.shapes import end_drag_box, show_drag_box
from napari_labeltool.core.columns import Flag, Kind
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.geometry import Box, Mask, Polygon, RotatedBox
from napari_labeltool.core.polygons import distance_to_parts, point_in_parts
from napari_labeltool.core.semantic import whole_areas
from napari_labeltool.core.values import FloatArray, IntArray
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.objects_choice import can_be_shape
from napari_labeltool.layers.tool_following import ToolFollowing

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.layers.workspace import Tool, Workspace

REACH = 6.0
"""How far from an outline a press still means it, in screen pixels."""

BOX_SLACK = 1.0
"""Pixels by which a file's ``bbox`` may fall short of its mask: many programs count from the first to the last one."""


class Picking:
    """Activates layers for tools, and lets a press with the select tool choose any object on any layer.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.following = ToolFollowing(workspace)
        self._has_rectangle = False
        workspace.viewer.mouse_drag_callbacks.insert(0, self._on_press)
        self._end_finding = find_by_place(workspace.viewer)
        end_drags_at_the_release()

    def activate(self, tool: Tool) -> None:
        """Make the layer of a tool active and put it in the tool's mode."""
        workspace = self.workspace
        self._drop_rectangle()
        modes = {
            "pan": (workspace.objects, "pan_zoom"),
            "select": (workspace.objects, "select"),
            "box": (workspace.objects, "add_rectangle"),
            "rotated_box": (workspace.objects, "add_rectangle"),
            "polygon": (workspace.objects, "add_polygon"),
            "mask": (workspace.masks, "paint"),
            "keypoints": (workspace.keypoints, "add"),
        }
        binding, mode = modes[tool]
        if tool == "select" and self._only_keypoints():
            binding = workspace.keypoints
        self._take(binding, mode)
        if tool == "mask":
            workspace.masks.aim()
        if tool == "keypoints":
            workspace.keypoints.aim()

    def _only_keypoints(self) -> bool:
        """Tell whether what is selected can be seen on the keypoints layer alone."""
        table = self.workspace.dataset.annotations
        rows = list(self.workspace.selection)
        has_points = (table.flags[rows] & Flag.KEYPOINTS) > 0
        return bool(rows) and bool((has_points & (table.kind[rows] == Kind.NONE)).all())

    def _take(self, binding: Any, mode: str) -> None:
        layer = binding.layer
        if layer is None:
            return
        with self.following.pause():
            if self.workspace.viewer.layers.selection.active is not layer:
                self.workspace.viewer.layers.selection.active = layer
            if str(layer.mode) != mode:
                layer.mode = mode

    def _on_press(self, viewer: Any, event: Any) -> Iterator[None] | None:
        """Choose the object under the cursor; napari's own select tool takes over in the same press."""
        workspace = self.workspace
        active = viewer.layers.selection.active
        ours = {binding.layer: binding for binding in workspace.bindings if binding.layer is not None}
        if workspace.image < 0 or event.button != 1 or active not in ours:
            return None
        if workspace.tool != "select" or str(active.mode) not in ("select", "pan_zoom", "pick"):
            return None
        self._drop_rectangle()
        if active is workspace.objects.layer:
            self._take(workspace.objects, "select")
        y, x = workspace.pictures.pixel_at(event.position)
        reach, add = REACH * picture_pixels(workspace), "Shift" in event.modifiers
        if "Control" in event.modifiers:
            return self._box_over_objects(event, (y, x), add)
        if (point := workspace.keypoints.point_at(y, x, reach)) is not None:
            workspace.keypoints.promote(point[:1])
            self._take(workspace.keypoints, "select")
            return None
        if workspace.objects.layer.selected_data and self._on_selected_shape(event.position):
            self._take(workspace.objects, "select")
            return None
        row = self.row_at(y, x)
        if row is None:
            if active is not workspace.objects.layer:
                workspace.select(())
                self._take(workspace.objects, "select")
            return None if workspace.objects.whole else self._box(event, (y, x), add)
        if can_be_shape(workspace, row):
            if add:
                workspace.objects.promote((row,))  # napari's tool adds it to what is selected
            else:
                workspace.select((row,))
            self._take(workspace.objects, "select")
        else:
            area = whole_areas(workspace.dataset, (row,)).tolist()
            rows = (*workspace.selection, *area) if add else area
            self._take(workspace.masks, "pick" if workspace.masks.layer is not None else "pan_zoom")
            workspace.select(rows)
        return None

    def _drop_rectangle(self) -> None:
        """End a rectangle: another tool was taken, or its release never came, as when the window lost the mouse."""
        self._has_rectangle = False
        layer = self.workspace.objects.layer
        if layer is not None:
            show_drag_box(layer, None)

    def _box_over_objects(self, event: Any, start_yx: tuple[float, float], add: bool) -> Iterator[None]:
        """Draw and select by a rectangle that may begin on an object; napari's own tool rests meanwhile."""
        objects = self.workspace.objects
        self._take(objects, "pan_zoom")
        event.handled = True  # else the camera takes the drag
        selecting = self._box(event, start_yx, add, self.row_at(*start_yx))
        for _ in selecting:
            yield
            if not self._has_rectangle:
                return
            if event.type == "mouse_move":
                show_drag_box(objects.layer, self._corners(start_yx, event) - HALF_PIXEL)
        show_drag_box(objects.layer, None)
        if self.workspace.tool == "select":
            self._take(objects, "select")

    def _corners(self, start_yx: tuple[float, float], event: Any) -> FloatArray:
        """Return the left top and right bottom corner (y, x, corner origin) of a rectangle that is being drawn."""
        end_yx = self.workspace.pictures.pixel_at(event.position)
        return np.sort(np.array([start_yx, end_yx]) + HALF_PIXEL, axis=0)

    def _box(
        self, event: Any, start_yx: tuple[float, float], add: bool, under: int | None = None
    ) -> Iterator[None]:
        """Select what the rectangle meets that the select tool draws; napari itself sees the layer's shapes alone.

        One of no size is a click: it selects the object under it.
        """
        workspace = self.workspace
        before = workspace.selection if add else ()
        workspace.objects.deselect()
        self._has_rectangle = True
        yield
        while event.type == "mouse_move":
            yield
        if not self._has_rectangle:
            return
        self._has_rectangle = False
        corners = self._corners(start_yx, event)
        if (corners[1] - corners[0]).max() < REACH * picture_pixels(workspace):
            rows = [] if under is None else [under]
        else:
            (top, left), (bottom, right) = corners.tolist()
            rows = workspace.shown.touching(left, top, right, bottom).tolist()
            end_drag_box(workspace.objects.layer, None if add else corners - HALF_PIXEL)
        workspace.select([*before, *rows])
        workspace.objects.show_selection(workspace.selection)  # the same as before stands out again

    def _on_selected_shape(self, position: Sequence[float]) -> bool:
        """Tell whether a place (world) is on a selected shape or a handle of it."""
        layer = self.workspace.objects.layer
        shape, vertex = layer.get_value(position, world=True) or (None, None)
        return shape is not None and (vertex is not None or shape in layer.selected_data)

    def row_at(self, y: float, x: float) -> int | None:
        """Return the annotation at a place (pixels, napari's), by row."""
        workspace = self.workspace
        x, y = x + HALF_PIXEL, y + HALF_PIXEL
        reach = REACH * picture_pixels(workspace)
        near = reach + BOX_SLACK
        rows = workspace.shown.query(x - near, y - near, x + near, y + near)
        return hit(workspace.dataset, np.sort(rows), x, y, reach)

    def close(self) -> None:
        """Let go of the viewer."""
        self.following.close()
        self._end_finding()
        callbacks = self.workspace.viewer.mouse_drag_callbacks
        if self._on_press in callbacks:
            callbacks.remove(self._on_press)


def hit(dataset: Dataset, rows: IntArray, x: float, y: float, reach: float = 0.0) -> int | None:
    """Return the annotation at a place: the smallest one that holds it, or else the nearest outline in reach.

    Parameters
    ----------
    dataset
        The dataset.
    rows
        Annotations to choose from.
    x, y
        In pixels, corner origin.
    reach
        How far from an outline still counts, in pixels.
    """
    boxes = dataset.annotations.bbox[rows]
    margin = reach + BOX_SLACK
    inside = (
        (boxes[:, 0] - margin <= x)
        & (x <= boxes[:, 0] + boxes[:, 2] + margin)
        & (boxes[:, 1] - margin <= y)
        & (y <= boxes[:, 1] + boxes[:, 3] + margin)
    )
    candidates = rows[inside]
    sizes = np.prod(dataset.annotations.bbox[candidates, 2:], axis=1)
    near: tuple[float, int] | None = None
    for row in map(int, candidates[np.argsort(sizes, kind="stable")]):
        distance = distance_to(dataset, row, x, y)
        if distance == 0:
            return row
        if distance <= reach and (near is None or distance < near[0]):
            near = (distance, row)
    return None if near is None else near[1]


def distance_to(dataset: Dataset, row: int, x: float, y: float) -> float:
    """Return how far a place is from an annotation in pixels, 0 inside; infinite when it cannot be drawn."""
    try:
        geometry = dataset.geometry(row)
    except ReadError:
        return np.inf
    if isinstance(geometry, (Polygon, RotatedBox)):
        if point_in_parts(x, y, geometry.parts_xy):
            return 0.0
        return float(distance_to_parts(x, y, geometry.parts_xy))
    if isinstance(geometry, Mask):
        r, c = int(np.floor(y)), int(np.floor(x))
        return 0.0 if geometry.rle.to_mask((r, c, r + 1, c + 1)).any() else np.inf
    if isinstance(geometry, Box):
        left, top, width, height = geometry.bbox
        dx = max(left - x, 0.0, x - left - width)
        dy = max(top - y, 0.0, y - top - height)
        return float(np.hypot(dx, dy))
    return np.inf
