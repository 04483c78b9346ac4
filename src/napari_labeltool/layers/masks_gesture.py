"""From what a person does in the masks layer to edits of the dataset."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from napari.layers import Labels

from napari_labeltool._napari_compat import (
    forget_label_history,
    is_painting,
    is_stroking,
    stroke_extent,
    stroke_is_written,
)
from napari_labeltool.core.edits import Compound, Rows
from napari_labeltool.core.pixels import Window
from napari_labeltool.core.rle import Rle
from napari_labeltool.core.semantic import PaintAreas
from napari_labeltool.core.tiles import TILE_SIDE
from napari_labeltool.layers.masks_polygon import read_polygon
from napari_labeltool.layers.masks_rows import is_to_show, rows_meeting
from napari_labeltool.layers.masks_stroke import Stroke, edit_of
from napari_labeltool.layers.masks_table import box_of
from napari_labeltool.layers.masks_window import around, has_room, meets_inner_border
from napari_labeltool.layers.names import HALF_PIXEL

if TYPE_CHECKING:
    from napari_labeltool.layers.masks import MasksBinding


FILL_REFUSED: Final = (
    "The area to fill goes on beyond the part of the picture that is loaded around the view. Nothing was filled."
    " Close its outline first, or draw it with the polygon mode, which may be of any size."
)

STROKE_CUT: Final = (
    "The stroke reached the end of the part of the picture that is loaded around the view and was cut there. Go on"
    " from there with another stroke, or zoom in."
)

POLYGON_CUT: Final = (
    "Only the part of the polygon was erased that is loaded around the view."
    " Objects beyond it were left alone."
)


class MaskGesture:
    """Listens to the layer; each finished stroke becomes one edit.

    What was painted is read from the layer's data alone, never from the history that napari tells of. That
    only says when to look, and where.

    Parameters
    ----------
    binding
        The binding whose layer this is.
    """

    def __init__(self, binding: MasksBinding) -> None:
        self.binding = binding
        self.committing = False
        self._unwritten: Window | None = None
        self._filling = False

    def connect(self, layer: Any) -> None:
        """Listen to a layer, and take over the tools that reach over the window's border."""
        layer.fill, layer.paint_polygon = self.fill, self.paint_polygon
        layer.events.paint.connect(self._on_paint)
        layer.events.labels_update.connect(self._on_drawn)
        layer.events.set_data.connect(self._on_drawn)
        layer.events.data.connect(self._on_data)
        layer.events.features.connect(self._on_features)

    def disconnect(self, layer: Any) -> None:
        """Let go of a layer."""
        del layer.fill, layer.paint_polygon
        layer.events.paint.disconnect(self._on_paint)
        layer.events.labels_update.disconnect(self._on_drawn)
        layer.events.set_data.disconnect(self._on_drawn)
        layer.events.data.disconnect(self._on_data)
        layer.events.features.disconnect(self._on_features)

    def _on_paint(self, event: Any) -> None:
        binding = self.binding
        if binding.is_busy or not event.value:
            return
        self._unwritten = around(stroke_extent(event.value), self._unwritten)
        if stroke_is_written(binding.layer, event.value):
            self.commit(self._unwritten)

    def _on_drawn(self, event: Any = None) -> None:
        if not self.binding.is_busy and self._unwritten is not None:
            self.commit(self._unwritten)

    def _on_data(self, event: Any) -> None:
        """Take an array that somebody put into the layer for what they painted."""
        binding = self.binding
        if binding.is_busy or not binding.is_current:
            return
        given = np.asarray(binding.layer.data)
        with binding.writing():
            fits = binding.view.take(given)
            binding.view.give_data()
        if fits:
            self.commit()
        else:
            binding.workspace.message.emit(
                "warning",
                f"Layer {binding.layer.name}: an array of shape {given.shape} found, expected"
                f" {binding.view.data.shape}. Nothing was changed.",
            )

    def _on_features(self, event: Any) -> None:
        """Relabel annotations whose category somebody changed in the features table."""
        binding = self.binding
        if binding.is_busy or not binding.is_current:
            return
        edits = binding.view.look.features.relabels(binding.view.table)
        binding.view.look.features.forget()
        if edits:
            text = edits[0].label(binding.workspace.dataset)
            text = text if len(edits) == 1 else f"Relabel {len(edits):,} annotations"
            binding.workspace.apply(Compound(text, tuple(edits)), binding)
        with binding.writing():
            binding.view.update_look()

    def commit(self, extent: Window | None = None) -> None:
        """Make what was painted one edit; show the dataset again where it was refused.

        Parameters
        ----------
        extent
            Where to look, (y0, x0, y1, x1) in the layer's data; everywhere when left out.
        """
        self._unwritten = None
        filling, self._filling = self._filling, False
        binding, view = self.binding, self.binding.view
        stroke = view.read(extent, binding.area)
        forget_label_history(binding.layer)
        if stroke is None:
            return
        if extent is not None and meets_inner_border(view.window, stroke.window, view.table.shape_yx):
            binding.workspace.message.emit("warning", FILL_REFUSED if filling else STROKE_CUT)
            if filling:
                with binding.writing():
                    view.restore(stroke.window)
                return
        self._apply(stroke)

    # -- tools of the layer that may reach over the border of the window
    def fill(self, coord: Sequence[float], new_label: int, refresh: bool = True) -> None:
        """Fill as napari does; what would go on beyond the window is refused when it is committed."""
        self._filling = True
        Labels.fill(self.binding.layer, coord, new_label, refresh)
        if not is_painting(self.binding.layer):
            self._filling = False

    def paint_polygon(self, points: Any, new_label: int) -> None:
        """Paint a polygon of any size: as napari does in the window, in run lengths beyond it."""
        binding = self.binding
        corners = np.asarray(points, np.float64)[:, -2:]
        outside = binding.is_current and (
            (corners < 0).any() or (corners.astype(int) >= np.array(binding.view.data.shape)).any()
        )
        if not outside or binding.view.covers_all:
            Labels.paint_polygon(binding.layer, points, new_label)
            return
        with binding.writing():
            stroke = read_polygon(binding.view, corners, int(new_label), binding.area)
        if stroke is None:
            binding.workspace.message.emit("warning", POLYGON_CUT)
            Labels.paint_polygon(binding.layer, points, new_label)
        else:
            self._apply(stroke)

    def on_press(self, viewer: Any, event: Any) -> None:
        """Let the window hold the place where painting begins."""
        self._filling = False
        binding, layer = self.binding, self.binding.layer
        if layer is None or viewer.layers.selection.active is not layer or not binding.is_current:
            return
        if str(layer.mode) in ("paint", "erase", "fill", "polygon") and not binding.view.covers_all:
            y, x = binding.workspace.pictures.pixel_at(event.position)
            place, view = (y + HALF_PIXEL, x + HALF_PIXEL), binding.view
            if not is_painting(layer) and not has_room(view.window, place, view.table.shape_yx):
                self.commit()
                binding.fill_window(place)

    def _paint_areas(self, painted: Sequence[tuple[Rows | None, Rle]]) -> PaintAreas:
        workspace = self.binding.workspace
        boxes = np.array([box_of(rle) for _, rle in painted], np.int64)
        (top, left), (bottom, right) = boxes[:, :2].min(0).tolist(), boxes[:, 2:].max(0).tolist()
        near = (top - TILE_SIDE, left - TILE_SIDE, bottom + TILE_SIDE, right + TILE_SIDE)
        among = rows_meeting(workspace, near)
        status = workspace.options.default_status
        return PaintAreas(Rows([workspace.image]), painted, workspace.session.author, status, among)

    def _apply(self, stroke: Stroke) -> None:
        binding = self.binding
        workspace = binding.workspace
        edit, values = edit_of(workspace.dataset, stroke, workspace.new_object, self._paint_areas)
        self.committing = True
        try:
            change = workspace.apply(edit, binding)
        finally:
            self.committing = False
        appended = [] if change is None else change.added_annotations
        added = appended[: len(values)]
        with binding.writing():
            if change is not None:
                binding.view.keep(stroke, dict(zip(added, values)))
            if change is not None and stroke.areas:
                rows = change.touched.annotations
                areas = np.isin(workspace.dataset.annotations.category[rows], list(binding.view.table.areas))
                binding.view.update(rows[areas])
            binding.view.render(stroke.window)
        if change is None and not workspace.session.read_only_reason:
            self._say_what_was_kept(stroke)
        if len(added) == 1:
            workspace.select(added, origin=binding)
        hidden = [row for row in appended if not is_to_show(workspace, row)]
        if hidden:
            name = workspace.dataset.name_of(hidden[0])
            workspace.message.emit("info", f"{name} was added; it is not seen because its class is hidden.")
        if added:
            binding.aim()
        else:
            binding.keep_aim()

    def _say_what_was_kept(self, stroke: Stroke) -> None:
        """Say why a stroke over something that is seen changed nothing."""
        binding = self.binding
        kept, chosen = ("Objects", "objects") if stroke.areas else ("Areas", "areas")
        painting = "areas" if stroke.areas else "objects"
        if any(
            binding.view.table.is_area(row) != bool(stroke.areas)
            for row in binding.view.table.rows_in(stroke.window)
        ):
            binding.workspace.message.emit(
                "info",
                f"{kept} are left alone while a class of {painting} is chosen. Nothing was changed. Choose a class of"
                f" {chosen}, or pick one, to change it.",
            )


def before_window(binding: MasksBinding, center_yx: tuple[float, float] | None) -> tuple[float, float] | None:
    """Make ready for the window to be shown anew around a place; return where instead while it must stay.

    A stroke ends, its pixels are kept. A polygon goes on: its corners are counted from the window's.
    """
    layer = binding.layer
    if is_stroking(layer) or (is_painting(layer) and not binding.is_current):
        binding.finish_gesture()
    elif is_painting(layer):
        y0, x0, y1, x1 = binding.view.window
        return (y0 + y1) / 2, (x0 + x1) / 2
    return center_yx
