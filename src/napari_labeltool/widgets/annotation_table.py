"""The list of annotations: find, sort, select, and change many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from qtpy.QtCore import QPoint, Qt, QTimer
from qtpy.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from napari_labeltool.core.edits import DeleteObjects, Edit, Rows
from napari_labeltool.core.values import IntArray
from napari_labeltool.widgets.after_drawing import AfterDrawing
from napari_labeltool.widgets.annotation_filter import FilterLine
from napari_labeltool.widgets.annotation_menu import annotation_menu
from napari_labeltool.widgets.annotation_model import AnnotationTableModel
from napari_labeltool.widgets.annotation_on_canvas import OnCanvasButton
from napari_labeltool.widgets.annotation_order import Column
from napari_labeltool.widgets.annotation_query import Query
from napari_labeltool.widgets.annotation_scope import EVERY_IMAGE
from napari_labeltool.widgets.annotation_view import AnnotationView
from napari_labeltool.widgets.annotation_words import empty_words, model_words
from napari_labeltool.widgets.class_looks import UNLABELLED_LOOK, ClassLook
from napari_labeltool.widgets.connections import Connections
from napari_labeltool.widgets.section import Section
from napari_labeltool.widgets.theme import ThemeColors

if TYPE_CHECKING:
    from napari_labeltool.layers.workspace import Workspace
    from napari_labeltool.session import ChangeEvent

DRAG_PAUSE: Final = 60
"""Milliseconds until a large selection that is being dragged reaches the canvas."""
MANY: Final = 1000
NOTHING: Final[IntArray] = np.empty(0, np.int64)


class Showing:
    """Counts the blocks in which changes of Qt's selection come from us; they may lie in one another."""

    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(self, *_: object) -> None:
        self.depth -= 1


def _scope_box(parent: QWidget) -> QComboBox:
    box = QComboBox(parent)
    box.addItems(["this image", "all images"])
    box.setAccessibleName("List the annotations of")
    box.setToolTip("List the annotations of the shown image, or of all")
    return box


class AnnotationTable(Section):
    """The annotations of the shown image, or of all images.

    What is selected here is selected on the canvas too, as far as the shown image has it; and vice versa.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._showing = Showing()
        self._sending = False
        self._chosen: IntArray = NOTHING
        self._soon = AfterDrawing(self, self._show_chosen)
        self.model = AnnotationTableModel(self)
        self.scope = _scope_box(self)
        self.filter = FilterLine(self)
        self.on_canvas = OnCanvasButton(self)
        self.view = AnnotationView(self.model, self)
        self.words = QLabel(self)
        self.words.setProperty("quiet", True)
        self._dragging = QTimer(self, singleShot=True, interval=DRAG_PAUSE)
        self._lay_out()
        self._connect()
        self.setEnabled(False)
        self._write_words()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        for widget, stretch in ((self.scope, 0), (self.filter, 1), (self.on_canvas, 0)):
            top.addWidget(widget, stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(top)
        for widget, stretch in ((self.filter.message, 0), (self.view, 1), (self.words, 0)):
            layout.addWidget(widget, stretch)
        self.view.setMinimumHeight(130)

    def _connect(self) -> None:
        self.filter.query_changed.connect(self._on_query)
        self.on_canvas.clicked.connect(self._show_on_canvas)
        self._dragging.timeout.connect(self._send)
        self.scope.currentIndexChanged.connect(self._show_scope)
        self.view.selectionModel().selectionChanged.connect(self._on_selected)
        self.view.zoom_wanted.connect(self.zoom)
        self.view.delete_wanted.connect(self.delete)
        self.view.customContextMenuRequested.connect(self._open_menu)
        self.model.modelAboutToBeReset.connect(self._showing.__enter__)
        self.model.modelReset.connect(self._after_reset)

    # -- the workspace
    def connect_workspace(self, workspace: Workspace, connections: Connections) -> None:
        """Listen to what the list shows."""
        connections.add(workspace.session.changed, self._on_changed)
        connections.add(workspace.session.reset, self.workspace_exchanged)
        connections.add(workspace.image_changed, self._show_scope)
        connections.add(workspace.selection_changed, self._on_canvas_selected)

    def workspace_exchanged(self) -> None:
        """Show the annotations of the workspace."""
        self._chosen = NOTHING if self.workspace is None else np.array(self.workspace.selection, np.int64)
        self.on_canvas.turn_off()
        self.model.set_session(None if self.workspace is None else self.workspace.session)
        self._show_scope()
        self.view.setColumnHidden(Column.SCORE, not self.model.has_scores())
        self.view.fit()

    def _show_scope(self, *_: object) -> None:
        every = self.scope.currentIndex() == 1
        image = -1 if self.workspace is None else self.workspace.image
        self.model.set_image(EVERY_IMAGE if every else image)
        self.view.setColumnHidden(Column.IMAGE, not every)
        self.view.fit()
        self._write_words()

    def _on_changed(self, event: ChangeEvent) -> None:
        with self._showing:
            moved = self.model.change(event)
        rows, order = event.touched.annotations, self.model.order
        if order is not None and moved:
            self._chosen = self._chosen[order.dataset.annotations.alive[self._chosen]]
            if len(self._chosen):
                self._show_chosen(scroll=False)
            if not self.model.filling.is_running:
                self.on_canvas.canvas.follow(order, rows)
        if self.view.isColumnHidden(Column.SCORE) and self.model.has_scores(rows):
            self.view.setColumnHidden(Column.SCORE, False)
            self.view.fit()
        self._write_words()

    def _on_query(self, query: Query) -> None:
        self.on_canvas.set_possible(bool(query.terms))
        self.model.set_query(query)
        self._write_words()

    def _show_on_canvas(self) -> None:
        """Show on the canvas what the list shows, if that is wished; once the list is there."""
        if not self.model.filling.is_running:
            self.on_canvas.show_list(self.workspace, self.model.order)
        self._write_words()

    # -- selection
    def chosen(self) -> IntArray:
        """Return the rows of the selected annotations, those of other images than the shown one included."""
        return self._chosen

    def _on_selected(self, *_: object) -> None:
        if self._showing.depth:
            return
        self._chosen = self.view.selected_rows()
        self.model.mark(None)
        self._write_words()
        if len(self._chosen) > MANY:
            self._dragging.start()
        else:
            self._send()

    def _send(self) -> None:
        """Select on the canvas what is selected here; one annotation of another image shows that image."""
        self._dragging.stop()
        workspace = self.workspace
        if workspace is None:
            return
        rows, images = self._chosen, workspace.dataset.annotations.image
        self._sending = True
        try:
            if len(rows) == 1 and int(images[rows[0]]) not in (-1, workspace.image):
                workspace.show_image(int(images[rows[0]]))
            workspace.select(rows[images[rows] == workspace.image].tolist())
        finally:
            self._sending = False
        self._write_words()

    def _on_canvas_selected(self, rows: tuple[int, ...]) -> None:
        if not self._sending:
            self._chosen = np.array(rows, np.int64)
            self._soon.ask()

    def _show_chosen(self, *, scroll: bool = True) -> None:
        with self._showing:
            self.view.select_rows(self._chosen, scroll=scroll)
        self._write_words()

    def _after_reset(self) -> None:
        self._showing.__exit__()
        self._show_chosen(scroll=True)
        self._show_on_canvas()

    # -- what can be done with it
    def zoom(self) -> None:
        """Look at the selected annotations of the shown image."""
        if self.workspace is not None:
            self._send()
            rows = self._chosen
            rows = rows[self.workspace.dataset.annotations.image[rows] == self.workspace.image]
            if len(rows):
                self.workspace.zoom_to(rows.tolist())

    def delete(self) -> None:
        """Delete the selected annotations."""
        if len(self._chosen):
            self._do(DeleteObjects(Rows(self._chosen)))

    def _do(self, edit: Edit) -> None:
        workspace = self.workspace
        if workspace is None:
            return
        if isinstance(edit, DeleteObjects):
            workspace.select(())
        self.apply(edit)

    def _open_menu(self, position: QPoint) -> None:
        if len(self._chosen):
            menu = annotation_menu(self, self._chosen, self.classes(), self._do, self.zoom)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.view.viewport().mapToGlobal(position))

    def classes(self) -> list[ClassLook]:
        """Return the classes to relabel to, the current one first."""
        if self.workspace is None or self.model.order is None:
            return []
        current = self.workspace.category
        looks = [look for look in self.model.order.looks.all() if not look.is_tag]
        return [*sorted(looks, key=lambda look: look.row != current), UNLABELLED_LOOK]

    # -- words
    def _write_words(self) -> None:
        words = self.list_words()
        self.view.set_empty_words(empty_words(self.model, self.on_canvas.isChecked()))
        if words != self.words.text():
            self.words.setText(words)

    def list_words(self) -> str:
        """Return in words how many annotations there are, pass the filter, and are selected."""
        return "" if self.workspace is None else model_words(self.model, self.workspace.image, self._chosen)

    def theme_changed(self, colors: ThemeColors) -> None:
        """Draw swatches and marks in the colours of the new theme."""
        if hasattr(self, "words"):
            self.model.ink = colors.ink
            self.view.viewport().update()
