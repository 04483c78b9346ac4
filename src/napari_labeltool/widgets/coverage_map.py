"""A small map of a large picture: what was viewed, what is in view, and a click goes there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QPointF, QRectF, QRunnable, QSize, Qt, QThreadPool, Signal
from qtpy.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from qtpy.QtWidgets import QSizePolicy, QWidget

from napari_labeltool.core.coverage import Rectangle
from napari_labeltool.core.coverage_regions import Region
from napari_labeltool.core.errors import ReadError
from napari_labeltool.core.values import BoolArray
from napari_labeltool.images import ThumbnailCache
from napari_labeltool.layers.coverage_view import VEIL, painted
from napari_labeltool.widgets.theme import theme_colors

OVERVIEW_SIDE: Final = 640
"""Longest side of the overview picture in pixels."""
_MOST_HEIGHT: Final = 200
_LEAST_FRAME: Final = 7.0
"""Side of the frame around the view at least, in pixels of the map, so that it can be found."""


class CoverageMap(QWidget):
    """Draws the overview of a picture.

    The picture, the veil over what was not viewed and the regions are drawn once into a pixmap; a move of the camera
    only draws the frame anew.

    Attributes
    ----------
    asked
        Signal: x and y of the place in pixels of the picture that the user wants to see; true to see it at working
        zoom.
    """

    asked = Signal(float, float, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.overview: NDArray[np.uint8] | None = None
        self._size_xy = (1.0, 1.0)
        self._wanted: BoolArray | None = None
        self._tile = 1
        self._regions: tuple[Region, ...] = ()
        self._view: Rectangle | None = None
        self._ground: QPixmap | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("Map of the picture")
        self.setToolTip(
            "The picture as a whole. Grey: not viewed yet. Frame: what is in view. A click or drag goes there, a"
            " double click at working zoom."
        )

    # -- what is shown
    def show_picture(self, height: int, width: int) -> None:
        """Show a picture of a size in pixels, without an overview until `show_overview`."""
        self.overview, self._size_xy = None, (float(max(width, 1)), float(max(height, 1)))
        self._fit()

    def show_overview(self, pixels: NDArray[np.uint8] | None) -> None:
        """Show the picture in small, (h, w, 3)."""
        self.overview = pixels
        self._renew()

    def show_coverage(self, wanted: BoolArray | None, tile: int, regions: tuple[Region, ...]) -> None:
        """Show which tiles, `tile` pixels wide, remain to be viewed, and the regions."""
        self._wanted, self._tile, self._regions = wanted, tile, regions
        self._renew()

    def show_view(self, view: Rectangle | None) -> None:
        """Show what is in view, in pixels of the picture."""
        for shown in (self._view, view):
            if shown is not None:
                self.update(self._frame(shown).toAlignedRect().adjusted(-3, -3, 3, 3))
        self._view = view

    def _renew(self) -> None:
        self._ground = None
        self.update()

    # -- places
    def _fit(self) -> None:
        self.setFixedHeight(self._wanted_height())
        self._renew()

    def _wanted_height(self) -> int:
        width, height = self._size_xy
        return round(min(max(self.width(), 120) * height / width, _MOST_HEIGHT)) or 1

    def picture_rect(self) -> QRectF:
        """Return where on the widget the picture is."""
        width, height = self._size_xy
        scale = min(self.width() / width, self.height() / height)
        return QRectF(
            (self.width() - width * scale) / 2,
            (self.height() - height * scale) / 2,
            width * scale,
            height * scale,
        )

    def place_at(self, point: QPointF) -> tuple[float, float]:
        """Return x and y in the picture of a point of the widget, within the picture."""
        rect = self.picture_rect()
        x = (point.x() - rect.left()) / max(rect.width(), 1e-6) * self._size_xy[0]
        y = (point.y() - rect.top()) / max(rect.height(), 1e-6) * self._size_xy[1]
        return min(max(x, 0.0), self._size_xy[0]), min(max(y, 0.0), self._size_xy[1])

    def sizeHint(self) -> QSize:
        """Return the size that suits the picture."""
        return QSize(300, self._wanted_height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the shape of the picture."""
        super().resizeEvent(event)
        self._fit()

    # -- painting
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the map, and the frame of the view."""
        if self._ground is None:
            self._ground = self._draw_ground()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._ground)
        if self._view is not None:
            frame = self._frame(self._view)
            for color, width in ((QColor(0, 0, 0, 200), 3.0), (QColor("#ffd24a"), 1.4)):
                painter.setPen(QPen(color, width))
                painter.drawRect(frame)
        painter.end()

    def _frame(self, view: Rectangle) -> QRectF:
        rect = self.picture_rect()
        scale = rect.width() / self._size_xy[0]
        left, top, right, bottom = (value * scale for value in view)
        frame = QRectF(rect.left() + left, rect.top() + top, right - left, bottom - top)
        more_x = max(_LEAST_FRAME - frame.width(), 0.0) / 2
        more_y = max(_LEAST_FRAME - frame.height(), 0.0) / 2
        grown = frame.adjusted(-more_x, -more_y, more_x, more_y)
        return grown.intersected(rect.adjusted(0.7, 0.7, -0.7, -0.7))

    def _draw_ground(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        ground = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        ground.setDevicePixelRatio(ratio)
        ground.fill(Qt.GlobalColor.transparent)
        painter = QPainter(ground)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        rect = self.picture_rect()
        if self.overview is None:
            painter.fillRect(rect, QColor(theme_colors(self).field))
        else:
            height, width = self.overview.shape[:2]
            pixels = np.ascontiguousarray(self.overview)
            image = QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
            painter.drawImage(rect, image)
        if self._wanted is not None:
            self._draw_veil(painter, rect, self._wanted)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_regions(painter, rect)
        painter.setPen(QPen(QColor(theme_colors(self).line), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(rect.adjusted(0.5, 0.5, -0.5, -0.5))
        painter.end()
        return ground

    def _draw_veil(self, painter: QPainter, rect: QRectF, wanted: BoolArray) -> None:
        rows, columns = wanted.shape
        pixels = painted(wanted, (*VEIL[:3], 165))
        image = QImage(pixels.tobytes(), columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        scale = rect.width() / self._size_xy[0] * self._tile
        painter.save()
        painter.setClipRect(rect)
        painter.drawImage(QRectF(rect.left(), rect.top(), columns * scale, rows * scale), image)
        painter.restore()

    def _draw_regions(self, painter: QPainter, rect: QRectF) -> None:
        scale = rect.width() / self._size_xy[0]
        for region in self._regions:
            points = region.polygon_xy * scale + (rect.left(), rect.top())
            outline = QPolygonF([QPointF(*point) for point in points.tolist()])
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(0, 0, 0, 190), 2.6))
            painter.drawPolygon(outline)
            painter.setBrush(QColor(255, 255, 255, 60))
            painter.setPen(QPen(QColor(255, 255, 255), 1.2))
            painter.drawPolygon(outline)

    # -- the mouse
    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place."""
        self._ask(event, False)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the drag."""
        self._ask(event, False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go to the place at working zoom."""
        self._ask(event, True)

    def _ask(self, event: QMouseEvent, working: bool) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.asked.emit(*self.place_at(event.position()), working)


class _Carrier(QObject):
    made = Signal(str, object)


class Overviews(QObject):
    """Makes overview pictures in a thread; they are kept on disk with the thumbnails.

    Attributes
    ----------
    made
        Signal: path, and pixels (h, w, 3) or None for a picture that cannot be read.
    """

    made = Signal(str, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._carrier = _Carrier()
        self._carrier.made.connect(self.made)

    def ask(self, path: Path, plane: Mapping[str, int]) -> None:
        """Make the overview of a picture."""
        self._pool.clear()
        self._pool.start(_Making(self._carrier, path, plane))

    def stop(self) -> None:
        """Drop what waits, and wait for what is being made."""
        self._pool.clear()
        self._pool.waitForDone()


class _Making(QRunnable):
    def __init__(self, carrier: _Carrier, path: Path, plane: Mapping[str, int]) -> None:
        super().__init__()
        self._carrier, self._path, self._plane = carrier, path, dict(plane)

    def run(self) -> None:
        try:
            pixels = ThumbnailCache().get(self._path, OVERVIEW_SIDE, self._plane or None)
        except (ReadError, OSError):
            pixels = None
        self._carrier.made.emit(str(self._path), pixels)
