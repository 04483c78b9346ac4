"""What is saved and what is not, undo and redo, and saving."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from napari_labeltool.widgets import commands
from napari_labeltool.widgets.after_drawing import AfterDrawing
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.elided import ElidedButton
from napari_labeltool.widgets.key_help import SAVE_KEY
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.theme import IconButton, ThemeColors, icon

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.widgets.project import ViewerProject


class SaveState(Section):
    """The last row of the dock.

    Parameters
    ----------
    project
        What saves, opens and closes.
    parent
        Parent widget.
    """

    def __init__(self, project: ViewerProject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.project = project
        self._soon = AfterDrawing(self, self._show)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setProperty("quiet", True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.decide = QPushButton("Decide…", self)
        self.decide.setToolTip("Take back the edits that were not saved, or set them aside")
        self.undo = ElidedButton(Qt.TextElideMode.ElideRight, self)
        self.undo.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.redo = IconButton("redo", "", self)
        self.save = IconButton(
            "save", f"Save the document (Ctrl+S here, {SAVE_KEY} on the canvas)", self, text="Save"
        )
        self.more = IconButton("menu", "More: save as, open, close, export", self)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setMenu(self._menu())
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for widget, stretch in ((self.undo, 1), (self.redo, 0), (self.save, 0), (self.more, 0)):
            buttons.addWidget(widget, stretch)
        state = QHBoxLayout()
        state.addWidget(self.words, 1)
        state.addWidget(self.decide)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(state)
        layout.addLayout(buttons)
        self.undo.clicked.connect(self.undo_step)
        self.redo.clicked.connect(self.redo_step)
        self.save.clicked.connect(lambda: project.save())
        self.decide.clicked.connect(lambda: commands.decide_recovery(project))
        self._draw()
        self._show()

    def _menu(self) -> QMenu:
        project, menu = self.project, QMenu(self)
        menu.addAction("Save as…").triggered.connect(lambda: project.save_as())
        menu.addAction("Export label schema…").triggered.connect(lambda: commands.export_schema(project))
        menu.addAction("Choose picture folder…").triggered.connect(
            lambda: commands.choose_picture_folder(project)
        )
        menu.addSeparator()
        menu.addAction("Open COCO file…").triggered.connect(lambda: commands.open_document(project))
        menu.addAction("Open folder…").triggered.connect(lambda: commands.open_folder(project))
        self.recent = menu.addMenu("Open recent")
        self.recent.aboutToShow.connect(self._fill_recent)
        menu.addSeparator()
        menu.addAction("Keys… (F1)").triggered.connect(lambda: commands.show_keys(project))
        menu.addAction("Close project").triggered.connect(lambda: commands.close_project(project))
        return menu

    def _fill_recent(self) -> None:
        self.recent.clear()
        shown = None if self.workspace is None else self.workspace.session.path
        paths = [path for path in self.project.remembered.recent(9) if path != shown]
        for path in paths:
            action = self.recent.addAction(f"{path.parent.name}/{path.name}")
            action.setToolTip(str(path))
            action.triggered.connect(lambda _=False, path=path: self._open(path))
        if not paths:
            self.recent.addAction("None yet").setEnabled(False)

    def _open(self, path: Path) -> None:
        self.project.open(path)

    # -- the workspace
    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to what is saved and what can be undone."""
        connections.add(workspace.session.history_changed, self._soon.ask)
        connections.add(workspace.session.trouble, self._on_trouble)

    def workspace_exchanged(self) -> None:
        """Show the state of the workspace."""
        self._show()

    def _on_trouble(self, sentence: str) -> None:
        self._show()

    def _show(self) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        session = workspace.session
        words = session.state_words()
        if words != self.words.text():
            self.words.setText(words)
        self.decide.setVisible(session.pending_recovery is not None)
        undo, redo = session.undo_label, session.redo_label
        self.undo.setEnabled(undo is not None)
        self.undo.set_words("Nothing to undo" if undo is None else f"Undo: {undo}")
        self.undo.setToolTip("Nothing was done yet" if undo is None else f"Undo: {undo} (Ctrl+Z)")
        self.redo.setEnabled(redo is not None)
        self.redo.setToolTip("Nothing was undone" if redo is None else f"Do again: {redo} (Ctrl+Shift+Z)")
        self.save.setEnabled(not session.read_only and (session.dirty > 0 or session.is_new))

    def undo_step(self) -> None:
        """Undo the last step, whatever the button shows by now."""
        if self.workspace is not None:
            self.workspace.undo()

    def redo_step(self) -> None:
        """Do the last undone step again."""
        if self.workspace is not None:
            self.workspace.redo()

    # -- theme
    def theme_changed(self, colors: ThemeColors) -> None:
        """Draw the icon of undo in the colours of the new theme."""
        if hasattr(self, "undo"):
            self._draw()

    def _draw(self) -> None:
        self.undo.setIcon(icon("undo", self.colors.ink))
