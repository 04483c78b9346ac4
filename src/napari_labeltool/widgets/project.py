"""The open project of a viewer: opened, left, saved and watched, whether a dock is shown or not."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from napari.utils.notifications import show_error, show_warning
from psygnal import Signal
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QMainWindow, QWidget

from napari_labeltool.core.free_memory import give_back_memory
from napari_labeltool.layers.workspace import Workspace
from napari_labeltool.widgets import saving
from napari_labeltool.widgets.active import active_workspace, bare_viewer, set_active_workspace
from napari_labeltool.widgets.autosave import Autosave
from napari_labeltool.widgets.canvas_keys import bind_canvas
from napari_labeltool.widgets.opening import MissingPictures, document_path, missing_pictures, open_asking
from napari_labeltool.widgets.questions import Questions
from napari_labeltool.widgets.remembered import Remembered
from napari_labeltool.widgets.settings import read_settings
from napari_labeltool.widgets.window_closing import WindowWatch

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Severity
    from napari_labeltool.session import Session


class ViewerProject:
    """What the docks of one viewer have in common: the open project, and how it is opened, saved and left.

    Parameters
    ----------
    viewer
        The viewer, or the proxy of one. It is known weakly.

    Attributes
    ----------
    said
        Signal: severity and a sentence for the user.
    pictures_moved
        Signal: pictures may be found now that were not before.
    questions
        Asks the user.
    remembered
        What is kept from run to run.
    missing
        Pictures that were not found when they were looked for last.
    sheet
        The list of keys that was shown last.
    last_said
        Severity and sentence that were said last, until they were dismissed.
    """

    said = Signal(str, str)
    pictures_moved = Signal()

    def __init__(self, viewer: Any) -> None:
        self._viewer = weakref.ref(bare_viewer(viewer))
        self.questions = Questions()
        self.remembered = Remembered()
        self.last_said: tuple[Severity, str] | None = None
        self.missing: MissingPictures | None = None
        self.sheet: QWidget | None = None
        self._watch: WindowWatch | None = None
        self.autosave = Autosave(self.say)

    @property
    def workspace(self) -> Workspace | None:
        """The open project in its viewer, or None."""
        return active_workspace(self._viewer())

    def say(self, severity: Severity, sentence: str) -> None:
        """Tell the user something: in the docks, and as napari does when it is an error or no dock is there."""
        has_dock = len(self.said) > 0
        if has_dock and self.workspace is not None and sentence == self.workspace.pictures.problem:
            return  # the docks show it as long as the image is shown
        self.last_said = (severity, sentence)
        self.said.emit(severity, sentence)
        if severity == "error":
            show_error(sentence)
        elif severity == "warning" and not has_dock:
            show_warning(sentence)

    def stand_in(self, widget: QWidget) -> None:
        """Ask questions over the window of a widget, and watch when that window is closed."""
        window = main_window_of(widget)
        self.questions.parent = window or widget.window()
        if window is not None and (self._watch is None or self._watch.window() is not window):
            self._watch = WindowWatch(window, self.leave, self.close)

    # -- opening and leaving
    def open(self, path: Path, *, roots: Sequence[Path] = (), read_only: bool = False) -> bool:
        """Open a COCO file or a folder of images in place of the open project; tell whether it was."""
        workspace = self.workspace
        if workspace is not None and document_path(path) == workspace.session.path:
            self.say("info", f"{workspace.session.path.name} is open already.")
            return True
        if not self.leave():
            return False
        settings = read_settings()
        session = open_asking(
            path, self.questions, self.remembered, settings, roots=roots, read_only=read_only
        )
        if session is None:
            return False
        self.attach(session)
        return True

    def attach(self, session: Session) -> Workspace:
        """Show an open session in the viewer, in place of the one before."""
        self.close()
        workspace = Workspace(session, self._viewer(), read_settings().options)
        set_active_workspace(self._viewer(), workspace)
        workspace.message.connect(self.say)
        workspace.layers_lost.connect(self._on_layers_lost)
        session.trouble.connect(self._on_trouble)
        bind_canvas(self, workspace)
        self.autosave.start(session)
        self.remembered.note_document(session.path)
        first_class = next(
            (c.key for c in session.schema.categories if not c.is_tag and c.key is not None), -1
        )
        workspace.set_category(first_class, relabel=False)
        self._show_first(workspace)
        for notice in session.notices:
            self.say("info", notice)
        self.look_for_pictures()
        give_back_memory()
        return workspace

    def look_for_pictures(self) -> MissingPictures | None:
        """Look for the pictures for a short time, and tell how many are missing."""
        workspace = self.workspace
        self.missing = None if workspace is None else missing_pictures(workspace.session)
        if self.missing is not None:
            self.say("warning", str(self.missing))
        return self.missing

    def _show_first(self, workspace: Workspace) -> None:
        images = workspace.dataset.images
        name = self.remembered.of_document(workspace.session.path).image
        rows = images.rows().tolist()
        last = [row for row in rows if name and images.record(row).get("file_name") == name]
        if rows:
            workspace.show_image((last or rows)[0])
        else:
            self.say(
                "info", "This document has no images. Put pictures beside it, or open a folder of images."
            )

    def leave(self) -> bool:
        """Ask about unsaved edits; tell whether the project may be closed."""
        workspace = self.workspace
        if workspace is None or workspace.session.read_only:
            return True
        workspace.finish_gesture()
        if not workspace.session.dirty:
            return True
        answer = self.questions.leave(workspace.session.path.name, workspace.session.dirty)
        return self.save() if answer == "save" else answer == "keep"

    def forget_said(self) -> None:
        """Say no longer what was said last."""
        self.last_said = None

    def close(self) -> None:
        """Close the project: edits that were not saved stay in the journal, the lock is given back."""
        workspace = self.workspace
        if workspace is None:
            return
        self.autosave.stop()
        session = workspace.session
        if workspace.image >= 0:
            shown = workspace.dataset.images.at(workspace.image).file_name
            self.remembered.note_document(session.path, image=shown)
        set_active_workspace(self._viewer(), None)
        workspace.close()
        workspace.message.disconnect(self.say)
        workspace.layers_lost.disconnect(self._on_layers_lost)
        session.trouble.disconnect(self._on_trouble)
        session.close()
        self.last_said = None
        give_back_memory()

    def _on_layers_lost(self) -> None:
        """Bring layers back that were removed, once the removal is over and unless the project was left with it."""
        QTimer.singleShot(0, self._restore_layers)

    def _restore_layers(self) -> None:
        if self.workspace is not None:
            self.workspace.restore_layers()

    def _on_trouble(self, sentence: str) -> None:
        self.say("error", sentence)

    # -- saving
    def save(self) -> bool:
        """Save the document; tell whether it was."""
        return self._write(saving.save_asking)

    def save_as(self) -> bool:
        """Save the document under a name that the user chooses, and go on there."""
        return self._write(saving.save_as_asking)

    def _write(self, write: Any) -> bool:
        workspace = self.workspace
        if workspace is None:
            return False
        workspace.finish_gesture()
        complaint = write(workspace.session, self.questions)
        if complaint:
            self.say("error", complaint)
        elif complaint is None:
            self.say("info", f"Saved {workspace.session.path}")
        return complaint is None


def main_window_of(widget: QWidget) -> QMainWindow | None:
    """Return the main window that a widget stands in, None for a widget on its own."""
    parent = widget.parentWidget()
    while parent is not None and not isinstance(parent, QMainWindow):
        parent = parent.parentWidget()
    return parent


_PROJECTS: Final[dict[int, ViewerProject]] = {}


def project_of(viewer: Any) -> ViewerProject:
    """Return the project of a viewer, which is made when it is asked for first."""
    bare = bare_viewer(viewer)
    key = id(bare)
    if key not in _PROJECTS:
        _PROJECTS[key] = ViewerProject(bare)
        weakref.finalize(bare, _PROJECTS.pop, key, None).atexit = False
    return _PROJECTS[key]
