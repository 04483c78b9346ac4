"""The only module that names private parts of napari, or vispy.

Each function says what it needs and why there is no public way. When napari changes, this file changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from napari._vispy.overlays.base import LayerOverlayMixin, VispySceneOverlay
from napari._vispy.utils.visual import overlay_to_visual
from napari.components.overlays import SceneOverlay
from napari.layers.shapes._shapes_constants import ShapeType, shape_classes
from napari.utils.colormaps import DirectLabelColormap
from numpy.typing import NDArray
from psygnal.qt import start_emitting_from_queue
from pydantic import PrivateAttr
from qtpy.QtCore import QCoreApplication, Qt, QTimer
from vispy.scene import Node
from vispy.scene.visuals import Image as ImageVisual
from vispy.scene.visuals import Line, Text
from vispy.visuals.transforms import STTransform


# -- Shapes
def edit_shape(layer: Any, index: int, corners_yx: NDArray[Any], shape_type: str) -> None:
    """Replace the corners (and type) of one shape in place.

    Public napari can only assign ``layer.data`` whole (280 ms for 2,000 shapes) or remove and add.
    """
    current = layer._data_view.shapes[index]
    new_type = shape_classes[ShapeType(shape_type)]
    layer._data_view.edit(
        index, np.array(corners_yx, float), new_type=None if isinstance(current, new_type) else new_type
    )


def repair_shape_features(layer: Any, removed: Sequence[int]) -> bool:
    """Drop feature rows and colours of shapes that napari removed without them; tell whether any were.

    napari 0.9 leaves them behind when a polygon is abandoned while it is drawn (the last row) and when a vertex
    is removed from a triangle (`removed` names that shape); every later row is then off by one.
    """
    extra = len(layer.features) - layer.nshapes
    if extra <= 0:
        return False
    indices = [i for i in removed if 0 <= i < len(layer.features)][:extra]
    indices += [i for i in range(len(layer.features) - 1, -1, -1) if i not in indices][: extra - len(indices)]
    layer._feature_table.remove(indices)
    layer.text.remove(indices)
    for name in ("_edge_color", "_face_color"):
        colors = getattr(layer._data_view, name)
        if len(colors) > layer.nshapes:
            setattr(layer._data_view, name, np.delete(colors, indices, axis=0))
    return True


def is_drawing_shape(layer: Any) -> bool:
    """Tell whether a shape is being drawn right now."""
    return bool(layer._is_creating)


def finish_drawing(layer: Any) -> None:
    """End the drawing of a shape as a double click does."""
    layer._finish_drawing()


def end_drawing_told(layer: Any) -> None:
    """Take the drawing that an ``added`` event tells of for ended.

    napari 0.9 tells before it ends it, so a shape that is removed in answer would be finished a second time.
    """
    layer._is_creating = False


def end_drag_box(layer: Any) -> None:
    """Drop the rectangle of the select tool, so that napari selects nothing by it when the button is released."""
    layer._is_selecting, layer._drag_box = False, None


def refresh_shape_handles(layer: Any) -> None:
    """Recompute the box with handles around the selection after shapes were edited in place."""
    layer._selected_box = layer.interaction_box(list(layer.selected_data))
    layer._set_highlight(force=True)


# -- Overlays in the scene of a layer
def hang_overlay(layer: Any, name: str, overlay: Any) -> None:
    """Hang an overlay on a layer; napari has no public registry of overlays per layer."""
    layer._overlays[name] = overlay


def drop_overlay(layer: Any, name: str) -> None:
    """Take an overlay from a layer."""
    if name in layer._overlays:
        del layer._overlays[name]


class SegmentsOverlay(SceneOverlay):  # type: ignore[misc]  # napari has no stubs here
    """Line segments in the data coordinates of the layer that they hang on.

    Drawn by vispy; a viewer without a window keeps the values and draws nothing.
    """

    visible: bool = True
    _segments_xy: NDArray[Any] = PrivateAttr(default_factory=lambda: np.empty((0, 2, 2), np.float32))
    _colors: NDArray[Any] = PrivateAttr(default_factory=lambda: np.empty((0, 4), np.float32))
    _width: float = PrivateAttr(default=2.0)
    _redraw: Any = PrivateAttr(default=None)

    def draw(self, segments_xy: NDArray[Any], colors: NDArray[Any], width: float = 2.0) -> None:
        """Show segments, (n, 2, 2) x, y of both ends, with a colour each, (n, 4), `width` screen pixels wide."""
        self._segments_xy, self._colors, self._width = segments_xy, colors, width
        if self._redraw is not None:
            self._redraw()

    @property
    def segments_xy(self) -> NDArray[Any]:
        """(n, 2, 2) what is shown."""
        return self._segments_xy


class VispySegmentsOverlay(LayerOverlayMixin, VispySceneOverlay):  # type: ignore[misc]
    """Draws a `SegmentsOverlay`."""

    def __init__(self, **kwargs: Any) -> None:
        self._line = Line(
            pos=np.zeros((2, 2), np.float32), connect="segments", method="gl", antialias=False, width=2
        )
        super().__init__(node=self._line, **kwargs)
        self.overlay._redraw = self._draw
        self.reset()
        self._draw()

    def _draw(self) -> None:
        segments = self.overlay._segments_xy
        self._line.visible = len(segments) > 0
        if len(segments):
            colors = np.repeat(self.overlay._colors, 2, axis=0)
            self._line.set_data(pos=segments.reshape(-1, 2), color=colors, width=self.overlay._width)
        self._line.update()

    def close(self) -> None:
        """Let go of the overlay."""
        self.overlay._redraw = None
        super().close()


class RasterOverlay(SceneOverlay):  # type: ignore[misc]
    """A small picture with transparency, laid over a rectangle of the data coordinates of its layer.

    Drawn by vispy; a viewer without a window keeps the values and draws nothing.
    """

    visible: bool = True
    _rgba: NDArray[np.uint8] | None = PrivateAttr(default=None)
    _left_top_xy: tuple[float, float] = PrivateAttr(default=(0.0, 0.0))
    _pixel_xy: tuple[float, float] = PrivateAttr(default=(1.0, 1.0))
    _redraw: Any = PrivateAttr(default=None)

    def draw(
        self, rgba: NDArray[np.uint8] | None, left_top_xy: tuple[float, float], pixel_xy: tuple[float, float]
    ) -> None:
        """Show a picture, (h, w, 4), from its left top corner on, each of its pixels `pixel_xy` wide and high.

        Coordinates are napari's: whole numbers are pixel centres. None shows nothing.
        """
        self._rgba, self._left_top_xy, self._pixel_xy = rgba, left_top_xy, pixel_xy
        if self._redraw is not None:
            self._redraw()

    @property
    def rgba(self) -> NDArray[np.uint8] | None:
        """(h, w, 4) what is shown."""
        return self._rgba


class NamesOverlay(SceneOverlay):  # type: ignore[misc]
    """Short texts at places in the data coordinates of a layer, white with a dark edge.

    Drawn by vispy; a viewer without a window keeps the values and draws nothing.
    """

    visible: bool = True
    _names: list[str] = PrivateAttr(default_factory=list)
    _places_xy: NDArray[Any] = PrivateAttr(default_factory=lambda: np.empty((0, 2), np.float32))
    _pixel: float = PrivateAttr(default=1.0)
    _redraw: Any = PrivateAttr(default=None)

    def draw(self, names: list[str], places_xy: NDArray[Any], pixel: float) -> None:
        """Show names whose left bottom corners are at places, (n, 2); `pixel` is a screen pixel in data units."""
        self._names, self._places_xy, self._pixel = names, places_xy, pixel
        if self._redraw is not None:
            self._redraw()

    @property
    def names(self) -> list[str]:
        """What is shown."""
        return self._names


class _Group(Node):  # type: ignore[misc]
    """A node for visuals with a place of their own; vispy's Compound overwrites the transforms of its parts."""

    def set_gl_state(self, *args: Any, **kwargs: Any) -> None:
        for child in self.children:
            child.set_gl_state(*args, **kwargs)


class VispyRasterOverlay(LayerOverlayMixin, VispySceneOverlay):  # type: ignore[misc]
    """Draws a `RasterOverlay`."""

    def __init__(self, **kwargs: Any) -> None:
        group = _Group()
        self._image = ImageVisual(np.zeros((1, 1, 4), np.uint8), method="subdivide", interpolation="nearest")
        self._image.parent = group
        self._image.transform = STTransform()
        super().__init__(node=group, **kwargs)
        self.overlay._redraw = self._draw
        self.reset()
        self._draw()

    def _draw(self) -> None:
        rgba = self.overlay._rgba
        self._image.visible = rgba is not None and rgba.size > 0
        if self._image.visible:
            self._image.set_data(rgba)
            self._image.transform.scale = (*self.overlay._pixel_xy, 1, 1)
            self._image.transform.translate = (*self.overlay._left_top_xy, 0, 0)
        self.node.update()

    def close(self) -> None:
        """Let go of the overlay."""
        self.overlay._redraw = None
        super().close()


class VispyNamesOverlay(LayerOverlayMixin, VispySceneOverlay):  # type: ignore[misc]
    """Draws a `NamesOverlay`."""

    def __init__(self, **kwargs: Any) -> None:
        group = _Group()
        style = {"font_size": 9, "anchor_x": "left", "anchor_y": "bottom", "bold": True}
        self._edge, self._text = (
            Text(" ", color=color, parent=group, **style) for color in ("black", "white")
        )
        self._edge.order, self._text.order = 0, 1
        super().__init__(node=group, **kwargs)
        self.overlay._redraw = self._draw
        self.reset()
        self._draw()

    def _draw(self) -> None:
        names, places = self.overlay._names, self.overlay._places_xy
        self.node.visible = self._should_be_visible() and bool(names)
        if names:
            shifts = self.overlay._pixel * np.array([(-1, 0), (1, 0), (0, -1), (0, 1)], np.float32)
            self._edge.text = names * 4
            self._edge.pos = (places[None] + shifts[:, None]).reshape(-1, 2)
            self._text.text, self._text.pos = names, places
        self.node.update()

    def close(self) -> None:
        """Let go of the overlay."""
        self.overlay._redraw = None
        super().close()


overlay_to_visual[NamesOverlay] = VispyNamesOverlay
overlay_to_visual[SegmentsOverlay] = VispySegmentsOverlay
overlay_to_visual[RasterOverlay] = VispyRasterOverlay


# -- Labels
def stroke_extent(stroke: Sequence[Any]) -> tuple[int, int, int, int]:
    """Return the rectangle (y0, x0, y1, x1) of the layer's data that a ``paint`` event is about.

    The event carries napari's private history atoms: rectangles with a mask, or index arrays.
    """
    bounds = []
    for atom in stroke:
        if hasattr(atom, "slice_key"):
            rows, columns = atom.slice_key
            bounds.append((rows.start, columns.start, rows.stop, columns.stop))
        else:
            rows, columns = (np.atleast_1d(index) for index in atom[0])
            bounds.append((rows.min(), columns.min(), rows.max() + 1, columns.max() + 1))
    low, high = np.array(bounds)[:, :2].min(0), np.array(bounds)[:, 2:].max(0)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def stroke_is_written(layer: Any, stroke: Sequence[Any]) -> bool:
    """Tell whether the pixels of a ``paint`` event are in the layer already.

    A stroke of the mouse is told when it is finished; a single call of ``paint``, ``fill``, ``paint_polygon`` or
    ``data_setitem`` is told before it writes.
    """
    return stroke is layer._staged_history


def is_painting(layer: Any) -> bool:
    """Tell whether a stroke or a polygon is half done."""
    return bool(layer._block_history or layer._overlays["polygon"].points)


def cancel_label_drawing(layer: Any) -> None:
    """Drop a half drawn polygon and a half drawn outline of the right button, as Escape does."""
    if layer._overlays["brush_stroke"].active:
        layer._overlays["brush_stroke"].abort(layer)
    if layer._overlays["polygon"].points:
        layer._overlays["polygon"].points = []


def forget_label_history(layer: Any) -> None:
    """Empty napari's own undo history of a layer; it would write pixels of another time or place."""
    layer._undo_history.clear()
    layer._redo_history.clear()


def redraw_labels(layer: Any, rows: slice, columns: slice) -> None:
    """Draw a rectangle of the data that was changed in place; ``refresh`` draws the whole of it."""
    layer._accumulate_updated_slice((rows, columns))
    layer._partial_labels_refresh()


def label_colormap(colors: NDArray[Any], values: Sequence[int]) -> DirectLabelColormap:
    """Return a colormap of 16 bit labels from a table of all their colours, (65536, 4).

    napari's constructor takes 20 microseconds a colour, and then 50 milliseconds to fill the table. Only the colours
    of `values` are in its ``color_dict``; any other one looks like the last of the table.
    """
    colormap = DirectLabelColormap(color_dict={None: colors[-1], 0: colors[0]})
    colormap.color_dict.update({value: colors[value] for value in values})
    kind = np.dtype(np.uint16)
    colormap._cache_mapping[(kind, kind)] = colors
    return colormap


def recolor_labels(layer: Any, colormap: DirectLabelColormap) -> None:
    """Give a layer of 16 bit labels other colours, without slicing its data anew as ``layer.colormap = `` does."""
    colormap.selection, colormap.use_selection = layer.selected_label, layer.show_selected_label
    layer._colormap = layer._direct_colormap = colormap
    layer._selected_color = layer.get_color(layer.selected_label)
    layer.events.colormap()
    layer.events.selected_label()


# -- The event loop
def later(milliseconds: int, action: Callable[[], object]) -> None:
    """Do something once the event loop has time for it; at once where there is none (a viewer model alone)."""
    if QCoreApplication.instance() is None:
        action()
    else:
        QTimer.singleShot(milliseconds, action)


def deliver_queued_signals() -> None:
    """Let the event loop call what is connected with ``thread="main"``; nothing where there is no event loop."""
    if QCoreApplication.instance() is not None:
        start_emitting_from_queue(msec=30, timer_type=Qt.TimerType.CoarseTimer)


# -- Image
def show_new_pixels(layer: Any) -> None:
    """Read the shown pixels of an Image layer anew; ``refresh`` alone shows the coarsest level that napari keeps."""
    layer._reset_thumbnail_level_data()
    layer.refresh(extent=False)


# -- The window
def canvas_widget(viewer: Any) -> Any:
    """Return the Qt widget that the picture is drawn on; mouse events for the canvas go there."""
    return viewer.window._qt_viewer.canvas.native


def main_window(viewer: Any) -> Any:
    """Return the Qt main window of a viewer."""
    return viewer.window._qt_window


def rotation_handle(layer: Any) -> Any:
    """Return where the handle lies that turns the selected shapes, (2,) y, x in data coordinates, or None."""
    box = layer._selected_box
    return None if box is None else box[9]
