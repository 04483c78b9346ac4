"""The Problems dock: what is wrong with the open document, its label schema and its image files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from qtpy.QtCore import QPoint, QSize, Qt, QTimer
from qtpy.QtWidgets import QLabel, QMenu, QWidget

from napari_labeltool.core.problems import Problem
from napari_labeltool.widgets.active import active_changed, active_workspace, bare_viewer
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.problem_actions import ProblemActions, annotation_rows
from napari_labeltool.widgets.problem_table import ProblemFilter, ProblemTable
from napari_labeltool.widgets.problems_bar import FilterBar, problems_layout
from napari_labeltool.widgets.problems_images import ImageCheck
from napari_labeltool.widgets.problems_model import ProblemsModel
from napari_labeltool.widgets.problems_view import ProblemsView
from napari_labeltool.widgets.schema_fields import FieldMessage
from napari_labeltool.widgets.theme import IconButton, ThemeColors, ThemedWidget

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace

FEW_IMAGES: Final = 1000
"""Up to so many image files are looked at by themselves; more only when asked for."""
EMPTY: Final = "No document is open. Open one in the Labeling dock; what is odd about it is listed here."
_DUPLICATES: Final = "duplicate-annotation-id"


class ProblemsWidget(ThemedWidget):
    """Lists the problems of the open document and goes to their places.

    Parameters
    ----------
    napari_viewer
        The viewer whose open document is followed.
    parent
        Parent widget.
    """

    def __init__(self, napari_viewer: Any = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewer = bare_viewer(napari_viewer)
        self.workspace: Workspace | None = None
        self._of_images: list[Problem] = []
        self._images_seen = False
        self._outer, self._inner = Connections(), Connections()
        self.destroyed.connect(self._outer.close)
        self.destroyed.connect(self._inner.close)
        self.model = ProblemsModel(self)
        self.acts = ProblemActions(self)
        self.check = ImageCheck(self)
        self._make_parts()
        problems_layout(self)
        self._connect()
        self._outer.add(active_changed, self._on_active_changed)
        self._take_workspace()

    def _make_parts(self) -> None:
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.filters = FilterBar(self)
        self.message = FieldMessage(self)
        self.view = ProblemsView(self.model, self)
        self.detail = QLabel(self)
        self.detail.setWordWrap(True)
        self.detail.setTextFormat(Qt.TextFormat.PlainText)
        self.detail.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.go = IconButton("right", "Go to the place of the chosen problem (Enter)", self, text="Go there")
        fix_tip = "Give annotations with a duplicate id a new one; one step to undo"
        self.fix = IconButton("check", fix_tip, self, text="Give duplicate ids new ones")
        self.images = IconButton("search", "Look for all image files and compare their sizes", self)
        self.copy = IconButton("copy", "Copy the selected problems, or all that are shown (Ctrl+C)", self)
        self.store = IconButton("save", "Save the problems that are shown as a text file", self)

    def _connect(self) -> None:
        self.filters.changed.connect(self._on_filter)
        self.view.activated_problem.connect(self.acts.go_to)
        self.view.copy_wanted.connect(self.copy_selected)
        self.view.customContextMenuRequested.connect(self._on_menu)
        self.view.selectionModel().currentRowChanged.connect(lambda *_: self._show_detail())
        self.model.modelReset.connect(self._show_detail)
        self.go.clicked.connect(self.go_to_current)
        self.fix.clicked.connect(self.acts.give_new_ids)
        self.images.clicked.connect(self._on_images)
        self.copy.clicked.connect(self.copy_selected)
        self.store.clicked.connect(lambda: self.acts.save(self.model.shown()))
        self.acts.told.connect(self.message.say)
        self.check.progressed.connect(self._on_progress)
        self.check.finished.connect(self._on_images_checked)

    def sizeHint(self) -> QSize:
        """Return a size at which sentences can be read."""
        return QSize(420, 420)

    # -- which document
    def _on_active_changed(self, viewer: Any) -> None:
        if viewer is self._viewer:
            self._take_workspace()

    def _take_workspace(self) -> None:
        self._inner.close()
        self.check.forget()
        self.workspace = workspace = active_workspace(self._viewer)
        self.acts.workspace = workspace
        self._of_images, self._images_seen = [], False
        self.message.say("")
        if workspace is not None:
            self._inner.add(workspace.session.problems_changed, self.refresh)
            if len(workspace.dataset.images) <= FEW_IMAGES:
                QTimer.singleShot(0, self._check_images)
        self.refresh()

    # -- what is shown
    def refresh(self) -> None:
        """Show the problems as they are now."""
        workspace = self.workspace
        found = () if workspace is None else workspace.session.problems
        chosen = self.view.problem
        self.model.set_table(ProblemTable([*found, *self._of_images]))
        self.filters.set_table(self.model.table)
        self.fix.setVisible(any(problem.code == _DUPLICATES for problem in found))
        for part in (self.filters, self.view, self.detail, self.go):
            part.setVisible(workspace is not None)
        self._show_words()
        self.view.choose(chosen)

    def _show_words(self) -> None:
        if self.workspace is None:
            self.words.setText(EMPTY)
            return
        words = self.model.table.words(self.model.rowCount())
        if self.check.is_running:
            words += f" Image files: {self.check.done:,} of {self.check.total:,} looked at."
        elif not self._images_seen:
            words += " The image files were not looked at yet."
        self.words.setText(words)

    def theme_changed(self, colors: ThemeColors) -> None:
        """Draw the icons of the list anew."""
        if hasattr(self, "model"):
            self.model.follow_theme()

    def _show_detail(self) -> None:
        problem = self.view.problem
        self.detail.setText("" if problem is None else str(problem))
        self.go.setEnabled(problem is not None and problem.table is not None and problem.row is not None)

    def _on_filter(self, wanted: ProblemFilter) -> None:
        self.model.set_filter(wanted)
        self._show_words()

    # -- what is done
    def go_to_current(self) -> None:
        """Go to the place of the chosen problem."""
        problem = self.view.problem
        if problem is not None:
            self.acts.go_to(problem)

    def copy_selected(self) -> None:
        """Copy the selected problems, or all that are shown when fewer than two are selected."""
        selected = self.view.selected()
        self.acts.copy(selected if len(selected) > 1 else self.model.shown())

    def _on_menu(self, place: QPoint) -> None:
        problems = self.view.selected()
        count = len(annotation_rows(problems))
        menu = QMenu(self)
        menu.addAction("Go there", self.go_to_current)
        menu.addAction("Copy", lambda: self.acts.copy(problems))
        if count:
            many = "the annotation" if count == 1 else f"the {count:,} annotations"
            menu.addAction(f"Delete {many}", lambda: self.acts.delete_annotations(problems))
        menu.exec(self.view.viewport().mapToGlobal(place))
        menu.deleteLater()

    # -- image files
    def _check_images(self) -> None:
        if self.workspace is not None and not self.check.is_running:
            self.check.start(self.workspace.session)

    def _on_images(self) -> None:
        if self.check.is_running:
            self.check.stop()
        else:
            self._check_images()

    def _on_progress(self) -> None:
        self.images.set_icon_name("close")
        self.images.setToolTip("Stop looking at image files")
        self._show_words()

    def _on_images_checked(self, found: list[Problem]) -> None:
        self._of_images, self._images_seen = found, True
        self.images.set_icon_name("search")
        self.images.setToolTip("Look for all image files again and compare their sizes")
        self.refresh()
