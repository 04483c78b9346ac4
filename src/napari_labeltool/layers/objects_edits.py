"""From a gesture on the Shapes layer to one edit, and back to the layer what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from napari_labeltool._napari_compat.shapes import repair_shape_features
from napari_labeltool.core.boxes import square_up
from napari_labeltool.core.edits import AddObject, Compound, DeleteObjects, Edit, Rows, SetGeometry
from napari_labeltool.core.errors import EditRefused
from napari_labeltool.core.geometry import Box, Geometry, Polygon, RotatedBox
from napari_labeltool.core.history import Change
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.convert_axes import yx_to_xy
from napari_labeltool.layers.convert_shapes import geometry_from_shapes, shape_of
from napari_labeltool.layers.objects_diff import Difference, LayerShape, compare

if TYPE_CHECKING:
    from napari_labeltool.layers.objects import ObjectsBinding


class ShapeGesture:
    """Reads what happened in the layer and applies it to the session.

    Parameters
    ----------
    binding
        The binding of the layer.
    """

    def __init__(self, binding: ObjectsBinding) -> None:
        self.binding = binding
        self.active = False

    def read(self, removed: Sequence[int] = ()) -> None:
        """Make the dataset agree with the layer, as one step; or the layer with the dataset when it is refused.

        Parameters
        ----------
        removed
            Indices of shapes that the event named, for the repair of the features table.
        """
        binding = self.binding
        with binding.writing():
            repair_shape_features(binding.view.layer, removed)
        shapes = binding.view.shapes_now()
        difference = compare(binding.view.known, shapes)
        edits: list[Edit] = binding.view.features.edits(shapes)
        try:
            added, mistakes = self._additions(difference)
            edits += self._changes(difference)
        except EditRefused as refusal:
            binding.workspace.message.emit("warning", str(refusal))
            binding.restore()
            return
        edits += [edit for edit, _ in added]
        if edits or mistakes:
            with binding.view.one_change():
                if edits:
                    self._apply(edits, [group for _, group in added])
                if mistakes:
                    self._drop(mistakes)

    # -- from the layer to edits
    def _additions(
        self, difference: Difference
    ) -> tuple[list[tuple[AddObject, list[LayerShape]]], list[int]]:
        workspace, features = self.binding.workspace, self.binding.view.features
        added: list[tuple[AddObject, list[LayerShape]]] = []
        mistakes: list[int] = []
        for group, source in zip(difference.added, difference.copied_from):
            if source < 0 and self._is_click(group[0]):
                mistakes.append(group[0].index)
                continue
            geometry = without_doubles(geometry_from_shapes([shape.item() for shape in group], None))
            if workspace.tool == "rotated_box" and isinstance(geometry, Box):
                geometry = RotatedBox(yx_to_xy(np.asarray(group[0].corners_yx, np.float64)).round(3), 0.0)
            category = features.category_at(group[0].index)
            attributes = workspace.dataset.annotations.value(source, "attributes") if source >= 0 else None
            added.append(
                (
                    AddObject(
                        Rows([workspace.image]),
                        None if category < 0 else Rows([category]),
                        geometry,
                        attributes=attributes if isinstance(attributes, dict) else None,
                        author=workspace.session.author,
                        status=workspace.options.default_status,
                    ),
                    group,
                )
            )
        return added, mistakes

    def _is_click(self, shape: LayerShape) -> bool:
        """Tell whether a new shape is a click by mistake, below three screen pixels."""
        extent = np.ptp(shape.corners_yx, axis=0)
        return bool((extent < 3 * picture_pixels(self.binding.workspace)).all())

    def _changes(self, difference: Difference) -> list[Edit]:
        dataset = self.binding.workspace.dataset
        edits: list[Edit] = []
        for row, shapes in difference.changed.items():
            before = dataset.geometry(row)
            geometry = kept_box(before, shapes) or geometry_from_shapes([s.item() for s in shapes], before)
            edits.append(SetGeometry(Rows([row]), geometry, verb_of(before, geometry)))
        if difference.gone:
            edits.append(DeleteObjects(Rows(difference.gone)))
        return edits

    # -- applying, and writing back
    def _apply(self, edits: list[Edit], groups: list[list[LayerShape]]) -> None:
        binding = self.binding
        workspace = binding.workspace
        labels = [edit.label(workspace.dataset) for edit in edits]
        text = labels[0] if len(edits) == 1 else f"{labels[0].split()[0]} {len(edits)} objects"
        self.active = True
        try:
            change = workspace.apply(Compound(text, tuple(edits)), binding)
        finally:
            self.active = False
        if change is None:
            binding.restore()
            return
        new_rows = self._adopt(change, groups)
        binding.normalise(change.touched.annotations)
        if new_rows:
            with binding.writing():
                binding.view.select(new_rows)  # napari selects what was copied with what was pasted
            workspace.select(new_rows, origin=binding)

    def _adopt(self, change: Change, groups: list[list[LayerShape]]) -> list[int]:
        """Give the shapes of new annotations their rows."""
        binding = self.binding
        rows = change.added_annotations
        keys = binding.view.keys()
        for row, group in zip(rows, groups):
            items = shape_of(binding.workspace.dataset, row)
            for shape, item in zip(group, items):
                keys[shape.index] = (row, item.part)
                binding.view.known[(row, item.part)] = item
        with binding.writing():
            binding.view.features.write(keys)
        return rows

    def _drop(self, indices: Sequence[int]) -> None:
        binding = self.binding
        with binding.writing():
            binding.view.layer.remove(list(indices))
        binding.workspace.message.emit(
            "info", "A click draws nothing. Press, drag to the opposite corner, release."
        )


def without_doubles(geometry: Geometry) -> Geometry:
    """Return a drawn polygon without vertices that repeat the one before, as a double click leaves them."""
    if not isinstance(geometry, Polygon):
        return geometry
    parts = [part[np.any(part != np.roll(part, 1, axis=0), axis=1)] for part in geometry.parts_xy]
    if any(len(part) < 3 for part in parts):
        raise EditRefused("A polygon needs three different corners; this one has fewer. Draw it anew.")
    return Polygon(tuple(parts))


def kept_box(before: Geometry | None, shapes: Sequence[LayerShape]) -> Geometry | None:
    """Return the box that a box stays after one of its corners was dragged; None when it is none any more.

    napari makes a polygon of a rectangle as soon as a vertex moves.
    """
    if len(shapes) != 1 or len(shapes[0].corners_yx) != 4 or shapes[0].shape_type != "polygon":
        return None
    corners = yx_to_xy(np.asarray(shapes[0].corners_yx, np.float64)).round(3)
    if isinstance(before, Box):
        left, top, width, height = before.bbox
        old = np.array([[left, top], [left + width, top], [left + width, top + height], [left, top + height]])
        moved, opposite = _moved_corner(old, corners)
        low, high = np.minimum(moved, opposite), np.maximum(moved, opposite)
        width, height = np.round(high - low, 3)
        return Box((float(low[0]), float(low[1]), float(width), float(height)))
    if isinstance(before, RotatedBox):
        distances = _distances(before.corners_xy, corners)
        return RotatedBox(square_up(corners, int(np.argmax(distances))).round(3), before.rotation)
    return None


def _distances(old: Any, new: Any) -> Any:
    return np.linalg.norm(new[:, None] - old[None], axis=2).min(1)


def _moved_corner(old: Any, new: Any) -> tuple[Any, Any]:
    """Return the corner that moved and the one opposite to it."""
    index = int(np.argmax(_distances(old, new)))
    return new[index], new[(index + 2) % 4]


def verb_of(before: Geometry | None, after: Geometry) -> str:
    """Return what a person did to a geometry in a word."""
    if isinstance(before, Box) and isinstance(after, Box):
        same = np.allclose(before.bbox[2:], after.bbox[2:], atol=0.01)
        return "Move" if same else "Resize"
    if isinstance(before, RotatedBox) and isinstance(after, RotatedBox):
        return "Turn" if abs(before.rotation - after.rotation) > 0.01 else "Move"
    if isinstance(before, Box) and isinstance(after, RotatedBox):
        return "Turn"
    if isinstance(before, Polygon) and isinstance(after, Polygon):
        sizes = [len(part) for part in before.parts_xy], [len(part) for part in after.parts_xy]
        if sizes[0] == sizes[1]:
            shifts = np.concatenate([b - a for a, b in zip(before.parts_xy, after.parts_xy)])
            return "Move" if np.ptp(shifts, axis=0).max(initial=0) < 0.02 else "Reshape"
    return "Reshape"
