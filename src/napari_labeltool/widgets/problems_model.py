"""The problems as an item model: severity with icon and word, code, place and sentence."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from qtpy.QtCore import QAbstractTableModel, QModelIndex, Qt
from qtpy.QtGui import QIcon
from qtpy.QtWidgets import QWidget

from napari_labeltool.core.problems import Problem, Severity
from napari_labeltool.widgets.problem_table import (
    COLUMN_WORDS,
    COLUMNS,
    SEVERITIES,
    SEVERITY_WORDS,
    Column,
    ProblemFilter,
    ProblemTable,
)
from napari_labeltool.widgets.theme import SEVERITY_ICONS, icon, theme_colors

PROBLEM_ROLE: Final = Qt.ItemDataRole.UserRole


class ProblemsModel(QAbstractTableModel):
    """Problems that a filter lets through, in the order of a column.

    Parameters
    ----------
    parent
        Widget whose theme the icons follow.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.table = ProblemTable()
        self.filter = ProblemFilter()
        self._places = np.empty(0, np.int64)
        self._order: tuple[Column, bool] = ("severity", False)
        self._icons: dict[Severity, QIcon] = {}
        self.follow_theme()

    def set_table(self, table: ProblemTable) -> None:
        """Show other problems."""
        self.table = table
        self.refresh()

    def set_filter(self, wanted: ProblemFilter) -> None:
        """Show the problems that a filter lets through."""
        if wanted != self.filter:
            self.filter = wanted
            self.refresh()

    def refresh(self) -> None:
        """Choose and order anew."""
        column, descending = self._order
        places = self.table.ordered(self.table.chosen(self.filter), column, descending=descending)
        self.beginResetModel()
        self._places = places
        self.endResetModel()

    def problem_at(self, row: int) -> Problem:
        """Return the problem that a row shows."""
        return self.table.problems[int(self._places[row])]

    def shown(self) -> list[Problem]:
        """Return all problems that are shown, in their order."""
        return [self.table.problems[place] for place in self._places.tolist()]

    def follow_theme(self) -> None:
        """Draw the icons in the colours of the theme."""
        colors = theme_colors(self._over)
        self._icons = {
            severity: icon(SEVERITY_ICONS[severity], colors.severity(severity)) for severity in SEVERITIES
        }

    # -- Qt
    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of problems that are shown."""
        return 0 if parent is not None and parent.isValid() else len(self._places)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return the words of a column."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return COLUMN_WORDS[COLUMNS[section]]
        return None

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what a cell shows or holds."""
        if not index.isValid():
            return None
        problem = self.problem_at(index.row())
        column = COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return SEVERITY_WORDS[problem.severity] if column == "severity" else getattr(problem, column)
        if role == Qt.ItemDataRole.DecorationRole and column == "severity":
            return self._icons[problem.severity]
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{SEVERITY_WORDS[problem.severity]} {problem.code}\n{problem}"
        return problem if role == PROBLEM_ROLE else None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Order by a column; none (-1) is the severity."""
        wanted = (COLUMNS[max(column, 0)], order == Qt.SortOrder.DescendingOrder)
        if wanted != self._order:
            self._order = wanted
            self.refresh()
