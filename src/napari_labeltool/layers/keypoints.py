"""Keypoints of the shown image in a Points layer, kept in step both ways, and placing them one after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from napari.layers import Points

from napari_labeltool._napari_compat import drop_overlay, hang_overlay, leave_dims_alone
from napari_labeltool.core.columns import Flag
from napari_labeltool.core.values import IntArray
from napari_labeltool.layers.binding import Binding
from napari_labeltool.layers.keypoints_choice import can_have_points, few_enough, with_keypoints
from napari_labeltool.layers.keypoints_gesture import PointGesture
from napari_labeltool.layers.keypoints_lines import KeypointLines
from napari_labeltool.layers.keypoints_placing import Placing
from napari_labeltool.layers.keypoints_view import PointKey, PointsView
from napari_labeltool.layers.names import LayerKind
from napari_labeltool.layers.outlines import in_order

MANY = 50
"""Number of annotations that an image may get beyond the limit before the layer no longer holds all of them."""

SKELETON = "napari_labeltool_skeleton"


class KeypointsBinding(Binding):
    """The Points layer of the shown image.

    Of an image with few annotations that have keypoints, all points are in the layer. Of an image with many, the
    layer holds what is selected or being edited, and the rest is drawn by an overlay.
    """

    kind: ClassVar[LayerKind] = "keypoints"

    def __init__(self, workspace: Any) -> None:
        super().__init__(workspace)
        self.view: PointsView
        self.placing = Placing(workspace)
        self.lines = KeypointLines(workspace)
        self.whole = True
        self.gesture = PointGesture(self)

    # -- what is shown
    def candidates(self) -> list[int]:
        """Return the annotations that have a place in the layer: all that can be seen, or those that are selected."""
        workspace = self.workspace
        if self.whole:
            return [int(row) for row in with_keypoints(workspace)]
        chosen = few_enough(workspace, workspace.selection)
        return [row for row in chosen if can_have_points(workspace, row)]

    def show(self, image: int) -> None:
        """Show the annotations of an image (by row); make the layer when it is not there."""
        if self.layer is None:
            self._make_layer()
        workspace = self.workspace
        self.whole = len(with_keypoints(workspace)) <= workspace.options.promote_limit
        with self.writing():
            self.layer.metadata.update(self.mark())
            workspace.pictures.transform.place(self.layer)
            self.view.fill(self.view.items(self.candidates()))
        self.lines.selected = in_order(self._too_many())
        self.lines.show(self.view.rows(), none=self.whole)
        self.aim()

    def _too_many(self) -> tuple[int, ...]:
        """Return what is selected where that is more than the layer holds."""
        selection = self.workspace.selection
        return () if self.whole or few_enough(self.workspace, selection) else selection

    def _make_layer(self) -> None:
        self.layer = Points(ndim=2, name="keypoints", border_width=0.1, border_width_is_relative=True)
        self.view = PointsView(self.workspace, self.layer)
        with self.writing():
            self.view.write_features()
        self.workspace.viewer.layers.append(self.layer)
        leave_dims_alone(self.workspace.viewer, self.layer)
        hang_overlay(self.layer, SKELETON, self.view.skeleton)
        self.lines.attach(self.layer)
        self.layer.events.data.connect(self._on_data)
        self.layer.events.features.connect(self._on_features)
        self.layer.events.set_data.connect(self._on_redraw)
        self.layer.selected_data.events.items_changed.connect(self._on_selected)

    def point_at(self, y: float, x: float, reach: float) -> PointKey | None:
        """Return the keypoint within reach of a place (pixels, napari's), the nearest one.

        One that the layer holds, or else one that is drawn.
        """
        if self.layer is None:
            return None
        if self.view.known:
            distances = np.hypot(*(np.asarray(self.layer.data) - (y, x)).T)
            nearest = int(np.argmin(distances))
            if distances[nearest] <= max(reach, self.view.point_size() / 2):
                return list(self.view.known)[nearest]
        # no farther than napari's own select tool takes hold of a point
        return self.lines.nearest(x, y, self.view.point_size() / 2)

    def promote(self, rows: Sequence[int]) -> None:
        """Put annotations into the layer, so that napari's tools can edit them; those not selected make room."""
        if self.layer is None or self.whole or self.view.rows().issuperset(rows):
            return
        self._hold((*few_enough(self.workspace, self.workspace.selection), *rows))

    def _hold(self, rows: Sequence[int]) -> None:
        """Make the layer hold the points of these annotations, the selected points stay selected."""
        wanted = {row for row in rows if can_have_points(self.workspace, row)}
        there = self.view.rows()
        if wanted != there:
            with self.writing():
                kept = {key: item for key, item in self.view.known.items() if key[0] in wanted}
                new = self.view.items(row for row in dict.fromkeys(rows) if row in wanted - there)
                self.view.fill_keeping_selection({**kept, **new})
            self.lines.hold(self.view.rows())

    # -- placing
    def aim(self) -> None:
        """Say which keypoint the next click places, and give the point that napari makes its features."""
        if self.layer is None or self.workspace.image < 0:
            return
        self.placing.aim()
        with self.writing():
            self.view.aim(self.placing)

    # -- from the layer to the dataset
    def _on_data(self, event: Any) -> None:
        if not self.is_busy and str(event.action) in ("added", "changed", "removed"):
            self.gesture.read()

    def _on_features(self, event: Any) -> None:
        dragging = self.layer.events.data.blocked()  # napari tells of features at every move of the mouse
        if not self.is_busy and not dragging and len(self.layer.features) == len(self.layer.data):
            self.gesture.read()

    def _on_redraw(self, event: Any) -> None:
        if not self.is_busy:
            self.view.draw_skeleton()

    def set_visibility(self, visibility: int) -> None:
        """Give the selected points a visibility: 0 not labelled, 1 hidden, 2 visible."""
        self.gesture.set_visibility(visibility)

    # -- from the dataset to the layer
    def refresh(self, rows: IntArray) -> None:
        """Bring the layer in line with the dataset after some rows of the shown image changed."""
        if self.layer is None:
            return
        there = self.view.rows()
        mine = there.intersection(rows.tolist())
        flags = self.workspace.dataset.annotations.flags[rows]
        if self.whole and not (flags & Flag.KEYPOINTS).any() and not mine:
            return
        candidates = rows.tolist() if self.whole or self.gesture.is_placing else sorted(mine)
        wanted = [row for row in candidates if can_have_points(self.workspace, row)]
        if self.whole and len(there.union(wanted)) > self.workspace.options.promote_limit + MANY:
            self.show(self.workspace.image)
            return
        if mine or wanted:
            with self.writing():
                self.view.show_anew(mine, wanted)
        self.lines.held = in_order(self.view.rows())
        self.lines.take(rows)
        self.aim()

    def restore(self) -> None:
        """Show the dataset again after a gesture was refused."""
        self.show(self.workspace.image)

    def show_selection(self, rows: tuple[int, ...]) -> None:
        """Let the points of selected annotations stand out; napari's own selection is of single points."""
        if self.layer is None:
            return
        if not self.whole:
            self._hold(few_enough(self.workspace, rows))
            self.lines.select(self._too_many())
        if self.view.known:
            with self.writing():
                keys = list(self.view.known)
                kept = {i for i in self.layer.selected_data if i < len(keys) and keys[i][0] in rows}
                self.layer.selected_data = kept
                self.view.restyle()
        self.aim()

    def _on_selected(self, added: tuple[int, ...], removed: tuple[int, ...]) -> None:
        keys = list(self.view.known)
        if self.is_busy or len(keys) != len(self.layer.data):  # napari is in the middle of adding or removing
            return
        rows = tuple(dict.fromkeys(keys[index][0] for index in self.layer.selected_data))
        self.workspace.select(rows, origin=self)
        self.lines.select(self._too_many())
        with self.writing():
            self.view.restyle()

    def zoomed(self) -> None:
        """Keep points as large as they are on the screen."""
        if self.layer is not None and len(self.layer.data) == len(self.view.known):
            with self.writing():
                self.view.take_zoom()

    def category_chosen(self) -> None:
        """Take over the workspace's category for points that are placed from now on."""
        self.aim()

    def style_changed(self) -> None:
        """Take over colours and names after the schema changed."""
        if self.layer is not None and self.workspace.image >= 0:
            with self.writing():
                held = self.candidates() if self.whole else sorted(self.view.rows())
                self.view.fill(self.view.items(row for row in held if can_have_points(self.workspace, row)))
            if not self.whole:
                self.lines.load()
            self.aim()

    def disconnect(self) -> None:
        """Let go of the layer's events."""
        if self.layer is not None:
            self.layer.events.data.disconnect(self._on_data)
            self.layer.events.features.disconnect(self._on_features)
            self.layer.events.set_data.disconnect(self._on_redraw)
            self.layer.selected_data.events.items_changed.disconnect(self._on_selected)
            self.lines.detach()
            drop_overlay(self.layer, SKELETON)
