"""Edges and colours of many keypoints."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from napari_labeltool.core.keypoint_lines import CROSS, PlacedKeypoints
from napari_labeltool.core.palette import to_rgb
from napari_labeltool.core.skeleton import HIDDEN, VISIBLE, keypoint_color
from napari_labeltool.core.values import FloatArray, IntArray
from napari_labeltool.layers.style import UNLABELLED_COLOR, category_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

DIM: Final = 0.5
"""Opacity of what is hidden or not labelled."""


def edges_of(workspace: Workspace, points: PlacedKeypoints) -> tuple[IntArray, Any]:
    """Return edges as the places of both ends, (m, 2), and their colours, (m, 4)."""
    schema = workspace.session.schema
    classes = workspace.dataset.annotations.category[points.owner]
    ends, colors = [np.empty((0, 2), np.int64)], [np.empty((0, 4), np.float32)]
    for key in np.unique(classes).tolist():
        category = schema.by_key(key if key >= 0 else None)
        if category is None:
            continue
        mine = classes == key
        for edge in category.drawable_edges:
            pairs = points.edge(category.skeleton[edge], mine)
            own = category.edge_colors[edge] if edge < len(category.edge_colors) else None
            color = np.ones((len(pairs), 4), np.float32)
            color[:, :3] = np.array(to_rgb(own or category.color), np.float32) / 255
            color[(points.xyv[pairs, 2] == HIDDEN).any(1), 3] = DIM
            ends.append(pairs)
            colors.append(color)
    return np.concatenate(ends), np.concatenate(colors)


def mark_colors(workspace: Workspace, points: PlacedKeypoints) -> Any:
    """Return the colour of the mark of each keypoint, (n, 4)."""
    schema = workspace.session.schema
    colors = np.ones((len(points), 4), np.float32)
    colors[points.xyv[:, 2] < VISIBLE, 3] = DIM
    classes = workspace.dataset.annotations.category[points.owner]
    for key in np.unique(classes).tolist():
        mine = np.flatnonzero(classes == key)
        category = schema.by_key(key if key >= 0 else None)
        for index in np.unique(points.index[mine]).tolist():
            color = UNLABELLED_COLOR if category is None else keypoint_color(category, index)
            chosen = mine[points.index[mine] == index]
            colors[chosen, :3] = np.array(to_rgb(color), np.float32) / 255
    return colors


def middle_marks(
    workspace: Workspace, rows: IntArray, boxes_xywh: FloatArray, half_width: float
) -> tuple[FloatArray, Any, IntArray]:
    """Return strokes that mark the middles of annotations, their colours, and whose each is."""
    middles = boxes_xywh[:, :2] + boxes_xywh[:, 2:] / 2
    segments = (middles[:, None, None] + CROSS * half_width).reshape(-1, 2, 2)
    owner = np.repeat(rows, len(CROSS))
    dataset = workspace.dataset
    colors = category_colors(workspace.session.schema, dataset.categories.row_count)
    return segments, colors[dataset.annotations.category[owner]], owner


def nearest_of(points: PlacedKeypoints, x: float, y: float, reach: float) -> tuple[int, int] | None:
    """Return the keypoint within reach of a place, by annotation and index; None without one."""
    if not len(points):
        return None
    distances = np.hypot(*(points.xyv[:, :2] - (x, y)).T)
    near = int(np.argmin(distances))
    return (int(points.owner[near]), int(points.index[near])) if distances[near] <= reach else None
