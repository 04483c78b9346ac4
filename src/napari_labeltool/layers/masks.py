"""Instance masks of the shown image in a Labels layer, kept in step both ways."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from napari.layers import Labels

from napari_labeltool._napari_compat import (
    cancel_label_drawing,
    drop_overlay,
    forget_label_history,
    is_painting,
    stroke_extent,
    stroke_is_written,
)
from napari_labeltool.core.edits import Compound, Edit, Relabel, Rows
from napari_labeltool.core.ops import Append
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.binding import Binding
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.masks_stroke import Stroke, edit_of
from napari_labeltool.layers.masks_view import OVERLAY, MasksView
from napari_labeltool.layers.masks_window import around
from napari_labeltool.layers.names import CATEGORY, ROW, LayerKind

MANY = 50
"""Number of changed annotations from which the layer is filled anew rather than edited."""

NEW_INSTANCE_KEY = "M"


class MasksBinding(Binding):
    """The Labels layer of the shown image.

    The layer covers the whole picture or, of a big one, a window that follows the view. A finished stroke
    becomes one edit: the difference between what was rendered and what the layer holds.
    """

    kind: ClassVar[LayerKind] = "masks"

    def __init__(self, workspace: Any) -> None:
        super().__init__(workspace)
        self.view: MasksView
        self._label = 0
        self._unwritten: Window | None = None
        self._committing = False
        self._told: set[int] = set()

    # -- what is shown
    def show(self, image: int) -> None:
        """Show the masks of an image (by row); make the layer when it is not there."""
        if self.layer is None:
            self._make_layer()
        if self.view.image == image:
            self._commit()
        else:
            self._told = set()
        self._unwritten = None
        with self.writing():
            self.layer.metadata.update(self.mark())
            self.view.show()
            forget_label_history(self.layer)
        self._tell_oddities()
        self.aim()

    def _make_layer(self) -> None:
        viewer = self.workspace.viewer
        self.layer = Labels(
            np.zeros((1, 1), np.uint16), name="masks", opacity=self.workspace.options.mask_opacity
        )
        self.view = MasksView(self.workspace, self.layer)
        self.layer.bind_key(NEW_INSTANCE_KEY, lambda _: self.new_instance(), overwrite=True)
        events = self.layer.events
        events.paint.connect(self._on_paint)
        events.labels_update.connect(self._on_drawn)
        events.set_data.connect(self._on_drawn)
        events.data.connect(self._on_data)
        events.features.connect(self._on_features)
        events.selected_label.connect(self._on_label)
        viewer.scene.camera.events.center.connect(self._on_camera)
        viewer.scene.camera.events.zoom.connect(self._on_camera)
        objects = self.workspace.objects.layer
        viewer.layers.insert(
            viewer.layers.index(objects) if objects in viewer.layers else len(viewer.layers), self.layer
        )

    def disconnect(self) -> None:
        """Let go of the layer's events."""
        if self.layer is None:
            return
        events = self.layer.events
        events.paint.disconnect(self._on_paint)
        events.labels_update.disconnect(self._on_drawn)
        events.set_data.disconnect(self._on_drawn)
        events.data.disconnect(self._on_data)
        events.features.disconnect(self._on_features)
        events.selected_label.disconnect(self._on_label)
        camera = self.workspace.viewer.scene.camera
        camera.events.center.disconnect(self._on_camera)
        camera.events.zoom.disconnect(self._on_camera)
        self.layer.bind_key(NEW_INSTANCE_KEY, None, overwrite=True)
        drop_overlay(self.layer, OVERLAY)

    def _tell_oddities(self) -> None:
        """Say once which masks of the image cannot be shown, and why."""
        table = self.view.table
        odd = table.new_oddities(self._told)
        if not odd:
            return
        self._told |= odd.keys()
        row, reason = next(iter(odd.items()))
        more = f" {len(odd) - 1:,} more masks of the image are not shown either." if len(odd) > 1 else ""
        name = self.workspace.dataset.annotations.id_of(row)
        self.workspace.message.emit(
            "warning", f"Annotation {name}: {reason} It is kept as it is and not shown.{more}"
        )

    @property
    def _is_current(self) -> bool:
        """Whether the layer shows the workspace's image; while images change, it does not."""
        return self.layer is not None and self.view.image == self.workspace.image >= 0

    # -- from the layer to the dataset
    def _on_paint(self, event: Any) -> None:
        if self.is_busy or not event.value:
            return
        extent = stroke_extent(event.value)
        if stroke_is_written(self.layer, event.value):
            self._commit(around(extent, self._unwritten))
        else:
            self._unwritten = around(extent, self._unwritten)

    def _on_drawn(self, event: Any = None) -> None:
        if not self.is_busy and self._unwritten is not None:
            self._commit(self._unwritten)

    def _on_data(self, event: Any) -> None:
        """Take an array that somebody put into the layer for what they painted."""
        if self.is_busy or not self._is_current:
            return
        given = np.asarray(self.layer.data)
        with self.writing():
            fits = self.view.take(given)
            self.view.give_data()
        if fits:
            self._commit()
        else:
            self.workspace.message.emit(
                "warning",
                f"Layer {self.layer.name}: an array of shape {given.shape} found, expected"
                f" {self.view.data.shape}. Nothing was changed.",
            )

    def _on_features(self, event: Any) -> None:
        """Relabel annotations whose category somebody changed in the features table."""
        if self.is_busy or not self._is_current:
            return
        edits = self._relabels()
        if edits:
            self.workspace.apply(Compound(edits[0].label(self.workspace.dataset), tuple(edits)), self)
        with self.writing():
            self.view.write_features()

    def _relabels(self) -> list[Edit]:
        features = self.layer.features
        if CATEGORY not in features or ROW not in features:
            return []
        dataset = self.workspace.dataset
        names = {name: row for row, name in class_names(dataset).items()}
        edits: list[Edit] = []
        for row, name in zip(features[ROW], features[CATEGORY]):
            category = names.get(name)
            shown = self.view.table.value_of(int(row)) is not None
            if shown and category is not None and category != dataset.annotations.category[int(row)]:
                edits.append(Relabel(Rows([int(row)]), None if category < 0 else Rows([category])))
        return edits

    def _commit(self, extent: Window | None = None) -> None:
        """Make what was painted one edit; show the dataset again where it was refused."""
        self._unwritten = None
        stroke = self.view.read(extent)
        forget_label_history(self.layer)
        if stroke is None:
            return
        edit, values = edit_of(self.workspace.dataset, stroke, self.workspace.new_object)
        self._committing = True
        try:
            change = self.workspace.apply(edit, self)
        finally:
            self._committing = False
        added = [] if change is None else [op.row for op in change.ops if isinstance(op, Append)]
        with self.writing():
            if change is not None:
                self.view.keep(stroke, dict(zip(added, values)))
            self.view.render(stroke.window)
        if len(added) == 1:
            self.workspace.select(added, origin=self)
            self._aim_at(values[0])
        self._style_after(stroke)

    def _style_after(self, stroke: Stroke) -> None:
        """Bring table and colours in line with the objects that came and went."""
        with self.writing():
            if stroke.added or any(mask.is_empty for mask in stroke.masks.values()):
                self.view.write_features()
                self.view.recolor()
            else:
                self.view.draw_outline()

    def finish_gesture(self) -> None:
        """End what is half drawn: a polygon is dropped, painted pixels are kept."""
        if self._is_current and not self._committing:
            with self.writing():
                cancel_label_drawing(self.layer)
            self._commit()

    # -- from the dataset to the layer
    def refresh(self, rows: IntArray) -> None:
        """Bring the layer in line with the dataset after some rows of the shown image changed."""
        if self._committing or not self._is_current:
            return
        with self.writing():
            if len(rows) > MANY:
                self.view.show()
            elif self.view.update(rows):
                self.view.write_features()
                self.view.recolor()
            forget_label_history(self.layer)
        self._tell_oddities()

    def style_changed(self) -> None:
        """Take over colours and names after the schema changed."""
        if self._is_current:
            with self.writing():
                self.view.write_features()
                self.view.recolor()

    def _on_camera(self, event: Any = None) -> None:
        if self.is_busy or not self._is_current or self._committing or is_painting(self.layer):
            return
        if self.view.must_move():
            self._commit()
            with self.writing():
                self.view.show()
                forget_label_history(self.layer)
            self._tell_oddities()
            self.aim()

    # -- which value is painted
    def aim(self) -> None:
        """Choose the value to paint: that of the selected mask, or else one for a new object."""
        if self._is_current:
            self.show_selection(self.workspace.selection)

    def new_instance(self) -> None:
        """Let the next stroke begin a new object."""
        self.workspace.select(())
        self.aim()

    def show_selection(self, rows: tuple[int, ...]) -> None:
        """Let selected masks stand out; one alone is what is painted on."""
        if not self._is_current:
            return
        table = self.view.table
        value = table.value_of(rows[0]) if len(rows) == 1 else None
        self._aim_at(table.fresh_value() if value is None else value)
        with self.writing():
            self.view.recolor()

    def category_chosen(self) -> None:
        """Take over the workspace's category: with nothing selected, a new object begins."""
        self.aim()

    def _aim_at(self, value: int) -> None:
        with self.writing():
            self._label = value
            self.layer.selected_label = value

    def _on_label(self, event: Any = None) -> None:
        """Select the annotation whose value somebody picked."""
        value = int(self.layer.selected_label)
        if self.is_busy or value == self._label or not self._is_current:
            return
        self._label = value
        row = self.view.table.row_of(value)
        if row is None or row not in self.workspace.selection:
            self.workspace.select(() if row is None else (row,), origin=self)
        with self.writing():
            self.view.recolor()
