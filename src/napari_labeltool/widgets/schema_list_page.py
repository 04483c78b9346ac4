"""Pages with a list of things that a class has: add, delete and move them, with the mouse or the keys."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import QHBoxLayout, QHeaderView, QTreeWidget

from napari_labeltool.widgets.schema_class_page import CategoryPage
from napari_labeltool.widgets.theme import IconButton


class KeyedTree(QTreeWidget):
    """A flat table whose rows are chosen with the keys; Delete, Alt+Up and Alt+Down are told to its page."""

    def __init__(self, headers: list[str], name: str, page: ListPage) -> None:
        super().__init__(page)
        self._page = page
        self.setHeaderLabels(headers)
        self.setAccessibleName(name)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setMinimumHeight(72)
        self.setIndentation(4)
        self.header().setStretchLastSection(True)
        self.header().setMinimumSectionSize(40)
        for column in range(len(headers) - 1):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete or move the chosen row."""
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.key() == Qt.Key.Key_Delete:
            self._page.delete_current()
        elif alt and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._page.move_current(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)

    @property
    def row(self) -> int:
        """The chosen row, -1 for none."""
        return int(self.indexOfTopLevelItem(self.currentItem())) if self.currentItem() else -1

    def choose(self, row: int) -> None:
        """Choose a row; the nearest one when it is not there."""
        count = self.topLevelItemCount()
        if count:
            self.setCurrentItem(self.topLevelItem(min(max(row, 0), count - 1)))


class ListPage(CategoryPage):
    """A page with a list that can be added to, deleted from and reordered."""

    def add_new(self) -> None:
        """Add an item; for subclasses."""

    def delete_current(self) -> None:
        """Delete the chosen item; for subclasses."""

    def move_current(self, step: int) -> None:
        """Move the chosen item up (-1) or down (1); for subclasses."""

    def list_buttons(self, what: str) -> tuple[QHBoxLayout, list[IconButton]]:
        """Return a row with the buttons add, delete, up and down."""
        add = IconButton("add", f"Add {what}", self, text=f"Add {what}")
        remove = IconButton("delete", f"Delete the chosen {what} (Delete)", self)
        up = IconButton("up", f"Move the {what} up (Alt+Up)", self)
        down = IconButton("down", f"Move the {what} down (Alt+Down)", self)
        add.clicked.connect(self.add_new)
        remove.clicked.connect(self.delete_current)
        up.clicked.connect(lambda: self.move_current(-1))
        down.clicked.connect(lambda: self.move_current(1))
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(add)
        row.addStretch(1)
        for button in (remove, up, down):
            row.addWidget(button)
        return row, [add, remove, up, down]
