"""The classes of the document: pick one, hide one, find one, make one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QModelIndex, QSize, Qt, Signal
from qtpy.QtGui import QKeyEvent
from qtpy.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QTableView,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.core.schema import Category
from napari_labeltool.core.schema_edits import SetSchema
from napari_labeltool.widgets.after_drawing import AfterDrawing
from napari_labeltool.widgets.class_delegate import KIND_STEP, ROW_HEIGHT, ClassDelegate
from napari_labeltool.widgets.class_list_model import ClassColumn, ClassListModel
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.open_dock import open_dock
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.theme import IconButton, ThemeColors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent

_MOST_ROWS, _FEWEST_ROWS = 9, 5
_KEYS_UP_DOWN = (Qt.Key.Key_Up, Qt.Key.Key_Down)
_KEYS_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ClassListView(QTableView):
    """The list itself.

    Attributes
    ----------
    picked
        Signal: the place whose class is to become the current one.
    eye_pressed
        Signal: the place whose class is to be hidden or shown.
    guide_pressed
        Signal: the place whose guideline is to be read.
    search_wanted
        Signal: the search key was pressed.
    """

    picked = Signal(int)
    eye_pressed = Signal(int)
    guide_pressed = Signal(int)
    search_wanted = Signal()

    def __init__(self, model: ClassListModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setModel(model)
        self.setItemDelegate(ClassDelegate(self))
        self.setAccessibleName("Classes")
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        header = self.horizontalHeader()
        header.setVisible(False)
        header.setMinimumSectionSize(0)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(ClassColumn.NAME, QHeaderView.ResizeMode.Stretch)
        rows = self.verticalHeader()
        rows.setVisible(False)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.clicked.connect(self._on_clicked)
        model.modelReset.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        """Make the columns as wide as their content and the list as high as its rows need at most."""
        model: ClassListModel = self.model()
        metrics = self.fontMetrics()
        kinds = model.widest_kinds()
        self.setColumnHidden(ClassColumn.KINDS, kinds == 0)
        self.setColumnWidth(ClassColumn.KINDS, kinds * KIND_STEP + 2)
        widest = f"{max(model.largest_count(), 999):,}"
        self.setColumnWidth(ClassColumn.COUNT, metrics.horizontalAdvance(widest) + 12)
        self.setColumnHidden(ClassColumn.GUIDE, not model.has_guidelines())
        self.setColumnWidth(ClassColumn.GUIDE, 22)
        self.setColumnWidth(ClassColumn.EYE, 24)
        rows = max(model.rowCount(), 1)
        self.setMinimumHeight(self._height(min(rows, _FEWEST_ROWS)))
        self.setMaximumHeight(self._height(rows))
        self.updateGeometry()

    def _height(self, rows: int) -> int:
        return int(rows * self.verticalHeader().defaultSectionSize() + 2 * self.frameWidth() + 2)

    def sizeHint(self) -> QSize:
        """Return the size that shows the first classes."""
        rows = min(max(self.model().rowCount(), 1), _MOST_ROWS)
        return QSize(300, self._height(rows))

    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == ClassColumn.EYE:
            self.eye_pressed.emit(index.row())
        elif index.column() == ClassColumn.GUIDE and index.model().look_at(index.row()).guideline:
            self.guide_pressed.emit(index.row())
        else:
            self.picked.emit(index.row())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter picks, Space hides or shows, "?" reads the guideline, "/" goes to the search."""
        place = self.currentIndex().row()
        if event.key() in _KEYS_ENTER and place >= 0:
            self.picked.emit(place)
        elif event.key() == Qt.Key.Key_Space and place >= 0:
            self.eye_pressed.emit(place)
        elif event.text() == "?" and place >= 0:
            self.guide_pressed.emit(place)
        elif event.text() == "/":
            self.search_wanted.emit()
        else:
            super().keyPressEvent(event)

    def currentChanged(self, current: QModelIndex, previous: QModelIndex) -> None:
        """Draw the cursor, which is as wide as the row."""
        super().currentChanged(current, previous)
        self.viewport().update()

    def go_to(self, place: int) -> None:
        """Move the cursor to a place and scroll there."""
        if place >= 0:
            self.setCurrentIndex(self.model().index(place, ClassColumn.NAME))


class ClassPalette(Section):
    """The classes: a click picks the class for new objects and relabels what is selected."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ClassListModel(self)
        self._soon = AfterDrawing(self, self.model.tell_recounted)
        self.search = QLineEdit(self)
        self.search.setPlaceholderText("Search or new class  ( / )")
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName("Search classes, or name a new one")
        self.search.setToolTip(
            "Type to search. Enter picks the first class found; when none is found, Enter makes a new class."
        )
        self.edit = IconButton("edit", "Open Label schema: colours, keys, attributes", self, text="Edit")
        self.new = QPushButton(self)
        self.view = ClassListView(self.model, self)
        self.empty = QLabel("No classes yet. Type a name above and press Enter.", self)
        self.empty.setWordWrap(True)
        self.empty.setProperty("quiet", True)
        self._lay_out()
        self._connect()
        self.setEnabled(False)
        self._follow_search()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.search, 1)
        top.addWidget(self.edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        layout.addWidget(self.new)
        layout.addWidget(self.empty)
        layout.addWidget(self.view, 1)
        layout.addStretch(0)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._follow_search)
        self.search.returnPressed.connect(self._on_search_entered)
        self.search.installEventFilter(self)
        self.new.clicked.connect(self._make_class)
        self.edit.clicked.connect(self._open_schema)
        self.view.picked.connect(self._pick)
        self.view.eye_pressed.connect(self._switch_visible)
        self.view.guide_pressed.connect(self._show_guideline)
        self.view.search_wanted.connect(self.focus_search)

    # -- the workspace
    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to what the list shows."""
        connections.add(workspace.session.changed, self._on_changed)
        connections.add(workspace.session.reset, self._on_reset)
        connections.add(workspace.image_changed, self.model.show_image)
        connections.add(workspace.category_changed, self._on_category)
        connections.add(workspace.visibility_changed, self.model.tell_visible)

    def workspace_exchanged(self) -> None:
        """Show the classes of the workspace."""
        self._on_reset()

    def _on_reset(self) -> None:
        self.model.set_workspace(self.workspace)
        self._follow_search()
        self._show_current()

    def _on_changed(self, event: ChangeEvent) -> None:
        rows = self.model.rowCount()
        if self.model.change(event) or self.model.rowCount() != rows:
            self._follow_search()
            self._show_current()
        self._soon.ask()

    def _on_category(self, category: int) -> None:
        self.model.tell_picked()
        self._show_current()

    def _show_current(self) -> None:
        if self.workspace is not None:
            self.view.go_to(self.model.place_of(self.workspace.category))

    # -- search
    def focus_search(self) -> None:
        """Put the cursor into the search box."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the search with "/"."""
        if event.text() == "/":
            self.focus_search()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: Any, event: Any) -> bool:
        """Let the arrow keys in the search box move in the list, and Escape clear the search."""
        if isinstance(event, QKeyEvent) and event.type() == QKeyEvent.Type.KeyPress:
            if event.key() in _KEYS_UP_DOWN and self.model.rowCount():
                self.view.keyPressEvent(event)
                return True
            if event.key() == Qt.Key.Key_Escape and self.search.text():
                self.search.clear()
                return True
        return bool(super().eventFilter(watched, event))

    def _follow_search(self) -> None:
        text = self.search.text().strip()
        self.model.set_search(text)
        found = self.model.rowCount()
        self.new.setVisible(bool(text) and not self.model.has_name(text))
        self.new.setText(f"New class “{text}”{'' if found else '  (Enter)'}".replace("&", "&&"))
        nothing = not text and not found and not self.model.has_classes()
        self.empty.setVisible(self.workspace is not None and nothing)
        self.view.setVisible(found > 0)
        if text and found:
            self.view.go_to(0)
        elif not text:
            self._show_current()

    def _on_search_entered(self) -> None:
        if self.model.rowCount():
            self._pick(max(self.view.currentIndex().row(), 0))
            self.search.clear()
        else:
            self._make_class()

    # -- what the user does
    def _pick(self, place: int) -> None:
        look = self.model.look_at(place)
        if self.workspace is not None and look is not None:
            self.workspace.set_category(look.row)

    def _switch_visible(self, place: int) -> None:
        look = self.model.look_at(place)
        if self.workspace is not None and look is not None:
            self.workspace.set_category_visible(look.row, self.model.is_hidden(look.row))

    def _show_guideline(self, place: int) -> None:
        look = self.model.look_at(place)
        if look is not None:
            rect = self.view.visualRect(self.model.index(place, ClassColumn.GUIDE))
            text = look.guideline or "No guideline written. Edit opens the label schema."
            corner = self.view.viewport().mapToGlobal(rect.bottomLeft())
            QToolTip.showText(corner, f"{look.name}: {text}", self.view)

    def _make_class(self) -> None:
        name = self.search.text().strip()
        workspace = self.workspace
        if not name or workspace is None or self.model.has_name(name):
            return
        schema = workspace.session.schema
        if not self.apply(SetSchema(replace(schema, categories=(*schema.categories, Category(name))))):
            return
        made = workspace.session.schema.categories[-1].key
        self.search.clear()
        if made is not None:
            workspace.set_category(made)

    def _open_schema(self) -> None:
        if self.workspace is not None:
            open_dock(self.workspace, "Label schema")

    def theme_changed(self, colors: ThemeColors) -> None:
        """Draw the list in the colours of the new theme."""
        if hasattr(self, "view"):
            self.view.viewport().update()
