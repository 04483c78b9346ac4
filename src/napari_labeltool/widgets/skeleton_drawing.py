"""How a skeleton is drawn: where points, edges and names stand in a view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from qtpy.QtCore import QPointF, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QFont, QFontMetricsF, QPen
from qtpy.QtWidgets import QGraphicsScene

from napari_labeltool.core.schema import Category
from napari_labeltool.core.skeleton import keypoint_color
from napari_labeltool.widgets.theme import ThemeColors

MARGIN: Final = 22.0
"""Pixels between the unit square and the edge of the view."""
RADIUS: Final = 6.0
"""Radius of a point in pixels."""
_GAP: Final = 4.0

Box = tuple[float, float, float, float]


def _overlap(first: Box, second: Box) -> bool:
    return (
        first[0] < second[0] + second[2]
        and second[0] < first[0] + first[2]
        and first[1] < second[1] + second[3]
        and second[1] < first[1] + first[3]
    )


def place_labels(
    points_xy: Sequence[tuple[float, float]],
    sizes_wh: Sequence[tuple[float, float]],
    width: float,
    height: float,
    first: int | None = None,
) -> list[tuple[float, float] | None]:
    """Return where names of points stand so that none covers another or a point.

    Parameters
    ----------
    points_xy
        The points in pixels.
    sizes_wh
        Width and height of each name in pixels.
    width, height
        Size of the view in pixels.
    first
        A point whose name has precedence.

    Returns
    -------
    list
        Left and top of each name, or None where there is no room for it.
    """
    taken: list[Box] = [(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS) for x, y in points_xy]
    result: list[tuple[float, float] | None] = [None] * len(points_xy)
    order = sorted(range(len(points_xy)), key=lambda index: index != first)
    for index in order:
        (x, y), (w, h) = points_xy[index], sizes_wh[index]
        away = RADIUS + _GAP
        places = (
            (x + away, y - h / 2),
            (x - away - w, y - h / 2),
            (x - w / 2, y - away - h),
            (x - w / 2, y + away),
        )
        if x < width / 2 - RADIUS:
            places = (places[1], places[0], *places[2:])
        for left, top in places:
            inside = left >= 0 and top >= 0 and left + w <= width and top + h <= height
            box = (left, top, w, h)
            if inside and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                result[index] = (left, top)
                break
    return result


def unit_square(size: QSize) -> QRectF:
    """Return where the unit square lies in a view, in pixels; wide views widen it up to 1.6 times."""
    side = max(20.0, min(size.width() - 2 * MARGIN, size.height() - 2 * MARGIN))
    width = max(side, min(size.width() - 6 * MARGIN, side * 1.6))
    return QRectF((size.width() - width) / 2, (size.height() - side) / 2, width, side)


@dataclass(frozen=True, slots=True)
class SkeletonLook:
    """What a drawing of a skeleton shows.

    Parameters
    ----------
    category
        The class.
    points
        Where its keypoints are drawn, in pixels.
    chosen
        The keypoint that is chosen, -1 for none.
    edge_start
        The keypoint at which an edge begins, or None.
    colors
        Of the theme.
    font
        For the names.
    """

    category: Category
    points: tuple[QPointF, ...]
    chosen: int
    edge_start: int | None
    colors: ThemeColors
    font: QFont


def draw_skeleton(scene: QGraphicsScene, size: QSize, look: SkeletonLook) -> None:
    """Draw a skeleton into an empty scene of a view of some size in pixels."""
    category, points, colors = look.category, look.points, look.colors
    for edge in category.drawable_edges:
        first, second = (points[end] for end in category.skeleton[edge])
        own = category.edge_colors[edge] if edge < len(category.edge_colors) else None
        for color, width in ((colors.ground, 5.0), (own or category.color, 3.0)):
            pen = QPen(QColor(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
            scene.addLine(first.x(), first.y(), second.x(), second.y(), pen)
    for index in range(len(points)):
        _draw_node(scene, index, look)
    _draw_names(scene, size, look)


def _draw_node(scene: QGraphicsScene, index: int, look: SkeletonLook) -> None:
    x, y = look.points[index].x(), look.points[index].y()
    if index in (look.chosen, look.edge_start):
        ring = QPen(QColor(look.colors.ink), 1.5)
        if index == look.edge_start:
            ring.setStyle(Qt.PenStyle.DotLine)
        outer = RADIUS + 4
        scene.addEllipse(x - outer, y - outer, 2 * outer, 2 * outer, ring)
    pen, fill = QPen(QColor(look.colors.ink), 1.2), QColor(keypoint_color(look.category, index))
    item = scene.addEllipse(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS, pen, fill)
    item.setToolTip(f"{index + 1}: {look.category.keypoints[index].name}")


def _draw_names(scene: QGraphicsScene, size: QSize, look: SkeletonLook) -> None:
    metrics = QFontMetricsF(look.font)
    names = [point.name for point in look.category.keypoints]
    sizes = [(metrics.horizontalAdvance(name) + 2, metrics.height()) for name in names]
    points = [(point.x(), point.y()) for point in look.points]
    places = place_labels(points, sizes, size.width(), size.height(), look.chosen)
    for index, place in enumerate(places):
        if place is not None:
            text = scene.addSimpleText(names[index], look.font)
            text.setBrush(QColor(look.colors.ink if index == look.chosen else look.colors.muted))
            text.setPos(*place)
            behind = QColor(look.colors.field)
            behind.setAlpha(200)
            scene.addRect(text.sceneBoundingRect(), QPen(Qt.PenStyle.NoPen), behind).setZValue(0.5)
            text.setZValue(1)
