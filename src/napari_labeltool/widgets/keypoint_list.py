"""The keypoints of one annotation in a small table: name, place, visibility."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt, QTimer, Signal
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from napari_labeltool.core.values import FloatArray
from napari_labeltool.layers.convert_points import is_placed
from napari_labeltool.widgets.attribute_editors import CalmComboBox

VISIBILITY_WORDS: Final = {2: "visible", 1: "hidden", 0: "not labelled"}
NOT_PLACED: Final = "not placed"
MOST_ROWS: Final = 5
NOWHERE: Final = QModelIndex()

_NAME, _VISIBILITY = 0, 1


class KeypointListModel(QAbstractTableModel):
    """Keypoints of an annotation.

    Attributes
    ----------
    chosen
        Signal: place of a keypoint, and the visibility that it is to get.
    """

    chosen = Signal(int, int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._keypoints: FloatArray = np.zeros((0, 3))

    def show(self, names: Sequence[str], keypoints: FloatArray) -> None:
        """Show keypoints, (k, 3) x, y, visibility."""
        if tuple(names) == self._names and len(keypoints) == len(self._keypoints):
            self._keypoints = keypoints
            if len(keypoints):
                self.dataChanged.emit(self.index(0, _VISIBILITY), self.index(len(keypoints) - 1, _VISIBILITY))
            return
        self.beginResetModel()
        self._names, self._keypoints = tuple(names), keypoints
        self.endResetModel()

    def is_placed(self, place: int) -> bool:
        """Tell whether a keypoint has a place on the image."""
        return bool(is_placed(self._keypoints[place : place + 1])[0])

    def rowCount(self, parent: QModelIndex = NOWHERE) -> int:
        """Return the number of keypoints."""
        return 0 if parent.isValid() else len(self._keypoints)

    def columnCount(self, parent: QModelIndex = NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else 2

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        place = index.row()
        if role == Qt.ItemDataRole.DisplayRole:
            if index.column() == _NAME:
                return self._names[place] if place < len(self._names) else f"point {place + 1}"
            visibility = float(self._keypoints[place, 2])
            words = VISIBILITY_WORDS.get(int(visibility), f"{visibility:g}")
            return words if self.is_placed(place) else NOT_PLACED
        if role == Qt.ItemDataRole.EditRole:
            return int(self._keypoints[place, 2])
        if role == Qt.ItemDataRole.ToolTipRole:
            x, y = (f"{value:g}" for value in self._keypoints[place, :2])
            where = f"At x {x}, y {y}." if self.is_placed(place) else "Not placed: take the Keypoints tool."
            return f"{self.index(place, _NAME).data()}. {where}"
        return None

    def flags(self, index: QModelIndex) -> Any:
        """Return that the visibility of a placed keypoint can be edited."""
        flags = super().flags(index)
        if index.column() == _VISIBILITY and self.is_placed(index.row()):
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: QModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Ask for another visibility."""
        if role != Qt.ItemDataRole.EditRole or int(value) == int(self._keypoints[index.row(), 2]):
            return False
        self.chosen.emit(index.row(), int(value))
        return True


class VisibilityDelegate(QStyledItemDelegate):
    """Offers the visibilities in a combo box."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: QModelIndex) -> QWidget:
        """Return the combo box, which commits at once."""
        box = CalmComboBox(parent)
        box.setAccessibleName(f"Visibility of {index.siblingAtColumn(_NAME).data()}")
        for value, words in VISIBILITY_WORDS.items():
            box.addItem(words, value)
        box.activated.connect(lambda _: self._commit(box))
        QTimer.singleShot(0, box, box.showPopup)
        return box

    def _commit(self, box: QWidget) -> None:
        self.commitData.emit(box)
        self.closeEditor.emit(box)

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:
        """Show the visibility that holds."""
        editor.setCurrentIndex(max(editor.findData(index.data(Qt.ItemDataRole.EditRole)), 0))

    def setModelData(self, editor: QWidget, model: KeypointListModel, index: QModelIndex) -> None:
        """Take over the visibility that was chosen."""
        model.setData(index, editor.currentData())


class KeypointList(QTableView):
    """The table of keypoints; a click or F2 on a visibility changes it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list_model = KeypointListModel(self)
        self.setModel(self.list_model)
        self.setItemDelegate(VisibilityDelegate(self))
        self.setAccessibleName("Keypoints of the selected annotation")
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.clicked.connect(self._open)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.horizontalHeader().setVisible(False)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.verticalHeader().setVisible(False)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 6)

    def _open(self, index: QModelIndex) -> None:
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)

    def show_keypoints(self, names: Sequence[str], keypoints: FloatArray) -> None:
        """Show keypoints, (k, 3) x, y, visibility, and be as high as the first of them need."""
        self.list_model.show(names, keypoints)
        rows = min(len(keypoints), MOST_ROWS)
        self.setFixedHeight(rows * self.verticalHeader().defaultSectionSize() + 2 * self.frameWidth() + 2)
