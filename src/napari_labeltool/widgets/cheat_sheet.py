"""The list of keys, with a search."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtWidgets import (
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.widgets.key_help import key_help
from napari_labeltool.widgets.theme import style_sheet, theme_colors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace


class CheatSheet(QDialog):
    """Every key that has a meaning while labelling.

    Parameters
    ----------
    workspace
        The open project, whose classes have keys; None without one.
    parent
        Parent widget.
    """

    def __init__(self, workspace: Workspace | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keys for labelling")
        self.setStyleSheet(style_sheet(theme_colors(self)))
        self.resize(560, 620)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search a key or what it does")
        self.search.setClearButtonEnabled(True)
        self.table = QTableWidget(0, 3)
        self.table.setHorizontalHeaderLabels(["Key", "What it does", "Where"])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.none_found = QLabel("No key does that.")
        self.none_found.hide()
        note = QLabel(
            "While a project is open the digits choose classes on the canvas; napari's letters keep their meaning."
        )
        note.setWordWrap(True)
        layout = QVBoxLayout(self)
        for widget in (self.search, self.table, self.none_found, note):
            layout.addWidget(widget)
        self._fill(workspace)
        self.search.textChanged.connect(self._filter)

    def _fill(self, workspace: Workspace | None) -> None:
        entries = key_help(workspace)
        self.table.setRowCount(len(entries))
        for row, entry in enumerate(entries):
            for column, text in enumerate((entry.key, entry.what, entry.where)):
                self.table.setItem(row, column, QTableWidgetItem(text))

    def _filter(self, text: str) -> None:
        words = text.lower().split()
        shown = 0
        for row in range(self.table.rowCount()):
            line = " ".join(self.table.item(row, column).text() for column in range(3)).lower()
            match = all(word in line for word in words)
            self.table.setRowHidden(row, not match)
            shown += match
        self.none_found.setVisible(shown == 0)
