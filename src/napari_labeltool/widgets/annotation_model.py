"""The list of annotations as an item model over the dataset's columns; no object for each row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from qtpy.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from qtpy.QtGui import QIcon

from napari_labeltool.core.columns import Flag
from napari_labeltool.core.values import BoolArray, IntArray
from napari_labeltool.widgets.annotation_facts import KIND_WORDS, STATUS_WORDS, kind_codes
from napari_labeltool.widgets.annotation_filling import BackgroundFilling
from napari_labeltool.widgets.annotation_order import (
    MOST_AT_ONCE,
    AnnotationOrder,
    Column,
    range_count,
    ranges_of,
)
from napari_labeltool.widgets.annotation_query import Query
from napari_labeltool.widgets.annotation_scope import EVERY_IMAGE
from napari_labeltool.widgets.class_looks import ClassLooks
from napari_labeltool.widgets.swatch import swatch_icon

if TYPE_CHECKING:
    from napari_labeltool.core.dataset import Dataset
    from napari_labeltool.session import ChangeEvent, Session

HEADINGS: Final[dict[Column, str]] = {
    Column.ID: "id",
    Column.CLASS: "class",
    Column.KIND: "kind",
    Column.AREA: "area",
    Column.SCORE: "score",
    Column.STATUS: "status",
    Column.IMAGE: "image",
}
COLUMN_COUNT: Final = len(Column)
MOST_STEPS: Final = 60
"""A change of more separate places than this fills the list anew."""

MOST_TOUCHED: Final = 2000
"""A change of more annotations fills the list anew without a look at each."""

_NUMERIC: Final = (Column.ID, Column.AREA, Column.SCORE)
_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT: Final = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
NOWHERE: Final = QModelIndex()


class AnnotationTableModel(QAbstractTableModel):
    """The annotations of a session's shown image, or of all its images.

    Parameters
    ----------
    parent
        Owner.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.order: AnnotationOrder | None = None
        self.ink = "#808080"
        self._marked: BoolArray | None = None
        self._swatches: dict[tuple[str, str], QIcon] = {}
        self.filling = BackgroundFilling(self)
        self.filling.filled.connect(self._on_filled)

    # -- what is shown
    def set_session(self, session: Session | None) -> None:
        """Show the annotations of another session, or none; filter and sorting stay."""
        before = self.order
        self.filling.stop()
        self.beginResetModel()
        self.order = None if session is None else AnnotationOrder(session.dataset, ClassLooks(session))
        if self.order is not None and before is not None:
            self.order.image = EVERY_IMAGE if before.image == EVERY_IMAGE else -1
            self.order.query, self.order.column = before.query, before.column
            self.order.descending = before.descending
        self._marked = None
        self.endResetModel()
        self.fill()

    def set_image(self, image: int) -> None:
        """Show the annotations of an image (by row), or of all with `EVERY_IMAGE`."""
        if self.order is not None and image != self.order.image:
            self.order.image = image
            self.fill()

    def set_query(self, query: Query) -> None:
        """Filter the list."""
        if self.order is not None and query != self.order.query:
            self.order.query = query
            self.fill()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort the list by a column; -1 takes the order of the file."""
        if self.order is not None:
            self.order.column = None if column < 0 else Column(column)
            self.order.descending = order == Qt.SortOrder.DescendingOrder
            self.fill()

    def fill(self) -> None:
        """Filter and sort anew; a long list stays as it is until a thread has done it (`filling.filled`)."""
        if self.order is None:
            return
        if self.order.scope_count() > MOST_AT_ONCE:
            self.filling.start(self.order)
            return
        self.filling.stop()
        self.beginResetModel()
        self.order.fill()
        self._marked = None
        self.endResetModel()

    def _on_filled(self, filled: AnnotationOrder | None, version: int) -> None:
        if self.order is None:
            return
        if filled is None or version != self.order.dataset.version:
            self.fill()
            return
        self.beginResetModel()
        self.order.take(filled)
        self._marked = None
        self.endResetModel()

    @property
    def rows(self) -> NDArray[Any]:
        """Rows of the annotations in the order of the list; do not keep it over a change."""
        return np.empty(0, np.int64) if self.order is None else self.order.rows

    def has_scores(self, rows: IntArray | None = None) -> bool:
        """Tell whether any annotation has a score, or any of some."""
        if self.order is None:
            return False
        flags = self.order.dataset.annotations.flags
        return bool(((flags if rows is None else flags[rows]) & Flag.SCORE).any())

    # -- changes
    def change(self, event: ChangeEvent) -> bool:
        """Bring the list in line with a change of the dataset, place by place where that is few.

        Returns
        -------
        bool
            Whether annotations came or went.
        """
        order = self.order
        if order is None:
            return False
        schema, rows = order.looks.update(event.touched), event.touched.annotations
        if schema or len(rows) > MOST_TOUCHED:
            return self._change_many(order, rows, schema)
        change = order.change(rows)
        if range_count(change.removed) + len(change.added) > MOST_STEPS:
            self.fill()
            return True
        removed, changed = ranges_of(change.removed), change.changed
        if range_count(changed) > MOST_STEPS:
            ranges = [(int(changed[0]), int(changed[-1]))]
        else:
            ranges = ranges_of(changed)
        for first, last in ranges:
            self.dataChanged.emit(self.index(first, 0), self.index(last, len(Column) - 1))
        for first, last in reversed(removed):
            self.beginRemoveRows(NOWHERE, first, last)
            order.remove(first, last)
            self.endRemoveRows()
        for row in change.added.tolist():
            place = order.place_for(row)
            self.beginInsertRows(NOWHERE, place, place)
            order.insert(place, row)
            self.endInsertRows()
        return bool(removed) or len(change.added) > 0

    def _change_many(self, order: AnnotationOrder, rows: IntArray, schema: bool) -> bool:
        """Fill the list anew unless it is certain to stay; to look at each annotation would hold up the window."""
        stays = not order.note(rows) and not order.query.terms and not schema
        if not stays:
            self.fill()
        elif len(order.rows):
            self.dataChanged.emit(self.index(0, 0), self.index(len(order.rows) - 1, len(Column) - 1))
        return not stays

    # -- a selection of too many separate places for Qt's own
    def mark(self, rows: IntArray | None) -> None:
        """Draw annotations as selected that are not in Qt's selection; None ends that."""
        if rows is None and self._marked is None:
            return
        self._marked = None
        if rows is not None and self.order is not None:
            self._marked = np.zeros(self.order.dataset.annotations.row_count, bool)
            self._marked[rows] = True
        if len(self.rows):
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(Column) - 1))

    def is_marked(self, place: int) -> bool:
        """Tell whether the annotation at a place is selected without being in Qt's selection."""
        if self._marked is None or place >= len(self.rows):
            return False
        row = int(self.rows[place])
        return row < len(self._marked) and bool(self._marked[row])

    # -- Qt
    def rowCount(self, parent: QModelIndex = NOWHERE) -> int:
        """Return the number of annotations in the list."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex = NOWHERE) -> int:
        """Return the number of columns."""
        return 0 if parent.isValid() else COLUMN_COUNT

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the heading of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADINGS[Column(section)]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if section in _NUMERIC else _LEFT
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows."""
        order = self.order
        if order is None or not index.isValid() or index.row() >= len(order.rows):
            return None
        row, column = int(order.rows[index.row()]), Column(index.column())
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(order, row, column)
        if role == Qt.ItemDataRole.ToolTipRole and column in (Column.CLASS, Column.IMAGE, Column.STATUS):
            return cell_text(order, row, column) or None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if column in _NUMERIC else _LEFT
        if role == Qt.ItemDataRole.DecorationRole and column is Column.CLASS:
            return self._swatch(order.looks.of(int(order.dataset.annotations.category[row])).color)
        return None

    def _swatch(self, color: str) -> QIcon:
        key = (color, self.ink)
        if key not in self._swatches:
            self._swatches[key] = swatch_icon(color, self.ink, 12)
        return self._swatches[key]


def cell_text(order: AnnotationOrder, row: int, column: Column) -> str:
    """Return what the list shows of an annotation (by row) in a column."""
    dataset: Dataset = order.dataset
    table = dataset.annotations
    if column is Column.ID:
        id = table.id_of(row)
        return "no id" if id is None else str(id)
    if column is Column.CLASS:
        return order.looks.of(int(table.category[row])).name
    if column is Column.KIND:
        return KIND_WORDS[int(kind_codes(table, np.array([row]))[0])]
    if column is Column.AREA:
        return number_words(float(table.area[row]))
    if column is Column.SCORE:
        score = order.facts.score(row)
        return "" if np.isnan(score) else f"{score:.3g}"
    if column is Column.STATUS:
        return STATUS_WORDS[order.facts.status(row)]
    image = int(table.image[row])
    return dataset.images.at(image).file_name if image >= 0 else "unknown image"


def number_words(value: float) -> str:
    """Return a size as people read it: whole numbers from 100 on, with separators; nothing for NaN."""
    if np.isnan(value):
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:,.1f}"
