"""The table view of the annotation list, and its selection as rows of the dataset."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from qtpy.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from napari_labeltool.core.values import IntArray
from napari_labeltool.widgets.annotation_model import AnnotationTableModel
from napari_labeltool.widgets.annotation_order import Column, ranges_of

MOST_RANGES: Final = 500
"""Separate places up to which Qt's own selection holds them; it grows slow with their square."""

_SELECT: Final = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
_KEEP: Final = QItemSelectionModel.SelectionFlag.NoUpdate


class MarkingDelegate(QStyledItemDelegate):
    """Draws the rows that the model marks like selected ones."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Say that a marked row is selected."""
        super().initStyleOption(option, index)
        if index.model().is_marked(index.row()):
            option.state |= QStyle.StateFlag.State_Selected


class AnnotationView(QTableView):
    """A table of annotations.

    Attributes
    ----------
    zoom_wanted
        Signal: the selected annotations are to be looked at.
    delete_wanted
        Signal: the selected annotations are to be deleted.
    """

    zoom_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, model: AnnotationTableModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(MarkingDelegate(self))
        self.setAccessibleName("Annotations")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(34)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(Column.CLASS, QHeaderView.ResizeMode.Stretch)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        self.doubleClicked.connect(lambda _: self.zoom_wanted.emit())
        self.fit()

    def fit(self) -> None:
        """Make the columns wide enough for what they usually hold."""
        metrics = self.fontMetrics()
        samples = {
            Column.ID: "1,234,5",
            Column.KIND: "rotated box",
            Column.AREA: "999,999",
            Column.SCORE: "0.9999",
            Column.STATUS: "needs review",
            Column.IMAGE: "img_00012.tif",
        }
        for column, sample in samples.items():
            self.setColumnWidth(column, metrics.horizontalAdvance(sample) + 12)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter zooms to what is selected, Delete deletes it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.zoom_wanted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Ignore typed letters: to search a million rows takes long, and there is a filter."""

    # -- the selection as rows of the dataset
    def selected_rows(self) -> IntArray:
        """Return the rows of the annotations in Qt's selection, each once, in the order of the list."""
        rows = self.model().rows
        ranges = sorted({(part.top(), part.bottom()) for part in self.selectionModel().selection()})
        parts = [rows[first : last + 1] for first, last in ranges]
        return np.asarray(np.concatenate(parts), np.int64) if parts else np.empty(0, np.int64)

    def select_rows(self, rows: IntArray, *, scroll: bool) -> None:
        """Select annotations by row, as far as they are in the list.

        Parameters
        ----------
        rows
            Rows of annotations.
        scroll
            Whether to scroll to the first of them unless one is in sight.
        """
        model: AnnotationTableModel = self.model()
        places = np.empty(0, np.int64) if model.order is None else model.order.places(rows)
        places = np.sort(places[places >= 0])
        ranges = ranges_of(places)
        if len(ranges) > MOST_RANGES:
            self.selectionModel().clearSelection()
            model.mark(rows)
        else:
            model.mark(None)
            selection: Any = QItemSelection()
            for first, last in ranges:
                selection.select(model.index(first, 0), model.index(last, len(Column) - 1))
            self.selectionModel().select(selection, _SELECT)
        if scroll and len(places) and not self._in_sight(places):
            first_index = model.index(int(places[0]), Column.CLASS)
            self.scrollTo(first_index, QAbstractItemView.ScrollHint.PositionAtCenter)
        if len(places):
            self.selectionModel().setCurrentIndex(model.index(int(places[0]), Column.CLASS), _KEEP)

    def _in_sight(self, places: IntArray) -> bool:
        first = self.rowAt(0)
        last = self.rowAt(self.viewport().height() - 1)
        last = self.model().rowCount() - 1 if last < 0 else last
        return bool(((places >= first) & (places <= last)).any())
