"""The points of the keypoints layer: which keypoint each of them is, how it looks, and the skeleton between them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from napari_labeltool._napari_compat import SegmentsOverlay
from napari_labeltool.core.palette import to_rgb
from napari_labeltool.core.schema import Category
from napari_labeltool.core.skeleton import HIDDEN, NOT_LABELLED, keypoint_color
from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.camera import picture_pixels
from napari_labeltool.layers.class_names import class_names
from napari_labeltool.layers.convert_points import PointItem, keypoint_labels_of, points_of
from napari_labeltool.layers.feature_lines import same_line
from napari_labeltool.layers.names import ANNOTATION_ID, CATEGORY, KEYPOINT, NEW, ROW, VISIBILITY
from napari_labeltool.layers.style import UNLABELLED_COLOR

if TYPE_CHECKING:
    from napari_labeltool.layers.keypoints_placing import Placing
    from napari_labeltool.layers.workspace import Workspace

PointKey = tuple[int, int]
"""Row of the annotation and place among its keypoints."""

POINT_SIZE = 11
"""Diameter of a point in screen pixels."""

SYMBOLS = {NOT_LABELLED: "cross", HIDDEN: "ring"}
"""How a keypoint that is not visible looks; a visible one is a disc. So visibility is not said by colour alone."""


class PointsView:
    """Points that stand for keypoints. Whoever calls it says that the events that follow are its own.

    Parameters
    ----------
    workspace
        The session in its viewer.
    layer
        The Points layer.

    Attributes
    ----------
    known
        What the layer shows, in the order of the layer.
    """

    def __init__(self, workspace: Workspace, layer: Any) -> None:
        self.workspace = workspace
        self.layer = layer
        self.known: dict[PointKey, PointItem] = {}
        self.skeleton = SegmentsOverlay()

    def rows(self) -> frozenset[int]:
        """Return the rows of the annotations that have a point in the layer."""
        return frozenset(row for row, _ in self.known)

    def items(self, rows: Iterable[int]) -> dict[PointKey, PointItem]:
        """Return the points that annotations should have."""
        dataset = self.workspace.dataset
        return {(row, item.index): item for row in rows for item in points_of(dataset, row)}

    def fill(self, items: dict[PointKey, PointItem]) -> None:
        """Make the layer show these points, in this order."""
        layer = self.layer
        positions = np.array([item.position_yx for item in items.values()], float).reshape(-1, 2)
        if len(layer.data) != len(positions) or not np.array_equal(layer.data, positions):
            layer.selected_data = set()
            layer.data = positions
        self.known = items
        self.write_features()

    def fill_keeping_selection(self, items: dict[PointKey, PointItem]) -> None:
        """Make the layer show these points; of the selected ones those that are still there stay selected."""
        keys = list(self.known)
        chosen = {keys[index] for index in self.layer.selected_data if index < len(keys)}
        self.fill(items)
        self.layer.selected_data = {place for place, key in enumerate(items) if key in chosen}

    def show_anew(self, touched: frozenset[int], wanted: Iterable[int]) -> None:
        """Show again what some annotations have, the points that are there already in their old order."""
        items = {key: item for key, item in self.known.items() if key[0] not in touched}
        items.update(self.items(wanted))
        order = {key: place for place, key in enumerate(self.known)}
        ordered = dict(sorted(items.items(), key=lambda pair: order.get(pair[0], len(order))))
        self.fill(ordered)

    def write_features(self) -> None:
        """Write features and looks of the points that are known."""
        layer, dataset = self.layer, self.workspace.dataset
        names = class_names(dataset)
        table = dataset.annotations
        frame = pd.DataFrame(
            {
                ROW: np.array([row for row, _ in self.known], np.int64),
                ANNOTATION_ID: pd.Series([table.id_of(row) for row, _ in self.known], dtype=object),
                CATEGORY: pd.Categorical(
                    [names[int(table.category[row])] for row, _ in self.known],
                    categories=list(names.values()),
                ),
                KEYPOINT: pd.Series([item.name for item in self.known.values()], dtype=object),
                VISIBILITY: pd.Series(
                    [_whole(item.visibility) for item in self.known.values()], dtype=object
                ),
            }
        )
        layer.features = frame
        self.restyle()

    def restyle(self) -> None:
        """Write the looks of the points: colour of the keypoint, shape of its visibility, ring of the selection."""
        layer = self.layer
        if not self.known or len(self.known) != len(layer.data):
            self.draw_skeleton()
            return
        chosen = frozenset(self.workspace.selection)
        categories = [self._category(row) for row, _ in self.known]
        colors = [
            UNLABELLED_COLOR if category is None else keypoint_color(category, index)
            for category, (_, index) in zip(categories, self.known)
        ]
        rgb = np.array([to_rgb(color) for color in colors], float) / 255
        selected = np.array([row in chosen for row, _ in self.known])
        with layer.block_update_properties():
            layer.face_color = np.column_stack([rgb, np.ones(len(rgb))])
            layer.border_color = np.where(selected[:, None], [[1.0, 1.0, 1.0, 1.0]], [[0.0, 0.0, 0.0, 0.7]])
            layer.border_width = np.where(selected, 0.25, 0.1)
            layer.symbol = [SYMBOLS.get(int(item.visibility), "disc") for item in self.known.values()]
            layer.size = self.point_size()
        self.draw_skeleton()

    def point_size(self) -> float:
        """Return the diameter of a point in pixels of the picture that is as large on the screen at any zoom."""
        return POINT_SIZE * picture_pixels(self.workspace)

    def take_zoom(self) -> None:
        """Keep points as large on the screen as they should be, once the zoom has changed by a quarter."""
        size = self.point_size()
        if self.known and not 0.8 < size / self.layer.size[0] < 1.25:
            with self.layer.block_update_properties():
                self.layer.size = size
                self.layer.current_size = size

    def _category(self, row: int) -> Category | None:
        key = int(self.workspace.dataset.annotations.category[row])
        return self.workspace.session.schema.by_key(key if key >= 0 else None)

    def draw_skeleton(self) -> None:
        """Draw the edges between the points as they lie now, in the middle of a drag too."""
        positions = np.asarray(self.layer.data, np.float32)
        place = {key: index for index, key in enumerate(self.known)}
        segments: list[Any] = []
        colors: list[Any] = []
        shown = len(positions) == len(self.known)
        for row in dict.fromkeys(row for row, _ in self.known) if shown else ():
            category = self._category(row)
            if category is None:
                continue
            for edge in category.drawable_edges:
                ends = [(row, index) for index in category.skeleton[edge]]
                if all(end in place and self.known[end].visibility > 0 for end in ends):
                    segments.append([positions[place[end]][::-1] for end in ends])
                    own = category.edge_colors[edge] if edge < len(category.edge_colors) else None
                    hidden = any(self.known[end].visibility == HIDDEN for end in ends)
                    colors.append(
                        [*(level / 255 for level in to_rgb(own or category.color)), 0.5 if hidden else 1.0]
                    )
        self.skeleton.draw(
            np.array(segments, np.float32).reshape(-1, 2, 2), np.array(colors, np.float32).reshape(-1, 4)
        )

    def aim(self, placing: Placing) -> None:
        """Give the point that is placed next its features and size. What is equal stays."""
        layer, dataset = self.layer, self.workspace.dataset
        labels = keypoint_labels_of(dataset, placing.category)
        defaults = {
            ROW: NEW,
            ANNOTATION_ID: NEW if placing.row < 0 else dataset.annotations.id_of(placing.row),
            CATEGORY: class_names(dataset)[placing.category],
            KEYPOINT: labels[placing.index] if placing.index < len(labels) else "",
            VISIBILITY: 2,
        }
        with layer.block_update_properties():
            if not same_line(layer.feature_defaults, defaults):
                layer.feature_defaults = defaults
            if layer.current_size != self.point_size():
                layer.current_size = self.point_size()

    def points_now(self) -> tuple[dict[PointKey, PointItem], list[FloatArray]]:
        """Return the known points as the layer has them now, and the positions (y, x) of new ones."""
        table = self.layer.features
        indices = {(row, item.name): index for (row, index), item in self.known.items()}
        now: dict[PointKey, PointItem] = {}
        added: list[FloatArray] = []
        for row, name, visibility, position in zip(
            table[ROW], table[KEYPOINT], table[VISIBILITY], np.asarray(self.layer.data, np.float64)
        ):
            index = indices.get((int(row), str(name)))
            if index is None or (int(row), index) in now:
                added.append(position)
            else:
                now[(int(row), index)] = PointItem(index, str(name), float(visibility), position)
        return now, added


def _whole(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
