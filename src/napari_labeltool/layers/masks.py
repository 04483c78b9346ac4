"""Instance masks of the shown image in a Labels layer, kept in step both ways."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
from napari.layers import Labels

from napari_labeltool._napari_compat import (
    cancel_label_drawing,
    forget_label_history,
    is_painting,
)
from napari_labeltool._napari_compat.empty_labels import skip_while_empty
from napari_labeltool.core.semantic import MASK_KINDS, area_categories
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.binding import Binding
from napari_labeltool.layers.camera import ViewWatch
from napari_labeltool.layers.masks_gesture import MaskGesture, before_window
from napari_labeltool.layers.masks_placing import lay_on_picture
from napari_labeltool.layers.masks_stroke import area_painted
from napari_labeltool.layers.masks_table import Oddities
from napari_labeltool.layers.masks_view import MasksView
from napari_labeltool.layers.names import LayerKind

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
        self._watch: ViewWatch
        self.gesture = MaskGesture(self)
        self._label = 1
        self._oddities = Oddities()

    @property
    def is_current(self) -> bool:
        """Whether the layer shows the workspace's image; while images or documents change, it does not."""
        workspace = self.workspace
        return (
            self.layer is not None
            and self.view.image == workspace.image >= 0
            and self.view.table.dataset is workspace.dataset
        )

    def show(self, image: int) -> None:
        """Show the masks of an image (by row); make the layer when it is not there."""
        if self.layer is None:
            self._make_layer()
        if self.is_current:
            self.gesture.commit()
        self.fill_window()

    def fill_window(self, center_yx: tuple[float, float] | None = None) -> None:
        """Show the dataset anew in the window around a place of the picture, else around the middle of the view."""
        center_yx = before_window(self, center_yx)
        with self.writing():
            self.layer.metadata.update(self.mark())
            self.view.show(center_yx)
            forget_label_history(self.layer)
        self._tell_oddities()
        self.keep_aim()

    def _make_layer(self) -> None:
        viewer = self.workspace.viewer
        self.layer = Labels(np.zeros((1, 1), np.uint16), name="masks")
        self.layer.opacity = self.workspace.options.mask_opacity
        self.view = MasksView(self.workspace, self.layer)
        self.layer.bind_key(NEW_INSTANCE_KEY, lambda _: self.new_instance(), overwrite=True)
        self.gesture.connect(self.layer)
        viewer.mouse_drag_callbacks.insert(0, self.gesture.on_press)
        self.layer.events.selected_label.connect(self._on_label)
        self._watch = ViewWatch(self.workspace, self._on_camera)
        layers, objects = viewer.layers, self.workspace.objects.layer
        layers.insert(layers.index(objects) if objects in layers else len(layers), self.layer)
        skip_while_empty(viewer, self.layer)

    def disconnect(self) -> None:
        """Let go of the layer's events."""
        if self.layer is None:
            return
        self.gesture.disconnect(self.layer)
        self.layer.events.selected_label.disconnect(self._on_label)
        self.workspace.viewer.mouse_drag_callbacks.remove(self.gesture.on_press)
        self._watch.close()
        self.layer.bind_key(NEW_INSTANCE_KEY, None, overwrite=True)
        self.view.look.detach()

    def _tell_oddities(self) -> None:
        """Say once which masks of the image cannot be shown, and why."""
        sentence = self._oddities.words(self.view.table)
        if sentence is not None:
            self.workspace.message.emit("warning", sentence)

    def finish_gesture(self) -> None:
        """End what is half drawn: a polygon is dropped, painted pixels are kept."""
        if self.layer is not None and not self.gesture.committing:
            with self.writing():
                cancel_label_drawing(self.layer)
            if self.is_current:
                self.gesture.commit()

    # -- from the dataset to the layer
    def refresh(self, rows: IntArray) -> None:
        """Bring the layer in line with the dataset after some rows of the shown image changed."""
        if self.gesture.committing or not self.is_current:
            return
        if len(rows) > MANY:
            kinds = self.workspace.dataset.annotations.kind[rows]
            if self.view.table.forget_all(rows) or np.isin(kinds, MASK_KINDS).any():
                self.fill_window()
            return
        with self.writing():
            self.view.update(rows)
            forget_label_history(self.layer)
        if self.view.must_move() and not is_painting(self.layer):
            self.fill_window()  # the first masks of a place that the window was not moved to
        else:
            self._tell_oddities()
            self.keep_aim()

    def style_changed(self) -> None:
        """Take over colours and names, and which classes are areas, after the schema changed."""
        if self.is_current and self.view.table.areas != area_categories(self.workspace.dataset):
            self.fill_window()
        elif self.is_current:
            with self.writing():
                self.view.update_look()

    def picture_moved(self) -> None:
        """Lie on the picture again, after somebody scaled, moved, turned or sheared its layer."""
        if self.is_current:
            lay_on_picture(self.workspace, self.layer, self.view.window)

    @property
    def shown_rows(self) -> IntArray:
        """Annotations that the layer shows as pixels, in no special order."""
        rows = self.view.table.rles if self.is_current else ()
        return np.fromiter(rows, np.int64, len(rows))

    @property
    def area(self) -> int | None:
        """The class (by row) that is painted with when it is one of areas, None when objects are painted."""
        return area_painted(self.view.table, self._label, self.workspace.category)

    def _on_camera(self, event: Any = None) -> None:
        """Let the window follow the view."""
        if self.is_busy or not self.is_current or self.gesture.committing or is_painting(self.layer):
            return
        if self.view.must_move():
            self.gesture.commit()
            self.fill_window()
        elif self.view.outlines_are_stale():
            self.outline_outside()

    def outline_outside(self) -> None:
        """Outline the masks outside the window anew, after the way of drawing all annotations changed."""
        if self.is_current:
            with self.writing():
                self.view.draw_outside()

    # -- which value is painted
    def aim(self) -> None:
        """Choose the value to paint: that of the selected mask, or of the class's area, or one for a new object."""
        if not self.is_current:
            return
        table, chosen = self.view.table, self.workspace.selection
        value = table.value_of_all(chosen)
        if value is None and self.workspace.category in table.areas:
            value = table.area_value(self.workspace.category)
        if value is None:
            is_fresh = self._label > 0 and self._label not in table.known_values()
            value = self._label if is_fresh else table.fresh_value()
        with self.writing():
            turned = int(self.layer.selected_label) != value
            self._label = value
            with self.layer.events.selected_label.blocker():
                self.layer.selected_label = value
            self.view.update_look(turned=turned)

    def keep_aim(self) -> None:
        """Choose the value to paint after the dataset changed; who is painting background goes on with it."""
        if self._label == 0 and self.is_current:
            self.style_changed()
        else:
            self.aim()

    def new_instance(self) -> None:
        """Let the next stroke begin a new object."""
        self.workspace.select(())
        self.aim()

    def show_selection(self, rows: tuple[int, ...]) -> None:
        """Let selected masks stand out; one alone is what is painted on. A gesture looks when it has ended."""
        if not self.gesture.committing:
            self.aim()

    def category_chosen(self) -> None:
        """Take over the workspace's category for objects that are painted from now on."""
        self.aim()

    def _on_label(self, event: Any = None) -> None:
        """Select the object whose value somebody picked, or choose the class of the area."""
        value = int(self.layer.selected_label)
        if self.is_busy or value == self._label or not self.is_current:
            return
        self._label = value
        category = self.view.table.category_of(value)
        if category is not None:
            self.workspace.select((), origin=self)
            self.workspace.set_category(category, relabel=False)
            return
        row = self.view.table.row_of(value)
        if row is None or row not in self.workspace.selection:
            self.workspace.select(() if row is None else (row,), origin=self)
        with self.writing():
            self.view.update_look()
