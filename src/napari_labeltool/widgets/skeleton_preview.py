"""A drawing of a class's keypoints and skeleton in which points are dragged and joined."""

from __future__ import annotations

from typing import Final

from qtpy.QtCore import QEvent, QPointF, QSize, Qt, Signal
from qtpy.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from qtpy.QtWidgets import QApplication, QGraphicsScene, QGraphicsView, QWidget

from napari_labeltool.core.schema import Category
from napari_labeltool.core.skeleton import layout_of
from napari_labeltool.widgets.skeleton_drawing import SkeletonLook, draw_skeleton, unit_square
from napari_labeltool.widgets.theme import THEME_EVENTS, theme_colors

REACH: Final = 12.0
"""How far from a point a press still means it, in pixels."""
STEP: Final = 0.02
"""How far an arrow key moves a point, in units of the square."""


class SkeletonPreview(QGraphicsView):
    """Shows the keypoints of a class and the edges between them.

    A point is dragged to another place. A click on one point and then on another joins the two or parts them.
    With the keys: arrows move the chosen point, Enter begins and ends an edge, Escape gives it up.

    Parameters
    ----------
    parent
        Parent widget.

    Attributes
    ----------
    node_chosen
        Signal: index of the keypoint that was clicked.
    node_moved
        Signal: index, x and y in the unit square, after a drag or an arrow key.
    edge_switched
        Signal: two indices that are to be joined, or parted.
    hint_changed
        Signal: a sentence about what a click does now.
    """

    node_chosen = Signal(int)
    node_moved = Signal(int, float, float)
    edge_switched = Signal(int, int)
    hint_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName("Preview of the skeleton")
        self.setMinimumHeight(190)
        self.category: Category | None = None
        self.positions: list[tuple[float, float]] = []
        self.chosen = -1
        self.edge_start: int | None = None
        self._pressed: int | None = None
        self._press_point = QPointF()
        self._dragging = False

    # -- what is shown
    def show_category(self, category: Category | None) -> None:
        """Show the keypoints of a class."""
        self.category = category
        self.positions = [] if category is None else [(float(x), float(y)) for x, y in layout_of(category)]
        self._pressed, self._dragging = None, False
        if self.chosen >= len(self.positions):
            self.chosen = -1
        self._begin_edge(None)

    def choose(self, index: int) -> None:
        """Mark a point as the chosen one, -1 for none."""
        if index != self.chosen:
            self.chosen = index
            self.draw()

    def sizeHint(self) -> QSize:
        """Return a size at which a dozen names can be read."""
        return QSize(320, 220)

    def point_of(self, index: int) -> QPointF:
        """Return where a point is drawn, in pixels of the view."""
        square = unit_square(self.viewport().size())
        x, y = self.positions[index]
        return QPointF(square.left() + x * square.width(), square.top() + y * square.height())

    def draw(self) -> None:
        """Draw everything anew."""
        scene, size = self.scene(), self.viewport().size()
        scene.clear()
        scene.setSceneRect(0, 0, size.width(), size.height())
        if self.category is not None:
            colors = theme_colors(self)
            self.setBackgroundBrush(QColor(colors.field))
            points = tuple(self.point_of(index) for index in range(len(self.positions)))
            look = SkeletonLook(self.category, points, self.chosen, self.edge_start, colors, self.font())
            draw_skeleton(scene, size, look)

    # -- edges
    def _begin_edge(self, index: int | None) -> None:
        self.edge_start = index
        self.draw()
        category = self.category
        if category is None or not category.keypoints:
            self.hint_changed.emit("")
        elif index is None:
            self.hint_changed.emit("Drag a point to place it. Click two points to join or to part them.")
        else:
            name = category.keypoints[index].name
            self.hint_changed.emit(
                f"Click another point to join it with {name}, or to part them. Esc: neither."
            )

    def _use_for_edge(self, index: int) -> None:
        start = self.edge_start
        if start is None:
            self._begin_edge(index)
        elif start == index:
            self._begin_edge(None)
        else:
            self._begin_edge(None)
            self.edge_switched.emit(start, index)

    # -- mouse and keys
    def _node_at(self, place: QPointF) -> int | None:
        near: tuple[float, int] | None = None
        for index in range(len(self.positions)):
            away = self.point_of(index) - place
            distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
            if distance <= REACH and (near is None or distance < near[0]):
                near = (distance, index)
        return None if near is None else near[1]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of a point."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._press_point = event.position()
        self._pressed = self._node_at(self._press_point)
        if self._pressed is None:
            self._begin_edge(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the point that is held."""
        if self._pressed is None:
            over = self._node_at(event.position()) is not None
            self.viewport().setCursor(
                Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor
            )
            return
        away = event.position() - self._press_point
        if not self._dragging and away.manhattanLength() < QApplication.startDragDistance():
            return
        self._dragging = True
        square = unit_square(self.viewport().size())
        self._place(
            self._pressed,
            (event.position().x() - square.left()) / square.width(),
            (event.position().y() - square.top()) / square.height(),
        )

    def _place(self, index: int, x: float, y: float) -> None:
        self.positions[index] = (round(min(max(x, 0.0), 1.0), 3), round(min(max(y, 0.0), 1.0), 3))
        self.draw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put the point down, or use it for an edge when it was not moved."""
        index, dragged = self._pressed, self._dragging
        self._pressed, self._dragging = None, False
        if index is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if dragged:
            self.node_moved.emit(index, *self.positions[index])
            return
        self.chosen = index
        self.node_chosen.emit(index)
        self._use_for_edge(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the chosen point, begin or end an edge at it."""
        steps = {
            Qt.Key.Key_Left: (-STEP, 0.0),
            Qt.Key.Key_Right: (STEP, 0.0),
            Qt.Key.Key_Up: (0.0, -STEP),
            Qt.Key.Key_Down: (0.0, STEP),
        }
        step = steps.get(event.key())
        there = 0 <= self.chosen < len(self.positions)
        if there and step is not None and not event.modifiers() & Qt.KeyboardModifier.AltModifier:
            x, y = self.positions[self.chosen]
            self._place(self.chosen, x + step[0], y + step[1])
            self.node_moved.emit(self.chosen, *self.positions[self.chosen])
        elif there and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._use_for_edge(self.chosen)
        elif event.key() == Qt.Key.Key_Escape and self.edge_start is not None:
            self._begin_edge(None)
        else:
            event.ignore()

    # -- size and theme
    def resizeEvent(self, event: QResizeEvent) -> None:
        """Draw for the new size."""
        super().resizeEvent(event)
        self.draw()

    def changeEvent(self, event: QEvent) -> None:
        """Draw in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() in THEME_EVENTS:
            self.draw()
