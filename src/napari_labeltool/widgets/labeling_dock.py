"""The Labeling dock: the open project's image, classes, tools and annotations beside the canvas."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QSize, Qt, QTimer
from qtpy.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from qtpy.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from napari_labeltool.widgets import commands
from napari_labeltool.widgets.active import active_changed, active_workspace, bare_viewer
from napari_labeltool.widgets.annotation_table import AnnotationTable
from napari_labeltool.widgets.canvas_keys import key_actions
from napari_labeltool.widgets.class_palette import ClassPalette
from napari_labeltool.widgets.collapsible import Collapsible
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.coverage_section import CoverageSection
from napari_labeltool.widgets.empty_state import EmptyState
from napari_labeltool.widgets.image_header import ImageHeader
from napari_labeltool.widgets.image_list import ImageList
from napari_labeltool.widgets.keyed_widget import KeyedWidget
from napari_labeltool.widgets.message_line import MessageLine
from napari_labeltool.widgets.opening import is_openable
from napari_labeltool.widgets.project import project_of
from napari_labeltool.widgets.save_state import SaveState
from napari_labeltool.widgets.selection_form import SelectionForm
from napari_labeltool.widgets.tag_panel import TagPanel
from napari_labeltool.widgets.tool_bar import ToolBar

if TYPE_CHECKING:
    from napari_labeltool.core.problems import Severity
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import Session
    from napari_labeltool.widgets.section import Section

WIDTH: Final = 340
"""Width that the dock asks for, in pixels."""

_CHOOSE: Final = "Choose picture folder…"


class LabelingDock(KeyedWidget):
    """The dock; a thin view of the viewer's project, which stays open when the dock is closed.

    Parameters
    ----------
    napari_viewer
        The viewer, or the proxy of one.
    session
        Shown in place of the project that is open in the viewer; by default the dock shows what is open.
    parent
        Parent widget.
    """

    def __init__(
        self, napari_viewer: Any, session: Session | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.viewer = bare_viewer(napari_viewer)
        self.project = project_of(self.viewer)
        self.setAcceptDrops(True)
        self.setMinimumWidth(280)
        self.setSizePolicy(
            QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding
        )  # or napari adds a stretch
        self.header = ImageHeader(self)
        self.images = ImageList(self)
        self.save_state = SaveState(self.project, self)
        self.empty = EmptyState(self.project, self)
        self.message = MessageLine(self)
        self.missing = MessageLine(self, closable=False)
        self.collapsibles: dict[str, Collapsible] = {}
        self.parts: list[Section] = [self.header, self.images, self.save_state]
        self._connections = Connections()
        self.destroyed.connect(self._connections.close)
        self._workspace_connections = Connections()
        self.destroyed.connect(self._workspace_connections.close)
        self._lay_out()
        self._connect()
        if session is not None:
            self.project.attach(session)
        self._show_workspace()

    def _lay_out(self) -> None:
        column = _Column()
        sections = QVBoxLayout(column)
        sections.setContentsMargins(0, 0, 4, 0)
        sections.setSpacing(6)
        for title, section, stretch in _sections():
            frame = Collapsible(title, section)
            frame.set_open(not self.project.remembered.is_collapsed(title))
            frame.toggled.connect(
                lambda is_open, title=title: self.project.remembered.note_collapsed(title, not is_open)
            )
            self.collapsibles[title] = frame
            self.parts.append(section)
            sections.addWidget(frame, stretch)
        sections.addStretch(0)
        self.scroll = QScrollArea(self)
        self.scroll.setWidget(column)
        self.scroll.setWidgetResizable(True)
        self.scroll.setFrameShape(QFrame.Shape.NoFrame)
        self.scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pages = QStackedWidget(self)
        for page in (self.scroll, self.images):
            self.pages.addWidget(page)
        self.work = QWidget(self)
        layout = QVBoxLayout(self.work)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget, stretch in ((self.header, 0), (self.missing, 0), (self.pages, 1)):
            layout.addWidget(widget, stretch)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(6, 6, 6, 6)
        outer.setSpacing(6)
        for widget, stretch in ((self.work, 1), (self.empty, 1), (self.message, 0), (self.save_state, 0)):
            outer.addWidget(widget, stretch)

    def _connect(self) -> None:
        self._connections.add(active_changed, self._on_active_changed)
        self._connections.add(self.project.said, self._on_said)
        self._connections.add(self.project.pictures_moved, self.images.read_again)
        self.header.list_wanted.connect(self.toggle_images)
        self.images.finished.connect(self.show_labels)
        self.message.dismissed.connect(self.project.forget_said)
        for line in (self.message, self.missing):
            line.acted.connect(lambda: commands.choose_picture_folder(self.project))
        self.set_keys(
            {
                **key_actions(self.project),
                "Ctrl+S": self.project.save,
                "Ctrl+F": self.show_images,
                "Alt+Right": lambda: self._step(1),
                "Alt+Left": lambda: self._step(-1),
                "PgDown": lambda: self._step(1),
                "PgUp": lambda: self._step(-1),
                "Ctrl+Z": self.save_state.undo_step,
                "Ctrl+Shift+Z": self.save_state.redo_step,
                "Ctrl+Y": self.save_state.redo_step,
            }
        )

    def sizeHint(self) -> QSize:
        """Return the size that the dock asks for."""
        return QSize(WIDTH, 640)

    # -- the workspace
    @property
    def workspace(self) -> Workspace | None:
        """The open project, or None."""
        return active_workspace(self.viewer)

    def _on_active_changed(self, viewer: Any) -> None:
        if viewer is self.viewer:
            self._show_workspace()

    def _show_workspace(self) -> None:
        workspace = self.workspace
        self._workspace_connections.close()
        for part in self.parts:
            part.set_workspace(workspace)
        if workspace is None:
            self.empty.refresh()
        else:
            self._workspace_connections.add(workspace.image_changed, self._on_image)
        for widget in (self.work, self.save_state):
            widget.setVisible(workspace is not None)
        self.empty.setVisible(workspace is None)
        self.show_labels()
        self._on_image(-1)
        said = self.project.last_said
        if said is None:
            self.message.clear()
        else:
            self._on_said(*said)

    def _on_image(self, row: int) -> None:
        workspace = self.workspace
        problem = None if workspace is None else workspace.pictures.problem
        if problem is None:
            self.missing.hide()
        else:
            self.missing.show_message("warning", problem[0].upper() + problem[1:], _CHOOSE)

    # -- messages
    def _on_said(self, severity: Severity, sentence: str) -> None:
        action = _CHOOSE if sentence == str(self.project.missing) else ""
        self.message.show_message(severity, sentence, action)

    # -- pages
    def toggle_images(self) -> None:
        """Show the list of images, or the labels again."""
        show = self.show_labels if self.pages.currentWidget() is self.images else self.show_images
        show()

    def show_images(self) -> None:
        """Show the list of images in place of the labels."""
        if self.workspace is not None:
            self.pages.setCurrentWidget(self.images)
            self.images.open_at_filter()

    def show_labels(self) -> None:
        """Show the labels in place of the list of images."""
        self.pages.setCurrentWidget(self.scroll)

    def search_classes(self) -> None:
        """Put the cursor into the search of the classes."""
        self.collapsibles["Classes"].set_open(True)
        self.collapsibles["Classes"].content.focus_search()

    # -- keys
    def _step(self, step: int) -> None:
        if self.workspace is not None:
            self.workspace.step_image(step)

    # -- drops
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept a folder or a JSON file."""
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped, once the drag is over."""
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            QTimer.singleShot(0, lambda: self.project.open(path))

    def showEvent(self, event: QShowEvent) -> None:
        """Find the window that the dock stands in."""
        super().showEvent(event)
        self.project.stand_in(self)

    def hideEvent(self, event: QHideEvent) -> None:
        """Show all annotations on the canvas: what holds some of them back is not to be seen any more."""
        super().hideEvent(event)
        if not event.spontaneous():
            self.collapsibles["Annotations"].content.on_canvas.turn_off()


def _sections() -> tuple[tuple[str, Section, int], ...]:
    """Return title, content and stretch of what opens and closes."""
    return (
        ("Classes", ClassPalette(), 0),
        ("Draw", ToolBar(), 0),
        ("Image tags", TagPanel(), 0),
        ("Selected", SelectionForm(), 0),
        ("Coverage", CoverageSection(), 0),
        ("Annotations", AnnotationTable(), 1),
    )


def _dropped(event: Any) -> Path | None:
    """Return the first folder or JSON file of a drag."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return next((path for path in paths if is_openable(path)), None)


class _Column(QWidget):
    """Sections one above the other: as high as they need, and then as high as the dock is."""

    def heightForWidth(self, width: int) -> int:
        """Return the least height; the scroll area would take the preferred one and scroll more than it must."""
        return int(self.layout().minimumHeightForWidth(width))
