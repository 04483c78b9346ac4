"""The table view of the annotation list, and its selection as rows of the dataset."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from qtpy.QtCore import QItemSelection, QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from qtpy.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from napari_labeltool.core.values import IntArray, distinct
from napari_labeltool.widgets.annotation_model import HEADINGS, AnnotationTableModel
from napari_labeltool.widgets.annotation_order import Column, range_count, ranges_of
from napari_labeltool.widgets.theme import theme_colors

MOST_RANGES: Final = 500
"""Separate places up to which Qt's own selection holds them; it grows slow with their square."""

CLASS_WIDTH: Final = 110
"""Pixels that the names of classes get at least, if they need them."""
SWATCH_WIDTH: Final = 20
MOST_WIDTH: Final = 150
"""Pixels that any other column gets at most by itself."""
MOST_MEASURED: Final = 5
"""Annotations of a change whose texts are measured."""
PADDING: Final = 4
ARROW_WIDTH: Final = 6
TEXT_MARGIN: Final = 8

_SELECT: Final = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
_KEEP: Final = QItemSelectionModel.SelectionFlag.NoUpdate


class MarkingDelegate(QStyledItemDelegate):
    """Draws the rows that the model marks like selected ones."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Say that a marked row is selected."""
        super().initStyleOption(option, index)
        if index.column() == Column.IMAGE:
            option.textElideMode = Qt.TextElideMode.ElideLeft
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
        self._fitting = True
        self._sized: set[Column] = set()
        self._content: dict[Column, int] = {}
        self.empty_words = ""
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
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + 6)
        header = self.horizontalHeader()
        # Qt's header asks for each column whether every row of it is selected, row by row, at each painting
        header.setSelectionModel(QItemSelectionModel(model, header))
        header.setHighlightSections(False)
        header.setMinimumSectionSize(34)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        header.setSortIndicatorClearable(True)
        self.setSortingEnabled(True)
        header.sectionResized.connect(self._on_resized)
        self.setStyleSheet(
            f"QTableView::item {{ padding: 0 {PADDING}px; }} QHeaderView::section {{ padding: 2px {PADDING}px; }}"
        )
        self.doubleClicked.connect(lambda _: self.zoom_wanted.emit())
        self._fit_soon = QTimer(self, singleShot=True, interval=0)
        self._fit_soon.timeout.connect(self.fit)
        model.modelReset.connect(self._forget_widths)
        model.dataChanged.connect(lambda first, last: self._widen(first.row(), last.row()))
        model.rowsInserted.connect(lambda _, first, last: self._widen(first, last))
        self.fit()

    # -- widths
    def fit(self) -> None:
        """Make the columns as wide as what they hold; one that the user has sized keeps its width."""
        self._fitting = True
        for column in Column:
            if column is not Column.CLASS and column not in self._sized and not self.isColumnHidden(column):
                self._set_width(column, self._content_width(column))
        if Column.CLASS not in self._sized:
            others = sum(
                self.columnWidth(c) for c in Column if c is not Column.CLASS and not self.isColumnHidden(c)
            )
            least = self._content_width(Column.CLASS) + SWATCH_WIDTH
            self._set_width(Column.CLASS, max(self.viewport().width() - others, min(least, CLASS_WIDTH)))
        self._fitting = False

    def _set_width(self, column: Column, width: int) -> None:
        if width != self.columnWidth(column):
            self.setColumnWidth(column, width)

    def _forget_widths(self) -> None:
        self._content.clear()
        self._fit_soon.start()

    def _widen(self, first: int, last: int) -> None:
        """Give columns more room where some of the annotations at places that changed need it."""
        if not self._content:
            return
        places = (
            range(first, last + 1) if last - first < MOST_MEASURED else range(first, first + MOST_MEASURED)
        )
        for column in self._content:
            width = self._measured(column, places)
            if width > self._content[column]:
                self._content[column] = width
                self._fit_soon.start()

    def _content_width(self, column: Column) -> int:
        """Return the width of the heading or of the longest of some texts of a column; measured once."""
        if column not in self._content:
            count = self.model().rowCount()
            places = {*range(min(count, 20)), *np.linspace(0, max(count - 1, 0), 20).astype(int).tolist()}
            heading = self.fontMetrics().horizontalAdvance(HEADINGS[column]) + ARROW_WIDTH
            content = self._measured(column, places) if count else 0
            self._content[column] = max(content, min(heading, MOST_WIDTH) + 2 * PADDING + TEXT_MARGIN)
        return self._content[column]

    def _measured(self, column: Column, places: Iterable[int]) -> int:
        """Return the width that the texts of a column at some places need."""
        model, metrics = self.model(), self.fontMetrics()
        texts = (model.index(place, column).data() for place in places)
        content = max((metrics.horizontalAdvance(text) for text in texts if text), default=0)
        return int(min(content, MOST_WIDTH)) + 2 * PADDING + TEXT_MARGIN

    def _on_resized(self, section: int, old: int, new: int) -> None:
        if not self._fitting:
            self._sized.add(Column(section))

    # -- nothing to show
    def set_empty_words(self, words: str) -> None:
        """Say what stands in place of rows when there are none."""
        if words != self.empty_words:
            self.empty_words = words
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, or words in their place."""
        super().paintEvent(event)
        if self.empty_words and not self.model().rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(theme_colors(self).muted))
            area = self.viewport().rect().adjusted(TEXT_MARGIN, TEXT_MARGIN, -TEXT_MARGIN, -TEXT_MARGIN)
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.empty_words)
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the names of the classes the room that is left."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter zooms to what is selected, Delete deletes it; letters and signs are left to the dock.

        Qt would look for a row that begins with a typed letter, which takes long in a million rows.
        """
        text, held = event.text(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.zoom_wanted.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit()
        elif text.strip() and text.isprintable() and not held:
            event.ignore()
        else:
            super().keyPressEvent(event)

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
        places = distinct(places[places >= 0])
        ranges = [] if range_count(places) > MOST_RANGES else ranges_of(places)
        if len(places) and not ranges:
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
