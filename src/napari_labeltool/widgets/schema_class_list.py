"""The list of classes: an item model over the schema, and how a row is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from qtpy.QtCore import QAbstractListModel, QMimeData, QModelIndex, QRect, QRectF, QSize, Qt
from qtpy.QtGui import QColor, QFontMetrics, QPainter
from qtpy.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from napari_labeltool.core.schema import KINDS, Category, LabelKind, effective_hotkeys
from napari_labeltool.widgets.icons import IconName, draw_icon
from napari_labeltool.widgets.schema_changes import with_category_moved
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.swatch import draw_swatch
from napari_labeltool.widgets.theme import theme_colors

KIND_WORDS: Final[dict[LabelKind, str]] = {
    "box": "Box",
    "rotated_box": "Rotated box",
    "polygon": "Polygon",
    "mask": "Mask",
    "keypoints": "Keypoints",
    "tag": "Image tag",
}
KIND_ICONS: Final[dict[LabelKind, IconName]] = {
    "box": "box",
    "rotated_box": "rotated_box",
    "polygon": "polygon",
    "mask": "mask",
    "keypoints": "keypoints",
    "tag": "tag",
}
CATEGORY_ROLE: Final = Qt.ItemDataRole.UserRole
HOTKEY_ROLE: Final = Qt.ItemDataRole.UserRole + 1
COUNT_ROLE: Final = Qt.ItemDataRole.UserRole + 2
ISSUE_ROLE: Final = Qt.ItemDataRole.UserRole + 3

_MIME: Final = "application/x-napari-labeltool-class"
_PAD: Final = 6


class ClassListModel(QAbstractListModel):
    """The classes of a schema in its order, as far as a search lets them through.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent object.
    """

    def __init__(self, model: SchemaModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._search = ""
        self._places: list[int] = []
        self._categories: tuple[Category, ...] = ()
        self._hotkeys: tuple[str | None, ...] = ()
        self._issues: dict[int, str] = {}
        self.refresh()

    def set_model(self, model: SchemaModel) -> None:
        """Show another schema."""
        self._model = model
        self.refresh()

    def set_search(self, text: str) -> None:
        """Show the classes with a text in their name or the name of their group."""
        self._search = text.strip().casefold()
        self.refresh()

    def refresh(self) -> None:
        """Read the schema anew."""
        schema = self._model.schema
        self.beginResetModel()
        self._categories = schema.categories
        self._hotkeys = effective_hotkeys(schema)
        self._issues = {}
        for issue in self._model.issues():
            if issue.category is not None:
                self._issues.setdefault(issue.category, issue.message)
        self._places = [
            place for place, category in enumerate(schema.categories) if self._search in _words(category)
        ]
        self.endResetModel()

    def refresh_counts(self) -> None:
        """Read the numbers of annotations anew."""
        if self._places:
            self.dataChanged.emit(self.index(0), self.index(len(self._places) - 1), [COUNT_ROLE])

    def key_at(self, row: int) -> int | None:
        """Return the key of the class that is shown in a row."""
        return self._categories[self._places[row]].key

    def row_of(self, key: int | None) -> int | None:
        """Return the row in which a class is shown, None when it is not."""
        return next((row for row in range(len(self._places)) if self.key_at(row) == key), None)

    # -- Qt
    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of classes that are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._places)

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a row shows, says or holds."""
        if not index.isValid():
            return None
        place = self._places[index.row()]
        category = self._categories[place]
        if role == Qt.ItemDataRole.DisplayRole:
            return category.name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._sentence(place)
        if role == CATEGORY_ROLE:
            return category
        if role == HOTKEY_ROLE:
            return self._hotkeys[place]
        if role == COUNT_ROLE:
            return self._model.count(category.key)
        return self._issues.get(place) if role == ISSUE_ROLE else None

    def _sentence(self, place: int) -> str:
        category = self._categories[place]
        kinds = ", ".join(KIND_WORDS[kind].lower() for kind in KINDS if kind in category.kinds)
        count = self._model.count(category.key)
        lines = [f"{category.name}: {kinds or 'nothing may be drawn'}; {count:,} annotations"]
        if self._hotkeys[place]:
            own = "" if category.hotkey else " (suggested)"
            lines.append(f"Key {self._hotkeys[place]}{own}")
        if category.guideline:
            lines.append(category.guideline)
        if place in self._issues:
            lines.append(self._issues[place])
        return "\n".join(lines)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Return that rows can be dragged and that something can be dropped between them."""
        if not index.isValid():
            return Qt.ItemFlag.ItemIsDropEnabled
        plain = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return plain if self._search else plain | Qt.ItemFlag.ItemIsDragEnabled

    def supportedDropActions(self) -> Qt.DropAction:
        """Return that a row can be moved."""
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        """Return the type of what is dragged."""
        return [_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """Return the dragged row."""
        data = QMimeData()
        data.setData(_MIME, str(indexes[0].row()).encode())
        return data

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: QModelIndex
    ) -> bool:
        """Move the dragged class; the view has nothing to remove, so this is never taken as done."""
        if data.hasFormat(_MIME):
            start = int(bytes(data.data(_MIME)).decode())
            end = row if row >= 0 else (parent.row() if parent.isValid() else len(self._places))
            self.move(start, end - 1 if end > start else end)
        return False

    def move(self, start: int, end: int) -> bool:
        """Move the class in a row to another row, as one step; tell whether it was moved."""
        if start == end or not 0 <= end < len(self._places):
            return False
        places = self._places
        return self._model.apply(with_category_moved(self._model.schema, places[start], places[end]))


def _words(category: Category) -> str:
    return f"{category.name}\n{category.supercategory}\n{category.tag_group or ''}".casefold()


class ClassDelegate(QStyledItemDelegate):
    """Draws a class: swatch, key, name, what may be drawn, number of annotations."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return a height that leaves air around the text."""
        return QSize(120, max(24, QFontMetrics(option.font).height() + 8))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw a row."""
        view = option.widget
        self.initStyleOption(option, index)
        option.text = ""
        view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, view)
        colors = theme_colors(view)
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        quiet = colors.ink if selected else colors.muted
        category: Category = index.data(CATEGORY_ROLE)
        rest = option.rect.adjusted(_PAD, 0, -_PAD, 0)
        painter.save()
        painter.setFont(option.font)
        swatch = QRectF(rest.left(), rest.center().y() - 7.5, 16, 16)
        draw_swatch(painter, swatch, category.color, colors.ink)
        rest.setLeft(rest.left() + 16 + _PAD)
        rest = self._paint_key(painter, rest, index, quiet if selected else colors.line, quiet)
        rest = self._paint_count(painter, rest, index, quiet)
        for kind in reversed(KINDS):
            if kind in category.kinds:
                place = QRectF(rest.right() - 13, rest.center().y() - 6, 13, 13)
                draw_icon(painter, KIND_ICONS[kind], place, QColor(quiet))
                rest.setRight(rest.right() - 16)
        if index.data(ISSUE_ROLE):
            place = QRectF(rest.right() - 15, rest.center().y() - 7, 15, 15)
            draw_icon(painter, "warning", place, QColor(colors.severity("warning")))
            rest.setRight(rest.right() - 19)
        painter.setPen(QColor(colors.ink))
        name = painter.fontMetrics().elidedText(
            category.name, Qt.TextElideMode.ElideRight, rest.width() - _PAD
        )
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        painter.restore()

    @staticmethod
    def _paint_key(painter: QPainter, rest: QRect, index: QModelIndex, line: str, ink: str) -> QRect:
        key = index.data(HOTKEY_ROLE)
        width = 20
        if key:
            width = max(width, painter.fontMetrics().horizontalAdvance(key) + 8)
            cap = QRectF(rest.left() + 0.5, rest.center().y() - 8.5, width - 1, 18)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QColor(line))
            painter.drawRoundedRect(cap, 3, 3)
            painter.setPen(QColor(ink))
            painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key)
        return rest.adjusted(width + _PAD, 0, 0, 0)

    @staticmethod
    def _paint_count(painter: QPainter, rest: QRect, index: QModelIndex, ink: str) -> QRect:
        text = f"{index.data(COUNT_ROLE):,}"
        width = max(34, painter.fontMetrics().horizontalAdvance(text) + 2)
        painter.setPen(QColor(ink))
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, text)
        return rest.adjusted(0, 0, -width - _PAD, 0)
