"""Shapes layers: editing them in place, and several changes as one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from napari.layers.shapes._shapes_constants import ShapeType, shape_classes
from numpy.typing import NDArray

from napari_labeltool._napari_compat.drags import end_drag

_DRAWN_BY: Final = ("set_data", "edge_color", "face_color", "edge_width", "highlight")
"""Events of a Shapes layer at each of which napari lays out the mesh or the handles of all its shapes."""


@contextlib.contextmanager
def one_change(layer: Any, *, alone: bool) -> Iterator[None]:
    """Draw what is changed in a Shapes layer while in the block once, at its end, also when the block fails.

    napari lays out and uploads all shapes after each of ``add``, ``remove``, ``edge_color = ``, a selection and so on,
    3 to 5 ms each. The events ``data`` and ``features`` are told as they come; those of colours, widths and the
    highlight are not told but for what the end of the block draws.

    Parameters
    ----------
    layer
        The layer.
    alone
        Whether the shapes are all that there is to see; otherwise its thumbnail and extent, which would be those of
        the few shapes that happen to be in it, are left as they are.
    """
    with contextlib.ExitStack() as held:
        held.callback(_draw, layer, alone, layer.current_edge_width)
        held.enter_context(layer._block_refresh())
        for name in _DRAWN_BY:
            held.enter_context(getattr(layer.events, name).blocker())
        held.enter_context(layer._data_view.batched_updates())
        yield


def _draw(layer: Any, alone: bool, width: float) -> None:
    """Draw the shapes, then their highlight, which napari keeps until they are drawn."""
    layer.refresh(thumbnail=alone, extent=alone, highlight=False)
    refresh_shape_handles(layer)
    if layer.current_edge_width != width:
        layer.events.edge_width()  # its slider shows it


def show_thumbnail(layer: Any, shown: bool) -> None:
    """Say whether the layer's picture in the layer list is made anew at each edit; else it is empty.

    Of a layer that holds a few of many objects it would say nothing, and the list is painted anew with each.
    """
    if layer._allow_thumbnail_update and not shown:
        layer.thumbnail = np.zeros(layer._thumbnail_shape)
    layer._allow_thumbnail_update = shown


def write_feature_table(layer: Any, features: pd.DataFrame, defaults: pd.DataFrame) -> None:
    """Give a Shapes layer a features table that is known to fit: as many lines as shapes, the defaults' columns.

    The public setters check, copy and convert each column, and work out defaults twice: 4 ms for a single shape.
    """
    table = layer._feature_table
    table._values, table._defaults = features, defaults
    layer.text.refresh(features)
    layer.events.properties()
    layer.events.features()
    layer.events.current_properties()
    layer.events.feature_defaults()


def edit_shape(layer: Any, index: int, corners_yx: NDArray[Any], shape_type: str) -> None:
    """Replace the corners (and type) of one shape in place.

    Public napari can only assign ``layer.data`` whole (280 ms for 2,000 shapes) or remove and add.
    """
    current = layer._data_view.shapes[index]
    new_type = shape_classes[ShapeType(shape_type)]
    layer._data_view.edit(
        index, np.array(corners_yx, float), new_type=None if isinstance(current, new_type) else new_type
    )


def color_shapes(layer: Any, edge: NDArray[Any], face: NDArray[Any]) -> None:
    """Give every shape its colours, (n, 4) each, without the conversions of ``edge_color = `` (2 ms each)."""
    view = layer._data_view
    if not np.array_equal(view.edge_color, edge):
        view.edge_color = np.asarray(edge, np.float32)
        layer.events.edge_color()
    if not np.array_equal(view.face_color, face):
        view.face_color = np.asarray(face, np.float32)
        layer.events.face_color()


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
    """End the drawing of a shape as a double click does; of one that is gone, only the drawing ends."""
    end_drag(layer)
    index = layer._moving_value[0]
    if index is None or index >= layer.nshapes:
        layer._is_creating, layer._moving_value = False, (None, None)
    layer._finish_drawing()
    repair_shape_features(layer, ())


def end_drawing_told(layer: Any) -> None:
    """Take the drawing that an ``added`` event tells of for ended.

    napari 0.9 tells before it ends it, so a shape that is removed in answer would be finished a second time.
    """
    layer._is_creating = False


def end_drag_box(layer: Any, corners_yx: NDArray[Any] | None) -> None:
    """Say what napari's select tool selects when the button is released: what meets a rectangle, or nothing anew.

    napari begins its own rectangle where the mouse first moved, not where it was pressed.
    """
    layer._is_selecting, layer._drag_box = corners_yx is not None, corners_yx


def show_drag_box(layer: Any, corners_yx: NDArray[Any] | None) -> None:
    """Draw the rectangle of a selection between two corners, (2, 2) in data coordinates; None ends it."""
    if corners_yx is None and not layer._is_selecting:
        return
    layer._is_selecting, layer._drag_box = corners_yx is not None, corners_yx
    layer._set_highlight(force=True)


def keep_current_colors(layer: Any) -> Callable[[], None]:
    """Let a selection in a Shapes layer leave alone the colours and the width of what is drawn next.

    napari takes them over from the selected shapes, which says nothing where a class decides, and has the layer
    controls style and paint their swatches anew, 2 ms a selection. What is returned ends it.
    """
    changed, original = (
        layer.selected_data.events.items_changed,
        getattr(layer, "_on_selection_changed", None),
    )
    if original is None or not hasattr(layer, "_selected_data_in_view"):
        return lambda: None
    changed.disconnect(original)

    def show(added: Any, removed: Any) -> None:
        if layer._value[0] is not None and layer._value[0] not in layer._view_indices:
            layer._value = (None, None)
        layer._selected_box = layer.interaction_box(layer._selected_data_in_view)
        layer._set_highlight()

    changed.connect(show)

    def end() -> None:
        changed.disconnect(show)
        changed.connect(original)

    return end


def refresh_shape_handles(layer: Any) -> None:
    """Recompute the box with handles around the selection after shapes were edited in place."""
    layer._selected_box = layer.interaction_box(list(layer.selected_data))
    layer._set_highlight(force=True)


def rotation_handle(layer: Any) -> Any:
    """Return where the handle lies that turns the selected shapes, (2,) y, x in data coordinates, or None."""
    box = layer._selected_box
    return None if box is None else box[9]
