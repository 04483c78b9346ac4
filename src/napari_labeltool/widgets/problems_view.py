"""The list of problems as a table."""

from __future__ import annotations

from qtpy.QtCore import QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QKeyEvent, QKeySequence
from qtpy.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from napari_labeltool.core.problems import Problem
from napari_labeltool.widgets.problems_model import PROBLEM_ROLE, ProblemsModel

_WIDTHS = (92, 230, 120)


class ProblemsView(QTableView):
    """A table of problems; Enter and a double click go to a place.

    Attributes
    ----------
    activated_problem
        Signal: the problem (`Problem`) whose place is wanted.
    copy_wanted
        Signal: the selected problems are to be copied.

    Parameters
    ----------
    model
        The problems.
    parent
        Parent widget.
    """

    activated_problem = Signal(object)
    copy_wanted = Signal()

    def __init__(self, model: ProblemsModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.items = model
        self.setModel(model)
        self.setAccessibleName("Problems")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSortingEnabled(True)
        self.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setIconSize(QSize(16, 16))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(24)
        header = self.horizontalHeader()
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for column, width in enumerate(_WIDTHS):
            self.setColumnWidth(column, width)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.doubleClicked.connect(self._on_activated)

    @property
    def problem(self) -> Problem | None:
        """The chosen problem."""
        index: QModelIndex = self.currentIndex()
        return index.data(PROBLEM_ROLE) if index.isValid() else None

    def selected(self) -> list[Problem]:
        """Return the selected problems, in the order of the list."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.items.problem_at(row) for row in rows]

    def choose(self, problem: Problem | None) -> None:
        """Select a problem alone, if it is shown."""
        shown = [] if problem is None else self.items.shown()
        if problem in shown:
            self.selectRow(shown.index(problem))

    def _on_activated(self, index: QModelIndex) -> None:
        self.activated_problem.emit(index.data(PROBLEM_ROLE))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to a place, or copy."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.problem is not None:
                self.activated_problem.emit(self.problem)
        elif event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        else:
            super().keyPressEvent(event)
