"""The icons, as drawings on a grid of 16 by 16 units; nothing is loaded from files."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Literal

from qtpy.QtCore import QPointF, QRectF, Qt
from qtpy.QtGui import QColor, QPainter, QPen, QPixmap, QPolygonF

IconName = Literal[
    "add",
    "box",
    "check",
    "close",
    "copy",
    "delete",
    "down",
    "edit",
    "error",
    "export",
    "eye",
    "eye_off",
    "folder",
    "half",
    "import",
    "info",
    "keyboard",
    "keypoints",
    "left",
    "mask",
    "menu",
    "merge",
    "next_open",
    "pan",
    "polygon",
    "redo",
    "reset",
    "right",
    "ring",
    "rotated_box",
    "save",
    "search",
    "section_closed",
    "section_open",
    "select",
    "tag",
    "undo",
    "up",
    "warning",
]

# Primitives: "line" and "loop" are points x, y; "disc", "ring" are centre and radius; "fill" is a filled
# loop; "arc" is left, top, width, height, start and span in degrees (anticlockwise, 0 is to the right).
_Part = tuple[str, tuple[float, ...]]

_DRAWINGS: Final[dict[IconName, tuple[_Part, ...]]] = {
    "add": (("line", (8, 3, 8, 13)), ("line", (3, 8, 13, 8))),
    "box": (("loop", (2.5, 4, 13.5, 4, 13.5, 12, 2.5, 12)),),
    "check": (("line", (3, 8.5, 6.5, 12, 13, 4)),),
    "close": (("line", (4, 4, 12, 12)), ("line", (12, 4, 4, 12))),
    "copy": (("loop", (5.5, 5.5, 13, 5.5, 13, 13.5, 5.5, 13.5)), ("line", (3, 10.5, 3, 2.5, 10.5, 2.5))),
    "delete": (
        ("line", (2.5, 4.5, 13.5, 4.5)),
        ("line", (6, 4.5, 6, 2.5, 10, 2.5, 10, 4.5)),
        ("line", (4, 4.5, 4.7, 13.5, 11.3, 13.5, 12, 4.5)),
        ("line", (6.7, 7, 6.7, 11)),
        ("line", (9.3, 7, 9.3, 11)),
    ),
    "down": (("line", (8, 3, 8, 12.5)), ("line", (4, 8.5, 8, 12.5, 12, 8.5))),
    "edit": (("loop", (3, 13, 3.6, 10.2, 11, 2.8, 13.2, 5, 5.8, 12.4)), ("line", (9.5, 4.3, 11.7, 6.5))),
    "error": (
        ("loop", (5.2, 1.5, 10.8, 1.5, 14.5, 5.2, 14.5, 10.8, 10.8, 14.5, 5.2, 14.5, 1.5, 10.8, 1.5, 5.2)),
        ("line", (8, 4.5, 8, 8.8)),
        ("disc", (8, 11.4, 1.0)),
    ),
    "export": (
        ("line", (8, 10, 8, 2.5)),
        ("line", (4.8, 5.5, 8, 2.3, 11.2, 5.5)),
        ("line", (2.5, 9.5, 2.5, 13.5, 13.5, 13.5, 13.5, 9.5)),
    ),
    "eye": (
        ("line", (1.5, 8, 4, 5, 8, 3.8, 12, 5, 14.5, 8, 12, 11, 8, 12.2, 4, 11, 1.5, 8)),
        ("disc", (8, 8, 2.2)),
    ),
    "eye_off": (
        ("line", (1.5, 8, 4, 5, 8, 3.8, 12, 5, 14.5, 8, 12, 11, 8, 12.2, 4, 11, 1.5, 8)),
        ("line", (3, 13, 13, 3)),
    ),
    "folder": (("loop", (2, 3.5, 6.3, 3.5, 8, 5.3, 14, 5.3, 14, 12.8, 2, 12.8)),),
    "half": (
        ("ring", (8, 8, 5.5)),
        ("line", (8, 2.5, 8, 13.5)),
        ("fill", (8, 3, 8, 13, 5, 12, 3, 9.5, 3, 6.5, 5, 4)),
    ),
    "import": (
        ("line", (8, 2.5, 8, 10)),
        ("line", (4.8, 7, 8, 10.2, 11.2, 7)),
        ("line", (2.5, 9.5, 2.5, 13.5, 13.5, 13.5, 13.5, 9.5)),
    ),
    "info": (("ring", (8, 8, 6.3)), ("disc", (8, 4.9, 1.0)), ("line", (8, 7.5, 8, 11.8))),
    "keyboard": (
        ("loop", (1.5, 4, 14.5, 4, 14.5, 12, 1.5, 12)),
        ("line", (5, 9.5, 11, 9.5)),
        ("disc", (4.5, 6.7, 0.8)),
        ("disc", (8, 6.7, 0.8)),
        ("disc", (11.5, 6.7, 0.8)),
    ),
    "keypoints": (
        ("line", (3.5, 12.5, 7, 4, 13, 9)),
        ("disc", (3.5, 12.5, 2)),
        ("disc", (7, 4, 2)),
        ("disc", (13, 9, 2)),
    ),
    "left": (("line", (10, 3, 5, 8, 10, 13)),),
    "mask": (("fill", (3, 6, 6, 3, 10.5, 3.5, 13.5, 7, 12, 11.5, 8, 13.2, 4, 11.5)),),
    "menu": (("line", (2.5, 4, 13.5, 4)), ("line", (2.5, 8, 13.5, 8)), ("line", (2.5, 12, 13.5, 12))),
    "merge": (
        ("line", (2.5, 3, 6, 8, 13, 8)),
        ("line", (2.5, 13, 6, 8)),
        ("line", (10, 5, 13, 8, 10, 11)),
    ),
    "next_open": (("line", (2.5, 3, 7.5, 8, 2.5, 13)), ("ring", (11.8, 8, 2.7))),
    "pan": (
        ("line", (8, 2, 8, 14)),
        ("line", (2, 8, 14, 8)),
        ("line", (6, 4, 8, 2, 10, 4)),
        ("line", (6, 12, 8, 14, 10, 12)),
        ("line", (4, 6, 2, 8, 4, 10)),
        ("line", (12, 6, 14, 8, 12, 10)),
    ),
    "polygon": (("loop", (3, 6.5, 9, 2.5, 13.5, 6, 11, 13, 4.5, 12.5)),),
    "redo": (
        ("line", (9.5, 2.5, 13, 6, 9.5, 9.5)),
        ("line", (13, 6, 6, 6)),
        ("arc", (3, 6, 6.5, 7, 90, 180)),
    ),
    "reset": (("arc", (3, 3, 10, 10, 60, 290)), ("line", (10.5, 0.8, 10.8, 3.9, 7.8, 4.6))),
    "right": (("line", (6, 3, 11, 8, 6, 13)),),
    "ring": (("ring", (8, 8, 5.5)),),
    "rotated_box": (("loop", (2, 7.5, 9.5, 2.5, 14, 8.5, 6.5, 13.5)),),
    "save": (
        ("loop", (2.5, 2.5, 11, 2.5, 13.5, 5, 13.5, 13.5, 2.5, 13.5)),
        ("loop", (5, 9, 11, 9, 11, 13.5, 5, 13.5)),
        ("line", (5, 2.5, 5, 5.5, 9.5, 5.5, 9.5, 2.5)),
    ),
    "search": (("ring", (7, 7, 4.3)), ("line", (10.2, 10.2, 14, 14))),
    "section_closed": (("line", (6, 3.5, 10.5, 8, 6, 12.5)),),
    "section_open": (("line", (3.5, 6, 8, 10.5, 12.5, 6)),),
    "select": (("loop", (4, 2, 12.5, 9, 8.6, 9.4, 10.8, 13.6, 9, 14.5, 6.8, 10.3, 4, 13)),),
    "tag": (("loop", (2.5, 2.5, 8, 2.5, 13.8, 8.3, 8.3, 13.8, 2.5, 8)), ("disc", (5.4, 5.4, 1.1))),
    "undo": (
        ("line", (6.5, 2.5, 3, 6, 6.5, 9.5)),
        ("line", (3, 6, 10, 6)),
        ("arc", (6.5, 6, 6.5, 7, -90, 180)),
    ),
    "up": (("line", (8, 13, 8, 3.5)), ("line", (4, 7.5, 8, 3.5, 12, 7.5))),
    "warning": (
        ("loop", (8, 1.8, 15, 14, 1, 14)),
        ("line", (8, 6, 8, 9.6)),
        ("disc", (8, 11.8, 0.95)),
    ),
}


def draw_icon(painter: QPainter, name: IconName, rect: QRectF, color: QColor) -> None:
    """Draw an icon into a rectangle.

    Parameters
    ----------
    painter
        Where to draw.
    name
        Name of the drawing.
    rect
        Its place; the drawing is a square in the middle of it.
    color
        Colour of all lines and areas.
    """
    side = min(rect.width(), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.center().x() - side / 2, rect.center().y() - side / 2)
    painter.scale(side / 16, side / 16)
    pen = QPen(color, 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    for kind, numbers in _DRAWINGS[name]:
        _draw_part(painter, kind, numbers, pen)
    painter.restore()


def _draw_part(painter: QPainter, kind: str, numbers: tuple[float, ...], pen: QPen) -> None:
    painter.setPen(Qt.PenStyle.NoPen if kind == "disc" else pen)
    painter.setBrush(pen.color() if kind in ("disc", "fill") else Qt.BrushStyle.NoBrush)
    if kind in ("disc", "ring"):
        x, y, radius = numbers
        painter.drawEllipse(QPointF(x, y), radius, radius)
    elif kind == "arc":
        left, top, width, height, start, span = numbers
        painter.drawArc(QRectF(left, top, width, height), round(start * 16), round(span * 16))
    else:
        points = QPolygonF([QPointF(x, y) for x, y in zip(numbers[::2], numbers[1::2])])
        if kind == "line":
            painter.drawPolyline(points)
        else:
            painter.drawPolygon(points)


def icon_pixmap(name: IconName, color: QColor, size: int, ratio: float = 1) -> QPixmap:
    """Return an icon as a pixmap, `size` logical pixels wide and high at a device pixel ratio."""
    return _drawn(name, color.rgba(), size, ratio)


@lru_cache(maxsize=1024)
def _drawn(name: IconName, rgba: int, size: int, ratio: float) -> QPixmap:
    color = QColor.fromRgba(rgba)
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_icon(painter, name, QRectF(0, 0, size, size), color)
    painter.end()
    return pixmap
