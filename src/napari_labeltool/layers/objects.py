"""Boxes, rotated boxes and polygons of the shown image in a Shapes layer, kept in step both ways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from napari.layers import Shapes

from napari_labeltool._napari_compat import leave_dims_alone
from napari_labeltool._napari_compat.shapes import (
    end_drawing_told,
    finish_drawing,
    is_drawing_shape,
)
from napari_labeltool.core.spatial import SpatialIndex
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.binding import Binding
from napari_labeltool.layers.names import CATEGORY, LayerKind
from napari_labeltool.layers.names_on_canvas import Names
from napari_labeltool.layers.objects_choice import all_can_be_shapes, can_be_shape, shapes_of_image
from napari_labeltool.layers.objects_edits import ShapeGesture
from napari_labeltool.layers.objects_view import ShapesView
from napari_labeltool.layers.outlines import Outlines, in_order

MANY = 50
"""Number of changed annotations from which the layer is filled anew rather than edited."""


NAMES = {"string": "{" + CATEGORY + "}", "size": 9, "color": "white", "anchor": "upper_left"}
"""How a shape has the name of its class beside it."""

KEPT = 16
"""Number of shapes up to which those of earlier edits stay in the layer of an image with many: napari's work grows
with each."""


class ObjectsBinding(Binding):
    """The Shapes layer of the shown image.

    An image with few shapes is in the layer whole. Of an image with many, the layer holds what is selected or
    being edited, and the rest is drawn by an overlay; the mechanism is the same.
    """

    kind: ClassVar[LayerKind] = "objects"

    def __init__(self, workspace: Any) -> None:
        super().__init__(workspace)
        self.view: ShapesView
        self.gesture = ShapeGesture(self)
        self.outlines = Outlines(workspace)
        self.names = Names(workspace)
        self.whole = True
        self._index: SpatialIndex | None = None

    # -- what is shown
    def show(self, image: int) -> None:
        """Show the annotations of an image (by row); make the layer when it is not there."""
        if self.layer is None:
            self._make_layer()
        workspace, self.whole = self.workspace, all_can_be_shapes(self.workspace)
        self.view.set_alone(self.whole)
        with self.writing():
            self.layer.metadata.update(self.mark())
            if self.whole:
                self.view.fill(shapes_of_image(self.workspace))
            else:
                few = len(workspace.selection) <= workspace.options.promote_limit
                selected = workspace.selection if few else ()
                self.view.fill([row for row in selected if can_be_shape(workspace, row)])
            workspace.pictures.transform.place(self.layer)
        if self._index is not workspace.shown.index:
            self._index = workspace.shown.index
            self.outlines.forget()
        self.outlines.show(self.view.rows(), none=self.whole)
        self.show_selection(workspace.selection)

    def _make_layer(self) -> None:
        self.layer = Shapes(ndim=2, name="objects", opacity=1.0)
        self.view = ShapesView(self.workspace, self.layer)
        self.view.features.write([])
        self.layer.text = dict(NAMES)
        self.layer.text.visible = self.workspace.options.show_names
        self.workspace.viewer.layers.append(self.layer)
        leave_dims_alone(self.workspace.viewer, self.layer)
        self.layer.events.data.connect(self._on_data)
        self.layer.events.features.connect(self._on_features)
        self.layer.selected_data.events.items_changed.connect(self._on_selected)
        self.outlines.attach(self.layer)
        self.names.attach(self.layer)

    def promote(self, rows: Sequence[int]) -> None:
        """Put annotations into the layer, so that napari's tools can edit them."""
        missing = self.view.missing(rows)
        if not missing:
            return
        there, limit = self.view.rows(), self.workspace.options.promote_limit
        with self.writing():
            if not self.whole and self.layer.nshapes + len(missing) > min(KEPT, limit):
                asked = [*there.intersection(rows), *missing]
                kept = there.intersection(self.workspace.selection).difference(asked)
                self.view.fill([*kept, *asked] if len(kept) + len(asked) <= limit else asked)
                self.view.select(self.workspace.selection)
            else:
                self.view.append(self.view.items(missing))
        self.outlines.hold(self.view.rows())

    # -- from the dataset to the layer
    def refresh(self, rows: IntArray) -> None:
        """Bring the layer in line with the dataset after some rows of the shown image changed."""
        if self.layer is None or self.gesture.active:
            return
        (self._take_many if len(rows) > MANY else self.normalise)(rows)

    def _take_many(self, rows: IntArray) -> None:
        if self.whole or all_can_be_shapes(self.workspace):
            self.show(self.workspace.image)
            return
        held = self.view.rows()
        touched = bool(np.isin(in_order(held), rows).any())
        if touched:
            with self.writing():
                self.view.fill([row for row in held if can_be_shape(self.workspace, row)])
        self.outlines.update(rows, self.view.rows())
        if touched:
            self.show_selection(self.workspace.selection)

    def normalise(self, rows: IntArray) -> None:
        """Make the shapes of some annotations exactly what the dataset says."""
        touched = list(map(int, rows))
        there = self.view.rows()
        wanted = [
            row for row in touched if can_be_shape(self.workspace, row) and (self.whole or row in there)
        ]
        if wanted or not there.isdisjoint(touched):
            with self.writing():
                self.view.normalise(touched, self.view.items(wanted))
        self.outlines.update(np.array(touched, np.int64), self.view.rows())

    def restore(self) -> None:
        """Show the dataset again after a gesture was refused."""
        self.show(self.workspace.image)

    def style_changed(self) -> None:
        """Take over colours and names after the schema changed."""
        if self.layer is not None and self.workspace.image >= 0:
            with self.writing(), self.view.one_change():
                self.view.features.write(self.view.keys())
                self.view.recolor()
                self.view.take_defaults()
            self.outlines.recolor()

    def zoomed(self) -> None:
        """Keep outlines as wide as they are on the screen."""
        if self.layer is not None and not is_drawing_shape(self.layer):
            with self.writing():
                self.view.take_zoom()

    def category_chosen(self) -> None:
        """Take over the workspace's category for objects that are drawn from now on."""
        if self.layer is not None:
            with self.writing():
                self.view.take_defaults()

    # -- selection
    def show_selection(self, rows: tuple[int, ...]) -> None:
        """Select annotations (by row) in the layer, as far as it shows them."""
        if self.layer is None:
            return
        few = self.whole or len(rows) <= self.workspace.options.promote_limit
        with self.writing():
            if few and not self.view.missing(rows):
                self.view.select(rows)
            else:
                with self.view.one_change():
                    self.promote(rows) if few else self.view.fill(())
                    self.view.select(rows)
        if not few:
            self.outlines.hold(())
        self.outlines.select(() if few else rows)

    def deselect(self) -> None:
        """Select nothing in the layer, without telling anybody."""
        with self.writing():
            self.layer.selected_data = set()

    def _on_selected(self, added: tuple[int, ...], removed: tuple[int, ...]) -> None:
        if self.is_busy:
            return
        if is_drawing_shape(self.layer):
            return self.workspace.select((), origin=self)
        keys = self.view.keys()
        if len(keys) != self.layer.nshapes:  # napari is in the middle of a removal
            return
        chosen = dict.fromkeys(keys[index][0] for index in self.layer.selected_data if index < len(keys))
        if str(self.layer.mode) == "select":
            with self.writing():
                self.view.select(chosen)
        self.workspace.select(tuple(row for row in chosen if row >= 0), origin=self)

    # -- events of the layer
    def _on_data(self, event: Any) -> None:
        action = str(event.action)
        if not self.is_busy and action in ("added", "changed", "removed"):
            if action == "added":
                end_drawing_told(self.layer)
            self.gesture.read(event.data_indices if action == "changed" else ())

    def _on_features(self, event: Any) -> None:
        if not self.is_busy and not is_drawing_shape(self.layer):
            self.gesture.read()

    def finish_gesture(self) -> None:
        """End what is half drawn: a polygon with three corners is kept, less is dropped."""
        if self.layer is not None and is_drawing_shape(self.layer):
            finish_drawing(self.layer)

    def drop_drawing(self) -> bool:
        """Drop the shape that is half drawn; tell whether there was one."""
        if self.layer is None or not is_drawing_shape(self.layer):
            return False
        with self.writing():
            finish_drawing(self.layer)
        self.restore()
        return True

    def disconnect(self) -> None:
        """Let go of the layer's events."""
        if self.layer is not None:
            self.layer.events.data.disconnect(self._on_data)
            self.layer.events.features.disconnect(self._on_features)
            self.layer.selected_data.events.items_changed.disconnect(self._on_selected)
            self.view.end_keeping_colors()
            self.outlines.detach()
            self.names.detach()
