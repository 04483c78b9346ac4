"""The label schema dock: classes, attributes, keypoints, image tags and guidelines of the open document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QSize, Qt, QTimer
from qtpy.QtGui import QKeySequence
from qtpy.QtWidgets import QHBoxLayout, QLabel, QShortcut, QSizePolicy, QTabWidget, QVBoxLayout, QWidget

from napari_labeltool.core.schema import LabelSchema
from napari_labeltool.widgets.active import active_changed, active_workspace, bare_viewer
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.schema_classes import ClassesPage
from napari_labeltool.widgets.schema_document import DocumentPage
from napari_labeltool.widgets.schema_exchange import SchemaExchange
from napari_labeltool.widgets.schema_fields import FieldMessage
from napari_labeltool.widgets.schema_model import SchemaModel
from napari_labeltool.widgets.schema_tags import TagsPage
from napari_labeltool.widgets.theme import IconButton, ThemeColors, ThemedWidget

if TYPE_CHECKING:
    from napari_labeltool.session import Session

COUNT_DELAY_MS: Final = 150


class SchemaEditor(ThemedWidget):
    """Edits everything that a label schema holds.

    Each change is one step of the session, so undo and redo work here as everywhere else.

    Parameters
    ----------
    napari_viewer
        The viewer whose open document is followed; without one the schema of `session` is edited.
    session
        The session to edit; without viewer and session, a schema that stands alone and can be exported.
    parent
        Parent widget.
    """

    _theme_timer: QTimer | None = None

    def __init__(
        self,
        napari_viewer: Any = None,
        session: Session | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._viewer = bare_viewer(napari_viewer)
        self._outer = Connections()
        self._inner = Connections()
        self.model = SchemaModel(session)
        self.title = QLabel(self)
        self.title.setProperty("heading", True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.note = QLabel(self)
        self.note.setWordWrap(True)
        self.note.setProperty("quiet", True)
        self.message = FieldMessage(self)
        self.exchange = SchemaExchange(self.model, self)
        self.classes = ClassesPage(self.model, self)
        self.tags = TagsPage(self.model, self)
        self.document = DocumentPage(self.model, self)
        self._arrange()
        self._count_timer = QTimer(self)
        self._count_timer.setSingleShot(True)
        self._count_timer.setInterval(COUNT_DELAY_MS)
        self._count_timer.timeout.connect(self._refresh_counts)
        self._theme_timer = QTimer(self)
        self._theme_timer.setSingleShot(True)
        self._theme_timer.timeout.connect(self._show_all)
        self.tags.class_wanted.connect(self.show_class)
        self.tags.deletion_wanted.connect(self.classes.list.actions.delete)
        self.document.class_wanted.connect(self.show_class)
        self.exchange.told.connect(self.message.say)
        self.destroyed.connect(self._outer.close)
        self.destroyed.connect(self._inner.close)
        if self._viewer is not None:
            self._outer.add(active_changed, self._on_active_changed)
        self._take(session)

    def _arrange(self) -> None:
        self.undo = IconButton("undo", "Undo (Ctrl+Z)", self)
        self.redo = IconButton("redo", "Redo (Ctrl+Shift+Z)", self)
        self.load = IconButton(
            "import", "Import a label schema (YAML or JSON); says first what would change", self
        )
        self.store = IconButton("export", "Export the label schema (YAML or JSON)", self)
        self.undo.clicked.connect(lambda: self.model.undo())
        self.redo.clicked.connect(lambda: self.model.redo())
        self.load.clicked.connect(self.exchange.load)
        self.store.clicked.connect(self.exchange.store)
        for keys, button in (("Ctrl+Z", self.undo), ("Ctrl+Shift+Z", self.redo)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(button.click)
        header = QHBoxLayout()
        header.setSpacing(2)
        header.addWidget(self.title, 1)
        for button in (self.undo, self.redo, self.load, self.store):
            header.addWidget(button)
        self.tabs = QTabWidget(self)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.addTab(self.classes, "Classes")
        self.tabs.addTab(self.tags, "Image tags")
        self.tabs.addTab(self.document, "Document")
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(4)
        column.addLayout(header)
        column.addWidget(self.note)
        column.addWidget(self.message)
        column.addWidget(self.tabs, 1)
        self.setMinimumWidth(370)

    # -- which schema
    def _on_active_changed(self, viewer: Any) -> None:
        if viewer is self._viewer:
            self._take(None)

    def _take(self, session: Session | None) -> None:
        """Edit the schema of the viewer's document, or of a session, or one that stands alone."""
        workspace = active_workspace(self._viewer)
        self._inner.close()
        before = self.model
        alone = before.schema if before.session is None else LabelSchema()
        before.close()
        self.model = SchemaModel(session, None if workspace or session else alone, workspace)
        self._inner.add(self.model.changed, self.refresh)
        self._inner.add(self.model.counts_changed, self._on_counts_changed)
        self._inner.add(self.model.refused, self._on_refused)
        if self.model.session is not None:
            self._inner.add(self.model.session.saved, self._on_saved)
        self.exchange.model = self.model
        self.classes.set_model(self.model)
        self.tags.set_model(self.model)
        self.document.set_model(self.model)
        self.message.say("")
        self._show_state()

    def set_session(self, session: Session | None) -> None:
        """Edit the schema of another session, None for one that stands alone."""
        self._take(session)

    # -- showing
    def refresh(self) -> None:
        """Show the schema as it is now."""
        self.message.say("")
        self._show_all()

    def _show_all(self) -> None:
        self.classes.refresh()
        self.tags.refresh()
        self.document.refresh()
        self._show_state()

    def theme_changed(self, colors: ThemeColors) -> None:
        """Draw icons and swatches anew when all parts have the new theme."""
        if self._theme_timer is not None:
            self._theme_timer.start(0)

    def sizeHint(self) -> QSize:
        """Return the size that the dock asks for."""
        return QSize(400, 700)

    def _on_counts_changed(self) -> None:
        self._show_undo()
        self._count_timer.start()

    def _refresh_counts(self) -> None:
        self.classes.refresh_counts()
        self.tags.refresh()

    def _on_refused(self, sentence: str) -> None:
        self.message.say(sentence, "warning")

    def _on_saved(self, _path: object) -> None:
        self._show_state()

    def _show_state(self) -> None:
        session = self.model.session
        count = len(self.model.schema.categories)
        many = "1 class" if count == 1 else f"{count:,} classes"
        name = "Label schema" if session is None else session.path.name
        self.title.setText(f"{name}: {many}")
        self.title.setToolTip("" if session is None else str(session.path))
        reason = self.model.read_only_reason
        note = reason
        if session is None:
            note = (
                "No document is open. Open one in the Labeling dock to edit its schema; or edit a schema here"
                " and export it."
            )
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.tabs.setEnabled(not reason)
        self.load.setEnabled(not reason)
        self._show_undo()

    def _show_undo(self) -> None:
        for button, word, keys, label in (
            (self.undo, "Undo", "Ctrl+Z", self.model.undo_label),
            (self.redo, "Redo", "Ctrl+Shift+Z", self.model.redo_label),
        ):
            button.setEnabled(label is not None and not self.model.read_only_reason)
            button.setToolTip(f"{word}: {label} ({keys})" if label else f"Nothing to {word.lower()}")

    def show_class(self, key: int) -> None:
        """Show the fields of a class, known by its key (its row in ``dataset.categories``)."""
        self.tabs.setCurrentWidget(self.classes)
        if self.classes.list.choose(key):
            self.classes.edit_name()
