"""How the cells of the class list are drawn."""

from __future__ import annotations

from typing import Final, cast

from qtpy.QtCore import QModelIndex, QObject, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen
from qtpy.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from napari_labeltool.widgets.class_list_model import ClassColumn, ClassListModel
from napari_labeltool.widgets.class_looks import ClassLook
from napari_labeltool.widgets.icons import IconName, draw_icon
from napari_labeltool.widgets.swatch import draw_swatch
from napari_labeltool.widgets.theme import ThemeColors, theme_colors

ROW_HEIGHT: Final = 24
KIND_STEP: Final = 14
_MARK, _SWATCH, _KEY, _GAP = 12, 13, 20, 5


class ClassDelegate(QStyledItemDelegate):
    """Draws the rows of the class list.

    The current class is bold and has a tick before it; a hidden class is pale and its eye crossed out.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return the size of a cell."""
        return QSize(40, max(ROW_HEIGHT, option.fontMetrics.height() + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw a cell."""
        model = cast(ClassListModel, index.model())
        look = model.look_at(index.row())
        view = cast(QWidget, option.widget)
        if look is None:
            return
        colors = theme_colors(view)
        rect = QRectF(option.rect)
        painter.save()
        self._background(painter, option, index.row(), colors, model.is_picked(look.row))
        ink = colors.muted if model.is_hidden(look.row) else colors.ink
        column = ClassColumn(index.column())
        if column is ClassColumn.NAME:
            self._name(painter, option, rect, look, colors, ink, model.is_picked(look.row))
        elif column is ClassColumn.KINDS:
            self._kinds(painter, rect, look, colors.muted)
        elif column is ClassColumn.COUNT:
            painter.setPen(QColor(ink))
            painter.setFont(option.font)
            place = rect.adjusted(0, 0, -4, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, index.data())
        elif column is ClassColumn.EYE or look.guideline:
            hidden = model.is_hidden(look.row)
            name: IconName = "info" if column is ClassColumn.GUIDE else "eye_off" if hidden else "eye"
            hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
            side = QRectF(rect.center().x() - 7, rect.center().y() - 7, 14, 14)
            draw_icon(painter, name, side, QColor(colors.ink if hovered else ink))
        painter.restore()

    def _background(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        row: int,
        colors: ThemeColors,
        is_picked: bool,
    ) -> None:
        rect = QRectF(option.rect)
        if is_picked:
            painter.fillRect(rect, QColor(colors.line))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(colors.field))
        view = cast(QTableView, option.widget)
        if view.hasFocus() and row == view.currentIndex().row():
            painter.setPen(QPen(QColor(colors.severity("info")), 1))
            painter.drawLine(rect.topLeft(), rect.topRight())
            painter.drawLine(rect.bottomLeft() - _UP, rect.bottomRight() - _UP)

    def _name(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        rect: QRectF,
        look: ClassLook,
        colors: ThemeColors,
        ink: str,
        is_picked: bool,
    ) -> None:
        middle = rect.center().y()
        left = rect.left() + 3
        if is_picked:
            draw_icon(painter, "check", QRectF(left, middle - 6, 12, 12), QColor(colors.ink))
        left += _MARK + 2
        draw_swatch(painter, QRectF(left, middle - _SWATCH / 2, _SWATCH, _SWATCH), look.color, colors.ink)
        left += _SWATCH + _GAP
        if look.hotkey:
            left += self._key(painter, option.font, QRectF(left, middle - 8, _KEY, 16), look.hotkey, colors)
        font = QFont(option.font)
        font.setBold(is_picked)
        painter.setFont(font)
        painter.setPen(QColor(ink))
        place = QRectF(left, rect.top(), rect.right() - left - 4, rect.height())
        text = QFontMetrics(font).elidedText(look.name, Qt.TextElideMode.ElideRight, int(place.width()))
        painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _key(self, painter: QPainter, base: QFont, place: QRectF, hotkey: str, colors: ThemeColors) -> float:
        """Draw a key and return the width that it took."""
        font = QFont(base)
        if font.pointSizeF() > 0:
            font.setPointSizeF(font.pointSizeF() * 0.85)
        else:
            font.setPixelSize(max(9, round(font.pixelSize() * 0.85)))
        text = hotkey.replace("SHIFT+", "⇧").replace("ALT+", "Alt ")
        place.setWidth(max(16.0, QFontMetrics(font).horizontalAdvance(text) + 7.0))
        painter.setPen(QPen(QColor(colors.muted), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 2.5, 2.5)
        painter.setFont(font)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
        return float(place.width()) + _GAP

    def _kinds(self, painter: QPainter, rect: QRectF, look: ClassLook, color: str) -> None:
        left = rect.right() - len(look.kinds) * KIND_STEP
        for kind in look.kinds:
            draw_icon(painter, kind, QRectF(left, rect.center().y() - 6, 12, 12), QColor(color))
            left += KIND_STEP


_UP: Final = QRectF(0, 1, 0, 0).topLeft()
