"""Keypoints and skeletons of the annotations around the view that the Points layer does not hold."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from napari_labeltool._napari_compat import SegmentsOverlay, drop_overlay, hang_overlay
from napari_labeltool.core.columns import Flag
from napari_labeltool.core.keypoint_lines import PlacedKeypoints, placed_keypoints
from napari_labeltool.core.keypoint_places import KeypointPlaces
from napari_labeltool.core.spatial import SpatialIndex, meeting
from napari_labeltool.core.values import BoolArray, IntArray
from napari_labeltool.layers.camera import ViewWatch, picture_pixels, view_in_pixels
from napari_labeltool.layers.convert_axes import keypoint_shift
from napari_labeltool.layers.keypoints_colors import edges_of, mark_colors, middle_marks, nearest_of
from napari_labeltool.layers.names import HALF_PIXEL
from napari_labeltool.layers.outline_lines import SELECTED
from napari_labeltool.layers.outline_pictures import Rectangle
from napari_labeltool.layers.outlines import MARGINS, in_order, widened

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

OVERLAY: Final = "napari_labeltool_keypoints"

MOST_SEGMENTS: Final = 40_000
"""Number of edges and strokes up to which keypoints are drawn."""
MOST_MIDDLES: Final = 20_000
"""Number of annotations up to which each is marked at its middle, where its keypoints are too many to be drawn."""
SAMPLE: Final = 100
"""Number of annotations from which it is learnt how many segments one has."""
MARK: Final = 4.0
"""Half the width of a mark in screen pixels."""

Mode = Literal["nothing", "points", "middles"]


class KeypointLines:
    """Draws keypoints of the shown image that the layer does not hold, while the view holds not too many.

    Above that, annotations that have nothing but keypoints are marked at their middles; the others are drawn by
    their outlines. What a view or an edit costs depends on what is in view alone.

    Parameters
    ----------
    workspace
        The session in its viewer.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.overlay = SegmentsOverlay()
        self.mode: Mode = "nothing"
        self.held: IntArray = np.empty(0, np.int64)
        self.selected: IntArray = np.empty(0, np.int64)
        self._layer: Any = None
        self._watch: ViewWatch | None = None
        self._pixel = 1.0
        self._window: Rectangle = (0.0, 0.0, 0.0, 0.0)
        self._places: KeypointPlaces | None = None
        self._index: SpatialIndex | None = None
        self._segments_each = 2.0
        self._clear()

    def _clear(self) -> None:
        self._points = PlacedKeypoints(np.empty((0, 3)), np.empty(0, np.int64), np.empty(0, np.int64))
        self._middles: IntArray = np.empty(0, np.int64)

    # -- the layer
    def attach(self, layer: Any) -> None:
        """Draw on a layer."""
        self._layer = layer
        hang_overlay(layer, OVERLAY, self.overlay)
        layer.events.opacity.connect(self._on_opacity)
        self._watch = ViewWatch(self.workspace, self._on_view)

    def detach(self) -> None:
        """Let go of the layer."""
        if self._layer is None or self._watch is None:
            return
        self._watch.close()
        self._layer.events.opacity.disconnect(self._on_opacity)
        drop_overlay(self._layer, OVERLAY)
        self._layer = self._places = self._index = None

    def _on_opacity(self, event: Any = None) -> None:
        self.overlay.opacity = self._layer.opacity

    @property
    def places(self) -> KeypointPlaces:
        """The annotations with keypoints of the shown image by place."""
        workspace, index = self.workspace, self.workspace.shown.index
        if self._places is None or self._index is not index:
            self._places, self._index = KeypointPlaces(workspace.dataset, workspace.image), index
            self._segments_each = segments_each(workspace, self._places.sample(SAMPLE))
        return self._places

    def show(self, held: Collection[int], *, none: bool = False) -> None:
        """Draw the annotations in view but those that the layer holds; none at all where it holds all."""
        self.held = in_order(held)
        if none:
            self.mode = "nothing"
            self._places = self._index = None
            self._clear()
            self.draw()
        else:
            self.load()

    def hold(self, held: Collection[int]) -> None:
        """Draw all but these, which the layer holds."""
        before, self.held = self.held, in_order(held)
        if self.mode != "nothing" and not np.array_equal(before, self.held):
            self.draw()

    def select(self, rows: Collection[int]) -> None:
        """Let annotations stand out that are selected but too many for the layer."""
        before, self.selected = self.selected, in_order(rows)
        if self.mode != "nothing" and not np.array_equal(before, self.selected):
            self.draw()

    def take(self, rows: IntArray) -> None:
        """Take over a change of some annotations of the image."""
        if self.mode == "nothing":
            return
        has_points = (self.workspace.dataset.annotations.flags[rows] & Flag.KEYPOINTS) > 0
        if not has_points.any() and not np.isin(self._points.owner, rows).any():
            return
        places = self.places
        places.update(rows)
        there = np.unique(rows[self._are_seen(rows)])
        there = there[meeting(places.boxes(there), np.arange(len(there)), self._window)]
        if self.mode == "points":
            kept = self._points.chosen(~np.isin(self._points.owner, rows))
            self._points = kept.joined(placed_keypoints(self.workspace.dataset, there))
        else:
            old = self._middles[~np.isin(self._middles, rows)]
            self._middles = np.concatenate([old, there[places.are_points_alone(there)]])
        self.draw()

    def _are_seen(self, rows: IntArray) -> BoolArray:
        workspace = self.workspace
        table = workspace.dataset.annotations
        has_points = (table.flags[rows] & Flag.KEYPOINTS) > 0
        return np.asarray(table.alive[rows] & has_points & workspace.shown.passes(rows))

    # -- the view
    def _on_view(self, event: Any = None) -> None:
        if self.mode == "nothing":
            return
        if not self._covers():
            self.load()
        elif not self._suits():
            self._pixel = picture_pixels(self.workspace)
            self.draw()

    def _covers(self) -> bool:
        """Tell whether what is drawn covers the view, and is not much more than it."""
        x0, y0, x1, y1 = view_in_pixels(self.workspace)
        left, top, right, bottom = self._window
        finer = (right - left) / max(x1 - x0, 1e-9)
        within = left <= x0 and top <= y0 and right >= x1 and bottom >= y1
        return within and finer < (8.0 if self.mode == "points" else 2.4)

    def _suits(self) -> bool:
        """Tell whether marks are about as large on the screen as they should be."""
        return 0.8 < self._pixel / picture_pixels(self.workspace) < 1.25

    def load(self) -> None:
        """Draw what is in view anew."""
        workspace, places = self.workspace, self.places
        self._pixel = picture_pixels(workspace)
        self._clear()
        limit = MOST_SEGMENTS / self._segments_each
        for margin in MARGINS:
            self._window = widened(view_in_pixels(workspace), margin)
            if places.most(*self._window) > 4 * limit:
                continue
            rows = self._query(self._window)
            if len(rows) <= limit:
                self.mode, self._points = "points", placed_keypoints(workspace.dataset, rows)
                self.draw()
                return
        self.mode = "middles"
        if places.has_points_alone:
            rows = self._query(self._window)
            rows = rows[places.are_points_alone(rows)]
            self._middles = rows[:: len(rows) // MOST_MIDDLES + 1]
        self.draw()

    def _query(self, rectangle: Rectangle) -> IntArray:
        rows = self.places.query(*rectangle)
        return np.asarray(rows[self.workspace.shown.passes(rows)])

    @property
    def shown_rows(self) -> IntArray:
        """Annotations that are drawn, in order."""
        rows = np.unique(self._points.owner if self.mode == "points" else self._middles)
        return np.asarray(rows[~np.isin(rows, self.held)])

    def nearest(self, x: float, y: float, reach: float) -> tuple[int, int] | None:
        """Return the keypoint within reach of a place (pixels, napari's) that the layer does not hold.

        Those that are drawn, and near places out of view those of annotations whose box is there; none where
        keypoints are too many to be drawn.
        """
        if self.mode != "points":
            return None
        shift = keypoint_shift(self.workspace.dataset)
        left, top, right, bottom = self._window
        if left <= x <= right and top <= y <= bottom:
            points = self._points
        else:
            places = (x - reach, y - reach, x + reach + HALF_PIXEL, y + reach + HALF_PIXEL)
            points = placed_keypoints(self.workspace.dataset, self._query(places))
        return nearest_of(points.chosen(~np.isin(points.owner, self.held)), x - shift, y - shift, reach)

    # -- drawing
    def draw(self) -> None:
        """Show edges and marks in the colours of the schema."""
        workspace = self.workspace
        shift = keypoint_shift(workspace.dataset)
        if self.mode == "middles":
            rows = self._middles[~np.isin(self._middles, self.held)]
            boxes, size = self.places.boxes(rows), MARK * self._pixel
            segments, colors, owner = middle_marks(workspace, rows, boxes, size)
        else:
            points = self._points
            if len(self.held):
                points = points.chosen(~np.isin(points.owner, self.held))
            ends, edge_colors = edges_of(self.workspace, points)
            strokes, marked = points.marks(MARK * self._pixel)
            segments = np.concatenate([points.xyv[ends, :2], strokes])
            colors = np.concatenate([edge_colors, mark_colors(self.workspace, points)[marked]])
            owner = np.concatenate([points.owner[ends[:, 0]], points.owner[marked]])
        if len(self.selected):
            colors[np.isin(owner, self.selected)] = SELECTED
        self.overlay.draw((segments + shift).astype(np.float32), colors)


def segments_each(workspace: Workspace, sample: IntArray) -> float:
    """Return how many segments one of some annotations has on average."""
    points = placed_keypoints(workspace.dataset, sample)
    marks, _ = points.marks(1.0)
    edges, _ = edges_of(workspace, points)
    return max((len(marks) + len(edges)) / max(len(sample), 1), 2.0)
