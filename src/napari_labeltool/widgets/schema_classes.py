"""The page with the classes: the list, and the pages about the chosen class."""

from __future__ import annotations

from qtpy.QtCore import QItemSelection, QItemSelectionModel, Qt, Signal
from qtpy.QtGui import QKeyEvent, QKeySequence
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QScrollArea,
    QShortcut,
    QSplitter,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.widgets.schema_attributes import AttributesPage
from napari_labeltool.widgets.schema_class_actions import ClassActions
from napari_labeltool.widgets.schema_class_form import ClassForm
from napari_labeltool.widgets.schema_class_list import ClassDelegate, ClassListModel
from napari_labeltool.widgets.schema_class_page import CategoryPage
from napari_labeltool.widgets.schema_keypoints import KeypointsPage
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.theme import IconButton

WIDE = 680
"""From this width in pixels the list stands beside the form, not above it."""
TALL_SIZES = (210, 430)
WIDE_SIZES = (330, 560)


class _ClassView(QListView):
    """The list of classes; Delete, F2, Alt+Up and Alt+Down are told to the page."""

    command = Signal(str)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        commands = {
            (Qt.Key.Key_Delete, False): "delete",
            (Qt.Key.Key_F2, False): "rename",
            (Qt.Key.Key_Return, False): "rename",
            (Qt.Key.Key_Up, True): "up",
            (Qt.Key.Key_Down, True): "down",
        }
        command = commands.get((event.key(), alt))
        if command is None:
            super().keyPressEvent(event)
        else:
            self.command.emit(command)


class ClassList(QWidget):
    """The list of classes with its buttons and search.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.

    Attributes
    ----------
    chosen
        Signal: key of the class whose fields are to be shown, or None.
    rename_wanted
        Signal: the name of the chosen class is to be edited.
    """

    chosen = Signal(object)
    rename_wanted = Signal()

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = model
        self.actions = ClassActions(model, self)
        self.items = ClassListModel(model, self)
        self.view = _ClassView(self)
        self.view.setModel(self.items)
        self.view.setItemDelegate(ClassDelegate(self.view))
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.view.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.view.setUniformItemSizes(True)
        self.view.setAccessibleName("Classes")
        self.view.setMinimumHeight(90)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search classes")
        self.search.setAccessibleName("Search classes")
        self.search.setClearButtonEnabled(True)
        self.empty = QLabel(
            "There are no classes yet. Press Add (Ctrl+N) to make the first one, or import a label schema.",
            self,
        )
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._arrange()
        self.search.textChanged.connect(self._on_search)
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._on_selection())
        self.view.doubleClicked.connect(lambda *_: self.rename_wanted.emit())
        self.view.command.connect(self._on_command)

    def _arrange(self) -> None:
        self.add = IconButton("add", "Add a class (Ctrl+N)", self, text="Add")
        self.copy = IconButton("copy", "Duplicate the class (Ctrl+D)", self)
        self.remove = IconButton("delete", "Delete the selected classes (Delete)", self)
        self.merge = IconButton("merge", "Merge the selected classes into one of them…", self)
        self.up = IconButton("up", "Move the class up (Alt+Up)", self)
        self.down = IconButton("down", "Move the class down (Alt+Down)", self)
        self.add.clicked.connect(self.add_new)
        self.copy.clicked.connect(self.duplicate)
        self.remove.clicked.connect(self.delete_selected)
        self.merge.clicked.connect(self.merge_selected)
        self.up.clicked.connect(lambda: self.move_current(-1))
        self.down.clicked.connect(lambda: self.move_current(1))
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.add)
        buttons.addWidget(self.search, 1)
        for button in (self.copy, self.remove, self.merge, self.up, self.down):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(buttons)
        column.addWidget(self.empty)
        column.addWidget(self.view, 1)

    # -- what is shown and chosen
    def set_model(self, model: SchemaModel) -> None:
        """Show the classes of another schema."""
        self.model = self.actions.model = model
        self.items.set_model(model)
        self.refresh()

    def refresh(self) -> None:
        """Show the classes as they are now; those that were selected stay so."""
        selected, current = self.selected_keys(), self.current_key
        self.items.refresh()
        rows = [row for key in selected if (row := self.items.row_of(key)) is not None]
        self._select(rows, self.items.row_of(current))

    def _select(self, rows: list[int], current: int | None) -> None:
        selection = QItemSelection()
        for row in rows:
            selection.select(self.items.index(row), self.items.index(row))
        if not rows and self.items.rowCount():
            current = min(max(self._last_row, 0), self.items.rowCount() - 1) if current is None else current
            selection.select(self.items.index(current), self.items.index(current))
        elif current is None and rows:
            current = rows[0]
        chooser = self.view.selectionModel()
        chooser.blockSignals(True)
        if current is not None:
            chooser.setCurrentIndex(self.items.index(current), QItemSelectionModel.SelectionFlag.NoUpdate)
        chooser.select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        chooser.blockSignals(False)
        self.view.viewport().update()
        self._on_selection()

    _last_row = 0

    @property
    def current_key(self) -> int | None:
        """Key of the class whose fields are shown."""
        index = self.view.currentIndex()
        return self.items.key_at(index.row()) if index.isValid() else None

    def selected_keys(self) -> list[int]:
        """Return the keys of the selected classes, in order."""
        rows = sorted(index.row() for index in self.view.selectionModel().selectedIndexes())
        return [key for row in rows if (key := self.items.key_at(row)) is not None]

    def choose(self, key: int | None) -> bool:
        """Select a class alone; tell whether it is there."""
        if self.items.row_of(key) is None and self.search.text():
            self.search.clear()
        row = self.items.row_of(key)
        if row is not None:
            self._select([row], row)
            self.view.scrollTo(self.items.index(row))
        return row is not None

    def _on_search(self, text: str) -> None:
        selected = self.selected_keys()
        self.items.set_search(text)
        rows = [row for key in selected if (row := self.items.row_of(key)) is not None]
        self._select(rows, rows[0] if rows else None)

    def _on_selection(self) -> None:
        selected = self.selected_keys()
        there = bool(self.model.schema.categories)
        self.empty.setVisible(not there)
        self.view.setVisible(there)
        self.search.setEnabled(there)
        self.copy.setEnabled(len(selected) == 1)
        self.remove.setEnabled(bool(selected))
        self.merge.setEnabled(len(selected) > 1)
        moves = len(selected) == 1 and not self.search.text()
        self.up.setEnabled(moves)
        self.down.setEnabled(moves)
        key = selected[0] if len(selected) == 1 else None
        if key is not None:
            self._last_row = self.items.row_of(key) or 0
        self.chosen.emit(key)

    # -- changes
    def _show_new(self, key: int | None) -> None:
        if key is not None and self.choose(key):
            self.rename_wanted.emit()

    def add_new(self) -> None:
        """Add a class and let its name be edited."""
        self._show_new(self.actions.add())

    def duplicate(self) -> None:
        """Add a copy of the selected class and let its name be edited."""
        selected = self.selected_keys()
        if len(selected) == 1:
            self._show_new(self.actions.duplicate(selected[0]))

    def delete_selected(self) -> None:
        """Delete the selected classes."""
        self.actions.delete(self.selected_keys())

    def merge_selected(self) -> None:
        """Merge the selected classes into one of them, which is asked for."""
        into = self.actions.merge(self.selected_keys())
        if into is not None:
            self.choose(into)

    def move_current(self, step: int) -> None:
        """Move the selected class up (-1) or down (1)."""
        selected = self.selected_keys()
        if len(selected) == 1 and not self.search.text():
            self.actions.move(selected[0], step)

    def _on_command(self, command: str) -> None:
        match command:
            case "delete":
                self.delete_selected()
            case "rename":
                self.rename_wanted.emit()
            case "up":
                self.move_current(-1)
            case "down":
                self.move_current(1)


class ClassesPage(QSplitter):
    """The list of classes above, or in a wide window beside, the pages about the chosen class.

    Parameters
    ----------
    model
        The schema.
    parent
        Parent widget.
    """

    def __init__(self, model: SchemaModel, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.list = ClassList(model, self)
        self.form = ClassForm(model, self)
        self.attributes = AttributesPage(model, self)
        self.keypoints = KeypointsPage(model, self)
        self.pages: tuple[CategoryPage, ...] = (self.form, self.attributes, self.keypoints)
        self.tabs = QTabWidget(self)
        for page in self.pages:
            area = QScrollArea(self.tabs)
            area.setWidgetResizable(True)
            area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            area.setWidget(page)
            self.tabs.addTab(area, "")
        self.setChildrenCollapsible(False)
        self.list.setMinimumWidth(290)
        self.setSizes(list(TALL_SIZES))
        self.list.chosen.connect(self._show_category)
        self.list.rename_wanted.connect(self.edit_name)
        for keys, action in (("Ctrl+N", self.list.add_new), ("Ctrl+D", self.list.duplicate)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(action)
        self._show_category(self.list.current_key)

    def set_model(self, model: SchemaModel) -> None:
        """Show another schema."""
        for page in self.pages:
            page.set_model(model)
        self.list.set_model(model)

    def refresh(self) -> None:
        """Show the schema as it is now."""
        self.list.refresh()

    def refresh_counts(self) -> None:
        """Show the numbers of annotations as they are now."""
        self.list.items.refresh_counts()

    def _show_category(self, key: int | None) -> None:
        for page in self.pages:
            page.show_category(key)
        category = self.form.category
        attributes = 0 if category is None else len(category.attributes)
        points = 0 if category is None else len(category.keypoints)
        for place, (word, count) in enumerate(
            (("Class", 0), ("Attributes", attributes), ("Keypoints", points))
        ):
            self.tabs.setTabText(place, f"{word} ({count})" if count else word)
        self.tabs.setVisible(bool(self.form.model.schema.categories))

    def edit_name(self) -> None:
        """Show the fields of the class and put the cursor into its name."""
        self.tabs.setCurrentIndex(0)
        self.form.edit_name()

    def resizeEvent(self, event: object) -> None:
        """Put list and form side by side where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= WIDE
        orientation = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if orientation != self.orientation():
            self.setOrientation(orientation)
            self.setSizes(list(WIDE_SIZES if wide else TALL_SIZES))
