"""The shapes of the objects layer: which annotation each of them is, and making them what the dataset says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from napari_labeltool._napari_compat.shapes import (
    color_shapes,
    edit_shape,
    finish_drawing,
    is_drawing_shape,
    keep_current_colors,
    one_change,
    show_thumbnail,
)
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.convert_shapes import ShapeItem, ShapeType, shape_of
from napari_labeltool.layers.names import PART, ROW
from napari_labeltool.layers.objects_choice import can_be_shape
from napari_labeltool.layers.objects_diff import Key, LayerShape
from napari_labeltool.layers.objects_features import ObjectFeatures

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


class ShapesView:
    """Shapes that stand for annotations. Whoever calls it says that the events that follow are its own.

    Parameters
    ----------
    workspace
        The session in its viewer.
    layer
        The Shapes layer.

    Attributes
    ----------
    known
        What the layer shows, by annotation and part; the shadow that gestures are compared with.
    alone
        Whether the shapes are all that is to be seen of the image's objects.
    """

    def __init__(self, workspace: Workspace, layer: Any) -> None:
        self.workspace = workspace
        self.layer = layer
        self.known: dict[Key, ShapeItem] = {}
        self.alone = True
        self.features = ObjectFeatures(self)
        self.end_keeping_colors = keep_current_colors(layer)

    # -- reading
    def shapes_now(self) -> list[LayerShape]:
        """Return the shapes of the layer with what their features say."""
        layer = self.layer
        if layer.nshapes == 0:
            return []
        rows = layer.features[ROW].to_numpy()
        parts = layer.features[PART].to_numpy()
        return [
            LayerShape(i, int(row), int(part), cast("ShapeType", str(kind)), np.asarray(corners, np.float32))
            for i, (row, part, kind, corners) in enumerate(zip(rows, parts, layer.shape_type, layer.data))
        ]

    def keys(self) -> list[Key]:
        """Return for each shape of the layer the annotation and part that its features name."""
        if self.layer.nshapes == 0:
            return []
        features = self.layer.features
        return list(zip(map(int, features[ROW]), map(int, features[PART])))

    def rows(self) -> frozenset[int]:
        """Return the rows of the annotations that have a shape in the layer."""
        return frozenset(row for row, _ in self.known)

    def missing(self, rows: Iterable[int]) -> list[int]:
        """Return those of some annotations that belong into the layer and are not there."""
        there = self.rows()
        return [row for row in rows if row not in there and can_be_shape(self.workspace, row)]

    def edge_width(self) -> float:
        """Return the width of outlines in pixels of the picture that is as wide on the screen at any zoom."""
        return self.workspace.options.edge_width * picture_pixels(self.workspace)

    # -- writing
    def one_change(self) -> AbstractContextManager[None]:
        """Draw all that is written while in the block once."""
        return one_change(self.layer, alone=self.alone)

    def set_alone(self, alone: bool) -> None:
        """Say whether the shapes are all that is to be seen of the image's objects."""
        self.alone = alone
        show_thumbnail(self.layer, alone)

    def fill(self, rows: Iterable[int]) -> None:
        """Replace all shapes by those of some annotations."""
        layer = self.layer
        with self.one_change():
            layer.selected_data.clear()
            self.known = {}  # before: a shape that is gone after a failure must not look deleted by a person
            self.remove(range(layer.nshapes))
            self.append(self.items(rows))
            self.take_defaults()

    def remove(self, indices: Iterable[int]) -> None:
        """Remove shapes by their places in the layer; a drawing that is going on ends before."""
        if is_drawing_shape(self.layer):  # napari would finish a shape that it does not find any more
            finish_drawing(self.layer)
        if places := list(indices):
            self.layer.remove(places)

    def items(self, rows: Iterable[int]) -> dict[Key, ShapeItem]:
        """Return the shapes that annotations should have."""
        dataset = self.workspace.dataset
        return {(row, item.part): item for row in rows for item in shape_of(dataset, row)}

    def append(self, items: Mapping[Key, ShapeItem]) -> None:
        """Add shapes."""
        keys = self.keys()
        if not items:
            self.features.write(keys)
            return
        colors = self.features.colors([self._category_of(key) for key in items])
        with self.one_change():
            # before the shapes, so that napari need not make lines that are written anew at once
            self.features.write([*keys, *items])
            try:
                self.layer.add(
                    [item.corners_yx for item in items.values()],
                    shape_type=[item.shape_type for item in items.values()],
                    edge_width=self.edge_width(),
                    edge_color=colors.edge,
                    face_color=colors.face,
                )
            except BaseException:
                if self.layer.nshapes == len(keys):
                    self.features.write(keys)
                raise
        self.known.update(items)

    def normalise(self, rows: Iterable[int], target: Mapping[Key, ShapeItem]) -> None:
        """Make the shapes of some annotations exactly what they should be: edit, add and remove them."""
        layer, touched = self.layer, set(rows)
        with self.one_change():
            shapes = [shape for shape in self.shapes_now() if shape.row in touched]
            for shape in shapes:
                item = target.get((shape.row, shape.part))
                if item is not None and not shape.equals(item):
                    edit_shape(layer, shape.index, item.corners_yx, item.shape_type)
            surplus = [shape.index for shape in shapes if (shape.row, shape.part) not in target]
            if surplus:
                self.remove(surplus)
            present = {(shape.row, shape.part) for shape in shapes} & target.keys()
            self.known = {key: item for key, item in self.known.items() if key[0] not in touched}
            self.known.update({key: target[key] for key in present})
            self.append({key: item for key, item in target.items() if key not in present})
            self.recolor()

    def select(self, rows: Collection[int]) -> None:
        """Select the shapes of some annotations."""
        chosen = frozenset(rows)
        indices = {i for i, (row, _) in enumerate(self.keys()) if row in chosen}
        if indices != self.layer.selected_data:
            self.layer.selected_data = indices

    def recolor(self) -> None:
        """Give every shape the colour of its class."""
        if self.layer.nshapes:
            colors = self.features.colors([self._category_of(key) for key in self.keys()])
            color_shapes(self.layer, colors.edge, colors.face)

    def _category_of(self, key: Key) -> int:
        return int(self.workspace.dataset.annotations.category[key[0]]) if key[0] >= 0 else -1

    def take_zoom(self) -> None:
        """Keep outlines as wide on the screen as they should be, once the zoom has changed by half."""
        width = self.edge_width()
        if self.layer.nshapes and not 2 / 3 < width / self.layer.edge_width[0] < 3 / 2:
            with self.one_change(), self.layer.block_update_properties():
                self.layer.edge_width = width
                self.take_defaults()

    def take_defaults(self) -> None:
        """Take over class, colour and width for objects that are drawn from now on."""
        self.features.write_defaults()
        colors = self.features.colors([self.workspace.category])
        with self.layer.block_update_properties():
            self.layer.current_edge_width = self.edge_width()
            self.layer.current_edge_color = colors.edge[0]
            self.layer.current_face_color = colors.face[0]
